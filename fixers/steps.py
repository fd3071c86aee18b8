"""How far the handles of one file are followed: a count, so that the same file always ends at the same place."""

from __future__ import annotations

from typing import Final

MAX_STEPS: Final = 500_000
"""Operations passed on the way of all handles of a file."""


class TooManyStepsError(Exception):
    """The handles of the file have been followed for MAX_STEPS."""


class Steps:
    """Those that are left for one file."""

    def __init__(self) -> None:
        self.left = MAX_STEPS

    def take(self, count: int) -> None:
        """Takes so many of them.

        Raises:
            TooManyStepsError: there are none left.
        """
        if self.left <= 0:
            raise TooManyStepsError
        self.left -= count
