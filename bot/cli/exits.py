"""Exit codes (contract: Commands), and the error of a wrong call."""

from typing import Final

OK: Final = 0
FOUND: Final = 1
"""Findings at or above `--fail-on`; of `fix`: the diff is not empty."""
USAGE: Final = 2
"""Wrong usage or configuration."""
CUT_SHORT: Final = 3
"""A limit or a crash kept something unseen."""
INTERRUPTED: Final = 130
BROKEN_PIPE: Final = 141
"""As a shell reports them: 128 and the number of the signal."""


class UsageError(Exception):
    """A command was called in a way that makes no sense; the message says what to write instead."""
