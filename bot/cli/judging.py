"""The exit code of scan and review (contract: Commands)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cli.exits import CUT_SHORT, FOUND, OK
from bot.reports.wording import CUT_SHORT_CODES
from fixers.findings import Change

if TYPE_CHECKING:
    from bot.gate import FailOn
    from bot.reports.report import Report
    from fixers.findings import Confidence


def exit_code(report: Report, fail_on: FailOn, confidence: Confidence, *, strict: bool) -> int:
    """What a run ends with; what of the report is shown does not matter.

    Args:
        report: the whole report.
        fail_on: the gate.
        confidence: findings less sure than this are not judged.
        strict: files that were not judged count as unseen, whatever the reason.
    """
    judged = (
        finding
        for finding in report.findings
        if finding.suppressed is None
        and finding.change is not Change.EXISTING
        and finding.confidence.rank <= confidence.rank
    )
    if any(map(fail_on.fails, judged)):
        return FOUND
    unseen = any(entry.code in CUT_SHORT_CODES for entry in report.skipped)
    return CUT_SHORT if unseen or (strict and not report.complete) else OK
