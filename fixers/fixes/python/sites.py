"""Where an acquisition stands: in which statement, in which suite, bound to which name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from fixers.fixes.python.layout import (
    Layout,
    Path,
    layout_of,
    line_number,
    lines,
    path_to,
    statement_around,
    unwrapped,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from fixers.leaks import Leak
    from fixers.source import Source


@dataclass(frozen=True)
class Site:
    """One acquisition.

    Args:
        layout: of the file.
        call: the acquiring call.
        expression: the call with the parentheses and `await` around it.
        statement: the innermost statement around it.
        name: the variable that the statement binds the expression to, where that is all it does.
        plainly: the binding is `name = expression`, without a type or a second target.
    """

    layout: Layout
    call: Node
    expression: Node
    statement: Node
    name: str | None
    plainly: bool

    @cached_property
    def suite(self) -> Sequence[Sequence[Node]]:
        """The logical lines of the suite around."""
        assert self.statement.parent is not None
        return lines(self.statement.parent)

    @cached_property
    def number(self) -> int:
        """The number of the statement's logical line."""
        return line_number(self.statement)

    @cached_property
    def path(self) -> Path:
        """The path to the statement."""
        return path_to(self.statement)

    @property
    def alone(self) -> bool:
        """Whether the statement has its line for itself, so that lines can be put before and after it."""
        return self.layout.opens_line(self.statement) and len(self.suite[self.number]) == 1


def site_of(leak: Leak, source: Source) -> Site | None:
    """Where a leak is acquired; None where the call cannot be found."""
    layout = layout_of(source.data)
    call = layout.call_at(leak.acquisition.span)
    if call is None:
        return None
    expression = unwrapped(call)
    statement = statement_around(expression)
    name, plainly = _binding(expression, statement, layout)
    return Site(layout, call, expression, statement, name, plainly)


def _binding(expression: Node, statement: Node, layout: Layout) -> tuple[str | None, bool]:
    assignment = expression.parent
    if assignment is None or assignment.type != "assignment" or assignment.child_by_field_name("right") != expression:
        return None, False
    target = assignment.child_by_field_name("left")
    if target is None or target.type != "identifier":
        return None, False
    plainly = assignment.child_by_field_name("type") is None and assignment.parent == statement
    return layout.text(target), plainly
