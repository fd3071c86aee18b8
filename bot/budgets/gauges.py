"""What is read of a running program: all meters that apply to a profile, as one reading."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Protocol

from bot.budgets.meters import outside
from bot.budgets.meters.model import together

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.budgets.meters.model import Reading

QUIET_SECONDS: Final = 0.04
"""How long nothing may change for a moment to be quiet (measured: 30 to 50 ms suffice for closed sockets to go)."""
_CHECK_SECONDS: Final = 0.01
_PATIENCE_SECONDS: Final = 1.0


class Gauge(Protocol):
    """What reads a program."""

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """The variables that a program needs to be read from within, beside those that it gets anyway."""
        ...

    def read(self, pid: int, deadline: float) -> Reading:
        """What a program and its children hold now; `deadline` by the monotonic clock."""
        ...


class Outside:
    """Reads any program, and changes nothing about it."""

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """See `Gauge`."""
        return dict(base)

    def read(self, pid: int, deadline: float) -> Reading:  # noqa: ARG002 - there is nobody to wait for
        """See `Gauge`."""
        return together([outside.read_tree(pid)])


def wait_for_quiet(pid: int) -> None:
    """Waits until a program and its children neither open nor close anything, or for a second where they always do."""
    import psutil  # noqa: PLC0415

    def state() -> list[tuple[int, int, int]]:
        try:
            process = psutil.Process(pid)
            tree = (process, *process.children(recursive=True))
            return [(one.pid, one.num_fds(), one.num_threads()) for one in tree]
        except psutil.Error:
            return []

    end = time.monotonic() + _PATIENCE_SECONDS
    before, since = state(), time.monotonic()
    while time.monotonic() < end and time.monotonic() - since < QUIET_SECONDS:
        time.sleep(_CHECK_SECONDS)
        now = state()
        if now != before:
            before, since = now, time.monotonic()
