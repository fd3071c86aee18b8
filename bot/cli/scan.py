"""`stanch scan`: find leaks."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Literal

import click
import msgspec

from bot.cli import options
from bot.cli.console import is_terminal, remark, write_result
from bot.cli.judging import exit_code
from bot.cli.remarks import idle_suppressions, not_looked_at
from bot.cli.scanning import Answer, Question, answer
from bot.gate import FailOn
from bot.reports.lines import file_reader, line_reader
from bot.reports.markdown import report_markdown
from bot.reports.markdown_finding import Material
from bot.reports.report import to_json
from bot.reports.wording import CUT_SHORT_CODES, count
from fixers.findings import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.reports.report import Report


@click.command()
@options.paths
@options.report_format
@options.output
@options.base
@options.baseline
@options.fail_on
@options.confidence
@options.ignores
@options.as_of
@options.jobs
@options.no_cache
@options.quiet
@options.strict
def scan(
    paths: tuple[Path, ...],
    report_format: options.ReportFormat,
    output: Path | None,
    base: str | None,
    baseline: Path | None,
    fail_on: options.FailOnChoice,
    confidence: options.ConfidenceChoice | None,
    ignores: Path | None,
    as_of: str | None,
    jobs: int | None,
    no_cache: bool,
    quiet: bool,
    strict: bool,
) -> int:
    """Find leaks in JavaScript, TypeScript and Python.

    Exit codes: 1 findings at or above --fail-on, 2 wrong usage or configuration, 3 a limit or a crash kept something
    unseen, 0 else.
    """
    question = Question(paths, base, baseline, ignores, as_of, jobs, quiet, cached=not no_cache)
    with ExitStack() as stack:
        given = answer(question, stack)
        shown = Confidence(confidence or ("low" if report_format == "json" else "high"))
        _write(given, report_format, shown, output, quiet=quiet)
    remark(_remarks(given, report_format), quiet=quiet)
    return exit_code(given.report, FailOn(fail_on), given.found.inputs.config.scan.confidence, strict=strict)


def _write(
    given: Answer, report_format: options.ReportFormat, confidence: Confidence, output: Path | None, *, quiet: bool
) -> None:
    report = given.report
    read_line = line_reader(given.found.tree, (finding.path for finding in given.listed))
    match report_format:
        case "json":
            write_result(to_json(_shown(report, confidence)), output)
        case "markdown":
            text = report_markdown(report, material=Material(read_line), confidence=confidence)
            write_result(text + _idle_markdown(given), output)
        case "sarif" | "html":
            _write_with_fixes(given, report_format, confidence, output, quiet=quiet)
        case "terminal" if output is None and is_terminal():
            from rich.console import Console  # noqa: PLC0415 - not needed in a pipe

            from bot.reports.terminal import print_report  # noqa: PLC0415

            print_report(report, Console(file=sys.stdout), read_line=read_line, confidence=confidence)
        case "terminal":
            from bot.reports.terminal import report_text  # noqa: PLC0415

            write_result(report_text(report, read_line=read_line, confidence=confidence), output)


def _write_with_fixes(
    given: Answer, report_format: Literal["sarif", "html"], confidence: Confidence, output: Path | None, *, quiet: bool
) -> None:
    from bot.cli.written_fixes import with_written_fixes  # noqa: PLC0415 - loads what writes fixes
    from bot.reports.html import report_html  # noqa: PLC0415
    from bot.reports.sarif import sarif_log  # noqa: PLC0415

    paths = [finding.path for finding in given.listed]
    fixes = with_written_fixes(given, confidence)
    if report_format == "sarif":
        read_file = file_reader(given.found.tree, paths)
        write_result(sarif_log(fixes.report, read_file=read_file, confidence=confidence), output)
    else:
        material = Material(line_reader(given.found.tree, paths), fixes.diffs)
        write_result(report_html(fixes.report, material=material, confidence=confidence), output)
    if fixes.left_out:
        left_out = count(fixes.left_out, "safe fix is", "safe fixes are")
        remark([f"{left_out} named in the report and not written into it; `stanch fix` writes them."], quiet=quiet)


def _shown(report: Report, confidence: Confidence) -> Report:
    """The report without findings that are less sure; the totals count them all the same."""
    if confidence is Confidence.LOW:
        return report
    return msgspec.structs.replace(
        report,
        options={**report.options, "confidence": confidence.value},
        findings=tuple(finding for finding in report.findings if finding.confidence.rank <= confidence.rank),
        resolved=tuple(finding for finding in report.resolved if finding.confidence.rank <= confidence.rank),
    )


def _idle_markdown(given: Answer) -> str:
    lines = list(idle_suppressions(given))
    if not lines:
        return ""
    from bot.reports.inert import markdown_prose  # noqa: PLC0415

    title = f"**{count(len(lines), 'suppression')} without effect**"
    return "\n".join(["", title, "", *(f"- {markdown_prose(line)}" for line in lines), ""])


def _remarks(given: Answer, report_format: options.ReportFormat) -> Iterator[str]:
    """What is said beside the report."""
    yield from not_looked_at(given)
    if given.lost_cache:
        yield f"results are not kept for the next run: {given.lost_cache}."
    for fault in given.found.faults_to_come:
        yield f"the configuration of the base is in force; this one has a fault: {fault}"
    if report_format != "markdown":
        yield from idle_suppressions(given)
    if report_format == "json":
        for entry in given.report.skipped:
            if entry.code in CUT_SHORT_CODES:
                yield f"not looked at: {entry.path}: {entry.code}, {entry.detail}"
