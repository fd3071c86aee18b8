"""Findings that an earlier report has already (contract: `--baseline FILE`). Pure."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING

from bot.changes import Changes
from bot.reports.paths import printable_path
from bot.reports.report import ReportError
from fixers.findings import FINGERPRINT_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.reports.report import Report
    from fixers.findings import Finding


def check_baseline(baseline: Report) -> None:
    """Makes sure that the findings of a report can be compared with today's.

    Raises:
        ReportError: they have fingerprints of another version.
    """
    version = baseline.engine.fingerprint_version
    if version != FINGERPRINT_VERSION:
        raise ReportError(
            f"The baseline has fingerprints of version {version}, this Stanch makes version {FINGERPRINT_VERSION}; "
            "write the baseline anew with `stanch scan --format json`."
        )


def without_known(findings: Iterable[Finding], baseline: Report) -> Changes:
    """Tells new findings from those that the baseline has too, as multisets of fingerprints.

    Each finding of the baseline excuses one: of the same file first, then of any, so that a copy is new wherever the
    original is. Those that are suppressed stay listed and excuse none.

    Args:
        findings: of a scan.
        baseline: an earlier report.
    """
    old = [finding for finding in baseline.findings if finding.suppressed is None]
    at_home = Counter((finding.path, finding.fingerprint) for finding in old)
    anywhere = Counter(finding.fingerprint for finding in old)
    listed = list(findings)
    excused: set[int] = set()
    for keep_path in (True, False):
        for index, finding in enumerate(listed):
            key = (printable_path(finding.path), finding.fingerprint)
            if finding.suppressed is not None or index in excused or not anywhere[finding.fingerprint]:
                continue
            if keep_path and not at_home[key]:
                continue
            at_home[key] -= keep_path
            anywhere[finding.fingerprint] -= 1
            excused.add(index)
    return Changes(
        brought=tuple(finding for index, finding in enumerate(listed) if index not in excused),
        existing=tuple(listed[index] for index in sorted(excused)),
        resolved=(),
    )


def digest(baseline: Report) -> str:
    """The SHA-256 of what a baseline says: where it knows which fingerprints."""
    known = sorted(f"{item.fingerprint} {item.path}" for item in baseline.findings if item.suppressed is None)
    return hashlib.sha256("\n".join(known).encode()).hexdigest()
