"""Commands run and measured: wall time, processor time, peak memory, and what they said."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

SAMPLE_SECONDS: Final = 0.02


@dataclass(frozen=True)
class Command:
    """Something to measure.

    Attributes:
        name: for the table.
        arguments: the program and its arguments.
        folder: where it runs.
        environment: variables beside this process's own.
        accepts: exit codes that mean it did its work.
        before: what is done before each run, outside of the time.
        rounds: how often at most.
        count: how many findings its output tells of.
        tells_time: its output is its wall and processor seconds, which count in the place of those measured.
    """

    name: str
    arguments: Sequence[str | os.PathLike[str]]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    accepts: frozenset[int] = frozenset({0})
    before: Callable[[], None] | None = None
    rounds: int = 5
    count: Callable[[bytes], int] | None = None
    tells_time: bool = False


@dataclass(frozen=True)
class Run:
    """How one run went. `findings` is None where nobody counts them."""

    seconds: float
    processor_seconds: float
    findings: int | None = None


@dataclass
class Measured:
    """The runs of a command; `trouble` says why there is none."""

    command: Command
    runs: list[Run] = field(default_factory=list)
    trouble: str = ""
    peak_bytes: int | None = None

    @property
    def seconds(self) -> float | None:
        """The median of the wall times."""
        return statistics.median(run.seconds for run in self.runs) if self.runs else None

    @property
    def processor_seconds(self) -> float | None:
        """The median of the processor times, of all processes that it started."""
        return statistics.median(run.processor_seconds for run in self.runs) if self.runs else None

    @property
    def findings(self) -> int | None:
        """What the last run found."""
        return self.runs[-1].findings if self.runs else None


class DidNotFinishError(Exception):
    """A command took too long, or failed; the message says which."""


def measure(commands: Iterable[Command], *, rounds: int, timeout: float) -> list[Measured]:
    """Runs commands in turn, round by round, so that whatever else the machine does falls on all of them.

    Args:
        commands: what to run.
        rounds: how often at most; a command may want fewer.
        timeout: seconds after which a run is ended; the command is not run again then.
    """
    measured = [Measured(command) for command in commands]
    for number in range(rounds):
        for entry in measured:
            if number < entry.command.rounds and not entry.trouble:
                print(f"round {number + 1}: {entry.command.name}", file=sys.stderr)
                try:
                    entry.runs.append(run_once(entry.command, timeout))
                except DidNotFinishError as error:
                    entry.trouble = str(error)
    return measured


def run_once(command: Command, timeout: float) -> Run:
    """Runs a command once.

    Raises:
        DidNotFinishError: it took longer than `timeout` seconds, or ended with an exit code that it should not.
    """
    if command.before is not None:
        command.before()
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = _start(command, output.fileno(), errors.fileno())
        timer = threading.Timer(timeout, _end, [process])
        timer.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        finally:
            timer.cancel()
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        said = output.read()
        if process.returncode not in command.accepts:
            errors.seek(0)
            tail = errors.read().decode("utf-8", "replace").strip().splitlines()[-1:]
            late = seconds >= timeout
            raise DidNotFinishError(
                f"did not finish in {timeout:.0f} s" if late else f"failed: exit {process.returncode} {' '.join(tail)}"
            )
    if command.tells_time:
        wall, processor = map(float, said.split())
        return Run(wall, processor)
    findings = command.count(said) if command.count is not None else None
    return Run(seconds, usage.ru_utime + usage.ru_stime, findings)


def peak_memory(command: Command, timeout: float) -> int | None:
    """The largest memory of a command and all that it started, in bytes, looked at every 20 ms in a run of its own.

    Pages that processes share are counted once (Linux, `Pss`); None where there is no such thing, or it did not finish.
    """
    if not Path("/proc/self/smaps_rollup").exists():
        return None
    if command.before is not None:
        command.before()
    process = _start(command, subprocess.DEVNULL, subprocess.DEVNULL)
    deadline = time.monotonic() + timeout
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(map(_proportional_bytes, family(process.pid))))
        if time.monotonic() > deadline:
            _end(process)
            process.wait()
            return None
        time.sleep(SAMPLE_SECONDS)
    return peak


def _start(command: Command, stdout: int, stderr: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command.arguments,
        cwd=command.folder,
        env={**os.environ, **command.environment},
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends a process and all that it started."""
    for pid in [*family(process.pid)[1:], process.pid]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def family(pid: int) -> list[int]:
    """A process and its descendants, as far as this system tells."""
    found = [pid]
    for parent in found:
        try:
            children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii")
        except OSError:
            continue
        found.extend(map(int, children.split()))
    return found


def _proportional_bytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        # It has ended meanwhile.
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
