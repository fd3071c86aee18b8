"""A scan's report with its safe fixes written, for the formats that show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from bot.fixing import write_each
from bot.reports.paths import with_printable_paths
from bot.reports.wording import gravest_first, with_safe_fix
from fixers.findings import FixKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.cli.scanning import Answer
    from bot.reports.report import Report
    from fixers.findings import Confidence, Finding

MAX_BYTES: Final = 5_000_000
"""How much is read to write fixes: each one is checked against its whole file."""


@dataclass(frozen=True)
class WrittenFixes:
    """The report with edits and checks, as `review` has them; the fixes as unified diffs by finding id.

    `left_out`: how many safe fixes were not written, because they would have exceeded the limit.
    """

    report: Report
    diffs: dict[str, str]
    left_out: int


def with_written_fixes(given: Answer, confidence: Confidence, *, limit: int = MAX_BYTES) -> WrittenFixes:
    """Writes and checks the safe fixes of a scan. One that its checks refuse is no safe one any more.

    Args:
        given: the scan.
        confidence: fixes of findings less sure than this are not written.
        limit: how many bytes to read for it; the gravest findings come first.
    """
    wanted = [
        finding
        for finding in gravest_first(given.listed)
        if finding.fix.kind is FixKind.SAFE
        and finding.suppressed is None
        and finding.confidence.rank <= confidence.rank
    ]
    affordable = list(_within(wanted, given, limit))
    written = write_each(given.found.tree, affordable, given.found.results)
    fixed = {finding.id: finding for finding in written.findings}
    findings = tuple(fixed.get(finding.id, finding) for finding in given.listed)
    fixable = with_safe_fix(finding for finding in findings if finding.suppressed is None)
    totals = msgspec.structs.replace(given.report.totals, fixable=fixable)
    report = with_printable_paths(msgspec.structs.replace(given.report, findings=findings, totals=totals))
    return WrittenFixes(report, written.diffs, len(wanted) - len(affordable))


def _within(findings: list[Finding], given: Answer, limit: int) -> Iterator[Finding]:
    for finding in findings:
        limit -= given.found.tree.size(finding.path)
        if limit < 0:
            return
        yield finding
