"""What a change does to the findings: which it introduces, which it causes, which were there before, which are gone.

Pure. A finding is the same as one of the base by its fingerprint: first in the same file and at the line that the diff
maps, then in the same file, then in a renamed one, then anywhere (moved code); last, an unmatched pair whose
acquiring line maps through the diff and whose resource is equal (a renamed function). Each finding is matched once,
so that a copy whose original stays is new.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from bot.linemap import LineMap
from fixers.findings import Change, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence


@dataclass(frozen=True)
class ChangedFile:
    """How a file of the head came about: its path in the base (None: it is new) and its lines."""

    old_path: str | None
    lines: LineMap


@dataclass(frozen=True)
class Changes:
    """Findings of the head by their relation to the base.

    `brought`: introduced and caused, and existing ones that the change hides by a pragma. `existing`: the rest of the
    head's, counted only. `resolved`: those of the base that are gone.
    """

    brought: tuple[Finding, ...]
    existing: tuple[Finding, ...]
    resolved: tuple[Finding, ...]


def compare(
    base: Sequence[Finding],
    head: Sequence[Finding],
    files: Mapping[str, ChangedFile],
    unseen: Collection[str] = (),
) -> Changes:
    """Tells the findings of two revisions apart.

    Args:
        base: findings of the base, in byte order.
        head: findings of the head, in byte order.
        files: the files that differ, by their path in the head; others are equal in both.
        unseen: files of the base of which something was not judged; what is found there on old lines was there.
    """
    pairs = _pairs(base, head, files)
    brought: list[Finding] = []
    existing: list[Finding] = []
    for index, finding in enumerate(head):
        twin = pairs.get(index)
        if twin is None or _worse(base[twin], finding):
            change = _change(finding, files)
            if change is Change.CAUSED and _old_path(finding, files) in unseen:
                existing.append(finding)
            else:
                brought.append(msgspec.structs.replace(finding, change=change))
        elif _newly_suppressed(base[twin], finding):
            brought.append(msgspec.structs.replace(finding, change=Change.EXISTING))
        else:
            existing.append(finding)
    gone = set(range(len(base))) - set(pairs.values())
    return Changes(tuple(brought), tuple(existing), tuple(base[index] for index in sorted(gone)))


def _worse(before: Finding, after: Finding) -> bool:
    """Whether a finding became surer or graver, so that what was doubtful before is a leak because of the change."""
    if after.severity is Severity.ADVICE:
        return False
    return after.confidence.rank < before.confidence.rank or after.severity.rank < before.severity.rank


def _newly_suppressed(before: Finding, after: Finding) -> bool:
    return after.suppressed is not None and after.suppressed.by == "pragma" and before.suppressed is None


def _change(finding: Finding, files: Mapping[str, ChangedFile]) -> Change:
    changed = files.get(finding.path)
    if changed is None:
        return Change.CAUSED
    touched = any(line in changed.lines.added for line in range(finding.line, finding.end_line + 1))
    return Change.INTRODUCED if changed.old_path is None or touched else Change.CAUSED


def _old_path(finding: Finding, files: Mapping[str, ChangedFile]) -> str | None:
    changed = files.get(finding.path)
    return finding.path if changed is None else changed.old_path


def _pairs(base: Sequence[Finding], head: Sequence[Finding], files: Mapping[str, ChangedFile]) -> dict[int, int]:
    """Index in `head` -> index in `base`."""
    pairs: dict[int, int] = {}
    taken: set[int] = set()

    heirs: dict[str, list[str]] = defaultdict(list)
    for path, changed in files.items():
        if changed.old_path is not None:
            heirs[changed.old_path].append(path)
    mapped = [_mapped_lines(finding, files, heirs) for finding in base]

    def match(head_key: Callable[[Finding], Hashable], base_keys: Iterable[tuple[int, Hashable]]) -> None:
        waiting: dict[Hashable, list[int]] = defaultdict(list)
        for index, key in base_keys:
            if index not in taken and key is not None:
                waiting[key].append(index)
        for index, finding in enumerate(head):
            candidates = waiting.get(head_key(finding)) if index not in pairs else None
            while candidates and candidates[0] in taken:
                candidates.pop(0)
            if candidates:
                pairs[index] = candidates.pop(0)
                taken.add(pairs[index])

    match(
        lambda item: (item.path, item.fingerprint, item.line),
        ((index, (place[0], item.fingerprint, place[1])) for index, item in enumerate(base) for place in mapped[index]),
    )
    match(
        lambda item: (_old_path(item, files), item.fingerprint),
        ((index, (item.path, item.fingerprint)) for index, item in enumerate(base)),
    )
    match(lambda item: item.fingerprint, ((index, item.fingerprint) for index, item in enumerate(base)))
    match(
        lambda item: (item.path, item.resource_id, item.line),
        ((index, (place[0], item.resource_id, place[1])) for index, item in enumerate(base) for place in mapped[index]),
    )
    return pairs


def _mapped_lines(
    finding: Finding, files: Mapping[str, ChangedFile], heirs: Mapping[str, list[str]]
) -> list[tuple[str, int]]:
    """Where the acquiring line of a base finding is in the head: in the same file, or in the one it was renamed to."""
    places = [(path, files[path].lines.to_head(finding.line)) for path in heirs.get(finding.path, ())]
    found = [(path, line) for path, line in places if line is not None]
    return found if places or finding.path in files else [(finding.path, finding.line)]
