"""Names, literals, containers, operators: expressions without calls and branches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from fixers.facts import ELEMENT, Await, Closure, Const, Derived, Record, Ref, Sequence, Value, Yield, result
from fixers.syntax.python.grammar import has_word, parts, span_of
from fixers.syntax.python.literals import is_interpolated, string_value
from fixers.syntax.python.values import NOTHING, derived

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tree_sitter import Node

    from fixers.syntax.python.body import Body, Expression

_STRING_PARTS: Final = frozenset(
    {"string_start", "string_end", "escape_sequence", "escape_interpolation", "type_conversion", "comment"}
)


def all_values(body: Body, nodes: list[Node]) -> list[Value]:
    """The values of several expressions, evaluated in order."""
    return list(map(body.value, nodes))


def tuple_or_single(body: Body, nodes: list[Node]) -> Value | None:
    """What a list of expressions is worth: nothing, one value, or a tuple."""
    if not nodes:
        return None
    if len(nodes) == 1:
        return body.value(nodes[0])
    return Sequence(tuple(all_values(body, nodes)))


def _constant(kind: str) -> Expression:
    def lower(body: Body, node: Node) -> Value:
        return Const(kind, body.file.text(node))

    return lower


def _nothing(_body: Body, _node: Node) -> Value:
    return NOTHING


def _string(body: Body, node: Node) -> Value:
    source = body.file.text(node)
    if not is_interpolated(source[:8]):
        return Const("string", string_value(source))
    return derived(_interpolations(body, node))


def _interpolations(body: Body, node: Node) -> list[Value]:
    """The values within an f-string, those within its format specifications included."""
    values: list[Value] = []
    waiting = [node]
    while waiting:
        inner = waiting.pop()
        if inner.type in {"interpolation", "format_expression", "string", "format_specifier", "string_content"}:
            waiting.extend(reversed(inner.named_children))
        elif inner.type not in _STRING_PARTS:
            values.append(body.value(inner))
    return values


def _concatenated(body: Body, node: Node) -> Value:
    values = all_values(body, parts(node))
    if all(isinstance(value, Const) for value in values):
        return Const("string", "".join(value.text for value in values if isinstance(value, Const)))
    return derived(values)


def _sequence(body: Body, node: Node) -> Value:
    return Sequence(tuple(all_values(body, parts(node))))


def _dictionary(body: Body, node: Node) -> Value:
    entries: list[tuple[str | None, Value]] = []
    for entry in parts(node):
        key, value = entry.child_by_field_name("key"), entry.child_by_field_name("value")
        if entry.type == "pair" and key is not None and value is not None:
            entries.append((key_text(body.value(key)), body.value(value)))
        else:
            entries.append((None, body.value(entry)))
    return Record(tuple(entries))


def key_text(key: Value) -> str:
    """The path step for a key: a constant string is its own, as a JavaScript property is."""
    return key.text if isinstance(key, Const) and key.kind == "string" else ELEMENT


def _parts_derived(body: Body, node: Node) -> Value:
    return derived(all_values(body, parts(node)))


def _parenthesized(body: Body, node: Node) -> Value:
    value = tuple_or_single(body, parts(node))
    return NOTHING if value is None else value


def _binary(body: Body, node: Node) -> Value:
    """A chain of operators nests to the left, one level an operator; it is walked in a loop."""
    rights: list[Node] = []
    left: Node | None = node
    while left is not None and left.type == "binary_operator":
        right = left.child_by_field_name("right")
        if right is not None:
            rights.append(right)
        node, left = left, left.child_by_field_name("left")
    values = [body.value(left)] if left is not None else []
    values.extend(map(body.value, reversed(rights)))
    return derived(values)


def _named(body: Body, node: Node) -> Value:
    name, written = node.child_by_field_name("name"), node.child_by_field_name("value")
    value = body.value(written) if written is not None else NOTHING
    if name is None or name.type != "identifier":
        return value
    target = body.name(name)
    body.assign(target.place, value, span_of(node))
    return target


def _lambda(body: Body, node: Node) -> Value:
    index = body.file.function_of[node.id]
    lower_defaults(body, index)
    return Closure(index)


def lower_defaults(body: Body, index: int) -> None:
    """Evaluates the defaults of a function's parameters where the function is made."""
    unit = body.file.units[index]
    if not unit.defaults:
        return
    params = list(unit.function.params)
    for number, node in unit.defaults:
        params[number] = msgspec.structs.replace(params[number], default=body.value(node))
    unit.function.params = tuple(params)


def _await(body: Body, node: Node) -> Value:
    inner = parts(node)
    return awaited(body, body.value(inner[0]) if inner else NOTHING, node)


def awaited(body: Body, value: Value, node: Node) -> Value:
    """Emits an Await of a value."""
    number = body.graph.number()
    body.graph.emit(Await(number, value, span_of(node)))
    return Ref(result(number))


def _yield(body: Body, node: Node) -> Value:
    value = tuple_or_single(body, parts(node))
    number = body.graph.number()
    body.graph.emit(Yield(number, value, span_of(node), has_word(node, "from")))
    return Ref(result(number))


def _splat(body: Body, node: Node) -> Value:
    return Derived(tuple(all_values(body, parts(node))))


EXPRESSIONS: Final[Mapping[str, Expression]] = {
    "string": _string,
    "concatenated_string": _concatenated,
    "integer": _constant("number"),
    "float": _constant("number"),
    "true": _constant("boolean"),
    "false": _constant("boolean"),
    "none": _constant("null"),
    "ellipsis": _nothing,
    "type": _nothing,
    "comment": _nothing,
    "line_continuation": _nothing,
    "list": _sequence,
    "tuple": _sequence,
    "set": _sequence,
    "expression_list": _sequence,
    "pattern_list": _sequence,
    "tuple_pattern": _sequence,
    "list_pattern": _sequence,
    "dictionary": _dictionary,
    "list_splat": _splat,
    "list_splat_pattern": _splat,
    "dictionary_splat": _splat,
    "parenthesized_list_splat": _splat,
    "parenthesized_expression": _parenthesized,
    "binary_operator": _binary,
    "unary_operator": _parts_derived,
    "comparison_operator": _parts_derived,
    "slice": _parts_derived,
    "named_expression": _named,
    "lambda": _lambda,
    "await": _await,
    "yield": _yield,
}
