"""What the generators and mutations have in common: chance that a seed decides, and lines that are indented."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Item = TypeVar("Item")


class Choices:
    """Chance that is the same in each run: all of it follows from a seed and what the seed is used for."""

    def __init__(self, seed: int, purpose: str) -> None:
        self._random = random.Random(f"{seed} {purpose}")

    def one_of(self, items: Sequence[Item]) -> Item:
        """One of several, which must not be none."""
        return self._random.choice(items)

    def some_of(self, items: Sequence[Item], most: int) -> list[Item]:
        """Up to `most` items, with repetitions, at least one."""
        return [self._random.choice(items) for _ in range(self.between(1, most))]

    def between(self, least: int, most: int) -> int:
        """A number from `least` to `most`, both included."""
        return self._random.randint(least, most)

    def holds(self, share: float) -> bool:
        """True in this share of all cases."""
        return self._random.random() < share

    def weighted(self, weights: Sequence[tuple[Item, int]]) -> Item:
        """One item; each is as likely as its weight says."""
        return self._random.choices([item for item, _ in weights], [weight for _, weight in weights])[0]

    def noise(self, length: int) -> bytes:
        """Random bytes."""
        return self._random.randbytes(length)

    def span(self, length: int, longest: int) -> tuple[int, int]:
        """Start and end of a part of a sequence of `length` items; it has at most `longest`, and may be empty."""
        start = self.between(0, length)
        return start, min(length, start + self.between(0, longest))


def indented(lines: Iterable[str]) -> list[str]:
    """Lines one level deeper, by a tab; empty ones stay empty."""
    return [f"\t{line}" if line else line for line in lines]


def one_line_each(texts: Iterable[str]) -> list[str]:
    """The lines of texts some of which are over several."""
    return [line for text in texts for line in text.split("\n")]


def laid_out(lines: Iterable[str], choices: Choices) -> bytes:
    """A program's bytes: with one of the usual indentations and line endings, and now and then without the last."""
    unit = choices.weighted((("    ", 5), ("  ", 5), ("\t", 1)))
    ending = choices.weighted((("\n", 8), ("\r\n", 1)))
    text = ending.join(line.replace("\t", unit) for line in lines)
    mark = "\ufeff" if choices.holds(0.02) else ""
    return f"{mark}{text}{'' if choices.holds(0.05) else ending}".encode()
