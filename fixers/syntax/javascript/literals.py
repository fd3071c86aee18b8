"""Literals, names, operators: expressions that make a value of their parts and branch nowhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from fixers.facts import ELEMENT, THIS, Arg, Assign, Choice, Const, Delete, Derived, Place, Ref, Sequence, Value
from fixers.source import Span
from fixers.syntax.javascript.lowering import (
    DISCARDED,
    EXPRESSIONS,
    MAX_PATH,
    NOTHING,
    UNDEFINED,
    Body,
    discarded,
    expression,
    lowers,
)

if TYPE_CHECKING:
    from tree_sitter import Node

LOGICAL_OPERATORS: Final = frozenset({"&&", "||", "??"})
_ESCAPE = re.compile(r"\\(u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|\r\n|.)", re.DOTALL)
_ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}
_PLAIN: Final = frozenset(
    {
        "identifier", "this", "number", "string", "true", "false", "null", "undefined", "regex", "arrow_function",
        "function_expression", "generator_function", "super",
    }
)  # fmt: skip
_MAX_PLAIN_STEPS: Final = 8


def is_plain(node: Node) -> bool:
    """Whether an expression surely emits no operation, so that evaluating it may be skipped or not, unseen."""
    for _ in range(_MAX_PLAIN_STEPS):
        kind = node.type
        if kind in _PLAIN:
            return True
        if kind in {"object", "array"}:
            return node.named_child_count == 0
        if kind == "member_expression":
            inner = node.child_by_field_name("object")
        elif kind in {"parenthesized_expression", "non_null_expression", "as_expression"}:
            inner = node.named_child(0) if node.named_child_count else None
        else:
            return False
        if inner is None or (kind == "member_expression" and inner.type not in _PLACES):
            return False
        node = inner
    return False


_PLACES: Final = frozenset({"identifier", "this", "super", "member_expression", "non_null_expression"})


def operator_of(node: Node) -> str:
    """The operator of a unary, binary, update or augmented expression."""
    operator = node.child_by_field_name("operator")
    return operator.type if operator is not None else ""


def named_children(node: Node) -> list[Node]:
    """The named children, comments left out."""
    return [child for child in node.named_children if child.type != "comment"]


def unwrapped(node: Node) -> Node:
    """The expression within parentheses."""
    while node.type == "parenthesized_expression":
        inner = next((child for child in node.named_children if child.type != "comment"), None)
        if inner is None:
            return node
        node = inner
    return node


def choice(options: list[Value]) -> Value:
    """One of several values; choices within are opened, and what says nothing is said once."""
    flat: dict[Value, None] = {}
    for option in options:
        if isinstance(option, Choice):
            flat.update(dict.fromkeys(option.options))
        else:
            flat[option] = None
    return next(iter(flat)) if len(flat) == 1 else Choice(tuple(flat))


def string_value(body: Body, node: Node) -> str:
    """The value of a string literal."""
    text = body.file.text(node)[1:-1]
    return unescaped(text) if "\\" in text else text


def unescaped(text: str) -> str:
    """Text with its escape sequences replaced (ECMA-262, 12.9.4)."""

    def replace(match: re.Match[str]) -> str:
        sequence = match.group(1)
        if len(sequence) > 1 and sequence[0] in "ux":
            code = int(sequence[1:].strip("{}"), 16)
            return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
        return _ESCAPED.get(sequence, sequence)

    return _ESCAPE.sub(replace, text)


def member(value: Value, step: str) -> Value:
    """What a value holds at a path step, as far as it can be said without an operation."""
    if not isinstance(value, Ref):
        return Derived((value,))
    place = value.place
    return Ref(place.member(step)) if len(place.path) < MAX_PATH else Derived((value,))


def key_step(body: Body, index: Node) -> str:
    """The path step of `[index]`; an index that is not constant is evaluated."""
    index = unwrapped(index)
    kind = index.type
    if kind == "string":
        return string_value(body, index)
    if kind == "number":
        text = body.file.text(index)
        return f"[{text}]" if text.isdecimal() else ELEMENT
    if kind == "member_expression" and body.file.text(index).startswith("Symbol."):
        return f"[{body.file.text(index)}]"
    expression(body, index)
    return ELEMENT


@lowers(EXPRESSIONS, "identifier", "shorthand_property_identifier")
def _identifier(body: Body, node: Node) -> Value:
    return Ref(body.lookup(body.file.text(node)))


@lowers(EXPRESSIONS, "undefined")
def _undefined(_body: Body, _node: Node) -> Value:
    return UNDEFINED


@lowers(EXPRESSIONS, "this")
def _this(body: Body, _node: Node) -> Value:
    return Ref(body.this_place())


@lowers(EXPRESSIONS, "super")
def _super(_body: Body, _node: Node) -> Value:
    return Ref(_SUPER)


_SUPER: Final = Place("super", THIS)


@lowers(EXPRESSIONS, "meta_property")
def _meta_property(body: Body, node: Node) -> Value:
    return Ref(body.file.global_place(body.file.text(node)))


@lowers(EXPRESSIONS, "null")
def _null(_body: Body, _node: Node) -> Value:
    return Const("null", "null")


@lowers(EXPRESSIONS, "true", "false")
def _boolean(_body: Body, node: Node) -> Value:
    return Const("boolean", node.type)


@lowers(EXPRESSIONS, "number")
def _number(body: Body, node: Node) -> Value:
    return Const("number", body.file.text(node))


@lowers(EXPRESSIONS, "string")
def _string(body: Body, node: Node) -> Value:
    return Const("string", string_value(body, node))


@lowers(EXPRESSIONS, "regex")
def _regex(body: Body, node: Node) -> Value:
    return Const("regex", body.file.text(node))


@lowers(EXPRESSIONS, "template_string")
def _template_string(body: Body, node: Node) -> Value:
    parts = template_parts(body, node)
    if parts is None:
        return Const("string", unescaped(body.file.text(node)[1:-1]))
    return Derived(parts)


def template_parts(body: Body, node: Node) -> tuple[Value, ...] | None:
    """The values that a template interpolates; None when there are none."""
    substitutions = [child for child in node.named_children if child.type == "template_substitution"]
    if not substitutions:
        return None
    return tuple(expression(body, inner) for child in substitutions for inner in named_children(child)[:1])


@lowers(EXPRESSIONS, "array")
def _array(body: Body, node: Node) -> Value:
    items: list[Value] = []
    for child in named_children(node):
        if child.type == "spread_element":
            items.append(Derived((spread_value(body, child),)))
        else:
            items.append(expression(body, child))
    return Sequence(tuple(items))


def spread_value(body: Body, node: Node) -> Value:
    """What `...x` spreads."""
    inner = named_children(node)
    return expression(body, inner[0]) if inner else NOTHING


def arguments(body: Body, node: Node) -> tuple[Arg, ...]:
    """The arguments of a call, evaluated in order."""
    args: list[Arg] = []
    for child in node.named_children:
        kind = child.type
        if kind == "spread_element":
            args.append(Arg(spread_value(body, child), "*"))
        elif kind != "comment":
            args.append(Arg(expression(body, child)))
    return tuple(args)


@lowers(DISCARDED, "parenthesized_expression")
def _discarded_wrapper(body: Body, node: Node) -> Value:
    inner = unwrapped(node)
    return NOTHING if inner.type == "parenthesized_expression" else discarded(body, inner)


@lowers(EXPRESSIONS, "parenthesized_expression")
def _parenthesized(body: Body, node: Node) -> Value:
    inner = unwrapped(node)
    return NOTHING if inner.type == "parenthesized_expression" else expression(body, inner)


@lowers(EXPRESSIONS, "as_expression", "satisfies_expression", "instantiation_expression")
def _typed(body: Body, node: Node) -> Value:
    inner = next((child for child in node.named_children if child.type != "comment"), None)
    return NOTHING if inner is None else expression(body, inner)


@lowers(EXPRESSIONS, "type_assertion")
def _type_assertion(body: Body, node: Node) -> Value:
    inner = named_children(node)
    return expression(body, inner[-1]) if inner else NOTHING


def operands_of_chain(node: Node, operators: frozenset[str] | None) -> list[Node]:
    """The operands of a binary expression that grows to the left: `a + b + c`, in order.

    With `operators`, only those are part of the chain; without, every operator that does not branch.
    """
    operands: list[Node] = []
    while True:
        right = node.child_by_field_name("right")
        left = node.child_by_field_name("left")
        if right is not None:
            operands.append(right)
        if left is None:
            break
        inner = unwrapped(left)
        operator = operator_of(inner) if inner.type == "binary_expression" else ""
        if not operator or (operator in operators if operators else operator not in LOGICAL_OPERATORS) is False:
            operands.append(left)
            break
        node = inner
    operands.reverse()
    return operands


def computed(body: Body, node: Node) -> Value:
    """A binary expression that does not branch: something made of all its operands."""
    return Derived(tuple(expression(body, operand) for operand in operands_of_chain(node, None)))


@lowers(DISCARDED, "sequence_expression")
def _discarded_sequence(body: Body, node: Node) -> Value:
    for child in named_children(node):
        discarded(body, child)
    return NOTHING


@lowers(EXPRESSIONS, "sequence_expression")
def _sequence(body: Body, node: Node) -> Value:
    children = named_children(node)
    for child in children[:-1]:
        discarded(body, child)
    return expression(body, children[-1]) if children else NOTHING


@lowers(DISCARDED, "unary_expression")
def _discarded_unary(body: Body, node: Node) -> Value:
    argument = node.child_by_field_name("argument")
    if argument is not None and operator_of(node) == "void":
        return discarded(body, argument)
    return _unary(body, node)


@lowers(EXPRESSIONS, "unary_expression")
def _unary(body: Body, node: Node) -> Value:
    operator = operator_of(node)
    argument = node.child_by_field_name("argument")
    if argument is None:
        return NOTHING
    value = expression(body, argument)
    if operator == "void":
        return UNDEFINED
    if operator == "delete":
        if isinstance(value, Ref):
            body.emit(Delete(value.place, Span(*node.byte_range)))
        return NOTHING
    if operator == "-" and isinstance(value, Const) and value.kind == "number":
        return Const("number", f"-{value.text}")
    return Derived((value,))


@lowers(EXPRESSIONS, "update_expression")
def _update(body: Body, node: Node) -> Value:
    argument = node.child_by_field_name("argument")
    value = expression(body, argument) if argument is not None else NOTHING
    if isinstance(value, Ref):
        body.emit(Assign(value.place, Derived((value,)), Span(*node.byte_range), augmented=True))
    return Derived((value,))
