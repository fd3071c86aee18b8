"""Statements without a block of their own, `if` and the loops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fixers.facts import GLOBAL, Place, Ref, Return, Throw
from fixers.syntax.python.assignments import assign
from fixers.syntax.python.branches import condition
from fixers.syntax.python.calls import discard, type_of
from fixers.syntax.python.expressions import all_values, awaited, tuple_or_single
from fixers.syntax.python.grammar import has_word, parts, span_of
from fixers.syntax.python.values import NOTHING, element

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tree_sitter import Node

    from fixers.syntax.python.body import Body, Statement

_DIRECT: Final = frozenset({"assignment", "augmented_assignment"})


def _nothing(_body: Body, _node: Node) -> None:
    pass


def _expression(body: Body, node: Node) -> None:
    for inner in parts(node):
        if inner.type in _DIRECT:
            body.statement(inner)
        else:
            discard(body, inner)


def _type_alias(body: Body, node: Node) -> None:
    """Nothing is done for an alias; but the grammar also reads `type(x).y = value` as one."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    target = left.named_child(0) if left is not None else None
    if target is None or right is None or target.type not in {"attribute", "parenthesized_expression"}:
        return
    value = tuple_or_single(body, parts(right)) or NOTHING
    place = type_of(body, node.children[0], target)
    if isinstance(place, Ref):
        body.assign(place.place, value, span_of(node))


def _return(body: Body, node: Node) -> None:
    body.graph.emit(Return(tuple_or_single(body, parts(node)), span_of(node)))


def _raise(body: Body, node: Node) -> None:
    cause = node.child_by_field_name("cause")
    raised = [part for part in parts(node) if cause is None or part.id != cause.id]
    value = tuple_or_single(body, raised)
    if cause is not None:
        body.value(cause)
    body.graph.emit(Throw(value, span_of(node)))


def _assert(body: Body, node: Node) -> None:
    written = parts(node)
    if not written:
        return
    holds, fails = body.graph.block(), body.graph.block()
    condition(body, written[0], holds, fails)
    body.graph.start(fails)
    all_values(body, written[1:])
    body.graph.emit(Throw(Ref(Place("AssertionError", GLOBAL)), span_of(node)))
    body.graph.start(holds)


def _break(body: Body, _node: Node) -> None:
    body.graph.leave_loop()


def _continue(body: Body, _node: Node) -> None:
    body.graph.next_turn()


def _if(body: Body, node: Node) -> None:
    """`elif` clauses stand side by side in the tree, so a long chain is no depth."""
    graph = body.graph
    after = graph.block()
    clause: Node = node
    clauses = [child for child in node.children_by_field_name("alternative") if child.type != "comment"]
    for following in [*clauses, None]:
        tested = clause.child_by_field_name("condition")
        if tested is None:
            body.suite(clause.child_by_field_name("body"))
            break
        then, other = graph.block(), graph.block() if following is not None else after
        condition(body, tested, then, other)
        graph.start(then)
        body.suite(clause.child_by_field_name("consequence"))
        graph.jump(after)
        if following is None:
            break
        graph.start(other)
        clause = following
    graph.jump(after)
    graph.resume(after)


def _for(body: Body, node: Node) -> None:
    graph = body.graph
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    iterable = body.value(right) if right is not None else NOTHING
    head, inside, done, after = graph.block(), graph.block(), graph.block(), graph.block()
    graph.jump(head)
    graph.start(head)
    if has_word(node, "async"):
        awaited(body, iterable, right or node)
    graph.fork([inside, done])
    graph.start(inside)
    with graph.loop(after, head):
        if left is not None:
            assign(body, [left], element(iterable), left)
        body.suite(node.child_by_field_name("body"))
        graph.jump(head)
    graph.start(done)
    _else(body, node)
    graph.jump(after)
    graph.resume(after)


def _while(body: Body, node: Node) -> None:
    graph = body.graph
    tested = node.child_by_field_name("condition")
    head, inside, done, after = graph.block(), graph.block(), graph.block(), graph.block()
    graph.jump(head)
    graph.start(head)
    if tested is not None:
        condition(body, tested, inside, done)
    graph.start(inside)
    with graph.loop(after, head):
        body.suite(node.child_by_field_name("body"))
        graph.jump(head)
    graph.start(done)
    _else(body, node)
    graph.jump(after)
    graph.resume(after)


def _else(body: Body, node: Node) -> None:
    clause = node.child_by_field_name("alternative")
    if clause is not None:
        body.suite(clause.child_by_field_name("body"))


STATEMENTS: Final[Mapping[str, Statement]] = {
    "expression_statement": _expression,
    "return_statement": _return,
    "raise_statement": _raise,
    "assert_statement": _assert,
    "break_statement": _break,
    "continue_statement": _continue,
    "if_statement": _if,
    "for_statement": _for,
    "while_statement": _while,
    "type_alias_statement": _type_alias,
    **dict.fromkeys(
        (
            "comment",
            "line_continuation",
            "pass_statement",
            "import_statement",
            "import_from_statement",
            "future_import_statement",
            "global_statement",
            "nonlocal_statement",
        ),
        _nothing,
    ),
}
