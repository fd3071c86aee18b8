"""Comprehensions and generator expressions: loops where they stand, with names of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fixers.facts import Sequence, Value
from fixers.syntax.python.assignments import assign
from fixers.syntax.python.branches import condition
from fixers.syntax.python.expressions import awaited, key_text, tuple_or_single
from fixers.syntax.python.grammar import COMPREHENSIONS, has_word, parts
from fixers.syntax.python.values import NOTHING, derived, element, record_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tree_sitter import Node

    from fixers.syntax.python.body import Body, Expression

_FRAMES: Final = 4


def _comprehension(body: Body, node: Node) -> Value:
    """The first iterable is evaluated outside, as Python does; the rest in the scope of the comprehension."""
    clauses = [child for child in parts(node) if child.type in {"for_in_clause", "if_clause"}]
    if not clauses or body.too_deep(node, _FRAMES):
        return NOTHING
    first = _iterable(body, clauses[0])
    iterables = [first]
    graph = body.graph
    leave = graph.block()
    after = leave
    with body.within(body.file.comprehension_of[node.id], _FRAMES):
        for clause in clauses:
            if clause.type == "if_clause":
                inside = graph.block()
                tests = parts(clause)
                if tests:
                    condition(body, tests[0], inside, leave)
                graph.start(inside)
                continue
            if clause is not clauses[0]:
                iterables.append(_iterable(body, clause))
            leave = _turn(body, clause, iterables[-1], leave)
        value = _element(body, node)
        graph.jump(leave)
        graph.start(after)
    if node.type == "generator_expression":
        return derived((*iterables, value))
    return value if node.type == "dictionary_comprehension" else Sequence((value,))


def _iterable(body: Body, clause: Node) -> Value:
    value = tuple_or_single(body, clause.children_by_field_name("right"))
    return NOTHING if value is None else value


def _turn(body: Body, clause: Node, iterable: Value, leave: int) -> int:
    """The head of one loop and its target; returns the block of the head."""
    graph = body.graph
    head, inside = graph.block(), graph.block()
    graph.jump(head)
    graph.start(head)
    if has_word(clause, "async"):
        awaited(body, iterable, clause)
    graph.fork([inside, leave])
    graph.start(inside)
    left = clause.child_by_field_name("left")
    if left is not None:
        assign(body, [left], element(iterable), left)
    return head


def _element(body: Body, node: Node) -> Value:
    written = node.child_by_field_name("body")
    if written is None:
        return NOTHING
    if node.type != "dictionary_comprehension":
        return body.value(written)
    key, value = written.child_by_field_name("key"), written.child_by_field_name("value")
    if key is None or value is None:
        return body.value(written)
    step = key_text(body.value(key))
    return record_of(step, body.value(value))


LOOPS: Final[Mapping[str, Expression]] = dict.fromkeys(COMPREHENSIONS, _comprehension)
