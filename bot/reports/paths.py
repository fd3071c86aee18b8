"""Paths whose bytes are not UTF-8, written so that a report is: percent-encoded, and marked (contract: The report)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from bot.reports.report import Report
    from fixers.findings import Finding
    from fixers.source import Skipped


def is_printable(path: str) -> bool:
    """Whether a path is UTF-8; inside Stanch other bytes are surrogates (PEP 383)."""
    return not any("\ud800" <= character <= "\udfff" for character in path)


def printable_path(path: str) -> str:
    """The path as a report writes it: unchanged, or with `%XX` for each byte that is not UTF-8 and for `%` itself."""
    if is_printable(path):
        return path
    return "".join(_encoded(character) for character in path)


def with_printable_paths(report: Report) -> Report:
    """The report with every path printable."""
    return msgspec.structs.replace(
        report,
        prefix=printable_path(report.prefix),
        findings=tuple(map(_finding, report.findings)),
        resolved=tuple(map(_finding, report.resolved)),
        skipped=tuple(map(_skipped, report.skipped)),
    )


def _encoded(character: str) -> str:
    if "\udc80" <= character <= "\udcff":
        return f"%{ord(character) - 0xDC00:02X}"
    return "%25" if character == "%" else character


def _finding(finding: Finding) -> Finding:
    # A finding and its parts lie in one file as long as nothing is judged across files.
    paths = (finding.path, finding.owner.path, *(step.path for step in finding.trail))
    if all(map(is_printable, paths)):
        return finding
    replace = msgspec.structs.replace
    return replace(
        finding,
        path=printable_path(finding.path),
        path_encoded=True,
        owner=replace(finding.owner, path=printable_path(finding.owner.path)),
        trail=tuple(replace(step, path=printable_path(step.path)) for step in finding.trail),
        fix=replace(
            finding.fix,
            edits=tuple(replace(edit, path=printable_path(edit.path)) for edit in finding.fix.edits),
        ),
    )


def _skipped(skipped: Skipped) -> Skipped:
    return (
        skipped if is_printable(skipped.path) else msgspec.structs.replace(skipped, path=printable_path(skipped.path))
    )
