"""Counting what is alive in this process, after collecting garbage."""

from __future__ import annotations

import _thread
import gc
import os
import sys
from typing import TYPE_CHECKING

from . import containers, unclosed
from .kinds import kind_of

if TYPE_CHECKING:
    from .kinds import Kind
    from .witness import Sites

sites: Sites | None = None
"""What witnesses have seen."""

_COUNTED = ("timers", "handles", "tasks", "clients", "connections", "collections", "workers")
"""What is there even if there is none: only what was not counted is absent."""
_MAX_COLLECTIONS = 3
_freed_by_gc = 0


def lines() -> list[str]:
    """The lines of an answer."""
    tally = Tally()
    _collect(tally)
    unclosed.count_on()
    tally.add("unclosed", "", unclosed.Counter.number)
    seen = set() if sites is None else set(sites.made)
    objects = gc.get_objects()
    tally.add("objects", "", len(objects))
    _count(objects, seen, tally)
    containers.count(objects, tally, sites)
    if sites is not None:
        sites.finish(tally, seen)
    return tally.lines()


def _collect(tally: Tally) -> None:
    global _freed_by_gc  # noqa: PLW0603 - what was freed in all readings is what grows
    before = _descriptors()
    for _ in range(_MAX_COLLECTIONS):
        if gc.collect() == 0:
            break
    _forget_this_thread()
    after = _descriptors()
    if before is not None and after is not None:
        _freed_by_gc += max(0, before - after)
        tally.add("freed-by-gc", "", _freed_by_gc)


def _forget_this_thread() -> None:
    """What finalizers log makes `threading` believe that this thread were the program's."""
    threading = sys.modules.get("threading")
    active = getattr(threading, "_active", {})
    if type(active.get(_thread.get_ident())).__name__ == "_DummyThread":
        del active[_thread.get_ident()]


def _descriptors() -> int | None:
    try:
        return len(os.listdir("/dev/fd"))
    except OSError:
        return None


def _count(objects: list[object], seen: set[int], tally: Tally) -> None:
    """Counts resources; takes those that are still there out of `seen`."""
    # By id, because classes may have classes that define how they are hashed.
    kinds: dict[int, Kind | None] = {}
    for found in objects:
        cls = type(found)
        key = id(cls)
        if key not in kinds:
            try:
                kinds[key] = kind_of(cls)
            except Exception:
                kinds[key] = None
        kind = kinds[key]
        if kind is None:
            continue
        seen.discard(id(found))
        try:
            if not kind.is_open(found) or kind.detail is None:
                continue
            detail = kind.detail(found)
        except Exception:
            # Objects that are being made or taken apart, and classes that only have a name in common.
            continue
        for metric in kind.metrics:
            tally.add(metric, detail, 1)
            if sites is not None:
                tally.place(metric, detail, sites.of(found), 1)


class Tally:
    """Amounts by metric and detail, and counts by place."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str], float] = {(metric, ""): 0 for metric in _COUNTED}
        self._places: dict[tuple[str, str, str], int] = {}

    def add(self, metric: str, detail: str, amount: float) -> None:
        """Adds an amount."""
        self._values[metric, detail] = self._values.get((metric, detail), 0) + amount

    def place(self, metric: str, detail: str, site: str | None, number: int) -> None:
        """Adds how many were made at a site, which is a path, a line and a column between tabs."""
        if site is not None:
            self._places[metric, detail, site] = self._places.get((metric, detail, site), 0) + number

    def collections(self) -> list[object]:
        """What it keeps itself."""
        return [self._values, self._places]

    def lines(self) -> list[str]:
        """The lines of an answer."""
        version = ".".join(map(str, sys.version_info[:3]))
        return [
            f"runtime\tpython {version}",
            *(f"value\t{metric}\t{detail}\t{amount}" for (metric, detail), amount in self._values.items()),
            *(
                f"place\t{metric}\t{detail}\t{site}\t{number}"
                for (metric, detail, site), number in self._places.items()
            ),
        ]
