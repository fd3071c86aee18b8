"""`python -m bench.overhead`: CPU time per request without hooks, counted, and witnessed, in Node and in Python.

Each pair runs the same requests against two fresh processes, one with hooks and one without, in turns; what is
compared is their CPU time, as the kernel counts it to the nanosecond. What a reading costs is told apart: the reading
itself, and what the next requests take more, because collecting garbage also drops compiled code.
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
TURNS: Final = 40
REQUEST: Final = b"GET /bench HTTP/1.1\r\nHost: localhost\r\n\r\n"
T_95: Final = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13, 2.12)
"""Student's t for an interval of 95 %, by degrees of freedom from 1."""


class Pair(NamedTuple):
    """CPU seconds: of a request without hooks and with them, of a reading, and what requests after it take more."""

    plain: float
    hooked: float
    reading: float
    after: float


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


class Server:
    """A running server, and a connection to it."""

    def __init__(self, command: Sequence[str], inside: Inside | None) -> None:
        self.inside = inside
        environment = dict(os.environ) if inside is None else inside.environment(os.environ)
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
        assert self._process.stdout is not None
        port = int(self._process.stdout.readline())
        self._connection = socket.create_connection(("127.0.0.1", port))
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self) -> None:
        """Ends it."""
        self._connection.close()
        self._process.kill()
        self._process.communicate()

    def used(self, requests: int) -> float:
        """CPU seconds of so many requests."""
        before = self._cpu()
        _ask(self._connection, requests)
        return self._cpu() - before

    def reading(self) -> float:
        """CPU seconds of a reading of a hooked server."""
        assert self.inside is not None
        before = self._cpu()
        reading = self.inside.read(time.monotonic() + 60)
        assert reading.values, reading.faults
        return self._cpu() - before

    def _cpu(self) -> float:
        threads = Path(f"/proc/{self._process.pid}/task").iterdir()
        return sum(int((thread / "schedstat").read_text("ascii").split()[0]) for thread in threads) / 1e9


def pair(command: Sequence[str], requests: int, mode: Mode) -> Pair:
    """Compares a fresh server without hooks with a fresh one that has them.

    They take turns of few requests each, so that what else the machine does meets both.
    """
    with tempfile.TemporaryDirectory(prefix="stanch-") as folder:
        servers = [Server(command, None), Server(command, Inside(Path(folder), mode))]
        try:
            used = [0.0, 0.0]
            for turn in range(-TURNS // 2, TURNS):
                # Which comes first changes; the first third warms up.
                for which in (0, 1) if turn % 2 else (1, 0):
                    seconds = servers[which].used(requests // TURNS)
                    used[which] += seconds if turn >= 0 else 0
            plain, hooked = (seconds / (requests // TURNS * TURNS) for seconds in used)
            reading = servers[1].reading()
            after = requests // 4
            return Pair(plain, hooked, reading, servers[1].used(after) - after * hooked)
        finally:
            for server in servers:
                server.close()


def _ask(connection: socket.socket, times: int) -> None:
    for _ in range(times):
        connection.sendall(REQUEST)
        answer = connection.recv(1 << 16)
        while b"}" not in answer:
            answer += connection.recv(1 << 16)


def compare(runtime: str, mode: Mode, pairs: int, requests: int) -> None:
    """Prints what hooks of a mode cost a runtime."""
    found = [pair(SERVERS[runtime], requests, mode) for _ in range(pairs)]
    result = overhead([each.hooked / each.plain for each in found])
    plain = statistics.median(each.plain for each in found) * 1e6
    reading = statistics.median(each.reading for each in found) * 1e3
    after = statistics.median(each.after for each in found) * 1e3
    print(
        f"{runtime:7} {mode:8} {pairs:3} pairs  {plain:7.1f} us/request  {result.mean:+7.1%} "
        f"({result.low:+.1%} to {result.high:+.1%})  reading {reading:6.1f} ms, then {after:+6.1f} ms",
        flush=True,
    )


def main() -> None:
    """Runs all comparisons, or those that the arguments name."""
    parser = argparse.ArgumentParser(prog="python -m bench.overhead", description="What hooks cost a program.")
    parser.add_argument("--pairs", type=int, default=10, choices=range(2, len(T_95) + 2), metavar="N")
    parser.add_argument("--requests", type=int, default=12_000, help="of each process, after half as many to warm up")
    parser.add_argument("--runtime", choices=list(SERVERS), action="append")
    arguments = parser.parse_args()
    for runtime in arguments.runtime or SERVERS:
        compare(runtime, "count", arguments.pairs, arguments.requests)
        compare(runtime, "witness", arguments.pairs, arguments.requests)


if __name__ == "__main__":
    main()
