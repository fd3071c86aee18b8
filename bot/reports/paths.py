"""Paths whose bytes are not UTF-8, written so that a report is: percent-encoded, and marked (contract: The report)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar
from urllib.parse import quote, unquote_to_bytes

import msgspec

from fixers.findings import Edit, Finding, Owner, Step
from fixers.paths import path_text
from fixers.source import Skipped

if TYPE_CHECKING:
    from bot.reports.report import Report


class Placed(Protocol):
    """A part of the report that names a file, and says whether the name is encoded."""

    @property
    def path(self) -> str:
        """Relative, with `/`."""
        ...

    @property
    def path_encoded(self) -> bool | msgspec.UnsetType:
        """Whether `%` in it begins an escape."""
        ...


_Part = TypeVar("_Part", Finding, Owner, Step, Edit, Skipped)


def printable_path(path: str) -> str:
    """The path as a report writes it: unchanged, or with `%XX` for each byte that is not UTF-8 and for `%` itself.

    Args:
        path: as inside Stanch, where bytes that are not UTF-8 are surrogates (PEP 383).
    """
    return path_text(path).text


def uri_path(part: Placed) -> str:
    """The path of a part of a report as a relative URI (RFC 3986), whatever bytes its name has."""
    name = unquote_to_bytes(part.path) if part.path_encoded else part.path.encode("utf-8", "surrogateescape")
    return quote(name)


def with_printable_paths(report: Report) -> Report:
    """The report with every path printable, and marked where it had to be encoded."""
    return msgspec.structs.replace(
        report,
        prefix=printable_path(report.prefix),
        findings=tuple(map(_finding, report.findings)),
        resolved=tuple(map(_finding, report.resolved)),
        skipped=tuple(map(_marked, report.skipped)),
    )


def _finding(finding: Finding) -> Finding:
    parts: tuple[Placed, ...] = (finding, finding.owner, *finding.trail, *finding.fix.edits)
    if not any(path_text(part.path).encoded for part in parts):
        return finding
    fix = msgspec.structs.replace(finding.fix, edits=tuple(map(_marked, finding.fix.edits)))
    return msgspec.structs.replace(
        _marked(finding), owner=_marked(finding.owner), trail=tuple(map(_marked, finding.trail)), fix=fix
    )


def _marked(part: _Part) -> _Part:
    path = path_text(part.path)
    return msgspec.structs.replace(part, path=path.text, path_encoded=True) if path.encoded else part
