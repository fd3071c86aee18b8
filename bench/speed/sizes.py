"""What the cost of a scan grows with: files of 100 to 30,000 lines, repositories of 100 to 10,000 files.

Both are made of the files of a set: a long file is several of them one after the other, and a large repository has
some of them several times.
"""

from __future__ import annotations

import hashlib
import itertools
import shutil
from typing import TYPE_CHECKING, Final

from bench.speed.sets import files_of, make_repository
from fixers.gate import may_acquire
from fixers.source import TOO_LARGE_BYTES, Tables, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

LINES: Final = (100, 300, 1_000, 3_000, 10_000, 30_000)
FILES: Final = (100, 300, 1_000, 3_000, 10_000)
_SUFFIX: Final = {Tables.PYTHON: ".py", Tables.JAVASCRIPT: ".ts"}


def long_files(files: Path, tables: Tables, target: Path) -> dict[int, Path]:
    """Files of each of LINES, each in a folder of its own, made of files that the gate lets in."""
    shutil.rmtree(target, ignore_errors=True)
    suffix = _SUFFIX[tables]
    paths = [path for path in files_of(files) if path.suffix == suffix]
    contents = [data for data in (path.read_bytes() for path in paths) if is_judged(data, tables)]
    made = {}
    for count in LINES:
        made[count] = target / f"{count}"
        made[count].mkdir(parents=True)
        (made[count] / f"long{suffix}").write_bytes(lines_of(contents, count))
        make_repository(made[count])
    return made


def is_judged(data: bytes, tables: Tables) -> bool:
    """Whether a file is worth a parser, and of plain lines, so that many of them together are below the limits."""
    if unreadable("", data) is not None or not may_acquire(tables, data):
        return False
    return len(data) * max(LINES) < TOO_LARGE_BYTES * max(1, data.count(b"\n"))


def lines_of(contents: Sequence[bytes], count: int) -> bytes:
    """The first lines of files written one after the other, from the beginning again where they end.

    Raises:
        ValueError: there are no lines.
    """
    if not any(contents):
        raise ValueError("a file of no lines cannot be made longer")
    lines = (line for data in itertools.cycle(contents) for line in data.splitlines(keepends=True))
    return b"".join(line if line.endswith(b"\n") else line + b"\n" for line in itertools.islice(lines, count))


def repositories(files: Path, target: Path) -> dict[int, Path]:
    """Folders of each of FILES."""
    shutil.rmtree(target, ignore_errors=True)
    paths = spread(files_of(files))
    made = {}
    for count in FILES:
        made[count] = target / f"{count}"
        for number, path in enumerate(itertools.islice(itertools.cycle(paths), count)):
            place = made[count] / f"copy{number // len(paths)}" / path.relative_to(files)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(path.read_bytes())
        make_repository(made[count])
    return made


def spread(paths: Iterable[Path]) -> list[Path]:
    """Paths in an order that is the same on every machine and in which every part of them is like the whole."""
    return sorted(paths, key=lambda path: hashlib.sha1(path.name.encode(), usedforsecurity=False).digest())
