"""What a call is chained to, for resources that only some chains acquire: subscriptions to observables.

An observable that completes ends its subscriptions, and most do complete: what a chain does not show to be endless is
not judged.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from fixers.facts import GLOBAL, RESULT, THIS, Call, FileFacts, Place, Ref, Value
from fixers.findings import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixers.names import Names
    from fixers.owners import Owners
    from fixers.resources.model import Chain

_MAX_LINKS: Final = 30


class _Link(NamedTuple):
    """One call of a chain, and the function that makes it."""

    call: Call
    function: int

    @property
    def name(self) -> str:
        callee = self.call.callee
        return (callee.place.path or (callee.place.root,))[-1] if isinstance(callee, Ref) else ""


class _Source(NamedTuple):
    """What a chain begins with: a place, or a call of a function or method of it."""

    place: Place
    function: int
    made: Call | None = None


class Chains:
    """Answers for one file."""

    def __init__(self, facts: FileFacts, names: Names, owners: Owners) -> None:
        self._facts = facts
        self._names = names
        self._owners = owners

    def endlessness(self, call: Call, function: int, chain: Chain) -> Confidence | None:
        """How sure it is that what a call is chained to does not end by itself; None where nothing says so."""
        links, source = self._followed(call, function, chain)
        names = {name for link in links for name in self._names_in(link)}
        if source is None or not names.isdisjoint(chain.ended_by):
            return None
        if self._is_endless(source, chain):
            return Confidence.HIGH
        likely = self._is_likely(source, chain)
        hesitates = self._hesitates(links, chain)
        counts = (likely or hesitates) and self._is_in_known_class(function, chain)
        if not counts or not self._is_injected(source, chain):
            return None
        sure = likely and (hesitates or self._ends_another(call, source, function, chain))
        return Confidence.HIGH if sure else Confidence.MEDIUM

    def _followed(self, call: Call, function: int, chain: Chain) -> tuple[list[_Link], _Source | None]:
        """The links before a call, nearest first, and what they begin with."""
        links: list[_Link] = []
        callee = call.callee
        place = callee.place.owner if isinstance(callee, Ref) and callee.place.path else None
        for _ in range(_MAX_LINKS):
            if place is None:
                return links, None
            found = self._made(place, function)
            if found is None:
                return links, _Source(self._names.canonical(place, function), function)
            links.append(found)
            function = found.function
            receiver = found.call.callee
            if not isinstance(receiver, Ref) or not receiver.place.path or found.name not in chain.links:
                return links, _Source(receiver.place, function, found.call) if isinstance(receiver, Ref) else None
            place = receiver.place.owner
        return links, None

    def _made(self, place: Place, function: int) -> _Link | None:
        """The call whose result a place holds, here or where its only assignment stands."""
        call = self._names.origin(Ref(place), function)
        if call is not None:
            return _Link(call, function)
        assigned = self._names.assignments(self._names.canonical(place, function), function)
        if place.scope == RESULT or len(assigned) != 1:
            return None
        maker, assign = assigned[0]
        made = self._names.origin(assign.value, maker)
        return _Link(made, maker) if made is not None and made.form == "call" else None

    def _names_in(self, link: _Link) -> Iterator[str]:
        """The names of a link and of the functions called in its arguments."""
        yield link.name
        for arg in link.call.args:
            operator = self._operator(arg.value, link.function)
            yield operator.name if operator is not None else _last_name(arg.value)

    def _operator(self, value: Value, function: int) -> _Link | None:
        if isinstance(value, Ref) and value.place.scope != RESULT:
            return self._made(value.place, function)
        call = self._names.origin(value, function)
        return _Link(call, function) if call is not None else None

    def _is_endless(self, source: _Source, chain: Chain) -> bool:
        if source.made is None:
            return self._names.path_of_place(source.place, source.function) in chain.endless
        callee = self._names.path_of(source.made.callee, source.function)
        path = f"{callee}()"
        if path in chain.endless:
            return True
        first = source.made.argument(0)
        return path in chain.endless_on_globals and isinstance(first, Ref) and self._is_global(first, source, chain)

    def _is_global(self, value: Ref, source: _Source, chain: Chain) -> bool:
        place = self._names.canonical(value.place, source.function)
        return place.scope == GLOBAL or (place.scope == THIS and not chain.global_fields.isdisjoint(place.path[-1:]))

    @staticmethod
    def _is_likely(source: _Source, chain: Chain) -> bool:
        return re.fullmatch(chain.likely, (source.place.path or (source.place.root,))[-1]) is not None

    def _hesitates(self, links: list[_Link], chain: Chain) -> bool:
        return any(name in chain.hesitates_by for link in links for name in self._names_in(link))

    def _is_in_known_class(self, function: int, chain: Chain) -> bool:
        class_ = self._facts.functions[function].class_
        teardown = self._owners.teardown(class_) if class_ is not None else None
        return teardown is not None and teardown.lifecycle.noun in chain.likely_in

    def _is_injected(self, source: _Source, chain: Chain) -> bool:
        """Whether a source belongs to something that the class was given when it was made, and so may outlive it."""
        if source.place.scope != THIS or len(source.place.path) < 2:
            return False
        field = Place(source.place.root, THIS, source.place.path[:1])
        for maker, assign in self._names.assignments(field, source.function):
            if isinstance(assign.value, Ref) and assign.value.place.scope == maker:
                params = {param.name for param in self._facts.functions[maker].params}
                return self._facts.functions[maker].kind == "constructor" and assign.value.place.root in params
            made = self._names.origin(assign.value, maker)
            return made is not None and self._names.path_of(made.callee, maker) in chain.injected_by
        return False

    def _ends_another(self, call: Call, source: _Source, function: int, chain: Chain) -> bool:
        """Whether the class ends another subscription to the same service."""
        class_ = self._facts.functions[function].class_
        service = Place(source.place.root, THIS, source.place.path[:1])
        for index, body in enumerate(self._facts.functions):
            if body.class_ != class_:
                continue
            for op in body.ops():
                if isinstance(op, Call) and _Link(op, index).name == _Link(call, function).name:
                    links, other = self._followed(op, index, chain)
                    names = {name for link in links for name in self._names_in(link)}
                    is_same = other is not None and other.place.starts_with(service)
                    if is_same and not names.isdisjoint(chain.ended_by):
                        return True
        return False


def _last_name(value: Value) -> str:
    return (value.place.path or (value.place.root,))[-1] if isinstance(value, Ref) else ""
