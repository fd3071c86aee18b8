"""Which functions of a file can touch a place at all: asked before any walk, since most functions cannot."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from fixers.facts import THIS, Assign, FileFacts, Place, Ref

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixers.names import Names

_Key = tuple[str, int, str]


class Mentions:
    """Answers for one file; the index is made once, in one pass over all operations."""

    def __init__(self, facts: FileFacts, names: Names) -> None:
        self._facts = facts
        self._names = names

    def of_place(self, place: Place) -> frozenset[int] | set[int]:
        """The functions in whose own operations the place's binding, or field of `this`, occurs."""
        return self._by_place.get(_key(place), frozenset())

    def of_method(self, name: str) -> frozenset[int] | set[int]:
        """The functions that call a method or function of this name."""
        return self._by_method.get(name, frozenset())

    @cached_property
    def _by_place(self) -> dict[_Key, set[int]]:
        table: dict[_Key, set[int]] = {}
        for index, place in self._all_places():
            table.setdefault(_key(place), set()).add(index)
            behind = self._names.canonical(place, index)
            if behind != place:
                table.setdefault(_key(behind), set()).add(index)
        return table

    @cached_property
    def _by_method(self) -> dict[str, set[int]]:
        table: dict[str, set[int]] = {}
        for index, calls in enumerate(self._facts.calls):
            for op in calls:
                if isinstance(op.callee, Ref):
                    place = op.callee.place
                    table.setdefault((place.path or (place.root,))[-1], set()).add(index)
        return table

    def _all_places(self) -> Iterator[tuple[int, Place]]:
        for index, function in enumerate(self._facts.functions):
            filled = (op.target for op in function.ops() if isinstance(op, Assign))
            for place in {*self._names.used_by(index), *filled}:
                yield index, place


def _key(place: Place) -> _Key:
    if place.scope == THIS:
        return ("this", THIS, place.path[0] if place.path else "")
    return (place.root, place.scope, "")
