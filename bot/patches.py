"""Unified diffs in git's form, made without git: for fixes that are in no repository yet."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SPECIAL = re.compile(r'["\\\x00-\x1f\x7f]')
_ESCAPES = {'"': r"\"", "\\": r"\\", "\n": r"\n", "\t": r"\t", "\r": r"\r"}
_NO_NEWLINE = "\\ No newline at end of file\n"


def patch(path: str, before: bytes, after: bytes, context: int = 3) -> str:
    """The diff of one file as `git diff` writes it; empty when nothing differs. Lines end at `\\n` only.

    Bytes that are not UTF-8 are kept as surrogates (write the text with `errors="surrogateescape"`).
    """
    if before == after:
        return ""
    body = "".join(_hunks(_lines(before), _lines(after), context))
    old, new = _quoted(f"a/{path}"), _quoted(f"b/{path}")
    # A name with a space ends at a tab (git-apply takes what follows a space for a date).
    end = "\t" if " " in path else ""
    return f"diff --git {old} {new}\n--- {old}{end}\n+++ {new}{end}\n{body}"


def _hunks(old: Sequence[str], new: Sequence[str], context: int) -> Iterator[str]:
    """The hunks. Only the lines between the equal ends of both are compared, so that a small fix costs little."""
    start = _equal(old, new)
    end = _equal(old[: start - len(old) - 1 : -1], new[: start - len(new) - 1 : -1])
    first = max(0, start - context)
    middle_old = old[first : len(old) - max(0, end - context)]
    middle_new = new[first : len(new) - max(0, end - context)]
    for group in SequenceMatcher(None, middle_old, middle_new).get_grouped_opcodes(context):
        old_range = _range(first + group[0][1], first + group[-1][2])
        new_range = _range(first + group[0][3], first + group[-1][4])
        yield f"@@ -{old_range} +{new_range} @@\n"
        for tag, old_start, old_end, new_start, new_end in group:
            if tag == "equal":
                yield from (_line(" ", line) for line in middle_old[old_start:old_end])
            else:
                yield from (_line("-", line) for line in middle_old[old_start:old_end])
                yield from (_line("+", line) for line in middle_new[new_start:new_end])


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
