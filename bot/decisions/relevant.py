"""Which findings of a report a pull request hears of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixers.findings import Change, Confidence

if TYPE_CHECKING:
    from bot.reports.report import Report
    from fixers.findings import Finding


def brought_by_change(report: Report, *, confidence: Confidence = Confidence.HIGH) -> list[Finding]:
    """The findings that the change introduces or causes, at least this sure and not suppressed, in report order."""
    return [
        finding
        for finding in report.findings
        if finding.change in (Change.INTRODUCED, Change.CAUSED)
        and finding.suppressed is None
        and finding.confidence.rank <= confidence.rank
    ]


def suppressed_by_change(report: Report) -> list[Finding]:
    """The findings that a pragma of this change hides; one that the base has too is listed only for that reason."""
    return [
        finding
        for finding in report.findings
        if finding.change is not None and finding.suppressed is not None and finding.suppressed.by == "pragma"
    ]
