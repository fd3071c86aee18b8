"""One run of one revision: a fresh process, a warm-up, then stages of batches, each read at a quiet moment."""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.budgets.gauges import wait_for_quiet
from bot.budgets.growth import suspects
from bot.budgets.programs import Keeper, ProgramError, shown
from bot.budgets.readiness import check_free, wait_until_ready
from bot.budgets.records import BATCHES, GROWTH_OF_STAGES, Arm, Stage
from bot.budgets.workloads import Workload

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.budgets.gauges import Gauge
    from bot.budgets.meters.inside import Mode
    from bot.budgets.meters.model import Place, Reading, Series
    from bot.budgets.programs import Program
    from bot.config.budgets import Companion, Metric, Profile

_OWN_VARIABLES: Final = ("STANCH_", "GITHUB_TOKEN", "GH_TOKEN", "ACTIONS_")
"""The beginnings of names of variables that measured programs do not get: what is ours, and keys to GitHub."""
_SHORT: Final = Path("/tmp")
_LONGEST: Final = 40
"""How long the path of the folder for temporary files may be; a Unix socket's has 103 bytes at most."""
_READ_SECONDS: Final = 60.0
"""What a reading may take: a collection and a census of a heap of a hundred megabytes takes ten seconds."""
_LATE_SECONDS: Final = 0.2
"""How long after a request fails the news comes that the program has ended."""


@dataclass(frozen=True)
class Plan:
    """How to run a profile.

    Attributes:
        profile: what to run, and what to do to it.
        allowed: what an iteration may add, of each metric that is judged.
        gauge: what reads the program, made anew for every run with a folder of its own; its files come last.
        tick: called after each batch with what was done, for progress.
    """

    profile: Profile
    allowed: Mapping[Metric, float]
    gauge: Callable[[Path, Mode, Path], Gauge]
    tick: Callable[[str], None] = field(default=lambda _: None)


def run_setup(profile: Profile, folder: Path) -> None:
    """Runs what a profile wants to be run once for each revision.

    Args:
        profile: whose `setup`.
        folder: the revision's files.

    Raises:
        ProgramError: it cannot be started, fails, or does not end within the profile's timeout.
    """
    if profile.setup is None:
        return
    with Keeper() as keeper:
        deadline = time.monotonic() + profile.timeout
        keeper.run(profile.setup, folder / profile.cwd, environment_of(profile), deadline)


def run_arm(plan: Plan, folder: Path, *, stages: range, mode: Mode = "count") -> Arm:
    """Runs a revision once.

    Args:
        plan: how.
        folder: its files.
        stages: how many at least and, while something seems to grow, at most.
        mode: whether only to count, or to find out where what is alive was created too.

    Returns:
        What was recorded. A program that ends, hangs or does not answer makes it end early, with the reason in it.
    """
    place = _SHORT if len(tempfile.gettempdir()) > _LONGEST and _SHORT.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="stanch-run-", dir=place, ignore_cleanup_errors=True) as name:
        run = _Run(plan, folder, stages, mode)
        try:
            run.go(Path(name))
        except ProgramError as error:
            return run.arm(str(error))
        return run.arm()


def environment_of(profile: Profile) -> dict[str, str]:
    """The variables of what a profile runs."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OWN_VARIABLES)}
    return {**kept, **profile.env}


class _Run:
    """The run of an arm, and what was recorded so far."""

    def __init__(self, plan: Plan, folder: Path, stages: range, mode: Mode) -> None:
        self._plan = plan
        self._profile = plan.profile
        self._files = folder
        self._folder = folder / plan.profile.cwd
        self._range = stages
        self._mode: Mode = mode
        self._deadline = time.monotonic() + plan.profile.timeout
        self._stages: list[Stage] = []
        self._places: list[Mapping[Series, Mapping[Place, int]]] = []
        self._remarks: list[str] = []
        self._runtimes: frozenset[str] = frozenset()

    def go(self, scratch: Path) -> None:
        """Runs it."""
        profile = self._profile
        check_free(profile)
        gauge = self._plan.gauge(scratch / "meters", self._mode, self._files)
        # What a program leaves in its temporary folder is gone for the next run.
        (scratch / "tmp").mkdir()
        variables = {**environment_of(profile), "TMPDIR": str(scratch / "tmp")}
        with ExitStack() as stack:
            for companion in profile.beside:
                folder = self._files / companion.cwd
                self._started(stack, companion, folder, {**variables, **companion.env})
            keeper, program = self._started(stack, profile, self._folder, gauge.environment(variables))
            workload = stack.enter_context(Workload(profile, keeper, self._folder, variables))
            try:
                self._measure(program, gauge, workload)
            except ProgramError as error:
                raise ProgramError(self._why(keeper, program, error)) from None
            self._remarks += workload.remarks()

    def arm(self, failure: str = "") -> Arm:
        """What was recorded."""
        return Arm(tuple(self._stages), failure, self._growth_by_place(), self._runtimes, tuple(self._remarks))

    def _started(
        self, stack: ExitStack, what: Profile | Companion, folder: Path, variables: Mapping[str, str]
    ) -> tuple[Keeper, Program]:
        """A program that is ready; the stack ends it."""
        keeper = stack.enter_context(Keeper(what.ready.line if what.ready else None))
        program = keeper.start(what.command, folder, variables)
        wait_until_ready(what.ready, program, keeper, self._deadline)
        return keeper, program

    def _measure(self, program: Program, gauge: Gauge, workload: Workload) -> None:
        profile = self._profile
        for _ in range(profile.warm_up_batches):
            workload.batch(profile.iterations_per_batch, self._deadline)
            self._plan.tick("warming up")
        iterations = profile.iterations_per_batch
        while len(self._stages) < self._range.start or (
            len(self._stages) + 1 < self._range.stop and suspects(self.arm(), self._plan.allowed)
        ):
            readings = [self._read(program, gauge)]
            for _ in range(BATCHES):
                workload.batch(iterations, self._deadline)
                readings.append(self._read(program, gauge))
                self._plan.tick(f"{iterations} iterations a batch")
            self._stages.append(Stage(iterations, tuple(reading.values for reading in readings)))
            self._places += [reading.places for reading in (readings[0], readings[-1])]
            iterations *= GROWTH_OF_STAGES

    def _read(self, program: Program, gauge: Gauge) -> Reading:
        wait_for_quiet(program.pid)
        if program.status is not None:
            raise ProgramError(f"`{shown(program.command)}` ended while it was measured, {program.ended()}.")
        reading = gauge.read(program.pid, min(self._deadline, time.monotonic() + _READ_SECONDS))
        self._runtimes |= reading.runtimes
        self._remarks += [fault for fault in reading.faults if fault not in self._remarks]
        return reading

    def _why(self, keeper: Keeper, program: Program, error: ProgramError) -> str:
        """What went wrong; where the program has ended, that is the reason."""
        if keeper.wait(program, time.monotonic() + _LATE_SECONDS) is None:
            return str(error)
        return f"`{shown(program.command)}` ended while it was measured, {program.ended()}."

    def _growth_by_place(self) -> dict[Series, dict[Place, float]]:
        growth: dict[Series, dict[Place, float]] = {}
        for before, after in zip(self._places[::2], self._places[1::2], strict=True):
            for series, places in after.items():
                grown = growth.setdefault(series, {})
                for place, number in places.items():
                    grown[place] = grown.get(place, 0.0) + number - before.get(series, {}).get(place, 0)
        return growth
