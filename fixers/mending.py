"""Writes fixes into a file, one finding after the other, each accepted by its checks or refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from fixers.engine import leaks_of, scan_file
from fixers.findings import Edit, Finding, Fix, FixKind
from fixers.fixes import proposal
from fixers.fixes.checks import CHECKS, refusal
from fixers.fixes.edits import apply
from fixers.fixes.model import CannotFixError
from fixers.source import Source, language_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from fixers.engine import FileResult


@dataclass
class Mended:
    """A file after its fixes.

    `data` are the bytes now; `fixed` the findings that went away, in the order in which they were fixed, each with
    the edits (of the bytes as they were at that moment) and the checks passed; `refused` those whose fix was not
    accepted, and why.
    """

    data: bytes
    fixed: list[Finding] = field(default_factory=list)
    refused: list[tuple[Finding, str]] = field(default_factory=list)


def mend_finding(path: str, data: bytes, finding: Finding, before: FileResult) -> tuple[tuple[Edit, ...], str | None]:
    """The edits that fix one finding of a file, and why they are refused (None: accepted).

    Args:
        path: the file.
        data: its bytes.
        finding: a finding of exactly these bytes.
        before: what the scan said of them.
    """
    language = language_of(path)
    if language is None:
        return (), "this is not a file that Stanch reads"
    source = Source(path, data, language)
    judge, leaks = leaks_of(source)
    leak = next(
        (
            leak
            for leak in leaks
            if leak.acquisition.span == (finding.start_byte, finding.end_byte)
            and leak.resource.id == finding.resource_id
        ),
        None,
    )
    if leak is None:
        return (), "the finding is not in the file any more"
    try:
        edits = proposal(leak, judge, source).write()
    except CannotFixError as error:
        return (), str(error)
    return edits, refusal(data, edits, before, [finding], lambda patched: scan_file(path, patched))


def mend_file(path: str, data: bytes, wanted: Callable[[Finding], bool]) -> Mended:
    """Fixes every wanted finding of a file that can be fixed; each fix is checked by a rescan before the next.

    Args:
        path: the file.
        data: its bytes.
        wanted: which findings are to be fixed; only asked about those that have a fix.
    """
    mended = Mended(data)
    tried: set[tuple[str, str, int]] = set()
    while True:
        before = scan_file(path, mended.data)
        finding = _next(before, wanted, tried)
        if finding is None:
            return mended
        tried.add((finding.fingerprint, finding.rule, finding.line))
        edits, reason = mend_finding(path, mended.data, finding, before)
        if reason is not None:
            mended.refused.append((finding, reason))
            continue
        mended.data = apply(mended.data, edits)
        mended.fixed.append(with_fix(finding, edits))


def _next(before: FileResult, wanted: Callable[[Finding], bool], tried: set[tuple[str, str, int]]) -> Finding | None:
    for finding in before.findings:
        if finding.fix.kind is FixKind.NONE or finding.suppressed is not None or not wanted(finding):
            continue
        if (finding.fingerprint, finding.rule, finding.line) not in tried:
            return finding
    return None


def with_fix(finding: Finding, edits: tuple[Edit, ...]) -> Finding:
    """A finding whose fix was written and checked."""
    fix = Fix(kind=finding.fix.kind, summary=finding.fix.summary, why=finding.fix.why, edits=edits, checks=CHECKS)
    return msgspec.structs.replace(finding, fix=fix)
