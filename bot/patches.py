"""Unified diffs in git's form, made without git: for fixes that are in no repository yet."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Literal

    _Opcode = tuple[Literal["replace", "delete", "insert", "equal"], int, int, int, int]

_CONTEXT = 3
_SPECIAL = re.compile(r'["\\\x00-\x1f\x7f]')
_ESCAPES = {'"': r"\"", "\\": r"\\", "\n": r"\n", "\t": r"\t", "\r": r"\r"}
_NO_NEWLINE = "\\ No newline at end of file\n"


def patch(path: str, before: bytes, after: bytes) -> str:
    """The diff of one file as `git diff` writes it; empty when nothing differs. Lines end at `\\n` only.

    Bytes that are not UTF-8 are kept as surrogates (write the text with `errors="surrogateescape"`).
    """
    if before == after:
        return ""
    body = "".join(_hunks(_lines(before), _lines(after)))
    old, new = _quoted(f"a/{path}"), _quoted(f"b/{path}")
    # A name with a space ends at a tab (git-apply takes what follows a space for a date).
    end = "\t" if " " in path else ""
    return f"diff --git {old} {new}\n--- {old}{end}\n+++ {new}{end}\n{body}"


def changed_lines(diff: str) -> int:
    """How many lines a diff of one file (`patch`) adds and removes, as GitHub counts them."""
    hunks = diff[diff.find("\n@@ ") + 1 :]
    return sum(line.startswith(("+", "-")) for line in hunks.split("\n"))


class _Comparison(SequenceMatcher[str]):
    """How lines differ. Only what lies between the equal ends of both is compared, so that a small fix costs little."""

    def __init__(self, old: Sequence[str], new: Sequence[str]) -> None:
        self._start = _equal(old, new)
        self._end = _equal(old[: self._start - len(old) - 1 : -1], new[: self._start - len(new) - 1 : -1])
        self._lengths = len(old), len(new)
        super().__init__(None, old[self._start : len(old) - self._end], new[self._start : len(new) - self._end])

    def get_opcodes(self) -> list[_Opcode]:
        at = self._start
        middle = [
            (tag, at + old_start, at + old_end, at + new_start, at + new_end)
            for tag, old_start, old_end, new_start, new_end in super().get_opcodes()
        ]
        old, new = self._lengths
        return [("equal", 0, at, 0, at), *middle, ("equal", old - self._end, old, new - self._end, new)]


def _hunks(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    for group in _Comparison(old, new).get_grouped_opcodes(_CONTEXT):
        old_range, new_range = _range(group[0][1], group[-1][2]), _range(group[0][3], group[-1][4])
        yield f"@@ -{old_range} +{new_range} @@\n"
        for tag, old_start, old_end, new_start, new_end in group:
            if tag == "equal":
                yield from (_line(" ", line) for line in old[old_start:old_end])
            else:
                yield from (_line("-", line) for line in old[old_start:old_end])
                yield from (_line("+", line) for line in new[new_start:new_end])


def _equal(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines at the start are equal."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((index for index, (first, second) in pairs if first != second), min(len(one), len(other)))


def _range(start: int, end: int) -> str:
    """The range of a hunk: an empty one names the line before it, one line stands without a length."""
    length = end - start
    return f"{start + 1}" if length == 1 else f"{start + (length > 0)},{length}"


def _line(sign: str, line: str) -> str:
    return f"{sign}{line}" if line.endswith("\n") else f"{sign}{line}\n{_NO_NEWLINE}"


def _quoted(name: str) -> str:
    """A name as git writes it: quoted where it holds a quote, a backslash or a control character."""
    if not _SPECIAL.search(name):
        return name
    return f'"{_SPECIAL.sub(_escaped, name)}"'


def _escaped(match: re.Match[str]) -> str:
    return _ESCAPES.get(match[0]) or f"\\{ord(match[0]):03o}"


def _lines(data: bytes) -> list[str]:
    pieces = data.decode("utf-8", "surrogateescape").split("\n")
    return [f"{piece}\n" for piece in pieces[:-1]] + ([pieces[-1]] if pieces[-1] else [])
