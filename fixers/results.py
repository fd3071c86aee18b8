"""What a file gave, and findings in order: all that is needed of results that are known already."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

# msgspec reads the annotations at run time.
from fixers.findings import Finding
from fixers.source import Skipped

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass
class FileResult:
    """What one file gave. `parsed` is false for files that the gate kept out. Findings carry no ordinal yet."""

    path: str
    parsed: bool = False
    findings: list[Finding] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    unused_pragmas: list[int] = field(default_factory=list)


def numbered(findings: Iterable[Finding]) -> list[Finding]:
    """Findings in byte order of path and place, each with an id: its fingerprint and, among equals, an ordinal."""
    ordered = sorted(
        findings, key=lambda item: (item.path.encode("utf-8", "surrogateescape"), item.start_byte, item.rule)
    )
    counts: dict[str, int] = {}
    result: list[Finding] = []
    for item in ordered:
        counts[item.fingerprint] = counts.get(item.fingerprint, 0) + 1
        result.append(msgspec.structs.replace(item, id=f"{item.fingerprint}.{counts[item.fingerprint]}"))
    return result
