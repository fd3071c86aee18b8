"""The lines of a tree's files, for excerpts."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from bot.reports.paths import printable_path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.reports.excerpt import ReadLine
    from fixers.tree import FileTree


def line_reader(tree: FileTree, paths: Iterable[str]) -> ReadLine:
    """Reads lines of a tree's files, by the paths that a report has for them.

    Args:
        tree: the files.
        paths: those that a report speaks of, as they are on disk.
    """
    on_disk = {printable_path(path): path for path in paths}

    @cache
    def lines_of(path: str) -> list[bytes]:
        try:
            return tree.read(on_disk.get(path, path)).split(b"\n")
        except OSError:
            return []

    def read_line(path: str, line: int) -> str | None:
        lines = lines_of(path)
        if not 1 <= line <= len(lines):
            return None
        return lines[line - 1].removesuffix(b"\r").decode("utf-8", "replace").removeprefix("\ufeff")

    return read_line
