"""Stanch itself, as the bench runs it, and what it is held against."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.speed.measuring import Command
from bench.speed.sets import files_of
from fixers.gate import may_acquire
from fixers.resources import resources
from fixers.source import Tables

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

START: Final = "stanch --version"
COLD: Final = "stanch, cold, 2 processes"
ONE_PROCESS: Final = "stanch, cold, 1 process"
KEEPING: Final = "stanch, cold, results kept"
WARM: Final = "stanch, warm"
ONE_CHANGED: Final = "stanch, warm, one file changed"
READ: Final = "reading and hashing all bytes, in Python"
PARSE: Final = "parsing everything with tree-sitter, in Python"
SEARCH: Final = "git grep for the words of the gate"


def scan(name: str, arguments: Sequence[str], folder: Path, cache: Path, rounds: int = 5) -> Command:
    """A scan as JSON."""
    return Command(
        name,
        [sys.executable, "-P", "-m", "bot", "scan", "--format=json", *arguments],
        folder,
        # Without its own module path the folder's files could be taken for modules.
        environment={"XDG_CACHE_HOME": str(cache / "kept"), "PYTHONPATH": _root()},
        accepts=frozenset({0, 1, 3}),
        rounds=rounds,
        count=lambda said: len(json.loads(said)["findings"]),
    )


def stanch_on(files: Path, cache: Path, change: Callable[[], None]) -> list[Command]:
    """Stanch in all its ways, on a set.

    Args:
        files: the set.
        cache: where its kept results go.
        change: changes a file of the set.
    """
    kept = cache / "kept"

    def forget() -> None:
        shutil.rmtree(kept, ignore_errors=True)

    start = scan(START, (), files, cache)
    return [
        replace(start, arguments=[sys.executable, "-P", "-m", "bot", "--version"], count=None),
        scan(COLD, ["--no-cache", "--jobs=2", "."], files, cache),
        scan(ONE_PROCESS, ["--no-cache", "--jobs=1", "."], files, cache, rounds=3),
        replace(scan(KEEPING, ["."], files, cache), before=forget),
        scan(WARM, ["."], files, cache),
        replace(scan(ONE_CHANGED, ["."], files, cache), before=change),
    ]


class Changer:
    """Gives one file of a set, one that the gate lets in, other bytes each time it is called."""

    def __init__(self, files: Path, tables: Tables) -> None:
        self._path = next(path for path in files_of(files) if may_acquire(tables, path.read_bytes()))
        self._mark = b"\n# bench: " if tables is Tables.PYTHON else b"\n// bench: "
        self._number = 0

    def __call__(self) -> None:
        """Changes the file."""
        self._number += 1
        self.restore()
        with self._path.open("ab") as file:
            file.write(self._mark + b"%d\n" % self._number)

    def restore(self) -> None:
        """Makes the file what it was, also after a run that was cut short."""
        self._path.write_bytes(self._path.read_bytes().split(self._mark)[0])


def floors_on(language: str, files: Path) -> list[Command]:
    """What no tool can undercut, on a set."""
    python = [sys.executable, "-P", "-m", "bench.speed.floors"]
    environment = {"PYTHONPATH": _root()}
    words = sorted({word.decode() for entry in resources(Tables(language)) for word in entry.words})
    patterns = [part for word in words for part in ("-e", word)]
    return [
        Command(READ, [*python, "read", files], files, environment, tells_time=True),
        Command(PARSE, [*python, "parse", files], files, environment, tells_time=True, rounds=3),
        Command(
            SEARCH,
            ["git", "grep", "--no-index", "--files-with-matches", "--fixed-strings", *patterns, "--", "."],
            files,
            accepts=frozenset({0, 1}),
        ),
    ]


def opened_by_gate(language: str, files: Path) -> tuple[int, int]:
    """How many files of a set the gate lets in, and of how many bytes."""
    contents = [path.read_bytes() for path in files_of(files)]
    found = [data for data in contents if may_acquire(Tables(language), data)]
    return len(found), sum(map(len, found))


def _root() -> str:
    return str(Path(__file__).resolve().parent.parent.parent)
