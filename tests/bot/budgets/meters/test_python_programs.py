"""Hooks in Python programs of all kinds: versions, servers that fork, other sitecustomizes, and hostile ones."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Final

import pytest

from bot.budgets.meters.inside import Inside
from bot.budgets.meters.model import Series
from bot.config.budgets import Metric
from tests.bot.budgets.meters.running import PATIENCE, PROGRAMS, at_line, line_of, pythons, running, short_folder
from tests.bot.budgets.meters.test_python import KINDS, LEAKS, SITES

if TYPE_CHECKING:
    from pathlib import Path

    from bot.budgets.meters.inside import Mode

MODES: Final[tuple[Mode, ...]] = ("count", "witness")
NEEDS_PACKAGES: Final = {"httpx_client", "requests_session"}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind in SITES and kind not in NEEDS_PACKAGES])
@pytest.mark.parametrize("python", pythons()[1:], ids=str)
def test_other_versions_count_and_witness_the_same(python: Path, kind: str) -> None:
    times, series = KINDS[kind]
    with running([python, LEAKS, kind], mode="witness") as program:
        grown = program.deltas(series, batches=2, times=times)
        reading = program.read()
    assert grown == [times, times]
    assert at_line(reading, SITES[kind], LEAKS, line_of(LEAKS, kind)) >= 3 * times - 40


@pytest.mark.parametrize("python", pythons(), ids=str)
@pytest.mark.parametrize("mode", MODES)
def test_processes_that_are_forked_are_added_up(mode: Mode, python: Path) -> None:
    with running([python, PROGRAMS / "forks.py"], mode=mode) as program:
        assert program.deltas(Series(Metric.HANDLES, "FileIO"), batches=2, times=53) == [106, 106]


@pytest.mark.parametrize("python", pythons(), ids=str)
@pytest.mark.parametrize("mode", MODES)
def test_a_hostile_program_behaves_as_without_hooks(mode: Mode, python: Path) -> None:
    def said(environment: dict[str, str], inside: Inside | None = None) -> tuple[str, int]:
        command = [python, PROGRAMS / "hostile.py"]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8", env=environment
        ) as process:
            assert process.stdout is not None
            lines = [process.stdout.readline(), process.stdout.readline()]
            if inside is not None:
                # It closes our socket, so that nobody answers; that harms neither.
                inside.read(time.monotonic() + 0.2)
            rest, _ = process.communicate("x\n")
        return "".join(lines) + rest, process.returncode

    with short_folder() as folder:
        inside = Inside(folder, mode)
        assert said(inside.environment(os.environ), inside) == said(dict(os.environ))


@pytest.mark.parametrize("mode", MODES)
def test_the_sitecustomize_of_the_program_runs(mode: Mode, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.own = __file__\n")
    show = "import sys, sitecustomize; print(sys.own == sitecustomize.__file__, sys.path.count(sys.argv[1]), sys.own)"
    with short_folder() as folder:
        environment = Inside(folder, mode).environment({**os.environ, "PYTHONPATH": str(tmp_path)})
        done = subprocess.run(
            [sys.executable, "-c", show, tmp_path], env=environment, capture_output=True, encoding="utf-8", check=True
        )
    assert (done.stdout, done.stderr) == (f"True 1 {tmp_path / 'sitecustomize.py'}\n", "")


def test_a_sitecustomize_that_fails_fails_as_ever(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("raise ValueError('mine')\n")
    with short_folder() as folder:
        environment = Inside(folder, "count").environment({**os.environ, "PYTHONPATH": str(tmp_path)})
        done = subprocess.run(
            [sys.executable, "-c", "print('fine')"], env=environment, capture_output=True, encoding="utf-8", check=True
        )
    assert done.stdout == "fine\n"
    assert "mine" in done.stderr


def test_modules_of_the_program_are_not_taken_for_pythons_own(tmp_path: Path) -> None:
    for name in ("ast", "gc", "select", "socket", "threading", "warnings"):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('loaded a module of the program')\n")
    program = tmp_path / "app.py"
    program.write_text("import sys\nprint('ready', flush=True)\nfor line in sys.stdin: print('done', flush=True)\n")
    with running([sys.executable, program]) as started:
        reading = started.read()
    assert reading.faults == ()
    assert reading.values[Series(Metric.OBJECTS)] > 1000


def test_a_program_that_holds_the_interpreter_is_a_fault() -> None:
    # One call of a function written in C, which nothing interrupts.
    program = "print('ready', flush=True)\n(3 ** 3_000_000) ** 9 % 7"
    with running([sys.executable, "-c", program]) as started:
        reading = started.inside.read(time.monotonic() + 0.3)
        pid = started.process.pid
    assert reading.values == {}
    assert reading.faults == (
        f"The python process {pid} did not answer in time, so that what it holds is not counted.",
    )


def test_programs_that_shut_hooks_out_run(tmp_path: Path) -> None:
    with short_folder() as folder:
        inside = Inside(folder, "witness")
        done = subprocess.run(
            [sys.executable, "-I", "-c", "print('fine')"],
            env=inside.environment(os.environ),
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        reading = inside.read(time.monotonic() + PATIENCE)
    assert (done.stdout, done.stderr) == ("fine\n", "")
    assert (reading.values, reading.faults) == ({}, ())
