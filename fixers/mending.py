"""Writes fixes into a file, each accepted by its checks or refused."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from fixers.batches import TOO_MANY, attempts, edits_of, first_batch, sifted
from fixers.findings import Edit, Finding, Fix, FixKind
from fixers.fixes.checks import CHECKS
from fixers.fixes.edits import apply
from fixers.rescans import Rescans

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from fixers.engine import FileResult


@dataclass
class Mended:
    """A file after its fixes.

    `data` are the bytes now; `fixed` the findings that went away, with the checks that their fixes passed; `refused`
    those whose fix was not accepted, and why. Findings stand at their places in the file as it was given.
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
    return mend_each(path, data, [finding], before)[0]


def mend_each(
    path: str, data: bytes, findings: Sequence[Finding], before: FileResult
) -> list[tuple[tuple[Edit, ...], str | None]]:
    """The edits that fix each of some findings by itself, and why they are refused (None: accepted), in their order.

    Args:
        path: the file.
        data: its bytes.
        findings: different findings of exactly these bytes.
        before: what the scan said of them.
    """
    outcome = {attempt.finding: attempt for attempt in attempts(path, data, findings)}
    left = [attempt for attempt in outcome.values() if attempt.refused is None]
    rescans = Rescans(path)
    while left:
        batch = first_batch(left) if not rescans.is_spent else left
        refused = sifted(batch, data, before, rescans)[1]
        outcome |= {attempt.finding: attempt for attempt in refused}
        taken = {attempt.finding for attempt in batch}
        left = [attempt for attempt in left if attempt.finding not in taken]
    return [(outcome[finding].edits, outcome[finding].refused) for finding in findings]


def mend_file(path: str, data: bytes, wanted: Callable[[Finding], bool]) -> Mended:
    """Fixes every wanted finding of a file that can be fixed.

    Fixes that meet are written one after the other, each on what the ones before it left.

    Args:
        path: the file.
        data: its bytes.
        wanted: which findings are to be fixed. It is asked about those that have a fix: as they were in the file as
            given, but with the fix that they have by now.
    """
    mended = Mended(data)
    rescans = Rescans(path)
    origins = list(rescans.always(data).findings)
    given_up: set[Finding] = set()
    while True:
        before = rescans.always(mended.data)
        # Those that were given up are paired too: twins are told apart only where all of them are there.
        origin_of = dict(_paired(before.findings, origins))
        candidates = [
            finding
            for finding, origin in origin_of.items()
            if origin not in given_up and _is_wanted(origin, finding, wanted)
        ]
        if not candidates:
            mended.fixed.sort(key=_order)
            mended.refused.sort(key=lambda entry: _order(entry[0]))
            return mended
        if rescans.is_spent:
            mended.refused += [(origin_of[finding], TOO_MANY) for finding in candidates]
            given_up |= {origin_of[finding] for finding in candidates}
            continue
        made = attempts(path, mended.data, candidates)
        batch = first_batch(attempt for attempt in made if attempt.refused is None)
        accepted, refused = sifted(batch, mended.data, before, rescans)
        refused += [attempt for attempt in made if attempt.refused is not None]
        mended.data = apply(mended.data, edits_of(accepted))
        mended.refused += [(origin_of[attempt.finding], attempt.refused or "") for attempt in refused]
        given_up |= {origin_of[attempt.finding] for attempt in refused}
        done = {origin_of[attempt.finding] for attempt in accepted}
        done |= _ended_along(rescans.always(mended.data), {origin_of[item] for item in candidates} - given_up - done)
        mended.fixed += [with_fix(origin, ()) for origin in done]
        origins = [origin for origin in origins if origin not in done]


def _ended_along(after: FileResult, origins: Iterable[Finding]) -> set[Finding]:
    """Those that the fixes of others have ended too, as one release ends all that lies in one place."""
    left = {finding.fingerprint for finding in after.findings}
    return {origin for origin in origins if origin.fingerprint not in left}


def with_fix(finding: Finding, edits: tuple[Edit, ...]) -> Finding:
    """A finding whose fix was written and checked."""
    fix = Fix(kind=finding.fix.kind, summary=finding.fix.summary, why=finding.fix.why, edits=edits, checks=CHECKS)
    return msgspec.structs.replace(finding, fix=fix)


def _is_wanted(origin: Finding, finding: Finding, wanted: Callable[[Finding], bool]) -> bool:
    if finding.fix.kind is FixKind.NONE or finding.suppressed is not None:
        return False
    return wanted(msgspec.structs.replace(origin, fix=finding.fix))


def _paired(findings: Iterable[Finding], origins: Iterable[Finding]) -> Iterator[tuple[Finding, Finding]]:
    """Findings of the file with what they were in the file as given: of equal fingerprints, which keep their order.

    Where their number has changed nobody can tell which is which; these are left alone.
    """
    then: dict[str, list[Finding]] = defaultdict(list)
    for origin in sorted(origins, key=_order):
        then[origin.fingerprint].append(origin)
    now: dict[str, list[Finding]] = defaultdict(list)
    for finding in sorted(findings, key=_order):
        now[finding.fingerprint].append(finding)
    for fingerprint, twins in now.items():
        if len(twins) == len(then[fingerprint]):
            yield from zip(twins, then[fingerprint], strict=True)


def _order(finding: Finding) -> tuple[int, str]:
    return finding.start_byte, finding.rule
