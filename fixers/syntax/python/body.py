"""The state in which one function is lowered, and the way from a node to the code that lowers it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from fixers.facts import EXIT_BLOCK, Assign, ExitKind, Member, Place, Ref, Value
from fixers.source import SkipCode, Span
from fixers.syntax.graph import Graph, TooManyBlocksError
from fixers.syntax.python.scopes import ScopeKind
from fixers.syntax.python.values import NOTHING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tree_sitter import Node

    from fixers.facts import Call
    from fixers.syntax.python.file import File, Unit
    from fixers.syntax.python.scopes import Scope

    Expression = Callable[["Body", Node], Value]
    Statement = Callable[["Body", Node], None]

MAX_STACK: Final = 500
"""How many frames of the interpreter's stack lowering may spend on one function, by its own count.

Python allows 1,000 in all. What nests deeper (some 100 calls, 80 blocks) costs the function, on every machine alike.
"""
EXPRESSION_FRAMES: Final = 4
SUITE_FRAMES: Final = 4
COPY_ALLOWANCE: Final = 20_000
COPY_FACTOR: Final = 4
"""The copies of finally blocks may have so many nodes, and so many times the nodes of the function."""


class Body:
    """One function on its way to a graph of operations.

    `scope` is the innermost scope at the point reached; `frames` the stack spent so far; `last_call` the call emitted
    last, by which a decorator knows what it was made from.
    """

    def __init__(
        self, file: File, index: int, expressions: Mapping[str, Expression], statements: Mapping[str, Statement]
    ) -> None:
        self.file = file
        self.index = index
        self.unit: Unit = file.units[index]
        self.function = self.unit.function
        self.scope: Scope = self.unit.scope
        self.graph = Graph()
        self.frames = 0
        self.last_call: Call | None = None
        self._declared: set[Place] = set()
        self._copied = 0
        self._expressions = expressions
        self._statements = statements

    def value(self, node: Node) -> Value:
        """Lowers an expression: its operations go to the graph, what it evaluates to is returned."""
        kind = node.type
        if kind == "identifier":
            return self.name(node)
        lower = self._expressions.get(kind)
        if lower is None:
            return self.remains(node)
        if self.frames > MAX_STACK - EXPRESSION_FRAMES and self.too_deep(node, EXPRESSION_FRAMES):
            return NOTHING
        self.frames += EXPRESSION_FRAMES
        value = lower(self, node)
        self.frames -= EXPRESSION_FRAMES
        return value

    def statement(self, node: Node) -> None:
        """Lowers a statement."""
        lower = self._statements.get(node.type)
        if lower is None:
            self.value(node)
        else:
            lower(self, node)

    def suite(self, block: Node | None) -> None:
        """Lowers the statements of a block."""
        if block is None or self.too_deep(block, SUITE_FRAMES):
            return
        self.frames += SUITE_FRAMES
        for node in block.named_children:
            self.statement(node)
        self.frames -= SUITE_FRAMES

    def remains(self, node: Node) -> Value:
        """Lowers what can be recognised within a node that the grammar does not know."""
        if not self.too_deep(node, SUITE_FRAMES):
            self.frames += SUITE_FRAMES
            for child in node.named_children:
                self.statement(child)
            self.frames -= SUITE_FRAMES
        return NOTHING

    def too_deep(self, node: Node, frames: int) -> bool:
        """Whether a node nests too deep to be lowered; then the function is lost."""
        if self.frames + frames <= MAX_STACK:
            return False
        self.file.lose(self.index, SkipCode.TOO_DEEP, node.start_byte, "nested too deep")
        return True

    @contextmanager
    def within(self, scope: Scope, frames: int) -> Iterator[None]:
        """Lowers something in another scope, that of a comprehension or of a finally block, then comes back."""
        before, self.scope = self.scope, scope
        self.frames += frames
        try:
            yield
        finally:
            self.scope = before
            self.frames -= frames

    def later(self, lower: Callable[[], None], frames: int) -> Callable[[], None]:
        """A piece of code that the graph lowers when it needs it (a handler, a copy of a finally block)."""
        scope = self.scope

        def run() -> None:
            with self.within(scope, frames):
                lower()

        return run

    def charge_copy(self, block: Node) -> None:
        """Accounts for a copy of a finally block, since those nested in others multiply.

        Raises:
            TooManyBlocksError: the copies are far larger than the function.
        """
        self._copied += block.descendant_count
        size = self.unit.body.descendant_count if self.unit.body is not None else 0
        if self._copied > COPY_ALLOWANCE + COPY_FACTOR * size:
            raise TooManyBlocksError

    def name(self, node: Node) -> Ref:
        """What an identifier refers to."""
        return self.scope.resolve(self.file.name(node))

    def named(self, name: str) -> Ref:
        """What a name refers to at this point."""
        return self.scope.resolve(name)

    def assign(self, target: Place, value: Value, span: Span, *, augmented: bool = False) -> None:
        """Emits an Assign; the first one of a name of this function declares it."""
        declares = not augmented and self._binds(target) and target not in self._declared
        if declares:
            self._declared.add(target)
        self.graph.emit(Assign(target, value, span, declares, augmented))

    def _binds(self, target: Place) -> bool:
        """Whether assigning to a place binds a name of this function, or of its class if it is a class body."""
        if self.scope.kind is ScopeKind.CLASS:
            return bool(target.path) and target.owner == self.scope.class_place()
        return not target.path and target.scope == self.index

    def add_member(self, member: Member) -> None:
        """A member of the class whose body, or one of whose methods, this function is."""
        if self.function.class_ is not None:
            self.file.members[self.function.class_].setdefault((member.name, member.span), member)

    def finish(self) -> None:
        """Falls off the end of the function."""
        self.graph.jump(EXIT_BLOCK[ExitKind.NORMAL])
