"""What Node and Python programs hold, as hooks inside them count it; the environment of a command puts them there.

Each hooked process, and each worker thread of Node, listens on a Unix socket in a folder and answers whoever connects
with lines of fields between tabs: `runtime`, `value`, `place`, `fault`, and `end`. The program can write such answers
itself, so they are bounded, and nothing in them is trusted but for being about that program.
"""

from __future__ import annotations

import math
import os
import selectors
import socket
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from bot.budgets.meters.model import Place, Reading, Series, together
from bot.config.budgets import Metric

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Mode = Literal["count", "witness"]

_HOOKS: Final = Path(__file__).resolve().parent
_LONGEST_PATH: Final = 103
"""Of a Unix socket; macOS allows no more."""
_LONGEST_NAME: Final = "node-4194304-10000.sock"
_RETRIES: Final = (0.02, 0.1, 0.0)
"""Seconds to wait before a process that lives and refuses is asked again."""
_MAX_ANSWER: Final = 8_000_000
_MAX_NUMBER: Final = 1e15
_MAX_TEXT: Final = 300
_MAX_PATH: Final = 4096
_MAX_DETAILS: Final = 300
_MAX_PLACES: Final = 1000

_TOTALS: Final[Mapping[Metric, Callable[[list[float]], float]]] = {
    Metric.TIMERS: sum,
    Metric.LISTENERS: sum,
    Metric.LISTENERS_PER_EMITTER: max,
    Metric.SERVERS: sum,
    Metric.WORKERS: sum,
    Metric.HANDLES: sum,
    Metric.COLLECTIONS: sum,
    Metric.TASKS: sum,
    Metric.CLIENTS: sum,
    Metric.CONNECTIONS: sum,
}
"""Metrics whose total is that of their details; those that are not here are totalled from outside."""
_SEEN_OUTSIDE: Final[Mapping[Metric, tuple[Series, ...]]] = {
    Metric.SOCKETS: (Series(Metric.SOCKETS), Series(Metric.OPEN_FILES), Series(Metric.OPEN_FILES, "socket")),
    Metric.OPEN_FILES: (Series(Metric.OPEN_FILES),),
    Metric.HANDLES: (Series(Metric.HANDLES), Series(Metric.OPEN_FILES)),
    Metric.WORKERS: (Series(Metric.WORKERS), Series(Metric.THREADS)),
    Metric.THREADS: (Series(Metric.THREADS),),
    Metric.CHILDREN: (Series(Metric.CHILDREN),),
}
"""The series that grow with a metric's details, and so have their places too."""


class InsideError(Exception):
    """Programs cannot be hooked; the message says why, and what to do."""


class Inside:
    """The hooks of the programs that are started with `environment`.

    Counting patches nothing. Witnesses also say where what is alive was created, and slow a program down.
    """

    def __init__(self, folder: Path, mode: Mode) -> None:
        """Makes the folder of the sockets where it is missing; it serves one run of one command.

        Raises:
            InsideError: its path is too long for Unix sockets.
        """
        self._folder = folder.absolute()
        self._mode = mode
        if len(os.fsencode(self._folder / _LONGEST_NAME)) > _LONGEST_PATH:
            raise InsideError(f"The folder {self._folder} has too long a path for Unix sockets; choose a shorter one.")
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """The environment of a command, hooked for Node and Python; other programs do not notice."""
        quoted = str(_HOOKS / "node" / f"{self._mode}.cjs").replace("\\", "\\\\").replace('"', '\\"')
        options = f'--require "{quoted}"'
        if self._mode == "witness":
            options += " --enable-source-maps"
        return {
            **base,
            "NODE_OPTIONS": f"{options} {base.get('NODE_OPTIONS', '')}".strip(),
            "PYTHONPATH": os.pathsep.join(filter(None, (str(_HOOKS / "python"), base.get("PYTHONPATH")))),
            "STANCH_METERS": str(self._folder),
            "STANCH_METERS_MODE": self._mode,
        }

    def read(self, deadline: float) -> Reading:
        """What all hooked processes hold now, after garbage collection, added up.

        Processes that are gone are none of its business; one that lives and does not answer is a fault.

        Args:
            deadline: when to stop waiting, by `time.monotonic()`.
        """
        answers = _answers(sorted(self._folder.glob("*.sock")), deadline)
        return _finished(together(answers))


def _answers(paths: list[Path], deadline: float) -> list[Reading]:
    """Asks all at once, so that they collect their garbage at once."""
    readings: list[Reading] = []
    questions = [question for path in paths if (question := _asked(path)) is not None]
    with selectors.DefaultSelector() as selector:
        for question in questions:
            selector.register(question.connection, selectors.EVENT_READ, question)
        try:
            while selector.get_map() and (left := deadline - time.monotonic()) > 0:
                for key, _ in selector.select(left):
                    asked: _Question = key.data
                    if not asked.receive():
                        selector.unregister(key.fileobj)
                        readings.append(_answer(asked.path, bytes(asked.received)))
            readings += [_silent(key.data.path) for key in selector.get_map().values()]
        finally:
            for question in questions:
                question.connection.close()
    return readings


@dataclass(frozen=True)
class _Question:
    path: Path
    connection: socket.socket
    received: bytearray = field(default_factory=bytearray)

    def receive(self) -> bool:
        """Takes what has come; whether more may."""
        try:
            data = self.connection.recv(1 << 16)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self.received.extend(data)
        return bool(data) and len(self.received) <= _MAX_ANSWER


def _asked(path: Path) -> _Question | None:
    """Asks a process; None where it is gone, or has become another program."""
    for wait in _RETRIES:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.setblocking(False)
        try:
            connection.connect(str(path))
            connection.sendall(b"read\n")
        except OSError:
            connection.close()
            if not _lives(path):
                path.unlink(missing_ok=True)
                return None
            # It may just fork, or have bound its socket and not yet listen.
            time.sleep(wait)
        else:
            return _Question(path, connection)
    return None


def _lives(path: Path) -> bool:
    pid = path.stem.split("-")[1] if path.stem.count("-") else ""
    if not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True


def _named(path: Path) -> str:
    kind, _, rest = path.stem.partition("-")
    pid, _, thread = rest.partition("-")
    return f"Worker thread {thread} of the {kind} process {pid}" if thread else f"The {kind} process {pid}"


def _silent(path: Path) -> Reading:
    if not _lives(path):
        return Reading()
    return Reading(faults=(f"{_named(path)} did not answer in time, so that what it holds is not counted.",))


def _answer(path: Path, data: bytes) -> Reading:
    lines = data.decode("utf-8", "replace").split("\n")
    if lines[-2:] != ["end", ""]:
        return Reading(faults=(f"{_named(path)} broke off its answer.",)) if _lives(path) else Reading()
    values: dict[Series, float] = {}
    places: dict[Series, dict[Place, int]] = {}
    faults: list[str] = []
    runtimes: set[str] = set()
    for line in lines[:-2]:
        match line.split("\t"):
            case ["runtime", runtime]:
                runtimes.add(_text(runtime))
            case ["fault", message]:
                faults.append(f"{_named(path)} could not count all it holds: {_text(message)}.")
            case ["value", metric, detail, number]:
                with suppress(ValueError):
                    series = Series(Metric(metric), _text(detail))
                    values[series] = values.get(series, 0) + _number(number)
            case ["place", metric, detail, where, at_line, at_column, number]:
                with suppress(ValueError):
                    place = _place(where, at_line, at_column)
                    counts = places.setdefault(Series(Metric(metric), _text(detail)), {})
                    counts[place] = counts.get(place, 0) + int(_number(number))
    return Reading(values, places, tuple(faults), frozenset(runtimes))


def _text(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text[:_MAX_TEXT])


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number) or abs(number) > _MAX_NUMBER:
        raise ValueError("a number without bounds")
    return number


def _place(path: str, line: str, column: str) -> Place:
    place = Place(path, int(_number(line)), int(_number(column)))
    if not Path(path).is_absolute() or len(path) > _MAX_PATH or place.line < 1 or place.column < 1:
        raise ValueError("not a place in a file")
    return place


def _finished(reading: Reading) -> Reading:
    """With totals, with places for what only the outside counts, and with no more details than can be shown."""
    values = dict(reading.values)
    for metric, total in _TOTALS.items():
        amounts = [value for series, value in reading.values.items() if series.metric is metric]
        if amounts:
            values[Series(metric)] = total(amounts)
    places = {series: dict(counts) for series, counts in reading.places.items()}
    for series, counts in reading.places.items():
        for whole in _SEEN_OUTSIDE.get(series.metric, (Series(series.metric),)):
            if whole != series:
                _add(places.setdefault(whole, {}), counts)
    for series in _beyond_limit(values):
        del values[series]
        places.pop(series, None)
    most = {series: Counter(counts).most_common(_MAX_PLACES) for series, counts in places.items()}
    return Reading(values, {series: dict(counts) for series, counts in most.items()}, reading.faults, reading.runtimes)


def _beyond_limit(values: Mapping[Series, float]) -> list[Series]:
    """The least of the details of metrics that have too many."""
    ranked = sorted(values, key=lambda series: (series.metric, series.detail != "", -values[series], series.detail))
    groups = groupby(ranked, key=lambda series: series.metric)
    return [series for _, group in groups for series in list(group)[_MAX_DETAILS:]]


def _add(sums: dict[Place, int], counts: Mapping[Place, int]) -> None:
    for place, number in counts.items():
        sums[place] = sums.get(place, 0) + number
