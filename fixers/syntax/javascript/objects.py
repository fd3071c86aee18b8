"""Object literals: records of values, or, where a function in them uses `this`, classes of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fixers.facts import ELEMENT, Class, ClassValue, Derived, Member, Record, Ref, Value
from fixers.source import Span
from fixers.syntax.javascript.closures import FUNCTION_EXPRESSIONS, method
from fixers.syntax.javascript.literals import key_step, named_children, spread_value, string_value, unwrapped
from fixers.syntax.javascript.lowering import EXPRESSIONS, Body, FileLowering, expression, lowers, name_value

if TYPE_CHECKING:
    from tree_sitter import Node

Entries = tuple[tuple[str | None, Value], ...]
_OWN_THIS: Final = frozenset({"function_expression", "generator_function"})
_HAS_THIS: Final = _OWN_THIS | {"method_definition"}
_NEW_THIS: Final = _OWN_THIS | {
    "function_declaration",
    "generator_function_declaration",
    "class_body",
    "method_definition",
}
_ACCESSORS: Final = {"get": "getter", "set": "setter"}


@lowers(EXPRESSIONS, "object")
def _object(body: Body, node: Node) -> Value:
    if not _uses_this(body.file, node):
        return Record(_entries(body, node, None))
    class_ = object_class(body, node)
    return ClassValue(class_, _entries(body, node, class_))


def object_class(body: Body, node: Node, outer: int | None = None, outer_key: str | None = None) -> int:
    """The class of an object literal; it has no members yet."""
    known = body.file.classes_at.get(node.start_byte)
    if known is not None:
        return known
    start, end = node.byte_range
    class_ = Class(
        outer_key or "", "object", Span(start, end), Span(start + 1, max(start + 1, end - 1)), body.index,
        outer=outer, outer_key=outer_key,
    )  # fmt: skip
    index = body.file.classes_at[node.start_byte] = body.file.add_class(class_)
    return index


def members_of_object(body: Body, node: Node, class_: int) -> Entries:
    """Lowers the entries of an object literal as members of a class (`X.prototype = {...}`)."""
    return _entries(body, node, class_)


def _entries(body: Body, node: Node, class_: int | None) -> Entries:
    entries: list[tuple[str | None, Value]] = []
    for child in named_children(node):
        kind = child.type
        member: Member | None = None
        if kind == "spread_element":
            entries.append((None, spread_value(body, child)))
        elif kind == "shorthand_property_identifier":
            name = body.file.text(child)
            entries.append((name, Ref(body.lookup(name))))
            member = Member(name, "field", Span(*child.byte_range))
        elif kind in {"pair", "method_definition"}:
            key, value, member = _entry(body, child, class_)
            entries.append((key, value))
        else:
            continue
        if class_ is not None and member is not None and member.name != "constructor":
            body.file.add_member(class_, member)
    return tuple(entries)


def _entry(body: Body, node: Node, class_: int | None) -> tuple[str, Value, Member]:
    if node.type == "method_definition":
        key = property_key(body, node.child_by_field_name("name"))
        kind = next((_ACCESSORS[child.type] for child in node.children[:2] if child.type in _ACCESSORS), "method")
        function = method(body, node, kind, key, class_)
        value: Value = function if kind == "method" else Derived((function,))
        return key, value, Member(key, kind, Span(*node.byte_range), function.function)
    key = property_key(body, node.child_by_field_name("key"))
    span = Span(*node.byte_range)
    written = node.child_by_field_name("value")
    if written is None:
        return key, Derived(), Member(key, "field", span)
    inner = unwrapped(written)
    if class_ is not None and inner.type in _OWN_THIS:
        function = method(body, inner, "method", key, class_)
        name_value(body.file, function, key, key)
        return key, function, Member(key, "method", span, function.function)
    if class_ is not None and inner.type == "object" and _has_functions(inner):
        nested = object_class(body, inner, class_, key)
        return key, ClassValue(nested, _entries(body, inner, nested)), Member(key, "field", span)
    value = expression(body, written)
    name_value(body.file, value, key, key)
    return key, value, Member(key, "field", span)


def property_key(body: Body, node: Node | None) -> str:
    """The name of a property or member as a path step; a computed one is evaluated."""
    if node is None:
        return ELEMENT
    if node.type == "computed_property_name":
        inner = named_children(node)
        return key_step(body, inner[0]) if inner else ELEMENT
    return string_value(body, node) if node.type == "string" else body.file.text(node)


def _uses_this(file: FileLowering, node: Node) -> bool:
    """Whether a function of the object, or of an object within it, uses its own `this`."""
    stack = [node]
    while stack:
        current = stack.pop()
        if not file.may_have_this(current):
            continue
        for child in current.named_children:
            value = child if child.type == "method_definition" else child.child_by_field_name("value")
            if value is None:
                continue
            value = unwrapped(value)
            if value.type == "object":
                stack.append(value)
            elif value.type in _HAS_THIS and _function_uses_this(file, value):
                return True
    return False


def _function_uses_this(file: FileLowering, function: Node) -> bool:
    stack = [part for name in ("parameters", "body") if (part := function.child_by_field_name(name)) is not None]
    while stack:
        node = stack.pop()
        if node.type in {"this", "super"}:
            return True
        if file.may_have_this(node) and node.type not in _NEW_THIS:
            stack.extend(node.children)
    return False


def _has_functions(node: Node) -> bool:
    stack = [node]
    while stack:
        for child in stack.pop().named_children:
            if child.type == "method_definition":
                return True
            value = child.child_by_field_name("value") if child.type == "pair" else None
            if value is not None:
                value = unwrapped(value)
                if value.type in FUNCTION_EXPRESSIONS:
                    return True
                if value.type == "object":
                    stack.append(value)
    return False
