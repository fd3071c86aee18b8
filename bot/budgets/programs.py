"""Programs that are measured: started under a keeper, waited for until they are ready, and always ended.

Whatever happens to this process or to the program, the keeper (`bot.budgets.keeper`) ends the whole tree of processes.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from bot.budgets import keeper
from bot.git import printable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import IO

MAX_OUTPUT: Final = 32_768
"""How many bytes of what programs print are kept: the last ones."""
_SHOWN_LINES: Final = 5
_SHOWN_LINE: Final = 200
_START_SECONDS: Final = 30
_END_SECONDS: Final = 30


class ProgramError(Exception):
    """A program could not be measured; the message is a sentence that says what it did, and what to do."""


class Output:
    """What programs print: the last of it, and whether a text has been seen."""

    def __init__(self, awaited: str | None = None, echo: int | None = None) -> None:
        """`awaited`: a text to look for. `echo`: a descriptor that gets all of it too."""
        self.seen = threading.Event()
        self._awaited = None if awaited is None else awaited.encode()
        self._echo = echo
        self._tail = bytearray()

    def take(self, stream: IO[bytes]) -> None:
        """Reads a stream to its end, however much that is."""
        with suppress(OSError, ValueError):
            while chunk := stream.read1(1 << 16):  # type: ignore[attr-defined]
                self._look(chunk)

    def last_lines(self) -> str:
        """The last lines, made fit for a message; empty where nothing was printed."""
        lines = bytes(self._tail).decode("utf-8", "replace").strip().splitlines()[-_SHOWN_LINES:]
        return " | ".join(printable(line.strip()[:_SHOWN_LINE]) for line in lines if line.strip())

    def _look(self, chunk: bytes) -> None:
        if self._awaited is not None and not self.seen.is_set():
            # A text may have been cut in two where a chunk ended.
            before = bytes(self._tail[-len(self._awaited) + 1 :]) if len(self._awaited) > 1 else b""
            if self._awaited in before + chunk:
                self.seen.set()
        if self._echo is not None:
            with suppress(OSError):
                os.write(self._echo, chunk)
        self._tail += chunk
        del self._tail[:-MAX_OUTPUT]


class Program:
    """A process that the keeper has started."""

    def __init__(self, pid: int, command: str, output: Output) -> None:
        self.pid = pid
        self.command = command
        self.status: int | None = None
        self._output = output

    def ended(self) -> str:
        """How it ended, as the rest of a sentence with the last lines that it printed."""
        if self.status is None:
            raise AssertionError("it has not ended")
        how = f"with exit code {self.status}" if self.status >= 0 else f"by signal {-self.status}"
        said = self._output.last_lines()
        return f"{how}{f'; it printed: {said}' if said else ''}"


class Keeper:
    """Starts programs, and ends them and all that they have started when it is left."""

    def __init__(
        self, awaited: str | None = None, *, grace: float = keeper.GRACE_SECONDS, echo: int | None = None
    ) -> None:
        """Prepares it.

        Args:
            awaited: a text in what programs print, for `output.seen`.
            grace: seconds that programs have to end by themselves after SIGTERM.
            echo: a descriptor that gets what programs print.
        """
        self.output = Output(awaited, echo)
        self._grace = grace
        self._news = threading.Condition()
        self._ordering = threading.Lock()
        self._programs: dict[int, Program | str] = {}
        self._count = 0

    def __enter__(self) -> Self:
        # Isolated and without site-packages: it starts in a few milliseconds, and no variable of a profile reaches it.
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(keeper.__file__).resolve()), str(self._grace)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # Ctrl-C must not reach it: it ends when this process has, or lets it.
            start_new_session=True,
        )
        self._threads = [
            threading.Thread(target=self._listen, daemon=True),
            threading.Thread(target=self.output.take, args=(self._process.stderr,), daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends every process, and waits for that."""
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()
        try:
            self._process.wait(self._grace + _END_SECONDS)
        finally:
            self._process.kill()
            self._process.wait()
            for thread in self._threads:
                thread.join(1)
            for stream in (self._process.stdout, self._process.stderr):
                if stream is not None:
                    with suppress(OSError, ValueError):
                        stream.close()

    def start(self, command: str, folder: Path, environment: Mapping[str, str]) -> Program:
        """Starts a command, in the words of a shell; no shell runs it.

        Raises:
            ProgramError: it cannot be started.
        """
        words = words_of(command)
        with self._ordering:
            self._count += 1
            number = self._count
        order = {"id": number, "words": words, "folder": str(folder), "environment": dict(environment)}
        stdin = self._process.stdin
        if stdin is None:
            raise AssertionError("the keeper runs with pipes")
        with self._ordering, suppress(OSError):
            stdin.write(json.dumps(order).encode() + b"\n")
            stdin.flush()
        with self._news:
            known = self._news.wait_for(lambda: number in self._programs, _START_SECONDS)
            found = self._programs.get(number)
        if not known or found is None:
            raise ProgramError(f"`{shown(command)}` could not be started within {_START_SECONDS} seconds.")
        if isinstance(found, str):
            raise ProgramError(f"`{shown(command)}` could not be started in {printable(folder)}: {printable(found)}.")
        found.command = command
        return found

    def wait(self, program: Program, deadline: float) -> int | None:
        """The exit status of a program, or minus the signal; None where it still runs at the deadline (monotonic)."""
        with self._news:
            self._news.wait_for(lambda: program.status is not None, max(0.0, deadline - time.monotonic()))
        return program.status

    def run(self, command: str, folder: Path, environment: Mapping[str, str], deadline: float) -> None:
        """Runs a command to its end.

        Raises:
            ProgramError: it cannot be started, does not end in time, or ends with another status than 0.
        """
        program = self.start(command, folder, environment)
        status = self.wait(program, deadline)
        if status is None:
            raise ProgramError(f"`{shown(command)}` did not end in time; it was ended.")
        if status:
            raise ProgramError(f"`{shown(command)}` ended {program.ended()}.")

    def _listen(self) -> None:
        stream = self._process.stdout
        if stream is None:
            raise AssertionError("the keeper runs with pipes")
        with suppress(OSError, ValueError):
            for line in stream:
                self._take(json.loads(line))
        with self._news:
            for program in self._programs.values():
                if isinstance(program, Program) and program.status is None:
                    program.status = -9
            self._news.notify_all()

    def _take(self, news: dict[str, object]) -> None:
        number = int(str(news["id"]))
        with self._news:
            if "pid" in news:
                self._programs[number] = Program(int(str(news["pid"])), "", self.output)
            elif "error" in news:
                self._programs[number] = str(news["error"])
            else:
                program = self._programs[number]
                if isinstance(program, Program):
                    program.status = int(str(news["status"]))
            self._news.notify_all()


def words_of(command: str) -> list[str]:
    """The words of a command.

    Raises:
        ProgramError: a quotation in it does not end, or there are none.
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise ProgramError(f"`{shown(command)}` cannot be split into words: {error}; mend its quotes.") from None
    if not words:
        raise ProgramError("The command of a profile is empty; write what starts the program.")
    return words


def shown(command: str) -> str:
    """A command in a message."""
    text = printable(" ".join(command.split()))
    return text if len(text) <= _SHOWN_LINE else f"{text[:_SHOWN_LINE]}..."
