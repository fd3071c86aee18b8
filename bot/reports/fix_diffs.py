"""Unified diffs of fixes: how they are shown, and which lines of the file they replace."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from unidiff.constants import LINE_TYPE_NO_NEWLINE
from unidiff.patch import PatchSet

if TYPE_CHECKING:
    from unidiff.patch import Hunk, Line, PatchedFile

_DEV_NULL = "/dev/null"
_GIT_HEADER = re.compile(r"^diff --git .*\n", re.MULTILINE)


class Replacement(NamedTuple):
    """Lines `first` to `last` (1-based) of `path` become `lines`."""

    path: str
    first: int
    last: int
    lines: tuple[str, ...]


def shown_diff(diff: str, path: str) -> str:
    """The body of `diff` for a reader who knows that `path` is meant.

    File headers are left out when only `path` changes, and the `@@` line when there is only one.
    """
    files = _files(diff)
    if [file.path for file in files] != [path]:
        return diff.rstrip("\n")
    hunks = list(files[0])
    if len(hunks) > 1:
        return "".join(map(str, hunks)).rstrip("\n")
    return "".join(map(str, _without_blank_edges(hunks[0]))).rstrip("\n")


def shows_line(diff: str, path: str, line: int) -> bool:
    """Whether `diff` shows this line of the unfixed file, changed or as context."""
    hunks = [hunk for file in _files(diff) if file.path == path for hunk in file]
    return any(hunk.source_start <= line < hunk.source_start + hunk.source_length for hunk in hunks)


def replacement(diff: str) -> Replacement | None:
    """The one run of lines that `diff` replaces; None when it changes several places, or the end of a file.

    A mere insertion replaces the line before it (the line after it at the start of a file) by itself and what is new.
    """
    files = _files(diff)
    if len(files) != 1 or len(files[0]) != 1 or _DEV_NULL in (files[0].source_file, files[0].target_file):
        return None
    lines = list(files[0][0])
    changed = [index for index, line in enumerate(lines) if not line.is_context]
    if not changed or any(line.line_type == LINE_TYPE_NO_NEWLINE or not line.value.endswith("\n") for line in lines):
        return None
    run = _anchored(lines, changed[0], changed[-1])
    replaced = [line.source_line_no for line in run if line.source_line_no is not None]
    if not replaced:
        return None
    new = tuple(line.value.removesuffix("\n") for line in run if not line.is_removed)
    return Replacement(files[0].path, replaced[0], replaced[-1], new)


def _without_blank_edges(hunk: Hunk) -> list[Line]:
    lines = list(hunk)
    telling = [index for index, line in enumerate(lines) if not line.is_context or line.value.strip()]
    return lines[telling[0] : telling[-1] + 1] if telling else lines


def _anchored(lines: list[Line], first: int, last: int) -> list[Line]:
    run = lines[first : last + 1]
    if any(line.source_line_no is not None for line in run):
        return run
    return lines[first - 1 : last + 1] if first > 0 else lines[first : last + 2]


def _files(diff: str) -> list[PatchedFile]:
    # unidiff splits `diff --git a/x b/x` at the first ` b/`, which a name may hold; the lines after it say the same.
    return list(PatchSet.from_string(_GIT_HEADER.sub("", diff)))
