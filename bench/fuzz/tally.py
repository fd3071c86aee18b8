"""The table of a run."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fixers.source import language_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.fuzz.properties import Outcome
    from bench.fuzz.workers import Examined

_HEADS: Final = (
    *("inputs", "language", "count", "parsed", "findings", "safe fixes", "suggested fixes", "refused", "failures"),
    "processor seconds",
)


@dataclass
class Row:
    """The sums of one kind of input in one language."""

    count: int = 0
    parsed: int = 0
    findings: int = 0
    safe: int = 0
    suggested: int = 0
    refused: int = 0
    failures: int = 0
    seconds: float = 0.0

    def add(self, outcome: Outcome) -> None:
        """Counts an input; a failure is an input with any, however many properties do not hold."""
        self.count += 1
        self.parsed += outcome.parsed
        self.findings += outcome.findings
        self.safe += outcome.safe
        self.suggested += outcome.suggested
        self.refused += outcome.refused
        self.failures += bool(outcome.failures)
        self.seconds += outcome.seconds

    def merge(self, other: Row) -> None:
        """Adds the sums of another row."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


class Tally:
    """Sums by kind and language."""

    def __init__(self) -> None:
        self._rows: defaultdict[tuple[str, str], Row] = defaultdict(Row)

    def add(self, examined: Examined) -> None:
        """Counts an input."""
        language = language_of(examined.input.path)
        self._rows[examined.input.kind, language or ""].add(examined.outcome)

    def total(self) -> Row:
        """All of it."""
        total = Row()
        for row in self._rows.values():
            total.merge(row)
        return total

    def table(self) -> str:
        """In Markdown: a row for each kind and language, and the sums."""
        rows = [_HEADS, ("---", "---", *["---:"] * (len(_HEADS) - 2)), *self._cells()]
        return "\n".join(f"| {' | '.join(row)} |" for row in rows)

    def _cells(self) -> Iterator[tuple[str, ...]]:
        for (kind, language), row in [*sorted(self._rows.items()), (("all", ""), self.total())]:
            *counts, seconds = vars(row).values()
            yield (kind, language, *(f"{count:,}" for count in counts), f"{seconds:,.0f}")
