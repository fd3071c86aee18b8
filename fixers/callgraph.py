"""Which functions of the file a call reaches, and which functions a value is."""

from __future__ import annotations

from collections import deque
from functools import cached_property
from typing import TYPE_CHECKING, Final

from fixers.facts import GLOBAL, RESULT, THIS, Call, Choice, Closure, FileFacts, Member, Place, Ref, Value
from fixers.names import Names, local_class
from fixers.resources.library import FUNCTION_WRAPPERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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
        self._connected: dict[tuple[int, ...], frozenset[int]] = {}
        self._known: dict[tuple[int, Place], tuple[int, ...]] = {}
        self._runs: dict[int, frozenset[int]] = {}
        self._mentions: dict[int, frozenset[int]] = {}
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

    def named(self, names: frozenset[str]) -> dict[int, list[Call]]:
        """By function, in order, the calls whose callee may have an access path with one of these last names.

        To be asked before access paths are: most calls bear another name, and need not be resolved.
        """
        plain = names & self._calls_by_name.keys()
        found = sorted(item for name in (*plain, None) for item in self._calls_by_name.get(name, ()))
        table: dict[int, list[Call]] = {}
        for index, number in found:
            table.setdefault(index, []).append(self._facts.calls[index][number])
        return table

    @cached_property
    def _calls_by_name(self) -> dict[str | None, list[tuple[int, int]]]:
        """Calls, as function and number of the call, by the last name of the callee; None where it may have another."""
        table: dict[str | None, list[tuple[int, int]]] = {}
        for index, calls in enumerate(self._facts.calls):
            for number, op in enumerate(calls):
                table.setdefault(self._last_name(op.callee), []).append((index, number))
        return table

    def _last_name(self, callee: Value) -> str | None:
        """The last name of a callee's access path, if it has one; None where only resolving it can tell."""
        if not isinstance(callee, Ref):
            return None
        place = callee.place
        if place.path:
            name = place.path[-1]
            return None if name in self._renamed or name.startswith("[") else _last_of(name)
        if place.scope == GLOBAL:
            return place.root
        return _last_of(self._names.imports[place]) if place in self._names.imports else None

    @cached_property
    def _renamed(self) -> frozenset[str]:
        """Names of members that may hold something of another name."""
        typed = (member.name for class_ in self._facts.classes for member in class_.members if member.type)
        return frozenset(typed).union(target.path[-1] for target in self._names.assigned if target.path)

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
            self._reached[roots] = _closure(roots, self._run_by)
        return self._reached[roots]

    def connecting(self, targets: Iterable[int]) -> frozenset[int]:
        """Every function that is connected to one of some functions; each of them is to itself."""
        return _closure(targets, self._mentioned_by.__getitem__)

    def connected(self, *roots: int) -> frozenset[int]:
        """Every function that `roots` may run, hand on or give: what they reach, and what is written in them."""
        if roots not in self._connected:
            self._connected[roots] = _closure(roots, self._mentioned_in)
        return self._connected[roots]

    def _run_by(self, function: int) -> frozenset[int]:
        """The functions that a function's calls run or get."""
        if function not in self._runs:
            found: set[int] = set()
            for op in self._facts.calls[function]:
                found.update(self.targets(op, function))
                for arg in op.args:
                    found.update(self.functions(arg.value, function))
            self._runs[function] = frozenset(found)
        return self._runs[function]

    def _mentioned_in(self, function: int) -> frozenset[int]:
        """The functions that a function's calls run or get, that its values are, or that are written in it."""
        if function not in self._mentions:
            found = set(self._run_by(function)).union(self._children.get(function, ()))
            for place in self._names.used_by(function):
                found.update(self._functions_of_place(place, function))
            self._mentions[function] = frozenset(found)
        return self._mentions[function]

    @cached_property
    def _children(self) -> dict[int | None, list[int]]:
        """The functions that are written in a function."""
        table: dict[int | None, list[int]] = {}
        for index, function in enumerate(self._facts.functions):
            table.setdefault(function.parent, []).append(index)
        return table

    @cached_property
    def _mentioned_by(self) -> list[list[int]]:
        """`_mentioned_in`, the other way round."""
        parents: list[list[int]] = [[] for _ in self._facts.functions]
        for index in range(len(self._facts.functions)):
            for target in self._mentioned_in(index):
                parents[target].append(index)
        return parents


def _last_of(path: str) -> str:
    """The last name of an access path: `connect` of `pg.Pool().connect`."""
    return path.rpartition(".")[2]


def _closure(roots: Iterable[int], edges: Callable[[int], Iterable[int]]) -> frozenset[int]:
    seen = set(roots)
    pending = list(seen)
    while pending:
        for index in edges(pending.pop()):
            if index not in seen:
                seen.add(index)
                pending.append(index)
    return frozenset(seen)
