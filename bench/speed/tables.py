"""The tables of the bench, as Markdown."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from bench.speed.stanch import COLD, READ, START, WARM

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bench.speed.measuring import Measured

NOTHING: Final = "–"
"""What stands where there is no figure."""


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; the first column is text, the others are figures."""
    rule = ["---", *("---:" for _ in heads[1:])]
    return "".join(f"| {' | '.join(row)} |\n" for row in [heads, rule, *rows])


def seconds(value: float | None) -> str:
    """A time."""
    return NOTHING if value is None else f"{value:.2f} s" if value < 10 else f"{value:.0f} s"


def times(value: float | None) -> str:
    """A ratio."""
    if value is None:
        return NOTHING
    return f"{value:.2f}×" if value < 10 else f"{value:.0f}×"


def ratio(value: float | None, unit: float | None) -> float | None:
    """One figure in units of another."""
    return value / unit if value is not None and unit else None


def speed_table(measured: Sequence[Measured]) -> str:
    """Every command: its time, in units of Stanch's cold scan and of reading the bytes, processor time, memory."""
    by_name = {entry.command.name: entry for entry in measured}
    cold, read = by_name.get(COLD), by_name.get(READ)
    rows = []
    for entry in measured:
        if entry.trouble and not entry.runs:
            rows.append([entry.command.name, entry.trouble, *[NOTHING] * 6])
            continue
        rows.append(
            [
                entry.command.name,
                seconds(entry.seconds),
                times(ratio(entry.seconds, cold.seconds if cold else None)),
                times(ratio(entry.seconds, read.seconds if read else None)),
                seconds(entry.processor_seconds),
                times(ratio(entry.processor_seconds, cold.processor_seconds if cold else None)),
                NOTHING if entry.peak_bytes is None else f"{entry.peak_bytes / 1e6:.0f} MB",
                NOTHING if entry.findings is None else str(entry.findings),
            ]
        )
    heads = ["", "median", "in cold scans", "in reads", "processor", "in cold scans", "peak memory", "findings"]
    return table(heads, rows)


def growth_table(unit: str, measured: Mapping[int, Measured]) -> str:
    """The cost of a scan by size, and what each further unit costs beside those of the row before."""
    further = costs_of_further(measured)
    rows = []
    before: float | None = None
    for size, entry in measured.items():
        cost = further.get(size)
        memory = NOTHING if entry.peak_bytes is None else f"{entry.peak_bytes / 1e6:.0f} MB"
        each = NOTHING if cost is None else f"{cost * 1e6:.0f} µs"
        growth = times(ratio(cost, before))
        rows.append([f"{size:,}", seconds(entry.seconds), seconds(entry.processor_seconds), each, growth, memory])
        before = cost
    return table([unit, "median", "processor", "each further one", "beside the row before", "peak memory"], rows)


def costs_of_further(measured: Mapping[int, Measured]) -> dict[int, float]:
    """The processor time of each unit by which a size is above the size before it; so the start does not count."""
    used = [(size, entry.processor_seconds) for size, entry in measured.items()]
    return {
        size: (cost - cost_before) / (size - size_before)
        for (size_before, cost_before), (size, cost) in pairwise(used)
        if cost is not None and cost_before is not None
    }


@dataclass(frozen=True)
class Aim:
    """Something to be reached: `value` is to be at least, or at most, `bound`."""

    what: str
    value: float | None
    bound: float
    at_least: bool
    unit: str

    @property
    def reached(self) -> bool | None:
        """Whether it is; None where nothing was measured."""
        if self.value is None:
            return None
        return self.value >= self.bound if self.at_least else self.value <= self.bound

    def row(self) -> list[str]:
        """For the table."""
        measured = NOTHING if self.value is None else f"{self.value:.2f} {self.unit}"
        word = {True: "yes", False: "no", None: "not measured"}[self.reached]
        return [self.what, f"{'at least' if self.at_least else 'at most'} {self.bound:g} {self.unit}", measured, word]


def aims_table(aims: Iterable[Aim]) -> str:
    """What was to be reached, and what was."""
    return table(["aim", "bound", "measured", "reached"], [aim.row() for aim in aims])


def aims_of(language: str, measured: Sequence[Measured]) -> list[Aim]:
    """The aims that the figures of one set decide."""
    by_name = {entry.command.name: entry.seconds for entry in measured}
    cold, read = by_name.get(COLD), by_name.get(READ)
    warm, start = by_name.get(WARM), by_name.get(START)
    over_start = None if warm is None or start is None else warm - start
    aims = [Aim(f"{language}: warm, less the start, in reads of all bytes", ratio(over_start, read), 3, False, "×")]
    for name, value in by_name.items():
        if name.startswith("eslint"):
            aims.append(Aim(f"{language}: faster than eslint, cold", ratio(value, cold), 10, True, "×"))
        if name.startswith("semgrep") and language == "python":
            aims.append(Aim(f"{language}: faster than semgrep, cold", ratio(value, cold), 4, True, "×"))
    if language == "python":
        aims.append(Aim(f"{language}: cold, 2 processes", cold, 5, False, "s"))
    return aims


def growth_aims(language: str, lines: Mapping[int, Measured], files: Mapping[int, Measured]) -> list[Aim]:
    """The aims that the costs by size decide."""
    further = costs_of_further(lines)
    each = ratio(further.get(30_000), further.get(10_000))
    many = files.get(10_000)
    peak = None if many is None or many.peak_bytes is None else many.peak_bytes / 1e6
    return [
        Aim(f"{language}: a line beyond 10,000 of a file, beside one beyond 3,000", each, 1.5, False, "×"),
        Aim(f"{language}: peak memory for 10,000 files", peak, 300, False, "MB"),
    ]
