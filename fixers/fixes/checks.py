"""Accepts a patch of one file, or refuses it with a reason. Independent of how the patch was written."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

from fixers.findings import Confidence, Verdict
from fixers.fixes.edits import apply
from fixers.resources import resources
from fixers.source import Tables

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fixers.engine import FileResult
    from fixers.findings import Edit, Finding, Owner

CHECKS = (
    "the file parses without a new error",
    "a rescan shows exactly these findings gone",
    "a rescan shows no new finding",
    "everything outside the edits is byte for byte as before",
)


def refusal(
    data: bytes,
    edits: Sequence[Edit],
    before: FileResult,
    mended: Sequence[Finding],
    rescan: Callable[[bytes], FileResult],
) -> str | None:
    """Why a patch is refused, or None when it is accepted.

    Args:
        data: the file before.
        edits: the patch.
        before: what the scan said of `data`.
        mended: the findings that the patch is to remove.
        rescan: scans new bytes of the same file.
    """
    if not edits:
        return "the fix writes nothing"
    try:
        patched = apply(data, edits)
    except ValueError as error:
        return str(error)
    after = rescan(patched)
    if len(after.skipped) > len(before.skipped):
        return f"the patched file is not read as before: {after.skipped[-1].detail}"
    expected = _counted(before.findings)
    expected.subtract(_counted(mended))
    found = _counted(after.findings)
    for key in sorted({*expected, *found}):
        if found[key] > max(expected[key], 0):
            gone = key in _counted(mended)
            return f"{key[1]} is still found after the fix" if gone else f"the fix brings a new finding: {key[1]}"
        if found[key] < expected[key] - _ended_along(data, before.findings, mended, key):
            return f"the fix also removes another finding: {key[1]}"
    return None


def _ended_along(data: bytes, findings: Sequence[Finding], mended: Sequence[Finding], key: tuple[str, str]) -> int:
    """How many further findings of a kind are ended by the release of a mended one: what lies in its own place, or is
    the same registration once more.
    """
    places = {(finding.handle, finding.owner.name) for finding in mended if finding.handle is not None}
    registrations = {_registration(data, finding) for finding in mended if finding.resource_id in _repeats_are_one()}
    same = [
        finding
        for finding in findings
        if (finding.handle, finding.owner.name) in places or _registration(data, finding) in registrations
    ]
    return max(_counted(same)[key] - _counted(mended)[key], 0)


def _registration(data: bytes, finding: Finding) -> tuple[str, bytes, Owner]:
    """What makes two registrations one: the same call, and the same owner."""
    return finding.resource_id, data[finding.start_byte : finding.end_byte], finding.owner


@cache
def _repeats_are_one() -> frozenset[str]:
    return frozenset(entry.id for tables in Tables for entry in resources(tables) if entry.repeats_are_one)


def _counted(findings: Sequence[Finding]) -> Counter[tuple[str, str]]:
    """Findings by resource and rule; a teardown that another fix adds makes a never-released one a forgotten one."""
    return Counter(
        (finding.resource_id, finding.rule.replace(Verdict.FORGOTTEN_BY_TEARDOWN, Verdict.NEVER_RELEASED))
        for finding in findings
        if finding.confidence.rank <= Confidence.MEDIUM.rank
    )
