"""JSX: an element is a call of its tag with a record of its attributes; its children are the entry `children`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixers.facts import Arg, Call, Const, Record, Ref, Sequence, Value, result
from fixers.source import Span
from fixers.syntax.javascript.literals import named_children, spread_value
from fixers.syntax.javascript.lowering import EXPRESSIONS, NOTHING, Body, expression, lowers, name_value

if TYPE_CHECKING:
    from tree_sitter import Node


@lowers(EXPRESSIONS, "jsx_element", "jsx_fragment")
def _element(body: Body, node: Node) -> Value:
    opening = node.child_by_field_name("open_tag")
    children = [
        child
        for child in node.named_children
        if child.type not in {"jsx_opening_element", "jsx_closing_element", "jsx_text", "html_character_reference"}
    ]
    return _call(body, node, opening if opening is not None else node, children)


@lowers(EXPRESSIONS, "jsx_self_closing_element")
def _self_closing(body: Body, node: Node) -> Value:
    return _call(body, node, node, [])


def _call(body: Body, node: Node, opening: Node, children: list[Node]) -> Value:
    tag = opening.child_by_field_name("name")
    callee = _tag(body, tag)
    entries: list[tuple[str | None, Value]] = [
        _attribute(body, attribute) for attribute in opening.children_by_field_name("attribute")
    ]
    values = [value for child in children for value in _child(body, child)]
    for value in values:
        name_value(body.file, value, "", str(callee.place))
    if values:
        entries.append(("children", values[0] if len(values) == 1 else Sequence(tuple(values))))
    number = body.graph.number()
    tag_span = Span(*tag.byte_range) if tag is not None else Span(*opening.byte_range)
    args = (Arg(Record(tuple(entries))),)
    body.emit(Call(number, callee, args, Span(*node.byte_range), tag_span, Span(*opening.byte_range), "jsx"))
    return Ref(result(number))


def _tag(body: Body, tag: Node | None) -> Ref:
    """The callee: a component of the program, or the name of an intrinsic element."""
    if tag is None:
        return Ref(body.file.global_place("Fragment"))
    text = body.file.text(tag)
    if tag.type == "identifier" and not text[:1].islower():
        return Ref(body.lookup(text))
    if tag.type in {"member_expression", "nested_identifier"}:
        first, *steps = text.split(".")
        place = body.this_place() if first == "this" else body.lookup(first)
        return Ref(place.member(*steps[:8]))
    return Ref(body.file.global_place(text))


def _attribute(body: Body, node: Node) -> tuple[str | None, Value]:
    parts = named_children(node)
    if node.type != "jsx_attribute":
        return None, (spread_value(body, parts[0]) if parts else NOTHING)
    if not parts:
        return None, NOTHING
    name = body.file.text(parts[0])
    if len(parts) == 1:
        return name, Const("boolean", "true")
    value = next(iter(_child(body, parts[1])), NOTHING)
    name_value(body.file, value, "", name)
    return name, value


def _child(body: Body, node: Node) -> list[Value]:
    if node.type != "jsx_expression":
        return [expression(body, node)]
    return [
        spread_value(body, inner) if inner.type == "spread_element" else expression(body, inner)
        for inner in named_children(node)[:1]
    ]
