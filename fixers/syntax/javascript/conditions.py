"""Branching expressions: conditions and what they tell of the values tested, `&&`, `||`, `??`, `?:`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fixers.facts import Const, Derived, Guard, Ref, Value
from fixers.source import Span
from fixers.syntax.javascript.literals import (
    LOGICAL_OPERATORS,
    choice,
    computed,
    is_plain,
    operands_of_chain,
    operator_of,
    unwrapped,
)
from fixers.syntax.javascript.lowering import (
    DISCARDED,
    EXPRESSIONS,
    MAX_DEPTH,
    NOTHING,
    Body,
    discarded,
    expression,
    lowers,
)
from fixers.syntax.javascript.patterns import assignment

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

_EQUALITY: Final = frozenset({"==", "===", "!=", "!=="})
Guards = list[Guard]


def condition(body: Body, node: Node, when_true: int, when_false: int) -> None:
    """Ends the current block with a branch on an expression, guards on its edges."""
    node = unwrapped(node)
    while node.type == "unary_expression" and operator_of(node) == "!":
        argument = node.child_by_field_name("argument")
        if argument is None:
            break
        node = unwrapped(argument)
        when_true, when_false = when_false, when_true
    if body.depth >= MAX_DEPTH:
        body.too_deep(node)
        body.graph.fork((when_true, when_false))
        return
    body.depth += 1
    operator = operator_of(node) if node.type == "binary_expression" else ""
    if operator in {"&&", "||"}:
        _short_circuit(body, node, operator, when_true, when_false)
    elif node.type == "sequence_expression":
        _sequence(body, node, when_true, when_false)
    else:
        constant = _constant(body, node)
        if constant is not None:
            body.graph.jump(when_true if constant else when_false)
        else:
            _, true, false = _test(body, node, operator)
            body.graph.split(when_true, when_false, true, false)
    body.depth -= 1


def _short_circuit(body: Body, node: Node, operator: str, when_true: int, when_false: int) -> None:
    *first, last = operands_of_chain(node, frozenset({operator}))
    for operand in first:
        following = body.graph.block()
        if operator == "&&":
            condition(body, operand, following, when_false)
        else:
            condition(body, operand, when_true, following)
        body.graph.start(following)
    condition(body, last, when_true, when_false)


def _sequence(body: Body, node: Node, when_true: int, when_false: int) -> None:
    *first, last = [child for child in node.named_children if child.type != "comment"] or [node]
    for child in first:
        discarded(body, child)
    condition(body, last, when_true, when_false)


def _constant(body: Body, node: Node) -> bool | None:
    if node.type in {"true", "false"}:
        return node.type == "true"
    if node.type == "number":
        return body.file.text(node) not in {"0", "0.0", "-0"}
    return None


def _test(body: Body, node: Node, operator: str) -> tuple[Value, Guards, Guards]:
    """Evaluates what is tested: its value, and what is known where it is true and where it is false."""
    span = Span(*node.byte_range)
    if operator in _EQUALITY:
        return _comparison(body, node, operator, span)
    value, tested = _tested(body, node)
    if isinstance(tested, Ref):
        return value, [Guard(tested, "present", span)], [Guard(tested, "absent", span)]
    return value, [], []


def _tested(body: Body, node: Node) -> tuple[Value, Value]:
    """The value of an expression, and what a test of it tells about: for an assignment, where the value went."""
    node = unwrapped(node)
    if node.type == "assignment_expression":
        target, value = assignment(body, node)
        return value, Ref(target) if target is not None else value
    value = expression(body, node)
    return value, value


def _comparison(body: Body, node: Node, operator: str, span: Span) -> tuple[Value, Guards, Guards]:
    left_node, right_node = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left_node is None or right_node is None:
        return NOTHING, [], []
    tested_type = _typeof_operand(left_node)
    _, left = _tested(body, tested_type or left_node)
    right = expression(body, right_node)
    if tested_type is not None:
        is_undefined = right == Const("string", "undefined")
        true, false = absence(left, span) if is_undefined else ([], [])
    else:
        true, false = equality(left, right, span)
    if operator.startswith("!"):
        true, false = false, true
    return Derived((left, right)), true, false


def _typeof_operand(node: Node) -> Node | None:
    node = unwrapped(node)
    if node.type == "unary_expression" and operator_of(node) == "typeof":
        return node.child_by_field_name("argument")
    return None


def absence(value: Value, span: Span) -> tuple[Guards, Guards]:
    """What is known where a value is null or undefined, and where it is not."""
    if not isinstance(value, Ref):
        return [], []
    return [Guard(value, "absent", span, strict=True)], [Guard(value, "present", span, strict=True)]


def equality(left: Value, right: Value, span: Span) -> tuple[Guards, Guards]:
    """What is known where two values are equal, and where they differ."""
    if isinstance(left, Const) and not isinstance(right, Const):
        left, right = right, left
    if isinstance(right, Const) and right.kind == "null":
        return absence(left, span)
    if not isinstance(left, Ref) or not isinstance(right, Ref | Const):
        return [], []
    return [Guard(left, "equal", span, right)], [Guard(left, "different", span, right)]


@lowers(EXPRESSIONS, "binary_expression")
def _binary(body: Body, node: Node) -> Value:
    operator = operator_of(node)
    return _logical(body, node, operator, expression) if operator in LOGICAL_OPERATORS else computed(body, node)


@lowers(DISCARDED, "binary_expression")
def _discarded_binary(body: Body, node: Node) -> Value:
    operator = operator_of(node)
    return _logical(body, node, operator, discarded) if operator in LOGICAL_OPERATORS else computed(body, node)


def _logical(body: Body, node: Node, operator: str, lower_last: Callable[[Body, Node], Value]) -> Value:
    """Lowers `a && b`, `a || b`, `a ?? b`: each operand in a block that is reached only where it is evaluated.

    Operands that do nothing but name a value need no block.
    """
    *first, last = operands_of_chain(node, frozenset({operator}))
    if all(map(is_plain, (*first[1:], last))):
        return choice([expression(body, operand) for operand in (*first, last)])
    join = body.graph.block()
    options: list[Value] = []
    for operand in first:
        following = body.graph.block()
        options.append(_operand(body, operand, operator, following, join))
        body.graph.start(following)
    options.append(lower_last(body, last))
    body.graph.jump(join)
    body.graph.start(join)
    return choice(options)


def _operand(body: Body, node: Node, operator: str, following: int, join: int) -> Value:
    node = unwrapped(node)
    inner = operator_of(node) if node.type in {"binary_expression", "unary_expression"} else ""
    when_true, when_false = (following, join) if operator == "&&" else (join, following)
    if inner == "!" or (inner in {"&&", "||"} and operator == "&&"):
        condition(body, node, when_true, when_false)
        return NOTHING
    value, true, false = _test(body, node, inner)
    if operator == "??":
        false, true = absence(value, Span(*node.byte_range))
    body.graph.split(when_true, when_false, true, false)
    return value


@lowers(EXPRESSIONS, "ternary_expression")
def _ternary(body: Body, node: Node) -> Value:
    return _conditional(body, node, expression)


@lowers(DISCARDED, "ternary_expression")
def _discarded_ternary(body: Body, node: Node) -> Value:
    return _conditional(body, node, discarded)


def _conditional(body: Body, node: Node, lower_arm: Callable[[Body, Node], Value]) -> Value:
    """Lowers `a ? b : c ? d : e`, however long."""
    join = body.graph.block()
    options: list[Value] = []
    while node.type == "ternary_expression":
        test, consequence = node.child_by_field_name("condition"), node.child_by_field_name("consequence")
        alternative = node.child_by_field_name("alternative")
        if test is None or consequence is None or alternative is None:
            return NOTHING
        when_true, when_false = body.graph.block(), body.graph.block()
        condition(body, test, when_true, when_false)
        body.graph.start(when_true)
        options.append(lower_arm(body, consequence))
        body.graph.jump(join)
        body.graph.start(when_false)
        node = unwrapped(alternative)
    options.append(lower_arm(body, node))
    body.graph.jump(join)
    body.graph.start(join)
    return choice(options)
