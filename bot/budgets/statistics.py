"""Trends in short series of numbers that need no assumption on how they are distributed. Pure.

Sources: Theil (1950) and Sen (1968) for the slope; Mann (1945) and Kendall (1975) for the test, with the correction for
ties and continuity, and the exact distribution of S (the numbers of inversions of permutations, OEIS A008302) where a
series is short and has no ties.
"""

from __future__ import annotations

import math
from collections import Counter
from functools import cache
from itertools import combinations
from statistics import median
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_EXACT_UP_TO: Final = 40


def theil_sen(xs: Sequence[float], ys: Sequence[float]) -> float:
    """The median of the slopes between all pairs of points, which single steps do not mislead; 0 for fewer than two.

    Args:
        xs: increasing.
        ys: as many.
    """
    slopes = _slopes(xs, ys)
    return median(slopes) if slopes else 0.0


def theil_sen_lower(xs: Sequence[float], ys: Sequence[float], confidence: float = 0.95) -> float:
    """What the slope is at least, with a one-sided confidence (Sen 1968, by the normal approximation of S).

    Args:
        xs: increasing.
        ys: as many.
        confidence: between 0.5 and 1.
    """
    slopes = sorted(_slopes(xs, ys))
    if not slopes:
        return 0.0
    spread = _normal_quantile(confidence) * math.sqrt(_variance(ys))
    rank = math.floor((len(slopes) - spread) / 2)
    return slopes[max(0, rank)] if rank >= 0 else -math.inf


def mann_kendall(ys: Sequence[float]) -> float:
    """The probability that a series without a trend rises at least as steadily as this one: small for a trend upwards.

    Args:
        ys: in the order of time.
    """
    score = _score(ys)
    ties = len(set(ys)) < len(ys)
    if len(ys) < 2:
        return 1.0
    if not ties and len(ys) <= _EXACT_UP_TO:
        # S = pairs that rise - pairs that fall; there are n(n-1)/2 of both together.
        falling = (len(ys) * (len(ys) - 1) // 2 - score) // 2
        return sum(_inversions(len(ys))[: falling + 1]) / math.factorial(len(ys))
    variance = _variance(ys)
    if variance == 0:
        return 1.0
    corrected = score - 1 if score > 0 else score + 1 if score < 0 else 0
    return 0.5 * math.erfc(corrected / math.sqrt(2 * variance))


def _slopes(xs: Sequence[float], ys: Sequence[float]) -> list[float]:
    points = list(zip(xs, ys, strict=True))
    return [(late[1] - early[1]) / (late[0] - early[0]) for early, late in combinations(points, 2)]


def _score(ys: Sequence[float]) -> int:
    return sum((late > early) - (late < early) for early, late in combinations(ys, 2))


def _variance(ys: Sequence[float]) -> float:
    def part(number: int) -> float:
        return number * (number - 1) * (2 * number + 5) / 18

    return part(len(ys)) - sum(part(number) for number in Counter(ys).values())


@cache
def _inversions(length: int) -> tuple[int, ...]:
    """How many permutations of a length have 0, 1, 2 ... inversions."""
    counts = [1]
    for size in range(2, length + 1):
        longer = [0] * (len(counts) + size - 1)
        for inversions, number in enumerate(counts):
            for more in range(size):
                longer[inversions + more] += number
        counts = longer
    return tuple(counts)


def _normal_quantile(probability: float) -> float:
    from statistics import NormalDist  # noqa: PLC0415 - `median` alone is used on the way to every verdict

    return NormalDist().inv_cdf(probability)
