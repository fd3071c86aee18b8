"""What the safe fixes change, counted: findings per family before and after, each fix and its checks, as Markdown."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bot.reports.inert import markdown_code, markdown_prose
from bot.reports.markdown_finding import MAX_PROSE, shown_path
from bot.reports.wording import count, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fixers.findings import Finding

MAX_LISTED = 100


def before_after(
    before: Iterable[Finding],
    after: Iterable[Finding],
    fixed: Sequence[Finding],
    refused: Sequence[tuple[Finding, str]],
) -> str:
    """The report.

    Args:
        before: findings of the tree.
        after: findings of the tree with every safe fix in it.
        fixed: those of `before` that the fixes mended, with their checks.
        refused: those whose safe fix was not accepted, and why.
    """
    checks = dict.fromkeys(check for finding in fixed for check in finding.fix.checks)
    parts = [
        "## Before and after",
        _summary(fixed),
        _table(before, after),
        _listed("What they do:", [f"{_place(finding)}: {_prose(finding.fix.summary)}" for finding in fixed]),
        _listed("Each was checked before it was written, by reading the code; nothing was executed:", checks),
        _listed(
            "Fixes that their checks refused:",
            [f"{_place(finding)}, {markdown_code(finding.rule)}: {_prose(reason)}" for finding, reason in refused],
        ),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _summary(fixed: Sequence[Finding]) -> str:
    if not fixed:
        return "There is no safe fix for what this change brings."
    files = count(len({finding.path for finding in fixed}), "file")
    return f"{count(len(fixed), 'safe fix', 'safe fixes')} in {files}, all of them together:"


def _table(before: Iterable[Finding], after: Iterable[Finding]) -> str:
    old, new = _by_family(before), _by_family(after)
    rows = [f"| {family} | {old[family]:,} | {new[family]:,} |" for family in sorted({*old, *new})]
    total = f"| **all** | **{old.total():,}** | **{new.total():,}** |"
    return "\n".join(("| findings in the repository | before | after |", "| --- | ---: | ---: |", *rows, total))


def _by_family(findings: Iterable[Finding]) -> Counter[str]:
    return Counter(finding.family.value for finding in findings if finding.suppressed is None)


def _listed(heading: str, lines: Iterable[str]) -> str:
    lines = list(lines)
    shown = [f"- {line}" for line in lines[:MAX_LISTED]]
    if len(lines) > MAX_LISTED:
        shown.append(f"- and {len(lines) - MAX_LISTED:,} more")
    return "\n".join((heading, "", *shown)) if shown else ""


def _place(finding: Finding) -> str:
    return shown_path(finding.path, finding.line)


def _prose(text: str) -> str:
    return markdown_prose(shorten(text, MAX_PROSE).removesuffix("."))
