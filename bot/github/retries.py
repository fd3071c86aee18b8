"""Which requests may be repeated, and when: quick repeats only, since whoever waits long puts off all other work."""

from __future__ import annotations

from typing import Final

ATTEMPTS: Final = 3
"""How often a request is made at most, the first time included."""
MAX_REDIRECTS: Final = 3
REDIRECTS: Final = frozenset({301, 302, 307, 308})
"""What a renamed repository answers by: the same request is to be made elsewhere."""

_FIRST_PAUSE_SECONDS: Final = 0.5
# PATCH, PUT and DELETE of GitHub's set a state: doing it twice is doing it once. POST is not repeated unless said so.
_REPEATABLE: Final = frozenset({"GET", "PATCH", "PUT", "DELETE"})


def is_repeatable(verb: str) -> bool:
    """Whether a request with this method may be repeated although it may have taken effect."""
    return verb in _REPEATABLE


def pause_seconds(attempt: int) -> float:
    """How long to wait after the attempt, the first being 1."""
    return float(_FIRST_PAUSE_SECONDS * 2 ** (attempt - 1))
