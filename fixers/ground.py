"""What all walks through one function ask of it: made once for each function."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from fixers import conditions
from fixers.facts import (
    ELEMENT,
    Assign,
    Await,
    Call,
    Enter,
    Guard,
    Record,
    Ref,
    Sequence,
    Throw,
    operands,
    places,
    result,
)
from fixers.handles import items

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixers.callgraph import CallGraph
    from fixers.facts import Function, Op, Place, Value
    from fixers.names import Names
    from fixers.source import Span

Root = tuple[str, int]
"""A place without its path."""

_CHAINS: Final = {("then",), ("catch",), ("finally",)}
"""Methods of promises; what gives a promise rejects it rather than throw."""


class Ground:
    """One function of a file.

    `remembered`: the places about which conditions say something; `decorators`: the last names of its decorators.
    """

    def __init__(self, function: Function, index: int, names: Names, calls: CallGraph) -> None:
        self._function = function
        self._index = index
        self._calls = calls
        self._roots: dict[int, frozenset[Root] | None] = {}
        self.remembered = conditions.worth_remembering(function, index, names)
        self.decorators = names.decorators(function.decorators, function.parent or 0)

    @cached_property
    def entered(self) -> frozenset[Place]:
        """The results of `with` and `using`."""
        return frozenset(result(op.result) for op in self._function.ops() if isinstance(op, Enter))

    @cached_property
    def awaited(self) -> frozenset[Value]:
        """The values that are awaited."""
        return frozenset(op.value for op in self._function.ops() if isinstance(op, Await))

    @cached_property
    def promises(self) -> frozenset[Place]:
        """The places whose rejection something handles, or waits for."""
        return frozenset(
            op.callee.place.owner
            for op in self._function.ops()
            if isinstance(op, Call) and isinstance(op.callee, Ref) and op.callee.place.path[-1:] in _CHAINS
        )

    @cached_property
    def handed_on(self) -> list[tuple[int, int]]:
        """The functions that calls get, each with where its call starts."""
        return [
            (op.span.start, closure)
            for op in self._function.ops()
            if isinstance(op, Call)
            for arg in op.args
            for closure in self._calls.functions(arg.value, self._index)
        ]

    @cached_property
    def connected(self) -> frozenset[int]:
        """Every function that one which a call gets is connected to."""
        return self._calls.connected(*(closure for _, closure in self.handed_on))

    def roots_alone(self, op: Call) -> frozenset[Root] | None:
        """What a call has to do with, if that is all: it runs and gets no function of the file; None if it does."""
        if op.result not in self._roots:
            self._roots[op.result] = None if self._has_functions(op) else frozenset(self._roots_of(op))
        return self._roots[op.result]

    def _has_functions(self, op: Call) -> bool:
        if self._calls.targets(op, self._index):
            return True
        return any(self._calls.functions(item, self._index) for arg in op.args for item in items(arg.value))

    @staticmethod
    def _roots_of(op: Call) -> Iterator[Root]:
        for value in operands(op):
            for place in places(value):
                yield place.root, place.scope

    @cached_property
    def turns(self) -> dict[int, tuple[Place, Place]]:
        """By the block that decides on another turn of a loop over a container: what a turn gets, and the element."""
        found: dict[int, tuple[Place, Place]] = {}
        for number, block in enumerate(self._function.blocks):
            if len(block.next) == 2 and block.next[0] >= 0:
                match self._function.blocks[block.next[0]].ops[:1]:
                    case [Assign(turn, Ref(element))] if element.path[-1:] == (ELEMENT,):
                        found[number] = (turn, element)
        return found

    @cached_property
    def deciding(self) -> frozenset[int]:
        """The blocks that say something of remembered places, or end with a `throw`."""
        roots = {(place.root, place.scope) for place in self.remembered}
        return frozenset(
            number for number, block in enumerate(self._function.blocks) if any(_decides(op, roots) for op in block.ops)
        )

    def making(self, acquisition: Call) -> list[int]:
        """The blocks with a call, its copies included."""
        return self._making.get(acquisition.span, [])

    def is_collected(self, acquisition: Call) -> bool:
        """Whether a comprehension collects what every turn acquires, so that no turn drops the one before it."""
        return any(
            not any(op is acquisition for op in self._function.blocks[block].ops)
            for block in self._collecting.get(Ref(result(acquisition.result)), ())
        )

    @cached_property
    def _collecting(self) -> dict[Value, list[int]]:
        """The blocks in which a value is put into a literal."""
        found: dict[Value, list[int]] = {}
        for number, block in enumerate(self._function.blocks):
            for op in block.ops:
                for value in operands(op):
                    if isinstance(value, Sequence | Record):
                        for item in items(value):
                            if isinstance(item, Ref):
                                found.setdefault(item, []).append(number)
        return found

    def leading_to(self, acquisition: Call) -> frozenset[int]:
        """The blocks from which control may reach a call, its copies included."""
        pending = list(self.making(acquisition))
        leading = set(pending)
        while pending:
            fresh = set(self._ways_in[pending.pop()]) - leading
            leading |= fresh
            pending.extend(fresh)
        return frozenset(leading)

    @cached_property
    def _making(self) -> dict[Span, list[int]]:
        """The blocks with a call, by its span."""
        found: dict[Span, list[int]] = {}
        for number, block in enumerate(self._function.blocks):
            for op in block.ops:
                if isinstance(op, Call):
                    found.setdefault(op.span, []).append(number)
        return found

    @cached_property
    def _ways_in(self) -> list[list[int]]:
        ways_in: list[list[int]] = [[] for _ in self._function.blocks]
        for index, block in enumerate(self._function.blocks):
            for target in {*block.next, block.throw, block.cancel, block.close}:
                if target >= 0:
                    ways_in[target].append(index)
        return ways_in


def _decides(op: Op, roots: set[Root]) -> bool:
    match op:
        case Guard(Ref(place)) | Assign(place):
            return (place.root, place.scope) in roots
        case _:
            return isinstance(op, Throw)
