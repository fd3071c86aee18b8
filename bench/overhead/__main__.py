"""`python -m bench.overhead`: CPU time per request without hooks, counted, and witnessed, in Node and in Python.

Each pair runs the same requests against two fresh processes, one with hooks and one without, in turns that change their
order; what is compared is their CPU time, as the kernel counts it to the nanosecond. What a reading costs is told apart:
the reading itself, and what the next requests take more, because collecting all garbage also drops compiled code.
"""

from __future__ import annotations

import argparse
import math
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from bot.budgets.meters.inside import Inside
from tests.node import NODE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.budgets.meters.inside import Mode

HERE: Final = Path(__file__).parent
SERVERS: Final = {
    "node": [str(NODE), str(HERE / "server.cjs")],
    "python": [sys.executable, str(HERE / "server.py")],
}
REQUEST: Final = b"GET /bench HTTP/1.1\r\nHost: localhost\r\n\r\n"
T_95: Final = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13, 2.12)
"""Student's t for an interval of 95 %, by degrees of freedom from 1."""


class Run(NamedTuple):
    """What one process used, in CPU seconds."""

    per_request: float
    reading: float
    after_reading: float


class Overhead(NamedTuple):
    """By how much more CPU time a request takes, as parts of 1: the mean of the pairs, and its interval of 95 %."""

    mean: float
    low: float
    high: float


def overhead(ratios: Sequence[float]) -> Overhead:
    """What ratios of pairs say; of their logarithms, because ratios multiply."""
    logarithms = [math.log(ratio) for ratio in ratios]
    mean = statistics.fmean(logarithms)
    half = T_95[len(ratios) - 2] * statistics.stdev(logarithms) / math.sqrt(len(ratios))
    return Overhead(*(math.expm1(value) for value in (mean, mean - half, mean + half)))


def run(command: Sequence[str], requests: int, mode: Mode | None) -> Run:
    """Starts a server, warms it up, and measures it."""
    with tempfile.TemporaryDirectory(prefix="stanch-") as folder:
        inside = Inside(Path(folder), mode) if mode is not None else None
        environment = dict(os.environ) if inside is None else inside.environment(os.environ)
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
            try:
                assert process.stdout is not None
                port = int(process.stdout.readline())
                with socket.create_connection(("127.0.0.1", port)) as connection:
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    return _measured(process.pid, connection, requests, inside)
            finally:
                process.kill()


def _measured(pid: int, connection: socket.socket, requests: int, inside: Inside | None) -> Run:
    _ask(connection, requests // 2)
    per_request = _used(pid, connection, requests) / requests
    if inside is None:
        return Run(per_request, 0, 0)
    before = _cpu(pid)
    reading = inside.read(time.monotonic() + 60)
    assert reading.values, reading.faults
    read = _cpu(pid) - before
    after = requests // 4
    return Run(per_request, read, _used(pid, connection, after) - after * per_request)


def _used(pid: int, connection: socket.socket, requests: int) -> float:
    before = _cpu(pid)
    _ask(connection, requests)
    return _cpu(pid) - before


def _ask(connection: socket.socket, times: int) -> None:
    for _ in range(times):
        connection.sendall(REQUEST)
        answer = connection.recv(1 << 16)
        while b"}" not in answer:
            answer += connection.recv(1 << 16)


def _cpu(pid: int) -> float:
    """CPU seconds of all threads of a process."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((thread / "schedstat").read_text("ascii").split()[0]) for thread in threads) / 1e9


def compare(runtime: str, mode: Mode, pairs: int, requests: int) -> None:
    """Prints what hooks of a mode cost a runtime."""
    plain: list[Run] = []
    hooked: list[Run] = []
    for pair in range(pairs):
        arms: list[Mode | None] = [None, mode] if pair % 2 == 0 else [mode, None]
        for arm in arms:
            (plain if arm is None else hooked).append(run(SERVERS[runtime], requests, arm))
    ratios = [with_hooks.per_request / without.per_request for without, with_hooks in zip(plain, hooked, strict=True)]
    found = overhead(ratios)
    base = statistics.median(result.per_request for result in plain)
    reading = statistics.median(result.reading for result in hooked)
    after = statistics.median(result.after_reading for result in hooked)
    print(
        f"{runtime:7} {mode:8} {pairs:3} pairs  {base * 1e6:7.1f} us/request  {found.mean:+7.1%} "
        f"({found.low:+.1%} to {found.high:+.1%})  reading {reading * 1e3:6.1f} ms, then {after * 1e3:+6.1f} ms",
        flush=True,
    )


def main() -> None:
    """Runs all comparisons, or those that the arguments name."""
    parser = argparse.ArgumentParser(prog="python -m bench.overhead", description="What hooks cost a program.")
    parser.add_argument("--pairs", type=int, default=10, choices=range(2, len(T_95) + 2), metavar="N")
    parser.add_argument("--requests", type=int, default=8_000, help="of each process, after half as many to warm up")
    parser.add_argument("--runtime", choices=list(SERVERS), action="append")
    arguments = parser.parse_args()
    for runtime in arguments.runtime or SERVERS:
        compare(runtime, "count", arguments.pairs, arguments.requests)
        compare(runtime, "witness", arguments.pairs, arguments.requests)


if __name__ == "__main__":
    main()
