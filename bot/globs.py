"""Path patterns of the configuration, matched in linear time."""

from __future__ import annotations

import fnmatch
import re
from functools import lru_cache
from typing import Final

_NOTHING: Final = re.compile(r"(?!)")


def matches(pattern: str, path: str, *, inside: bool = True) -> bool:
    """Whether a pattern covers a file.

    `*` and `?` stay within a name, `[ab]` is one of these characters, `**` is any number of folders. A pattern without
    a slash (other than one at its end) holds at any depth, one with a slash from the root on; a leading `/` only says
    so. What matches a folder covers everything in it. This is `.gitignore` without `!` and without escapes.

    Args:
        pattern: written with `/`.
        path: relative, written with `/`.
        inside: whether what matches a folder covers what is in it.
    """
    segments = _segments(pattern)
    names = path.split("/")
    # The last star tried, and how many names it has eaten: only the last one ever has to eat more, as with `*` in a
    # glob, so that the work is bounded by segments times names.
    at = name_at = 0
    star = -1
    eaten = 0
    while at < len(segments) or (name_at < len(names) and not inside):
        segment = segments[at] if at < len(segments) else _NOTHING
        if segment is None:
            star, eaten = at, name_at
            at += 1
        elif name_at < len(names) and segment.match(names[name_at]):
            at += 1
            name_at += 1
        elif star >= 0 and eaten < len(names):
            eaten += 1
            at, name_at = star + 1, eaten
        else:
            return False
    return True


def literal_segments(pattern: str) -> frozenset[str]:
    """The names that a pattern spells out, such as `vendor` in `vendor/ours/**`."""
    return frozenset(segment for segment in pattern.split("/") if segment and not re.search(r"[*?\[]", segment))


@lru_cache(maxsize=1024)
def _segments(pattern: str) -> tuple[re.Pattern[str] | None, ...]:
    """An expression for each name of the pattern, None for `**`.

    The standard library's translation of `*` does not backtrack beyond the last star.
    """
    written = pattern.strip("/").split("/")
    anchored = "/" in pattern.rstrip("/")
    parts = written if anchored else ["**", *written]
    if parts[-1] == "**":
        # Everything in a folder, but not a file of the folder's name.
        parts[-1] = "*"
    return tuple(None if part == "**" else re.compile(fnmatch.translate(part)) for part in parts)
