"""What judging or mending one file costs: processor seconds and memory, in a process of its own."""

from __future__ import annotations

import math
import multiprocessing
import resource
import time
from typing import TYPE_CHECKING, NamedTuple

from fixers.engine import judge_file
from fixers.mending import mend_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from multiprocessing.connection import Connection

# What is measured is the growth, not the start of an interpreter.
_CONTEXT = multiprocessing.get_context("fork")

QUICK_SECONDS = 0.02
"""Below it the clock and the garbage collector count for more than the program."""


class Cost(NamedTuple):
    """What one file cost: `bytes` is by how much the process grew. `limits`: what was not judged, and why."""

    seconds: float
    bytes: int
    findings: int
    limits: tuple[str, ...]


def cost(path: str, data: bytes, *, mend: bool, patience: int) -> Cost | None:
    """Judges a file, or writes its fixes; None where it took longer than so many processor seconds, or died."""
    receiver, sender = _CONTEXT.Pipe(duplex=False)
    process = _CONTEXT.Process(target=_work, args=(sender, path, data, mend, patience))
    process.start()
    sender.close()
    try:
        found: Cost | None = receiver.recv()
    except EOFError:
        found = None
    process.join()
    receiver.close()
    return found


def _work(sender: Connection, path: str, data: bytes, mend: bool, patience: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (patience, patience))
    before = _peak_bytes()
    started = time.process_time()
    if mend:
        count = len(mend_file(path, data, lambda _: True).fixed)
        limits: tuple[str, ...] = ()
    else:
        result = judge_file(path, data)
        count, limits = len(result.findings), tuple(f"{item.code}: {item.detail}" for item in result.skipped)
    sender.send(Cost(time.process_time() - started, _peak_bytes() - before, count, limits))


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def exponent(seconds: Mapping[int, float]) -> float | None:
    """The power of the size with which the cost grew over the two largest sizes; None where it is too quick to say."""
    sizes = sorted(size for size, value in seconds.items() if value >= QUICK_SECONDS)
    if len(sizes) < 2:
        return None
    small, large = sizes[-2:]
    return math.log(seconds[large] / seconds[small]) / math.log(large / small)
