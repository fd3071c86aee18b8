"""`stanch explain`: what a rule means, or why a finding was made."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from bot.cli import options
from bot.cli.console import write_result
from bot.cli.exits import UsageError
from bot.cli.scanning import Answer, Question, answer, load_report
from bot.config.nearest import did_you_mean
from bot.reports.finding_text import explained_finding
from bot.reports.inert import terminal_text
from bot.reports.lines import line_reader
from bot.reports.rule_text import explained
from bot.rules import all_rules, rules_named
from fixers.engine import leaks_of
from fixers.findings import Family
from fixers.source import Source, language_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from fixers.findings import Finding


@click.command()
@click.argument("name", metavar="RULE|ID", help="A rule, a family, or the ID of a finding.")
@options.paths
@click.option("--report", type=options.FILE, metavar="FILE", help="Look the ID up in this report; nothing is scanned.")
@options.jobs
@options.no_cache
@options.quiet
def explain(
    name: str, paths: tuple[Path, ...], report: Path | None, jobs: int | None, no_cache: bool, quiet: bool
) -> None:
    """Say what a rule means, or why a finding was made: the trail, what was looked for, what is not certain."""
    rules = rules_named(name)
    if rules:
        write_result(_text(explained(rules, examples=True)))
        return
    if "/" in name or name in set(Family):
        raise UsageError(f"There is no rule `{terminal_text(name)}`{did_you_mean(name, _names())}")
    if report is not None:
        found = _with_id(load_report(report).findings, name)
        write_result(_text(line for finding in found for line in (*explained_finding(finding), "")))
        return
    with ExitStack() as stack:
        given = answer(Question(paths, jobs=jobs, quiet=quiet, cached=not no_cache), stack)
        found = _with_id(given.listed, name)
        write_result(_text(line for finding in found for line in (*_explained(given, finding), "")))


def _explained(given: Answer, finding: Finding) -> Iterator[str]:
    read_line = line_reader(given.found.tree, [finding.path])
    return explained_finding(finding, read_line=read_line, doubt=_doubt(given, finding))


def _doubt(given: Answer, finding: Finding) -> str:
    """What the judgement had to assume: findings do not carry it, so the file is judged again."""
    language = language_of(finding.path)
    if language is None:
        return ""
    source = Source(finding.path, given.found.tree.read(finding.path), language)
    span = (finding.start_byte, finding.end_byte)
    return next((leak.doubt for leak in leaks_of(source)[1] if leak.acquisition.span == span), "")


def _with_id(findings: Iterable[Finding], name: str) -> list[Finding]:
    """The findings with an ID, or all with a fingerprint."""
    listed = list(findings)
    found = [finding for finding in listed if name in {finding.id, finding.fingerprint}]
    if not found:
        near = did_you_mean(name, [*_names(), *(finding.id for finding in listed)]) if len(name) > 3 else ""
        hint = near if near.startswith(", did") else "; `stanch scan` lists IDs, `stanch rules` the rules"
        raise UsageError(f"`{terminal_text(name)}` is no rule, and no finding here has this ID{hint}")
    return found


def _names() -> list[str]:
    return [rule.rule for rule in all_rules().rules]


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
