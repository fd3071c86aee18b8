"""What is read of a running program: all meters that apply, as one reading."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Protocol

from bot.budgets.meters import database, outside
from bot.budgets.meters.inside import Inside, InsideError
from bot.budgets.meters.model import Reading, Series, together
from bot.budgets.programs import ProgramError
from bot.config.budgets import Metric

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bot.budgets.meters.inside import Mode
    from bot.config.budgets import Budget, Profile

QUIET_SECONDS: Final = 0.04
"""How long nothing may change for a moment to be quiet (measured: 30 to 50 ms suffice for closed sockets to go)."""
_CHECK_SECONDS: Final = 0.01
_PATIENCE_SECONDS: Final = 1.0


class Gauge(Protocol):
    """What reads a program."""

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """The variables of a program that is to be read, made of those that it gets anyway."""
        ...

    def read(self, pid: int, deadline: float) -> Reading:
        """What a program and its children hold now; `deadline` by the monotonic clock."""
        ...


class Meters:
    """Reads a program from outside, from hooks within it where it is one of Node or Python, and its databases."""

    def __init__(self, folder: Path, mode: Mode, files: Path, databases: Sequence[str] = ()) -> None:
        """Prepares it for one run.

        Args:
            folder: for the sockets of the hooks.
            mode: `count`, or `witness` to know where what is alive was created.
            files: what paths of databases are relative to.
            databases: see `read_databases`.

        Raises:
            ProgramError: the folder's path is too long.
        """
        try:
            self._inside = Inside(folder, mode)
        except InsideError as error:
            raise ProgramError(str(error)) from None
        self._files = files
        self._databases = databases

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """See `Gauge`."""
        return self._inside.environment(base)

    def read(self, pid: int, deadline: float) -> Reading:
        """See `Gauge`."""
        # From within first: it collects garbage, which may close what the outside counts.
        inner = self._inside.read(deadline)
        wait_for_quiet(pid)
        return together([joined(outside.read_tree(pid), inner), read_databases(self._databases, self._files, deadline)])


def databases_of(profile: Profile, budget: Budget) -> tuple[str, ...]:
    """The databases that a profile names, and those that its budget does."""
    return tuple(dict.fromkeys([*profile.databases, *(row.database for row in budget.rows)]))


def read_databases(databases: Sequence[str], files: Path, deadline: float) -> Reading:
    """What databases hold; equally named tables of several are one.

    Args:
        databases: paths of SQLite files, and addresses of PostgreSQL.
        files: what the paths are relative to.
        deadline: when to stop counting, by the monotonic clock.
    """
    return together(
        database.read_postgres(name, deadline)
        if name.startswith(("postgres://", "postgresql://"))
        else database.read_sqlite(files / name, deadline)
        for name in databases
    )


def joined(outer: Reading, inner: Reading) -> Reading:
    """Readings of one moment; of what both have counted, the outside's number stands."""
    only_inner = {series: value for series, value in inner.values.items() if series not in outer.values}
    return together([outer, Reading(only_inner, inner.places, inner.faults, inner.runtimes)])


def wait_for_quiet(pid: int) -> None:
    """Waits until a program and its children neither open nor close anything, or for a second where they always do."""
    end = time.monotonic() + _PATIENCE_SECONDS
    before, since = _handles(pid), time.monotonic()
    while time.monotonic() < end and time.monotonic() - since < QUIET_SECONDS:
        time.sleep(_CHECK_SECONDS)
        now = _handles(pid)
        if now != before:
            before, since = now, time.monotonic()


def _handles(pid: int) -> dict[Series, float]:
    counts = (Metric.OPEN_FILES, Metric.SOCKETS, Metric.THREADS, Metric.CHILDREN)
    return {series: value for series, value in outside.read_tree(pid).values.items() if series.metric in counts}
