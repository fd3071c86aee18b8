"""What the safe fixes change, counted: findings per family before and after, each fix and its checks, as Markdown."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bot.reports.inert import markdown_code, markdown_prose
from bot.reports.markdown_finding import shown_path
from bot.reports.wording import count

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fixers.findings import Finding

MAX_LISTED = 100


def before_after(
    before: Sequence[Finding], after: Sequence[Finding], fixed: Sequence[Finding], refused: Mapping[str, str]
) -> str:
    """The report.

    Args:
        before: findings of the tree.
        after: findings of the tree with every safe fix in it.
        fixed: those that the fixes mended, with their checks.
        refused: why other safe fixes were not accepted, by finding id.
    """
    checks = dict.fromkeys(check for finding in fixed for check in finding.fix.checks)
    parts = [
        "## Before and after",
        f"{count(len(fixed), 'safe fix', 'safe fixes')} in {count(len({finding.path for finding in fixed}), 'file')}.",
        _table(before, after),
        "Static only: nothing was executed or measured.",
        "\n".join(_line(finding) for finding in fixed[:MAX_LISTED]),
        f"and {count(len(fixed) - MAX_LISTED, 'more fix', 'more fixes')}" if len(fixed) > MAX_LISTED else "",
        "Each was checked before it was written:\n\n" + "\n".join(f"- {check}" for check in checks) if checks else "",
        "Not accepted by their checks:\n\n"
        + "\n".join(f"- {markdown_code(key)}: {markdown_prose(reason)}" for key, reason in sorted(refused.items()))
        if refused
        else "",
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _table(before: Iterable[Finding], after: Iterable[Finding]) -> str:
    old, new = _by_family(before), _by_family(after)
    rows = [f"| {family} | {old[family]} | {new[family]} |" for family in sorted({*old, *new})]
    total = f"| **all** | **{old.total()}** | **{new.total()}** |"
    return "\n".join(("| findings | before | after |", "| --- | ---: | ---: |", *rows, total))


def _by_family(findings: Iterable[Finding]) -> Counter[str]:
    return Counter(finding.family.value for finding in findings if finding.suppressed is None)


def _line(finding: Finding) -> str:
    return f"- {shown_path(finding.path, finding.line)}: {markdown_prose(finding.fix.summary)}"
