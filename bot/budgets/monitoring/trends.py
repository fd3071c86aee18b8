"""Whether a value that is watched grows, over a short and a long window. Pure, and of constant size.

A window has `BLOCKS` blocks, of which the lowest value counts: what a collector frees now and then is no growth. It is
looked at when a block is complete. It grows when the blocks rise so steadily that values in random order would do it
once in `1 / CHANCE` windows (Mann-Kendall, exact), and the slope, at the lower end of its 95 % confidence (Theil and
Sen), exceeds a floor. It is told when the window before, which shares no block with this one, grew as well: values that
depend on those before them look like growth more often than the test promises.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from bot.budgets.statistics import mann_kendall, theil_sen_lower

BLOCKS: Final = 12
CHANCE: Final = 0.001
SAMPLES_OF_BLOCK: Final = (5, 60)
"""How many samples a block of the short window has, and one of the long window."""


@dataclass(frozen=True)
class Floor:
    """What growth has to exceed: `per_minute`, and `rise` from the beginning of the window to its end."""

    per_minute: float
    rise: float


@dataclass
class Window:
    """Blocks of so many samples each."""

    samples: int
    _lowest: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=BLOCKS))
    _block: tuple[float, float] | None = None
    _count: int = 0
    _rates: deque[float | None] = field(default_factory=lambda: deque(maxlen=BLOCKS + 1))

    def take(self, seconds: float, value: float, floor: Floor) -> None:
        """Takes a sample."""
        if self._block is None or value < self._block[1]:
            self._block = (seconds, value)
        self._count += 1
        if self._count == self.samples:
            self._lowest.append(self._block)
            self._block, self._count = None, 0
            self._rates.append(growth_per_minute(tuple(self._lowest), floor))

    def per_minute(self) -> float | None:
        """How fast it grows at least; None where it does not, or where there are too few samples to know."""
        repeated = len(self._rates) == BLOCKS + 1 and self._rates[0] is not None
        return self._rates[-1] if repeated else None


class Trend:
    """The windows of one value."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._windows = [Window(samples) for samples in SAMPLES_OF_BLOCK]

    def take(self, seconds: float, value: float) -> None:
        """Takes a sample; `seconds` since the start, increasing."""
        for window in self._windows:
            window.take(seconds, value, self._floor)

    def per_minute(self) -> float | None:
        """How fast it grows at least, in either window; None where it grows in none."""
        rates = [rate for window in self._windows if (rate := window.per_minute()) is not None]
        return max(rates, default=None)


def growth_per_minute(blocks: tuple[tuple[float, float], ...], floor: Floor) -> float | None:
    """How fast the lowest values of blocks grow at least; None where that is noise or below the floor.

    Args:
        blocks: when, in seconds, and how much; `BLOCKS` of them, or it is too early.
        floor: what growth has to exceed.
    """
    if len(blocks) < BLOCKS:
        return None
    moments, values = [moment / 60 for moment, _ in blocks], [value for _, value in blocks]
    if values[-1] - values[0] <= floor.rise or mann_kendall(values) >= CHANCE:
        return None
    slope = theil_sen_lower(moments, values)
    return slope if slope > floor.per_minute else None
