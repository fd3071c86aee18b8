"""Hooks in Node programs of all kinds: versions, module systems, TypeScript, clusters, and hostile ones."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

import tests
from bot.budgets.meters.inside import Inside, InsideError
from bot.budgets.meters.model import Series
from bot.config.budgets import Metric
from tests.bot.budgets.meters.running import PATIENCE, PROGRAMS, at_line, line_of, nodes, running, short_folder
from tests.bot.budgets.meters.test_node import KINDS, LEAKS, SITES
from tests.node import NODE

if TYPE_CHECKING:
    from bot.budgets.meters.inside import Mode

SLOW: Final = {"worker", "child"}
COMPILER: Final = Path(tests.__file__).parent / "js" / "node_modules" / "typescript" / "bin" / "tsc"
MODES: Final[tuple[Mode, ...]] = ("count", "witness")


@pytest.mark.parametrize("node", nodes()[1:], ids=str)
def test_other_versions_count_and_witness_the_same(node: Path, tmp_path: Path) -> None:
    series = {kind: counted for kind, (_, counted) in KINDS.items() if kind not in SLOW and counted.detail}
    with running([node, LEAKS, "all"], mode="witness") as program:
        readings = []
        for _ in range(3):
            program.leak(60)
            readings.append(program.read())
    before, after = (
        {kind: reading.values.get(counted) for kind, counted in series.items()} for reading in readings[1:]
    )
    grown = {kind: (after[kind] or 0) - (before[kind] or 0) for kind in series}
    # Half of the intervals are those that keep nothing running.
    assert grown == {**dict.fromkeys(series, 60), "interval": 120}
    for kind, counted in SITES.items():
        if kind not in SLOW:
            assert at_line(readings[-1], counted, LEAKS, line_of(LEAKS, kind)) >= 60, kind


@pytest.mark.parametrize(
    ("kind", "series"),
    [
        ("interval", Series(Metric.TIMERS, "interval")),
        ("listener", Series(Metric.LISTENERS, "EventEmitter#tick")),
        ("handle", Series(Metric.HANDLES, "FileHandle")),
        ("socket", Series(Metric.SOCKETS)),
    ],
)
def test_names_that_a_module_imports_are_witnessed(kind: str, series: Series, tmp_path: Path) -> None:
    source = PROGRAMS / "sites.mjs"
    with running([nodes()[0], source], mode="witness") as program:
        program.leak(20)
        assert at_line(program.read(), series, source, line_of(source, kind)) == 20


def test_typescript_is_witnessed_in_its_source(tmp_path: Path) -> None:
    source = tmp_path / "src" / "sites.ts"
    source.parent.mkdir()
    source.write_bytes((PROGRAMS / "sites.ts").read_bytes())
    # The types of Node are not there; what is written is all that is wanted.
    subprocess.run(
        [NODE, COMPILER, "--sourceMap", "--removeComments", "--outDir", tmp_path / "out", source],
        stdout=subprocess.DEVNULL,
        check=False,
    )
    with running([nodes()[0], tmp_path / "out" / "sites.js"], mode="witness") as program:
        program.leak(20)
        reading = program.read()
    assert at_line(reading, Series(Metric.TIMERS, "interval"), source, line_of(source, "interval")) == 20


def test_workers_of_a_cluster_are_added_up(tmp_path: Path) -> None:
    with running([nodes()[0], PROGRAMS / "cluster.cjs"]) as program:
        assert program.deltas(Series(Metric.TIMERS, "interval"), batches=2, times=53) == [106, 106]


@pytest.mark.parametrize("mode", MODES)
def test_a_hostile_program_behaves_as_without_hooks(mode: Mode) -> None:
    def said(environment: dict[str, str], inside: Inside | None = None) -> tuple[str, int]:
        command = [nodes()[0], PROGRAMS / "hostile.cjs"]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8", env=environment
        ) as process:
            assert process.stdout is not None
            lines: list[str] = []
            while not lines or lines[-1] not in {"ready\n", ""}:
                lines.append(process.stdout.readline())
            if inside is not None:
                reading = inside.read(time.monotonic() + PATIENCE)
                assert reading.values[Series(Metric.TIMERS, "interval")] >= 1
            rest, _ = process.communicate("x")
        return "".join(lines) + rest, process.returncode

    with short_folder() as folder:
        inside = Inside(folder, mode)
        assert said(inside.environment(os.environ), inside) == said(dict(os.environ))


@pytest.mark.parametrize("name", ["npm", "npm-cli.js", "yarn.js", "pnpm.cjs"])
def test_what_a_launcher_holds_is_not_counted(name: str, tmp_path: Path) -> None:
    launcher = tmp_path / name
    launcher.write_text("setInterval(() => {}, 1e6); console.log('ready');\n")
    with running([nodes()[0], launcher]) as program:
        reading = program.read()
    assert (reading.values, reading.faults) == ({}, ())


def test_a_program_that_is_busy_is_a_fault_and_one_that_is_gone_is_not(tmp_path: Path) -> None:
    busy = tmp_path / "busy.cjs"
    busy.write_text("console.log('ready'); setTimeout(() => { for (;;); }, 0);\n")
    with running([nodes()[0], busy]) as program:
        reading = program.inside.read(time.monotonic() + 0.5)
        pid = program.process.pid
        assert reading.values == {}
        assert reading.faults == (
            f"The node process {pid} did not answer in time, so that what it holds is not counted.",
        )
    assert program.read().faults == ()


def test_options_of_the_program_are_kept(tmp_path: Path) -> None:
    own = tmp_path / "own.cjs"
    own.write_text("console.log('own');\n")
    with short_folder() as folder:
        environment = Inside(folder, "count").environment({**os.environ, "NODE_OPTIONS": f"--require {own}"})
        done = subprocess.run([NODE, "-p", "1 + 1"], env=environment, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.splitlines() == ["own", "2"]


def test_a_folder_with_a_long_path_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InsideError, match="too long a path"):
        Inside(tmp_path / ("x" * 100), "count")


def test_programs_that_are_neither_do_not_notice() -> None:
    command = ["sh", "-c", "echo fine"]
    with short_folder() as folder:
        environment = Inside(folder, "witness").environment(os.environ)
        done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=True)
    assert (done.stdout, done.stderr) == ("fine\n", "")
