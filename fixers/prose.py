"""Where a Python file holds text and no code, without a parser: in comments, and in strings without interpolation."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import Final

_TEXT: Final = re.compile(
    # What closes a string is a group. A string that nothing closes is passed over too, so that the work is linear.
    rb"(#[^\r\n]*+)"
    rb'|"""(?:[^"\\]|\\.|"(?!""))*+(""")?'
    rb"|'''(?:[^'\\]|\\.|'(?!''))*+(''')?"
    rb'|"(?:[^"\\\r\n]|\\(?:\r\n|.))*+(")?'
    rb"|'(?:[^'\\\r\n]|\\(?:\r\n|.))*+(')?",
    re.DOTALL,
)
_COMMENT: Final = 1
_OF_ONE_LINE: Final = frozenset({4, 5})
_INTERPOLATES: Final = re.compile(rb"(?<!\w)(?:[fFtT][rR]?|[rR][fFtT])\Z")
_PREFIX_BYTES: Final = 3
_REST_OF_LINE: Final = re.compile(rb"[^\r\n]*+")
_GOES_ON: Final = re.compile(rb"\"\"\"|'''|\\\Z")
_MARKS: Final = re.compile(rb"[\"'#]")


class Prose:
    """The texts of a file, which are looked for only once a place seems to be in one."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._texts: list[tuple[int, int]] | None = None

    def holds(self, offset: int) -> bool:
        """Whether the byte before an offset is text; never true where it is code of Python that has no fault."""
        if self._texts is None:
            if not self._seems_to_hold(offset):
                return False
            self._texts = _texts(self._data)
        number = bisect_left(self._texts, (offset,)) - 1
        return number >= 0 and offset <= self._texts[number][1]

    def _seems_to_hold(self, offset: int) -> bool:
        """Whether a mark stands before it on its line, or a string of many lines that began before it is open."""
        if _MARKS.search(self._data, self._data.rfind(b"\n", 0, offset) + 1, offset):
            return True
        return any(self._data.count(mark, 0, offset) % 2 for mark in (b'"""', b"'''"))


def _texts(data: bytes) -> list[tuple[int, int]]:
    """The spans of all texts, in order.

    An interpolated string may hold strings with its own quotes, so the rest of its line counts as code; where it is
    not clear that no string goes on beyond that line, so does the rest of the file.
    """
    found: list[tuple[int, int]] = []
    text = _TEXT.search(data)
    while text is not None:
        start, end = text.span()
        closed = text.lastindex
        if closed == _COMMENT or not _INTERPOLATES.search(data, max(0, start - _PREFIX_BYTES), start):
            found.extend([(start, end)] if closed is not None else ())
        elif closed is None:
            break
        elif closed in _OF_ONE_LINE:
            rest = _REST_OF_LINE.match(data, start)
            if rest is None or _GOES_ON.search(data, start, rest.end()):
                break
            end = rest.end()
        text = _TEXT.search(data, end)
    return found
