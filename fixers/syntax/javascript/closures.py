"""Functions written in an expression or a statement: their facts and number; their bodies are lowered later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fixers.facts import Closure, Function, Place, Value
from fixers.source import Span
from fixers.syntax.javascript.lowering import EXPRESSIONS, THIS_PLACE, Body, FileLowering, Pending, lowers
from fixers.syntax.javascript.written_types import type_text

if TYPE_CHECKING:
    from tree_sitter import Node

    from fixers.syntax.javascript.scopes import Scope

FUNCTION_EXPRESSIONS: Final = frozenset({"arrow_function", "function_expression", "generator_function"})
_AFTER_MODIFIERS: Final = frozenset(
    {"formal_parameters", "identifier", "property_identifier", "private_property_identifier"}
)
FUNCTION_DECLARATIONS: Final = frozenset({"function_declaration", "generator_function_declaration"})


@lowers(EXPRESSIONS, *FUNCTION_EXPRESSIONS)
def _function_expression(body: Body, node: Node) -> Value:
    return closure(body, node)


def closure(body: Body, node: Node) -> Closure:
    """The function that a node writes; asked again (in a copy of a finally body) it is the same one."""
    known = body.file.functions_at.get(node.start_byte)
    if known is not None:
        return Closure(known)
    is_arrow = node.type == "arrow_function"
    name = node.child_by_field_name("name")
    index = add_function(
        body,
        node,
        "arrow" if is_arrow else "function",
        name=body.file.text(name) if name is not None else "",
        name_node=name,
        class_=body.function.class_ if is_arrow else None,
    )
    return Closure(index)


def method(
    body: Body, node: Node, kind: str, name: str, class_: int | None, decorators: tuple[Value, ...] = ()
) -> Closure:
    """The function of a method, accessor or constructor, or of a property that is one: its `this` is the class's."""
    known = body.file.functions_at.get(node.start_byte)
    if known is not None:
        return Closure(known)
    name_node = node.child_by_field_name("name")
    return Closure(add_function(body, node, kind, name=name, name_node=name_node, class_=class_, decorators=decorators))


def add_function(
    body: Body,
    node: Node,
    kind: str,
    *,
    name: str,
    name_node: Node | None,
    class_: int | None,
    decorators: tuple[Value, ...] = (),
) -> int:
    """Enters a function into the facts and queues its body."""
    file = body.file
    block = node.child_by_field_name("body")
    is_expression = block is not None and block.type != "statement_block"
    start, end = block.byte_range if block is not None else (node.end_byte, node.end_byte)
    if block is not None and not is_expression:
        start, end = start + 1, max(start + 1, end - 1)
    function = Function(
        name,
        kind,
        Span(*node.byte_range),
        Span(start, end),
        Span(*name_node.byte_range) if name_node is not None else Span(node.start_byte, node.start_byte),
        body.index,
        class_,
        decorators=decorators,
        expression_body=is_expression,
        returns=type_text(file.data, node.child_by_field_name("return_type")),
    )
    function.is_async, function.is_generator = _modifiers(node)
    index = file.add_function(function)
    file.functions_at[node.start_byte] = index
    if kind == "arrow":
        this = body.this
    elif class_ is not None:
        this = THIS_PLACE
    else:
        this = Place("this", index)
    queue(body, index, node, body.scope, this)
    return index


def queue(body: Body, index: int, node: Node, scope: Scope, this: Place) -> None:
    """Has a function lowered once everything before it is."""
    body.file.later(Pending(index, node, scope, this))


def _modifiers(node: Node) -> tuple[bool, bool]:
    """Whether a function is async, and whether it is a generator."""
    is_async, is_generator = False, node.type.startswith("generator")
    for child in node.children:
        kind = child.type
        if kind in _AFTER_MODIFIERS:
            break
        is_async = is_async or kind == "async"
        is_generator = is_generator or kind == "*"
    return is_async, is_generator


def bind_class(file: FileLowering, index: int, class_: int, kind: str, name: str) -> None:
    """Makes a function that is not lowered yet a member of a class: its `this` is the class's."""
    function = file.functions[index]
    pending = file.waiting.get(index)
    if pending is None or function.kind == "arrow":
        return
    function.class_ = class_
    function.kind = kind
    function.name = function.name or name
    pending.this = THIS_PLACE
