"""Where a line of the base is in the head, and which lines of the head are new."""

from __future__ import annotations

import io
from bisect import bisect_right

from unidiff.errors import UnidiffParseError
from unidiff.patch import PatchSet

# unidiff wants the names of a file before its hunks; git's own may be quoted in ways that it does not read.
_HEADER = "--- a/base\n+++ b/head\n"


class LineMap:
    """The lines of one file in two versions, from its unified diff. Lines are 1-based and end at `\\n` only.

    Attributes:
        added: the lines of the head that the base has not.
        removed: the lines of the base that the head has not.
        shown: the lines of the head in each hunk, context included: where GitHub accepts a review comment.
    """

    def __init__(self, hunks: str) -> None:
        """Read the hunks of a unified diff, with any amount of context.

        Args:
            hunks: as in `bot.diffs.FileDiff`, from the first `@@` on; empty where the two versions are equal.

        Raises:
            ValueError: they are not hunks.
        """
        added: set[int] = set()
        removed: set[int] = set()
        shown: list[range] = []
        self._starts: list[int] = []
        self._offsets = [0]
        if hunks and not hunks.startswith("@@ "):
            raise ValueError(f"These are not the hunks of a unified diff: {hunks[:60]!r}")
        try:
            parsed = PatchSet(io.StringIO(_HEADER + hunks, newline="\n")) if hunks else []
        except UnidiffParseError as error:
            raise ValueError(f"These are not the hunks of a unified diff: {error}") from None
        for hunk in (hunk for file in parsed for hunk in file):
            shown.append(range(hunk.target_start, hunk.target_start + hunk.target_length))
            # `@@ -5,0` stands behind line 5, `@@ -5,1` before it (POSIX diff -u).
            base_line = hunk.source_start + (hunk.source_length == 0)
            head_line = hunk.target_start + (hunk.target_length == 0)
            for line in hunk:
                if line.is_removed:
                    removed.add(base_line)
                    base_line += 1
                    self._shift(base_line, -1)
                elif line.is_added:
                    added.add(head_line)
                    head_line += 1
                    self._shift(base_line, 1)
                elif line.is_context:
                    base_line += 1
                    head_line += 1
        self.added = frozenset(added)
        self.removed = frozenset(removed)
        self.shown = tuple(shown)

    def to_head(self, line: int) -> int | None:
        """The head's number for a line of the base; None where it was changed or removed."""
        return None if line in self.removed else line + self._offsets[bisect_right(self._starts, line)]

    def _shift(self, start: int, by: int) -> None:
        """From base line `start` on, lines have moved by `by` more."""
        if self._starts and self._starts[-1] == start:
            self._offsets[-1] += by
        else:
            self._starts.append(start)
            self._offsets.append(self._offsets[-1] + by)
