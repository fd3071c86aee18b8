"""Which findings of a report a pull request hears of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from fixers.findings import Change, Confidence, Suppressed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.decisions.state import Ignored
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


def silenced_by_command(report: Report) -> list[Finding]:
    """The findings that the change brings and that somebody has accepted by command."""
    return [
        finding
        for finding in report.findings
        if finding.change in (Change.INTRODUCED, Change.CAUSED)
        and finding.suppressed is not None
        and finding.suppressed.by == "command"
    ]


def with_ignored(report: Report, ignored: Iterable[Ignored]) -> Report:
    """The report with those findings silenced that were accepted by command since it was made."""
    reasons = {entry.fingerprint: entry.reason for entry in ignored}

    def silenced(finding: Finding) -> Finding:
        reason = reasons.get(finding.id, reasons.get(finding.fingerprint))
        if reason is None or finding.suppressed is not None:
            return finding
        return msgspec.structs.replace(finding, suppressed=Suppressed(by="command", reason=reason))

    return msgspec.structs.replace(report, findings=tuple(map(silenced, report.findings)))


def has_fingerprint(finding_id: str, fingerprint: str) -> bool:
    """Whether an id is this fingerprint with an ordinal after it."""
    return finding_id.startswith(fingerprint) and finding_id[len(fingerprint) :][:1] in {".", "-"}
