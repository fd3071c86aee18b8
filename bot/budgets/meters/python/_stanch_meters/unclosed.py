"""How many resources were dropped without being closed: each gives a ResourceWarning, whether it is shown or not.

They are counted by a filter of `warnings` that matches nothing: it is asked about each warning before those that decide
what becomes of it. Nothing that a program shows or hides changes.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


_seen: list[Callable[[], None]] = []


class _Asked(type):
    number = 0

    def __subclasscheck__(cls, category: type) -> bool:
        try:
            if ResourceWarning in type.mro(category):
                _Asked.number += 1
                for seen in _seen:
                    seen()
        except Exception:
            pass
        return False


class Counter(Warning, metaclass=_Asked):
    """The category that no warning has."""


_FILTER: Any = ("ignore", None, Counter, None, 0)


def count_on() -> None:
    """Counts from now on, also where the program has put filters before ours."""
    if warnings.filters and warnings.filters[0] is _FILTER:
        return
    filters: Any = warnings.filters
    if _FILTER in filters:
        filters.remove(_FILTER)
    filters.insert(0, _FILTER)
    mutated = getattr(warnings, "_filters_mutated", None) or getattr(warnings, "_filters_mutated_lock_held", None)
    if mutated is not None:
        mutated()


def see(seen: Callable[[], None]) -> None:
    """Has `seen` called wherever something is dropped."""
    _seen.append(seen)


count_on()
