"""`def`, `class` and decorators, where they are executed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fixers.facts import ClassValue, Closure, Derived, Member, Value
from fixers.source import Span
from fixers.syntax.python.expressions import lower_defaults
from fixers.syntax.python.grammar import parts, span_of
from fixers.syntax.python.scopes import ScopeKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tree_sitter import Node

    from fixers.syntax.python.body import Body, Statement

_MEMBER_KINDS: Final = frozenset({"constructor", "getter", "setter"})


def _decorated(body: Body, node: Node) -> None:
    decorators: list[Value] = []
    for child in node.named_children:
        if child.type == "decorator":
            decorators.extend(_decorator(body, inner) for inner in parts(child))
    definition = node.child_by_field_name("definition")
    if definition is None:
        return
    if definition.type == "class_definition":
        _define_class(body, definition, tuple(decorators))
    else:
        _define_function(body, definition, tuple(decorators))


def _decorator(body: Body, node: Node) -> Value:
    """A decorator that is called stays recognisable: what is called, then its arguments."""
    value = body.value(node)
    if node.type != "call" or body.last_call is None:
        return value
    return Derived((body.last_call.callee, *(arg.value for arg in body.last_call.args)))


def _function(body: Body, node: Node) -> None:
    _define_function(body, node, ())


def _class(body: Body, node: Node) -> None:
    _define_class(body, node, ())


def _define_function(body: Body, node: Node, decorators: tuple[Value, ...]) -> None:
    index = body.file.function_of[node.id]
    function = body.file.functions[index]
    function.decorators = decorators
    lower_defaults(body, index)
    _bind(body, node, Closure(index), function.name_span)
    if body.scope.kind is ScopeKind.CLASS:
        kind = function.kind if function.kind in _MEMBER_KINDS else "method"
        static = function.kind == "static" or _is_class_method(body, decorators)
        type_ = function.returns if kind == "getter" else None
        body.add_member(Member(function.name, kind, function.span, index, type_, static, decorators))


def _is_class_method(body: Body, decorators: tuple[Value, ...]) -> bool:
    name = body.named("classmethod")
    return name in decorators


def _define_class(body: Body, node: Node, decorators: tuple[Value, ...]) -> None:
    index = body.file.class_of[node.id]
    class_ = body.file.classes[index]
    class_.decorators = decorators
    bases: list[Value] = []
    superclasses = node.child_by_field_name("superclasses")
    for base in parts(superclasses) if superclasses is not None else []:
        if base.type == "keyword_argument":
            value = base.child_by_field_name("value")
            if value is not None:
                body.value(value)
        else:
            bases.append(body.value(base))
    class_.bases = tuple(bases)
    name = node.child_by_field_name("name")
    _bind(body, node, ClassValue(index), span_of(name) if name is not None else Span(node.start_byte, node.start_byte))
    if body.scope.kind is ScopeKind.CLASS:
        body.add_member(Member(class_.name, "field", class_.span, static=True))


def _bind(body: Body, node: Node, value: Value, span: Span) -> None:
    name = node.child_by_field_name("name")
    if name is not None:
        body.assign(body.name(name).place, value, span)


DEFINITIONS: Final[Mapping[str, Statement]] = {
    "decorated_definition": _decorated,
    "function_definition": _function,
    "class_definition": _class,
}
