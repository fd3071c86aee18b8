"""Whether what an acquisition names is also seen, under the same name, where its release would stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixers.facts import GLOBAL, THIS, Place
from fixers.fixes.javascript.script import DECLARATIONS, LISTS, own_nodes, statements

if TYPE_CHECKING:
    from tree_sitter import Node

    from fixers.facts import Value
    from fixers.fixes.javascript.context import Context


def in_function(context: Context, place: Place, function: int) -> bool:
    """Whether a place is seen from everywhere in a function's outermost block."""
    if place.scope in {GLOBAL, THIS}:
        return True
    if place.scope == function:
        return _declared_in_body(context, place, function)
    return place.scope >= 0 and place.scope in set(context.ancestry(function))


def in_class(context: Context, place: Place, class_: int) -> bool:
    """Whether a place is seen from every method of a class."""
    return place.scope in {GLOBAL, THIS, 0} or place.scope in set(context.ancestry(context.facts.classes[class_].scope))


def _declared_in_body(context: Context, place: Place, function: int) -> bool:
    name = place.root.split("#", 1)[0]
    if any(param.name == name for param in context.function(function).params):
        return True
    body = context.body_node(function)
    if body.type not in LISTS:
        return False
    declared = [
        node for node in own_nodes(context.function_node(function), {"variable_declarator"}) if _binds(node, name)
    ]
    if len(declared) > 1:
        return False
    return any(_declares(node, name) for node in statements(body)) or any(
        node.parent is not None and node.parent.type == "variable_declaration" for node in declared
    )


def _declares(statement: Node, name: str) -> bool:
    if statement.type in DECLARATIONS:
        return any(_binds(child, name) for child in statement.named_children)
    declared = statement.child_by_field_name("name")
    return declared is not None and declared.text == name.encode()


def _binds(declarator: Node, name: str) -> bool:
    pattern = declarator.child_by_field_name("name")
    if pattern is None:
        return False
    stack = [pattern]
    while stack:
        node = stack.pop()
        if node.type in {"identifier", "shorthand_property_identifier_pattern"} and node.text == name.encode():
            return True
        stack.extend(node.named_children)
    return False


def is_reassigned(context: Context, value: Value | None) -> bool:
    """Whether the binding behind a value is filled at more than one place."""
    place = getattr(value, "place", None)
    if not isinstance(place, Place) or place.scope < 0:
        return False
    return len({assign.span for _, assign in context.judge.names.assigned.get(place.base, [])}) > 1
