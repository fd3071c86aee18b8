"""Releases as statements: how they look, how they are written, and which the end of a block makes superfluous."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fixers.fixes.python.changes import Tail
from fixers.fixes.python.layout import JUMPS, LOOPS, descendants, lines, suites
from fixers.resources.model import Method, OnExit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from fixers.fixes.python.layout import Layout
    from fixers.resources.model import Resource

_SIMPLE_VALUES: Final = frozenset(
    {
        "identifier",
        "string",
        "string_content",
        "string_start",
        "string_end",
        "integer",
        "float",
        "true",
        "false",
        "none",
    }
    | {"tuple", "expression_list", "unary_operator", "not_operator", "parenthesized_expression", "comment"}
)

_VERBS: Final = {"aclose": "close", "cleanup": "clean up", "server_close": "close", "shutdown": "shut down"}


def release_of(resource: Resource) -> Method | None:
    """How a fix in Python releases a resource; None where it is not by a method of the handle."""
    first = resource.released_by[0]
    return first if isinstance(first, Method) else None


def verb_of(resource: Resource) -> str:
    """The release in the imperative: `close`."""
    release = release_of(resource)
    return "release" if release is None else _VERBS.get(release.name, release.name)


def written(resource: Resource, handle: str) -> str:
    """The releasing statement: `await session.close()`."""
    release = release_of(resource)
    assert release is not None
    return f"{'await ' if release.awaited else ''}{handle}.{release.name}()"


def is_release_of(statement: Node, name: str, resource: Resource, layout: Layout) -> bool:
    """Whether a statement is exactly the release of a variable."""
    return released_name(statement, resource, layout) == name


def released_name(statement: Node, resource: Resource, layout: Layout) -> str | None:
    """The variable that a statement releases, where that is all it does."""
    release = release_of(resource)
    if release is None or statement.type != "expression_statement" or len(statement.named_children) != 1:
        return None
    call = statement.named_children[0]
    if release.awaited:
        call = call.named_children[0] if call.type == "await" and call.named_children else statement
    callee = call.child_by_field_name("function") if call.type == "call" else None
    arguments = call.child_by_field_name("arguments") if call.type == "call" else None
    if callee is None or callee.type != "attribute" or arguments is None or arguments.named_children:
        return None
    receiver, method = callee.child_by_field_name("object"), callee.child_by_field_name("attribute")
    if receiver is None or receiver.type != "identifier" or method is None or layout.text(method) != release.name:
        return None
    return layout.text(receiver)


def tail_of(line: Sequence[Node], name: str | None, resource: Resource, layout: Layout) -> Tail:
    """Whether a line is a block that ends with the release of a variable, on every way out of it."""
    statement = line[0]
    if name is None or len(line) != 1:
        return Tail.KEPT
    if statement.type == "with_statement":
        clause = next(child for child in statement.named_children if child.type == "with_clause")
        held = layout.text(clause).strip("() ")
        is_release = resource.on_exit is OnExit.RELEASES
        return Tail.UNWRAPPED if is_release and held in {name, f"{name} as {name}"} else Tail.KEPT
    clauses = [child for child in statement.named_children if child.type.endswith("_clause")]
    if statement.type != "try_statement" or not clauses or clauses[-1].type != "finally_clause":
        return Tail.KEPT
    ending = [inner for suite in suites(statement)[-1:] for inner in lines(suite)]
    if len(ending) != 1 or len(ending[0]) != 1 or not is_release_of(ending[0][0], name, resource, layout):
        return Tail.KEPT
    if any(child.type == "comment" for child in (*clauses[-1].children, *suites(statement)[-1].children)):
        return Tail.KEPT
    return Tail.UNWRAPPED if len(clauses) == 1 else Tail.WITHOUT_FINALLY


def redundant(block: Sequence[Node], name: str, resource: Resource, layout: Layout) -> list[Node]:
    """The releases in a block right after which control leaves it anyway, so that its end releases as well.

    One with a comment stays, and one that is all its suite holds.
    """
    found: list[Node] = []
    for statement in block:
        for inner in descendants(statement):
            if inner.type != "block" or inner.parent is None or _under_shelter(inner, statement):
                continue
            suite = lines(inner)
            for number, line in enumerate(suite):
                if len(line) != 1 or not is_release_of(line[0], name, resource, layout) or _has_comment(line[0]):
                    continue
                following = suite[number + 1] if number + 1 < len(suite) else None
                leaves = following is not None and _leaves(following[0], name, statement, layout)
                ends = following is None and number > 0 and _at_the_end(inner, block[-1])
                if leaves or ends:
                    found.append(line[0])
    return found


def _under_shelter(suite: Node, top: Node) -> bool:
    node: Node | None = suite
    while node is not None and node != top.parent:
        if node.type in {"try_statement", "with_statement"}:
            return True
        node = node.parent
    return False


def _has_comment(statement: Node) -> bool:
    return any(
        neighbour is not None and neighbour.type == "comment"
        for neighbour in (statement.prev_sibling, statement.next_sibling)
    )


def _leaves(jump: Node, name: str, top: Node, layout: Layout) -> bool:
    """Whether a jump leaves the block at once, with a value that needs neither the handle nor a call."""
    if jump.type not in JUMPS or jump.type == "raise_statement":
        return False
    if jump.type in {"break_statement", "continue_statement"}:
        node = jump.parent
        while node is not None and node != top.parent:
            if node.type in LOOPS:
                return False
            node = node.parent
        return True
    values = [inner for child in jump.named_children for inner in descendants(child)]
    return all(inner.type in _SIMPLE_VALUES for inner in values) and all(
        layout.text(inner) != name for inner in values if inner.type == "identifier"
    )


def _at_the_end(suite: Node, last: Node) -> bool:
    """Whether nothing follows a suite in the block: it belongs to an `if` that ends it."""
    node = suite
    while node != last:
        owner = node.parent
        if owner is None:
            return False
        if owner.type in {"else_clause", "elif_clause"}:
            owner = owner.parent
        if owner is None or owner.type != "if_statement" or node not in suites(owner):
            return False
        if owner == last:
            return True
        holder = owner.parent
        if holder is None or lines(holder)[-1][-1] != owner:
            return False
        node = holder
    return True
