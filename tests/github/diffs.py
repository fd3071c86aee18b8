"""Diffs as GitHub shows them: the files of a pull request, their patches, and which lines can be commented on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

MOST_LINES: Final = 20_000
MOST_BYTES: Final = 500_000
"""GitHub shows no patch of a file that is larger
(docs.github.com/repositories/creating-and-managing-repositories/repository-limits)."""

_HUNK: Final = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_STATUS: Final = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "C": "copied", "T": "changed"}


@dataclass(frozen=True)
class Hunk:
    """The ranges that a hunk covers on both sides, and where in the patch it starts (its line there, from 0)."""

    old: range
    new: range
    at: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """A file that differs. `patch` begins with the first `@@`; None where there is none or GitHub shows none."""

    status: str
    path: str
    previous: str | None
    mode: str
    sha: str
    additions: int
    deletions: int
    patch: str | None

    @cached_property
    def hunks(self) -> tuple[Hunk, ...]:
        """The hunks of the patch."""
        return parse_hunks(self.patch or "")

    def hunk_of(self, line: int, side: str) -> Hunk | None:
        """The hunk that shows a line; sides are `LEFT` (the base) and `RIGHT` (the head)."""
        return next((hunk for hunk in self.hunks if line in (hunk.old if side == "LEFT" else hunk.new)), None)


def parse_hunks(patch: str) -> tuple[Hunk, ...]:
    """The hunks of a patch of one file."""
    lines = patch.split("\n")
    starts = [(number, match) for number, line in enumerate(lines) if (match := _HUNK.match(line))]
    ends = [*(number for number, _ in starts[1:]), len(lines)][: len(starts)]
    return tuple(
        Hunk(
            _range(match[1], match[2]),
            _range(match[3], match[4]),
            number,
            tuple(lines[number:end]),
        )
        for (number, match), end in zip(starts, ends, strict=True)
    )


def _range(start: str, count: str | None) -> range:
    return range(int(start), int(start) + (1 if count is None else int(count)))


def excerpt(hunk: Hunk, line: int, side: str) -> tuple[str, int]:
    """GitHub's `diff_hunk`, from the hunk's head to the line, and the line's `position` in the whole patch."""
    old, new = hunk.old.start, hunk.new.start
    for index, text in enumerate(hunk.lines[1:], 1):
        number = old if side == "LEFT" else new
        if text[:1] in ((" ", "-") if side == "LEFT" else (" ", "+")) and number == line:
            return "\n".join(hunk.lines[: index + 1]), hunk.at + index
        old += text[:1] in (" ", "-")
        new += text[:1] in (" ", "+")
    return "\n".join(hunk.lines), hunk.at + len(hunk.lines)


def moved_line(diff: bytes, line: int) -> int | None:
    """Where a line of the old side is on the new one; None where it was changed. `diff` has no context lines."""
    text = diff.decode("utf-8", "replace")
    if "\ndeleted file mode" in text:
        return None
    shift = 0
    for hunk in parse_hunks(text):
        # git numbers an empty side by the line before it.
        start = hunk.old.start + (0 if len(hunk.old) else 1)
        if line < start:
            break
        if line in hunk.old:
            return None
        shift += len(hunk.new) - len(hunk.old)
    return line + shift


def parse_changes(output: bytes) -> tuple[Change, ...]:
    """What `git diff-tree -z --raw --numstat -p` says."""
    raw, rest = _parse_raw(output)
    counts, patches = _parse_counts(rest, len(raw))
    segments = _segments(patches)
    changes = []
    for (status, mode, sha, path, previous), (added, removed) in zip(raw, counts, strict=True):
        segment = segments.pop(0) if segments else b""
        if status == "T" and segments:
            segment = segments.pop(0)
        changes.append(Change(_STATUS[status], path, previous, mode, sha, added, removed, _patch_of(segment)))
    return tuple(changes)


def _parse_raw(output: bytes) -> tuple[list[tuple[str, str, str, str, str | None]], bytes]:
    entries: list[tuple[str, str, str, str, str | None]] = []
    while output.startswith(b":"):
        head, path, output = output.split(b"\0", 2)
        _, mode, old_sha, sha, letter = head.decode().split(" ")
        previous = None
        status = letter[0]
        if status in "RC":
            previous, (path, output) = _text(path), output.split(b"\0", 1)
        entries.append((status, mode, old_sha if status == "D" else sha, _text(path), previous))
    return entries, output


def _parse_counts(output: bytes, number: int) -> tuple[list[tuple[int, int]], bytes]:
    counts = []
    for _ in range(number):
        added, removed, rest = output.split(b"\t", 2)
        path, output = rest.split(b"\0", 1)
        if not path:
            _, _, output = output.split(b"\0", 2)
        # A binary file has `-` for both.
        counts.append((int(added) if added != b"-" else 0, int(removed) if removed != b"-" else 0))
    return counts, output.removeprefix(b"\0")


def _segments(patches: bytes) -> list[bytes]:
    if not patches:
        return []
    return (b"\n" + patches).split(b"\ndiff --git ")[1:]


def _patch_of(segment: bytes) -> str | None:
    start = segment.find(b"\n@@ ")
    if start < 0:
        return None
    patch = segment[start + 1 :].removesuffix(b"\n")
    if len(patch) > MOST_BYTES or patch.count(b"\n") > MOST_LINES:
        return None
    return patch.decode("utf-8", "replace")


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")
