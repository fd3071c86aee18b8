"""Which functions of the file a call reaches, and which functions a value is."""

from __future__ import annotations

from collections import deque
from functools import cached_property
from typing import TYPE_CHECKING, Final

from fixers.facts import RESULT, THIS, Call, Choice, Closure, FileFacts, Member, Place, Ref, Value, operands, places
from fixers.names import Names, local_class
from fixers.resources.library import FUNCTION_WRAPPERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MAX_ASSIGNMENTS: Final = 8
"""A place that is filled at more places is nobody's name for a function."""
_MAX_LINEAGE: Final = 60
"""Base classes of one class that are looked at, nearest first."""


class CallGraph:
    """Resolves values to the file's own functions: closures, bindings of functions, methods of its classes."""

    def __init__(self, facts: FileFacts, names: Names) -> None:
        self._facts = facts
        self._names = names
        self._reached: dict[tuple[int, ...], frozenset[int]] = {}
        self._lineages: dict[int, tuple[int, ...]] = {}
        self._connected: dict[int, frozenset[int]] = {}
        self._known: dict[tuple[int, Place], tuple[int, ...]] = {}
        self._members = [{member.name: member for member in class_.members} for class_ in facts.classes]

    def functions(self, value: Value | None, function: int) -> tuple[int, ...]:
        """The functions of this file that a value, used in `function`, may be; empty when none is known."""
        match value:
            case Closure(index):
                return (index,)
            case Choice(options):
                return tuple(index for option in options for index in self.functions(option, function))
            case Ref(place):
                return self._functions_of_place(place, function)
            case _:
                return ()

    def _same_function(self, made: Call, function: int) -> tuple[int, ...]:
        """The functions that a call's result runs: those of `useCallback(f)` and of `f.bind(this)`."""
        if self._names.path_of(made.callee, function) in FUNCTION_WRAPPERS:
            return self.functions(made.argument(0), function)
        if isinstance(made.callee, Ref) and made.callee.place.path[-1:] == ("bind",):
            return self._functions_of_place(made.callee.place.owner, function)
        return ()

    def targets(self, call: Call, function: int) -> tuple[int, ...]:
        """The functions of this file that a call runs: its callee, or the constructor of a class of this file."""
        if call.form == "new" or self._facts.language.is_python:
            class_ = self._constructed(call, function)
            if class_ is not None:
                return tuple(
                    member.function
                    for member in self._facts.classes[class_].members
                    if member.function is not None and member.kind == "constructor"
                )
        return self.functions(call.callee, function)

    def _constructed(self, call: Call, function: int) -> int | None:
        path = self._names.path_of(call.callee, function)
        return local_class(f"{path}()") if path is not None else None

    def _functions_of_place(self, place: Place, function: int) -> tuple[int, ...]:
        key = (function, place)
        if key not in self._known:
            self._known[key] = ()  # what a cycle of assignments finds when it comes back here
            self._known[key] = self._find_functions(place, function)
        return self._known[key]

    def _find_functions(self, place: Place, function: int) -> tuple[int, ...]:
        if not place.path:
            place = self._names.canonical(place, function)
        if place.scope == RESULT and not place.path:
            made = self._names.origin(Ref(place), function)
            return () if made is None else self._same_function(made, function)
        if place.path:
            members = self._overridden(place, function)
            if members:
                return tuple(member.function for member in members if member.function is not None)
        found: list[int] = []
        for maker, assign in self._names.assignments(place, function)[:_MAX_ASSIGNMENTS]:
            match assign.value:
                case Closure(index):
                    found.append(index)
                case Ref(other):
                    found.extend(self._functions_of_place(other, maker))
        return tuple(dict.fromkeys(found))

    def member(self, place: Place, function: int) -> Member | None:
        """The class member that `this.name` or `instance.name` is, through the file's own base classes."""
        owner = self._names.path_of_place(place.owner, function) if place.path else None
        class_ = local_class(owner)
        if class_ is None and owner is not None and owner.startswith("@") and owner[1:].isdigit():
            class_ = int(owner[1:])
        return None if class_ is None else self.member_of(class_, place.path[-1])

    def _overridden(self, place: Place, function: int) -> list[Member]:
        """The member that a place names, and what subclasses in this file put in its stead."""
        member = self.member(place, function)
        if member is None or place.scope != THIS or len(place.path) != 1:
            return [] if member is None else [member]
        name, own = place.path[0], self._facts.functions[function].class_
        overriding = [
            self._members[index][name] for index in self._subclasses.get(own, ()) if name in self._members[index]
        ]
        return [member, *(other for other in overriding if other != member)]

    def member_of(self, class_: int, name: str) -> Member | None:
        """A member by name, of a class or of its bases in this file."""
        for index in self.lineage(class_):
            member = self._members[index].get(name)
            if member is not None:
                return member
        return None

    def lineage(self, class_: int) -> tuple[int, ...]:
        """A class and its bases in this file, nearest first."""
        if class_ not in self._lineages:
            self._lineages[class_] = self._lineage(class_)
        return self._lineages[class_]

    def _lineage(self, class_: int) -> tuple[int, ...]:
        found = {class_: None}
        pending = deque([class_])
        while pending:
            index = pending.popleft()
            for base in self._facts.classes[index].bases:
                behind = local_class(f"{self._names.path_of(base, self._facts.classes[index].scope)}()")
                if behind is not None and behind not in found and len(found) < _MAX_LINEAGE:
                    found[behind] = None
                    pending.append(behind)
        return tuple(found)

    @cached_property
    def _subclasses(self) -> dict[int | None, list[int]]:
        """The classes of this file that are made from a class."""
        table: dict[int | None, list[int]] = {}
        for index in range(len(self._facts.classes)):
            for base in self.lineage(index)[1:]:
                table.setdefault(base, []).append(index)
        return table

    def reached(self, roots: tuple[int, ...]) -> frozenset[int]:
        """Every function of this file that runs, or may run, once `roots` run: called, or handed to a call."""
        if roots not in self._reached:
            self._reached[roots] = _closure(roots, self._runs)
        return self._reached[roots]

    def connecting(self, targets: Iterable[int]) -> frozenset[int]:
        """Every function that is connected to one of some functions; each of them is to itself."""
        return _closure(targets, self._mentioned_by)

    def connected(self, root: int) -> frozenset[int]:
        """Every function that `root` may run, hand on or give: what it reaches, and what is written in it."""
        if root not in self._connected:
            self._connected[root] = _closure((root,), self._mentions)
        return self._connected[root]

    @cached_property
    def _runs(self) -> list[tuple[int, ...]]:
        """Per function, the functions that its calls run or get."""
        return [
            tuple(
                dict.fromkeys(
                    target
                    for op in function.ops()
                    if isinstance(op, Call)
                    for target in (
                        *self.targets(op, index),
                        *(given for arg in op.args for given in self.functions(arg.value, index)),
                    )
                )
            )
            for index, function in enumerate(self._facts.functions)
        ]

    @cached_property
    def _mentions(self) -> list[tuple[int, ...]]:
        """Per function, those that its calls run or get, that its values are, or that are written in it."""
        children: list[list[int]] = [list(runs) for runs in self._runs]
        for index, function in enumerate(self._facts.functions):
            if function.parent is not None:
                children[function.parent].append(index)
            for op in function.ops():
                for value in operands(op):
                    for place in places(value):
                        children[index].extend(self._functions_of_place(place, index))
        return [tuple(dict.fromkeys(found)) for found in children]

    @cached_property
    def _mentioned_by(self) -> list[list[int]]:
        """`_mentions`, the other way round."""
        parents: list[list[int]] = [[] for _ in self._facts.functions]
        for index, found in enumerate(self._mentions):
            for target in found:
                parents[target].append(index)
        return parents


def _closure(roots: Iterable[int], edges: Sequence[Sequence[int]]) -> frozenset[int]:
    seen = set(roots)
    pending = list(seen)
    while pending:
        for index in edges[pending.pop()]:
            if index not in seen:
                seen.add(index)
                pending.append(index)
    return frozenset(seen)
