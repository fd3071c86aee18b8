"""What the lowering of one file, and of one function in it, knows while it runs; and how a node finds its lowering.

Functions are lowered one after another from a queue, so that depth of nesting costs no stack; within a function the
depth is bounded by MAX_DEPTH.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from fixers.facts import (
    GLOBAL,
    THIS,
    Assign,
    Class,
    ClassValue,
    Closure,
    Const,
    Derived,
    Export,
    Function,
    Import,
    Member,
    Op,
    Place,
    Ref,
    Value,
    result,
)
from fixers.source import SkipCode, Skipped, Source, Span
from fixers.syntax.graph import Graph, TooManyBlocksError
from fixers.syntax.javascript.scopes import FunctionNames, Scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

MAX_DEPTH: Final = 80
"""Expressions and statements nested deeper than this within one function are not lowered (`too-deep`)."""
MAX_SCOPES: Final = 300
"""A function inside more scopes than this is not lowered (`too-deep`)."""
MAX_PATH: Final = 32
"""A place with more path steps is only something derived from its beginning."""
_COPY_ALLOWANCE: Final = 20_000
"""How many nodes the copies of finally bodies may repeat, beyond four times the size of the function."""

THIS_PLACE: Final = Place("this", THIS)

_VAR = re.compile(rb"\bvar\b")
_THIS = re.compile(rb"\bthis\b|\bsuper\b")

_NAMELESS: Final = {
    "module": "the code outside of functions",
    "setup": "the code outside of functions",
    "initializer": "the body of a class",
}


@dataclass(eq=False, slots=True)
class Pending:
    """A function that has its number but is not lowered yet; BODIES tells how, by the type of `node`."""

    index: int
    node: Node
    scope: Scope
    this: Place


class FileLowering:
    """The facts of one file while they grow."""

    def __init__(self, source: Source, prototype_names: frozenset[str]) -> None:
        self.source = source
        self.data = source.data
        self.functions: list[Function] = []
        self.classes: list[Class] = []
        self.imports: dict[tuple[Place, Span], Import] = {}
        self.exports: list[Export] = []
        self.skipped: list[Skipped] = []
        self.pending: deque[Pending] = deque()
        self.waiting: dict[int, Pending] = {}
        self.functions_at: dict[int, int] = {}
        self.classes_at: dict[int, int] = {}
        self.usings: dict[int, bool] = {}
        self.module_scope: Scope
        self.prototype_names = prototype_names
        self.class_of_binding: dict[Place, int] = {}
        self.class_of_prototype: dict[Place, int] = {}
        self._members: dict[int, dict[Span, Member]] = {}
        self._globals: dict[str, Place] = {}
        self._var_offsets = [match.start() for match in _VAR.finditer(self.data)]
        self._this_offsets = [match.start() for match in _THIS.finditer(self.data)]

    def text(self, node: Node) -> str:
        """The text of a node."""
        start, end = node.byte_range
        return self.data[start:end].decode("utf-8", "replace")

    def global_place(self, name: str) -> Place:
        """The place of a name that the file does not declare."""
        place = self._globals.get(name)
        if place is None:
            place = self._globals[name] = Place(name, GLOBAL)
        return place

    def may_have_var(self, node: Node) -> bool:
        """Whether the word `var` stands within a node."""
        return _any_within(self._var_offsets, node)

    def may_have_this(self, node: Node) -> bool:
        """Whether the word `this` or `super` stands within a node."""
        return _any_within(self._this_offsets, node)

    def add_function(self, function: Function) -> int:
        """Gives a function its number."""
        self.functions.append(function)
        return len(self.functions) - 1

    def add_class(self, class_: Class) -> int:
        """Gives a class its number."""
        self.classes.append(class_)
        return len(self.classes) - 1

    def add_member(self, class_: int, member: Member) -> None:
        """Gives a class a member, once for each place where one is written."""
        self._members.setdefault(class_, {})[member.span] = member

    def settle_members(self) -> None:
        """Hands the members added one by one over to their classes."""
        for index, members in self._members.items():
            self.classes[index].members += tuple(members.values())

    def later(self, pending: Pending) -> None:
        """Queues a function to be lowered."""
        self.pending.append(pending)
        self.waiting[pending.index] = pending

    def drain(self) -> None:
        """Lowers queued functions, those within them included, until none is left."""
        while self.pending:
            pending = self.pending.popleft()
            del self.waiting[pending.index]
            body = Body(self, pending.index, Scope(self.names_of(pending.index), pending.scope), pending.this)
            if body.scope.depth > MAX_SCOPES:
                body.lose(SkipCode.TOO_DEEP, pending.node, "functions nested too deep")
            else:
                body.lower(pending.node, BODIES[pending.node.type])
            body.finish()

    def names_of(self, index: int) -> FunctionNames:
        """A fresh table of the bindings of a function."""
        return FunctionNames(index, self.functions[index].locals)

    def skip(self, code: SkipCode, offset: int, detail: str) -> None:
        """Notes that something at a byte offset is not judged."""
        self.skipped.append(Skipped(self.source.path, code, f"line {self.source.line_of(offset)}: {detail}"))


def described(function: Function) -> str:
    """A function in a sentence about what is not judged."""
    if function.name:
        return f"function '{function.name}'"
    return _NAMELESS.get(function.kind, "an unnamed function")


def _any_within(offsets: list[int], node: Node) -> bool:
    start, end = node.byte_range
    index = bisect_left(offsets, start)
    return index < len(offsets) and offsets[index] < end


class Body:
    """One function while its operations are written."""

    __slots__ = (
        "_copied", "captures", "copy_limit", "depth", "file", "function", "graph", "index", "labels",
        "prototype_sources", "required", "scope", "scopes", "this",
    )  # fmt: skip

    def __init__(self, file: FileLowering, index: int, scope: Scope, this: Place) -> None:
        self.file = file
        self.index = index
        self.function = file.functions[index]
        self.graph = Graph(cancellable=False)
        self.scope = scope
        self.this = this
        self.depth = 0
        self.labels: tuple[str, ...] = ()
        self.required: dict[str, str] = {}
        self.prototype_sources: dict[str, Place] = {}
        self.captures: dict[Place, None] = {}
        self.scopes: dict[int, Scope] = {}
        self.copy_limit = _COPY_ALLOWANCE
        self._copied = 0

    def lower(self, node: Node, lower: Callable[[Body, Node], None]) -> None:
        """Writes operations with `lower`; a limit that is met costs the function, not the file."""
        self.copy_limit += 4 * node.descendant_count
        try:
            lower(self, node)
        except TooManyBlocksError:
            self.lose(SkipCode.LIMIT, node, "too many branches")
        except RecursionError:
            self.lose(SkipCode.TOO_DEEP, node, "nested too deep")

    def finish(self) -> None:
        """Falls off the end of the function, and hands its graph over to the facts."""
        if self.graph.current is not None:
            self.graph.jump(-1)
        self.function.blocks = self.graph.blocks
        self.function.captures = tuple(self.captures)

    def lose(self, code: SkipCode, node: Node, why: str) -> None:
        """The function is not whole; said once for each function."""
        if self.function.whole:
            self.function.whole = False
            self.file.skip(code, node.start_byte, f"{why}; {described(self.function)} is not judged")

    def too_deep(self, node: Node) -> Derived:
        """Stands for an expression beyond MAX_DEPTH."""
        self.lose(SkipCode.TOO_DEEP, node, f"nested deeper than {MAX_DEPTH} levels")
        return NOTHING

    def charge_copy(self, node: Node) -> None:
        """Accounts for a copy of a finally body, so that nested ones cannot grow without bound.

        Raises:
            TooManyBlocksError: the copies are far larger than the function.
        """
        self._copied += node.descendant_count
        if self._copied > self.copy_limit:
            raise TooManyBlocksError

    def emit(self, op: Op) -> None:
        """Adds an operation."""
        self.graph.emit(op)

    def lookup(self, name: str) -> Place:
        """The place that a name means here, noted as a capture where an outer function declares it."""
        place = self.scope.resolve(name)
        if place is None:
            return self.file.global_place(name)
        if place.scope != self.index:
            self.captures[place] = None
        return place

    def this_place(self) -> Place:
        """What `this` means here."""
        if self.this.scope >= 0 and self.this.scope != self.index:
            self.captures[self.this] = None
        return self.this

    def as_place(self, value: Value, span: Span) -> Place:
        """A place that holds the value: its own, or a fresh result."""
        return value.place if isinstance(value, Ref) else self.fresh_place(value, span)

    def fresh_place(self, value: Value, span: Span) -> Place:
        """A fresh result that holds the value."""
        place = result(self.graph.number())
        self.emit(Assign(place, value, span))
        return place

    def inner_scope(self, start: int) -> Scope:
        """A scope for the block that begins at byte `start`; a copy of a finally body meets its scopes again."""
        scope = self.scopes.get(start)
        if scope is None or scope.parent is not self.scope:
            scope = self.scopes[start] = Scope(self.scope.owner, self.scope)
        return scope


NOTHING: Final = Derived()
UNDEFINED: Final = Const("null", "undefined")

BODIES: Final[dict[str, Callable[[Body, Node], None]]] = {}
"""How a function is lowered, by the type of its node."""
STATEMENTS: Final[dict[str, Callable[[Body, Node], None]]] = {}
"""How a statement is lowered, by the type of its node; the modules of this package fill these tables."""
EXPRESSIONS: Final[dict[str, Callable[[Body, Node], Value]]] = {}
"""How an expression is lowered to operations and a value."""
DISCARDED: Final[dict[str, Callable[[Body, Node], Value]]] = {}
"""How an expression is lowered whose value nothing uses, where that differs."""

_Lowering = TypeVar("_Lowering", bound="Callable[[Body, Node], object]")


def lowers(table: dict[str, _Lowering], *kinds: str) -> Callable[[_Lowering], _Lowering]:
    """Enters a function into a table of lowerings under these types of node."""

    def register(lowering: _Lowering) -> _Lowering:
        for kind in kinds:
            table[kind] = lowering
        return lowering

    return register


def expression(body: Body, node: Node) -> Value:
    """Lowers an expression: its operations go to the body, its value comes back."""
    lowering = EXPRESSIONS.get(node.type)
    return NOTHING if lowering is None else _one_deeper(body, node, lowering)


def discarded(body: Body, node: Node) -> Value:
    """Lowers an expression whose value nothing uses: a call in it is a statement of its own."""
    lowering = DISCARDED.get(node.type)
    return expression(body, node) if lowering is None else _one_deeper(body, node, lowering)


def _one_deeper(body: Body, node: Node, lowering: Callable[[Body, Node], Value]) -> Value:
    if body.depth >= MAX_DEPTH:
        return body.too_deep(node)
    body.depth += 1
    value = lowering(body, node)
    body.depth -= 1
    return value


def statement(body: Body, node: Node) -> None:
    """Lowers a statement; what is none (types, declarations hoisted before) leaves no operation."""
    lowering = STATEMENTS.get(node.type)
    if lowering is None:
        return
    if body.depth >= MAX_DEPTH:
        body.too_deep(node)
        return
    body.depth += 1
    lowering(body, node)
    body.depth -= 1


def name_value(file: FileLowering, value: Value, name: str, given_to: str) -> None:
    """Names an anonymous function or class after what it is assigned or handed to."""
    if isinstance(value, Closure):
        function = file.functions[value.function]
        if not function.given_to and not function.name:
            function.name = name
            function.given_to = given_to
    elif isinstance(value, ClassValue) and not file.classes[value.class_].name:
        file.classes[value.class_].name = name
