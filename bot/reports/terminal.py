"""A report for a terminal: findings by file, each with its code, trail and fix; plain without colours."""

from __future__ import annotations

from io import StringIO
from itertools import groupby
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from bot.reports.excerpt import MAX_COLUMNS, ReadLine, no_lines
from bot.reports.inert import terminal_text
from bot.reports.wording import CAUSED, count, counts_by_severity, searched, shorten, unseen, with_safe_fix
from fixers.findings import Change, Confidence, FixKind, Role, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.reports.report import Report
    from fixers.findings import Finding, Fix, Step
    from fixers.source import Skipped

MAX_FILES = 20
_TAB = "    "
_STYLE = {Severity.LEAK: "bold red", Severity.SHUTDOWN: "yellow", Severity.ADVICE: "cyan"}


def print_report(
    report: Report,
    console: Console,
    *,
    read_line: ReadLine = no_lines,
    confidence: Confidence = Confidence.HIGH,
) -> None:
    """Print the report. No line is cut or wrapped, so that paths can be copied and clicked.

    Args:
        report: the report.
        console: where to; it decides on colours.
        read_line: the lines of the scanned tree.
        confidence: findings less sure than this are counted, not shown.
    """
    for line in _lines(report, read_line, confidence):
        console.print(line, soft_wrap=True, highlight=False, markup=False, emoji=False)


def report_text(report: Report, *, read_line: ReadLine = no_lines, confidence: Confidence = Confidence.HIGH) -> str:
    """The report as plain text, without colour codes: what a file or a pipe gets."""
    out = StringIO()
    console = Console(file=out, force_terminal=False, color_system=None, width=100, legacy_windows=False)
    print_report(report, console, read_line=read_line, confidence=confidence)
    return out.getvalue()


def _lines(report: Report, read_line: ReadLine, confidence: Confidence) -> list[Text]:
    unsuppressed = [finding for finding in report.findings if finding.suppressed is None]
    shown = [finding for finding in unsuppressed if finding.confidence.rank <= confidence.rank]
    lines: list[Text] = []
    for path, findings in groupby(shown, key=lambda finding: finding.path):
        lines += [Text(terminal_text(path), style="bold underline"), Text()]
        for finding in findings:
            lines += [*_finding_lines(finding, read_line), Text()]
    return [*lines, *_summary_lines(report, shown, unsuppressed)]


def _finding_lines(finding: Finding, read_line: ReadLine) -> list[Text]:
    where = f"{terminal_text(finding.path)}:{finding.line}:{finding.column}"
    style = _STYLE[finding.severity]
    headline = Text.assemble("  ", where, "  ", (finding.severity.value, style), "  ", (finding.rule, "dim"))
    if finding.change is Change.CAUSED:
        headline.append(f"  ({CAUSED})")
    if finding.confidence is not Confidence.HIGH:
        headline.append(f"  ({finding.confidence.value} confidence)")
    return [
        headline,
        Text(f"  {terminal_text(finding.message)}", style="bold"),
        *_code_lines(finding, read_line),
        *(_step_line(number, step, finding) for number, step in enumerate(finding.trail, start=1)),
        *_fix_lines(finding.fix, finding.id),
        Text(f"    id: {finding.id}", style="dim"),
    ]


def _code_lines(finding: Finding, read_line: ReadLine) -> list[Text]:
    line = read_line(finding.path, finding.line)
    if line is None:
        return []
    gutter = f"    {finding.line} | "
    before, marked, after = _split_at_span(line, finding)
    indent = len(before) - len(before.lstrip())
    before = before[indent:]
    code = Text.assemble((gutter, "dim"), shorten(_cells(before + marked + after), MAX_COLUMNS))
    offset = cell_len(_cells(before))
    width = max(1, cell_len(_cells(marked)))
    if offset + 1 > MAX_COLUMNS:
        return [code]
    caret = " " * (len(gutter) - 2) + "| " + " " * offset + "^" * min(width, MAX_COLUMNS - offset)
    return [code, Text(caret, style=_STYLE[finding.severity])]


def _split_at_span(line: str, finding: Finding) -> tuple[str, str, str]:
    start = finding.column - 1
    end = finding.end_column - 1 if finding.end_line == finding.line else len(line.rstrip())
    return line[:start], line[start:end], line[end:].rstrip()


def _cells(text: str) -> str:
    return _TAB.join(map(terminal_text, text.split("\t")))


def _step_line(number: int, step: Step, finding: Finding) -> Text:
    where = f"{step.line}:{step.column}" if step.path == finding.path else f"{step.path}:{step.line}:{step.column}"
    text = f"looked for {searched(step)}" if step.role is Role.LOOKED_FOR else step.text
    return Text.assemble(f"    {number}. ", (terminal_text(where), "dim"), f"  {terminal_text(text)}")


def _fix_lines(fix: Fix, identifier: str) -> list[Text]:
    if fix.kind is FixKind.NONE:
        return []
    summary = terminal_text(fix.summary.removesuffix("."))
    if fix.kind is FixKind.SAFE:
        return [Text.assemble("    fix: ", ("safe", "green"), f", {summary}; run `stanch fix --id {identifier}`")]
    why = f" (not automatic: {terminal_text(fix.why.removesuffix('.'))})" if fix.why else ""
    return [Text(f"    fix: suggested, {summary}{why}")]


def _summary_lines(report: Report, shown: Sequence[Finding], unsuppressed: Sequence[Finding]) -> list[Text]:
    silenced = len(report.findings) - len(unsuppressed)
    unsure = len(unsuppressed) - len(shown)
    fixable = with_safe_fix(shown)
    notes = [
        f"{count(fixable, 'safe fix', 'safe fixes')}: run `stanch fix`" if fixable else "",
        f"{silenced} silenced" if silenced else "",
        f"{len(report.resolved)} resolved" if report.resolved else "",
        f"{unsure} less certain, see `--confidence low`" if unsure else "",
    ]
    found = counts_by_severity(shown).capitalize()
    scope = f" in {count(report.totals.files, 'file')} ({report.totals.parsed:,} read)"
    style = "bold" if shown else "bold green"
    last = Text.assemble((f"{found}{scope}", style), "".join(f"; {note}" for note in notes if note), ".")
    return [*_incomplete_lines(report), last]


def _incomplete_lines(report: Report) -> list[Text]:
    if report.complete:
        return []
    files = unseen(report.skipped)
    lines = [Text("Incomplete: leaks may be missing, because not everything could be read.", style="yellow")]
    lines += [Text(f"  {_skipped_text(entry)}") for entry in files[:MAX_FILES]]
    if len(files) > MAX_FILES:
        lines.append(Text(f"  and {count(len(files) - MAX_FILES, 'more file')}"))
    return lines


def _skipped_text(entry: Skipped) -> str:
    return f"{terminal_text(entry.path)}: {entry.code}, {terminal_text(entry.detail)}"
