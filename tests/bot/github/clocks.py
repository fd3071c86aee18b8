"""A clock that goes only when it is told to, or when somebody sleeps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class TestClock:
    """Time for tests; `slept` holds how long each sleep was."""

    __test__ = False

    def __init__(self, start: datetime = datetime(2026, 11, 24, 12, tzinfo=UTC)) -> None:
        self._now = start
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
