"""The files of a tree and their lines, by the paths that a report has for them: for excerpts and places."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from bot.reports.paths import printable_path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.reports.excerpt import ReadLine
    from fixers.tree import FileTree

# path as in the report -> the file's bytes, or None where they are not at hand.
ReadFile = Callable[[str], bytes | None]

_FILES_KEPT = 8


def no_files(_path: str) -> None:
    """A `ReadFile` for when no source is at hand."""


def file_reader(tree: FileTree, paths: Iterable[str]) -> ReadFile:
    """Reads a tree's files, by the paths that a report has for them.

    Args:
        tree: the files.
        paths: those that a report speaks of, as they are on disk.
    """
    on_disk = {printable_path(path): path for path in paths}

    @lru_cache(_FILES_KEPT)
    def read_file(path: str) -> bytes | None:
        try:
            return tree.read(on_disk.get(path, path))
        except OSError:
            return None

    return read_file


def line_reader(tree: FileTree, paths: Iterable[str]) -> ReadLine:
    """Reads lines of a tree's files, by the paths that a report has for them.

    Args:
        tree: the files.
        paths: those that a report speaks of, as they are on disk.
    """
    read_file = file_reader(tree, paths)

    @cache
    def lines_of(path: str) -> list[bytes]:
        return (read_file(path) or b"").split(b"\n")

    def read_line(path: str, line: int) -> str | None:
        lines = lines_of(path)
        if not 1 <= line <= len(lines):
            return None
        text = lines[line - 1].removesuffix(b"\r").decode("utf-8", "replace")
        return text.removeprefix("\ufeff") if line == 1 else text

    return read_line
