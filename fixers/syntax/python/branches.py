"""Conditions: what is known on each side of a test, and the expressions that branch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fixers.facts import Const, Guard, Ref, Value
from fixers.syntax.python.grammar import parts, span_of
from fixers.syntax.python.values import NOTHING, choice, derived

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tree_sitter import Node

    from fixers.syntax.python.body import Body, Expression

_OPPOSITE: Final = {"present": "absent", "absent": "present", "equal": "different", "different": "equal"}
_EQUAL: Final = frozenset({"is", "=="})
_TELLING: Final = _EQUAL | {"is not", "!="}
_CONSTANT_TRUTH: Final = {"true": True, "false": False}
_CONDITION_FRAMES: Final = 3


def condition(body: Body, node: Node, when_true: int, when_false: int) -> None:
    """Ends the current block with a test: control goes on at one of two blocks, with what the test tells as guards."""
    while True:
        if node.type == "parenthesized_expression" and len(inner := parts(node)) == 1:
            node = inner[0]
        elif node.type == "not_operator" and (argument := node.child_by_field_name("argument")) is not None:
            node = argument
            when_true, when_false = when_false, when_true
        else:
            break
    if node.type == "boolean_operator" and not body.too_deep(node, _CONDITION_FRAMES):
        body.frames += _CONDITION_FRAMES
        _connected(body, node, when_true, when_false)
        body.frames -= _CONDITION_FRAMES
    elif node.type in _CONSTANT_TRUTH or node.type == "integer":
        truth = _CONSTANT_TRUTH.get(node.type, body.file.text(node) != "0")
        body.graph.jump(when_true if truth else when_false)
    else:
        guard = _comparison(body, node) if node.type == "comparison_operator" else _truth(body, node)
        if guard is None:
            body.graph.split(when_true, when_false)
        else:
            opposite = Guard(guard.value, _OPPOSITE[guard.outcome], guard.span, guard.other, guard.strict)
            body.graph.split(when_true, when_false, [guard], [opposite])


def _connected(body: Body, node: Node, when_true: int, when_false: int) -> None:
    """`and`, `or`: each operand but the last decides alone when it is false, or true."""
    operator, operands = _operands(node)
    for operand in operands[:-1]:
        following = body.graph.block()
        if operator == "and":
            condition(body, operand, following, when_false)
        else:
            condition(body, operand, when_true, following)
        body.graph.start(following)
    condition(body, operands[-1], when_true, when_false)


def _operands(node: Node) -> tuple[str, list[Node]]:
    """The operands of a chain of one operator; it nests to the left, one level an operand."""
    operator = _operator(node)
    operands: list[Node] = []
    left: Node | None = node
    while left is not None and left.type == "boolean_operator" and _operator(left) == operator:
        right = left.child_by_field_name("right")
        if right is not None:
            operands.append(right)
        left = left.child_by_field_name("left")
    if left is not None:
        operands.append(left)
    operands.reverse()
    return operator, operands


def _operator(node: Node) -> str:
    operator = node.child_by_field_name("operator")
    return "" if operator is None else operator.type


def _truth(body: Body, node: Node) -> Guard | None:
    value = body.value(node)
    return Guard(value, "present", span_of(node)) if isinstance(value, Ref) else None


def _comparison(body: Body, node: Node) -> Guard | None:
    """`x is None`, `x == y` and their opposites; other comparisons tell nothing."""
    values = [body.value(part) for part in parts(node)]
    operators = [operator.type for operator in node.children_by_field_name("operators")]
    if len(values) != 2 or len(operators) != 1 or operators[0] not in _TELLING:
        return None
    value, other = values if isinstance(values[0], Ref) else reversed(values)
    if not isinstance(value, Ref):
        return None
    same = operators[0] in _EQUAL
    if isinstance(other, Const) and other.kind == "null":
        return Guard(value, "absent" if same else "present", span_of(node), strict=True)
    if isinstance(other, Ref | Const):
        return Guard(value, "equal" if same else "different", span_of(node), other)
    return None


def _boolean(body: Body, node: Node) -> Value:
    """`a and b`, `a or b` as values: one of the operands, which one is known only at run time."""
    operator, operands = _operands(node)
    graph = body.graph
    join = graph.block()
    values: list[Value] = []
    for operand in operands[:-1]:
        value = body.value(operand)
        values.append(value)
        following = graph.block()
        guards = [[Guard(value, outcome, span_of(operand))] for outcome in ("present", "absent")]
        present, absent = guards if isinstance(value, Ref) else ([], [])
        if operator == "and":
            graph.split(following, join, present, absent)
        else:
            graph.split(join, following, present, absent)
        graph.start(following)
    values.append(body.value(operands[-1]))
    graph.jump(join)
    graph.start(join)
    return choice(values)


def _conditional(body: Body, node: Node) -> Value:
    branches = parts(node)
    if len(branches) != 3:
        return body.remains(node)
    graph = body.graph
    then, other, join = graph.block(), graph.block(), graph.block()
    condition(body, branches[1], then, other)
    values: list[Value] = []
    for start, branch in ((then, branches[0]), (other, branches[2])):
        graph.start(start)
        values.append(body.value(branch))
        graph.jump(join)
    graph.start(join)
    return choice(values)


def _not(body: Body, node: Node) -> Value:
    argument = node.child_by_field_name("argument")
    return NOTHING if argument is None else derived((body.value(argument),))


BRANCHES: Final[Mapping[str, Expression]] = {
    "boolean_operator": _boolean,
    "conditional_expression": _conditional,
    "not_operator": _not,
}
