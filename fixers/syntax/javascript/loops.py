"""Loops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixers.facts import ELEMENT, Await, Derived, Ref, Value, result
from fixers.source import Span
from fixers.syntax.javascript.conditions import condition
from fixers.syntax.javascript.hoisting import LEXICAL, declare_declarators
from fixers.syntax.javascript.literals import member, unwrapped
from fixers.syntax.javascript.lowering import STATEMENTS, Body, discarded, expression, lowers, statement
from fixers.syntax.javascript.patterns import bind, declare_names
from fixers.syntax.javascript.statements import managed, only_statement, take_labels

if TYPE_CHECKING:
    from tree_sitter import Node


@lowers(STATEMENTS, "while_statement")
def _while(body: Body, node: Node) -> None:
    _loop(body, node, None)


@lowers(STATEMENTS, "for_statement")
def _for(body: Body, node: Node) -> None:
    outer = body.scope
    labels, body.labels = body.labels, ()
    first = node.child_by_field_name("initializer")
    if first is not None and first.type in LEXICAL:
        body.scope = body.inner_scope(node.start_byte)
        declare_declarators(body, first)
    if first is not None and first.type.endswith(("_declaration", "_statement")):
        statement(body, first)
    elif first is not None:
        discarded(body, first)
    body.labels = labels
    _loop(body, node, node.child_by_field_name("increment"))
    body.scope = outer


def _loop(body: Body, node: Node, increment: Node | None) -> None:
    graph = body.graph
    labels = take_labels(body)
    head, inside, after = graph.block(), graph.block(), graph.block()
    again = graph.block() if increment is not None else head
    graph.jump(head)
    graph.resume(head)
    test = _tested(node)
    if test is None:
        graph.jump(inside)
    else:
        condition(body, test, inside, after)
    with graph.loop(after, again, labels):
        graph.resume(inside)
        only_statement(body, node.child_by_field_name("body"))
        graph.jump(again)
    if increment is not None:
        graph.resume(again)
        discarded(body, increment)
        graph.jump(head)
    graph.resume(after)


def _tested(node: Node) -> Node | None:
    test = node.child_by_field_name("condition")
    if test is not None and test.type == "expression_statement":
        test = test.named_children[0] if test.named_child_count else None
    return None if test is None or not test.is_named or test.type == "empty_statement" else test


@lowers(STATEMENTS, "do_statement")
def _do(body: Body, node: Node) -> None:
    graph = body.graph
    labels = take_labels(body)
    inside, test, after = graph.block(), graph.block(), graph.block()
    graph.jump(inside)
    with graph.loop(after, test, labels):
        graph.resume(inside)
        only_statement(body, node.child_by_field_name("body"))
        graph.jump(test)
    graph.resume(test)
    tested = _tested(node)
    if tested is not None:
        condition(body, tested, inside, after)
    graph.resume(after)


@lowers(STATEMENTS, "for_in_statement")
def _for_in(body: Body, node: Node) -> None:
    graph = body.graph
    labels = take_labels(body)
    outer = body.scope
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None:
        return
    words = node.children_by_field_name("kind")
    value = expression(body, right)
    if words and words[0].type != "var":
        body.scope = body.inner_scope(node.start_byte)
        declare_names(body.scope, body.file, left)
    head, inside, after = graph.block(), graph.block(), graph.block()
    item = _item(body, node, right, value)
    graph.jump(head)
    graph.resume(head)
    item = _awaited_item(body, node, item)
    graph.fork((inside, after))
    with graph.loop(after, head, labels):
        graph.resume(inside)
        span = Span(left.start_byte, right.end_byte)
        is_async = _disposal(body, words)
        if is_async is None:
            bind(body, left, item, span, declares=bool(words))
            _inside(body, node)
        else:
            managed(body, (left, item, span), lambda: _inside(body, node), is_async=is_async)
        graph.jump(head)
    graph.resume(after)
    body.scope = outer


def _disposal(body: Body, words: list[Node]) -> bool | None:
    """For `for (using x of y)`: whether each item is disposed of asynchronously; None for any other loop."""
    if words and words[-1].type == "using":
        return words[0].type == "await"
    return body.file.usings.get(words[0].start_byte) if words else None


def _inside(body: Body, node: Node) -> None:
    only_statement(body, node.child_by_field_name("body"))


def _item(body: Body, node: Node, right: Node, value: Value) -> Value:
    operator = node.child_by_field_name("operator")
    if operator is None or operator.type == "in" or isinstance(value, Derived):
        return Derived((value,))
    return member(Ref(body.as_place(value, Span(*unwrapped(right).byte_range))), ELEMENT)


def _awaited_item(body: Body, node: Node, item: Value) -> Value:
    if not any(child.type == "await" for child in node.children[:2]):
        return item
    number = body.graph.number()
    body.emit(Await(number, item, Span(*node.children[1].byte_range)))
    return Ref(result(number))
