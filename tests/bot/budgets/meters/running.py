"""Programs that leak when they are told to, with hooks inside: started, driven over their input, read, and ended."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.budgets.meters.inside import Inside
from tests.node import NODE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bot.budgets.meters.inside import Mode
    from bot.budgets.meters.model import Place, Reading, Series

PROGRAMS: Final = Path(__file__).parent / "programs"
PATIENCE: Final = 60
"""Seconds after which a test gives up; nothing is measured by it."""


class Program:
    """A program that does what a line of its input says and prints `done`."""

    def __init__(self, process: subprocess.Popen[str], inside: Inside) -> None:
        self.process = process
        self.inside = inside

    def leak(self, times: int) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{times}\n")
        self.process.stdin.flush()
        self.expect("done")

    def expect(self, line: str) -> None:
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        assert said == f"{line}\n", f"{said!r} in the place of {line!r}"

    def read(self) -> Reading:
        return self.inside.read(time.monotonic() + PATIENCE)

    def deltas(self, series: Series, *, batches: int, times: int) -> list[float]:
        """By how much an amount grows in each batch, after one to warm up."""
        self.leak(times)
        held = [self.read()]
        for _ in range(batches):
            self.leak(times)
            held.append(self.read())
        assert all(reading.faults == () for reading in held)
        amounts = [reading.values.get(series, 0) for reading in held]
        return [after - before for before, after in pairwise(amounts)]


@contextmanager
def running(
    command: Sequence[str | Path],
    *,
    mode: Mode = "count",
    environment: Mapping[str, str] | None = None,
) -> Iterator[Program]:
    """The program, once it has printed `ready`; it ends at the end of its input, and is killed where it does not."""
    with short_folder() as folder:
        yield from _running(command, Inside(folder, mode), environment or {})


def _running(command: Sequence[str | Path], inside: Inside, environment: Mapping[str, str]) -> Iterator[Program]:
    process = subprocess.Popen(
        list(command),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env=inside.environment({**os.environ, **environment}),
    )
    try:
        program = Program(process, inside)
        program.expect("ready")
        yield program
    finally:
        process.kill()
        process.communicate()


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder whose path is short enough for Unix sockets, unlike those that pytest makes."""
    with tempfile.TemporaryDirectory(prefix="stanch-") as folder:
        yield Path(folder)


def line_of(path: Path, marker: str) -> int:
    """The line of a program that ends with a comment, counted from 1."""
    lines = path.read_text("utf-8").splitlines()
    (found,) = [number for number, line in enumerate(lines, 1) if line.endswith((f"// {marker}", f"# {marker}"))]
    return found


def at_line(reading: Reading, series: Series, path: Path, line: int) -> int:
    """How many of a series were created at a line, as witnesses saw it."""
    places: Mapping[Place, int] = reading.places.get(series, {})
    return sum(number for place, number in places.items() if (Path(place.path), place.line) == (path, line))


@cache
def nodes() -> list[Path]:
    """The Node of the wheel, and others that are there: on the path, and those that `STANCH_NODES` lists."""
    return _versions([str(NODE), "node"], "STANCH_NODES", "process.versions.node", "-p")


@cache
def pythons() -> list[Path]:
    """This Python, and others that are there: on the path, and those that `STANCH_PYTHONS` lists."""
    names = [sys.executable, *(f"python3.{minor}" for minor in (11, 12, 13))]
    return _versions(names, "STANCH_PYTHONS", "print(__import__('sys').version_info)", "-c")


def _versions(names: Sequence[str], variable: str, program: str, option: str) -> list[Path]:
    """Those that run, each version once; a launcher of versions may name some that it does not have."""
    listed = [name for name in os.environ.get(variable, "").split(os.pathsep) if name]
    found: dict[str, Path] = {}
    for name in filter(None, map(shutil.which, [*names, *listed])):
        done = subprocess.run([name, option, program], capture_output=True, encoding="utf-8", check=False)
        if done.returncode == 0:
            found.setdefault(done.stdout, Path(name))
    return list(found.values())
