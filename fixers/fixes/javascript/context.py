"""A leak, the file it is in, and what every kind of fix asks about them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from fixers.fixes.javascript.layout import Layout
from fixers.fixes.javascript.patch import Patch
from fixers.fixes.javascript.script import FUNCTIONS, LISTS, Script, script_of, unwrapped
from fixers.fixes.javascript.style import style_of
from fixers.fixes.model import CannotFixError
from fixers.resources.model import Handle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from fixers.facts import FileFacts, Function
    from fixers.leaks import Leak
    from fixers.lifetimes import Judge
    from fixers.source import Source

_SIMPLE: Final = frozenset({"expression_statement", "lexical_declaration", "variable_declaration"})
_VERBS: Final = {
    "cancelled": "cancel",
    "cleared": "clear",
    "closed": "close",
    "disconnected": "disconnect",
    "ended": "end",
    "killed": "kill",
    "removed": "remove",
    "revoked": "revoke",
    "stopped": "stop",
    "terminated": "terminate",
}


class Context:
    """What a fix is written from, and the patch that it is written into."""

    def __init__(self, leak: Leak, judge: Judge, source: Source) -> None:
        self.leak = leak
        self.judge = judge
        self.source = source
        self.script: Script = script_of(source, leak.acquisition.span)
        self.style = style_of(self.script)
        self.layout = Layout(self.script, self.style)
        self.patch = Patch(source.path)

    @property
    def facts(self) -> FileFacts:
        """The facts of the file."""
        return self.judge.facts

    @property
    def verb(self) -> str:
        """What a release does, in the imperative: `clear`."""
        return _VERBS.get(self.leak.resource.ended, "release")

    @property
    def registers(self) -> bool:
        """Whether the resource is a registration, which has no handle of its own."""
        return self.leak.resource.handle is Handle.REGISTRATION

    def function(self, index: int) -> Function:
        """The facts of a function."""
        return self.facts.functions[index]

    def function_node(self, index: int) -> Node:
        """The tree of a function; of a module or set-up script, the script's root."""
        function = self.function(index)
        if function.kind in {"module", "setup"}:
            return self.script.root
        return self.script.function(function.span)

    def body_node(self, index: int) -> Node:
        """The block, or the expression, that is a function's body; of a module or set-up script, its root."""
        node = self.function_node(index)
        return node.child_by_field_name("body") or node

    @cached_property
    def site(self) -> Site:
        """Where the acquisition stands."""
        return Site(self)

    def ancestry(self, function: int) -> Iterator[int]:
        """A function and those it is written in, innermost first."""
        return self.judge.owners.ancestry(function)

    def runs_within(self, function: int, outer: int) -> list[int]:
        """The functions from `function` out to, but without, `outer`."""
        found = []
        for index in self.ancestry(function):
            if index == outer:
                break
            found.append(index)
        return found


class Site:
    """The statement that acquires, and what it does with the handle."""

    def __init__(self, context: Context) -> None:
        script = context.script
        path = script.path(context.leak.acquisition.span)
        self.call: Node = path[-1]
        position = len(path) - 1
        while position > 0 and path[position - 1].type not in LISTS and path[position].type not in FUNCTIONS:
            position -= 1
        inside = path[position].type not in FUNCTIONS and position > 0
        self.statement: Node | None = path[position] if inside else None
        """The statement in a block or program; None in an arrow whose body is an expression."""
        self.block: Node | None = path[position - 1] if inside else None
        self.path = path
        self.simple: Node | None = (
            next((node for node in path[position:] if node.type in _SIMPLE), None) if inside else None
        )
        """The expression statement or declaration that acquires; it may stand under an `if` without braces."""

    @property
    def end(self) -> int:
        """Where the acquiring statement ends."""
        return (self.simple or self.call).end_byte

    @property
    def is_discarded(self) -> bool:
        """Whether the statement is the acquisition and nothing else."""
        if self.simple is None or self.simple.type != "expression_statement":
            return False
        return unwrapped(self.simple.named_children[0]) == self.call

    @property
    def declarator(self) -> Node | None:
        """The declarator `name = acquire()`, if it is the only one of its declaration."""
        if self.simple is None or self.simple.type == "expression_statement":
            return None
        declarators = [child for child in self.simple.named_children if child.type == "variable_declarator"]
        if len(declarators) != 1:
            return None
        name, value = declarators[0].child_by_field_name("name"), declarators[0].child_by_field_name("value")
        if name is None or value is None or name.type != "identifier" or unwrapped(value) != self.call:
            return None
        return declarators[0]

    def between(self, outer: Node) -> list[Node]:
        """The nodes around the acquisition that lie within `outer`, outermost first.

        Raises:
            CannotFixError: the acquisition does not lie in it.
        """
        for position, node in enumerate(self.path):
            if node == outer:
                return self.path[position + 1 :]
        raise CannotFixError("the code there has a form that no fix is written for")
