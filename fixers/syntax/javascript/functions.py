"""The body of a function: its parameters, then its statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixers.facts import Assign, Closure, Guard, Param, Place, Ref, Return, Value
from fixers.source import Span
from fixers.syntax.javascript.classes import parameter_property
from fixers.syntax.javascript.closures import FUNCTION_DECLARATIONS, FUNCTION_EXPRESSIONS
from fixers.syntax.javascript.hoisting import declare_vars
from fixers.syntax.javascript.literals import is_plain, named_children
from fixers.syntax.javascript.lowering import BODIES, THIS_PLACE, Body, expression, lowers, name_value
from fixers.syntax.javascript.patterns import PATTERNS, bind, declare_names
from fixers.syntax.javascript.statements import statement_list
from fixers.syntax.javascript.written_types import type_text

if TYPE_CHECKING:
    from tree_sitter import Node


@lowers(BODIES, "method_definition", *FUNCTION_EXPRESSIONS, *FUNCTION_DECLARATIONS)
def _lower_function(body: Body, node: Node) -> None:
    nodes = _parameter_nodes(node)
    _parameters(body, nodes)
    _own_name(body, node)
    for parameter in nodes:
        name = parameter_property(parameter)
        if name is not None:
            text = body.file.text(name)
            target = THIS_PLACE.member(text)
            body.emit(Assign(target, Ref(body.lookup(text)), Span(*parameter.byte_range)))
    block = node.child_by_field_name("body")
    if block is None:
        return
    if block.type == "statement_block":
        statements = block.named_children
        declare_vars(body, statements)
        statement_list(body, statements)
    else:
        value = expression(body, block)
        body.emit(Return(value, Span(*block.byte_range)))


def _own_name(body: Body, node: Node) -> None:
    """The name of a function expression is bound within it alone."""
    name = node.child_by_field_name("name") if node.type in FUNCTION_EXPRESSIONS else None
    if name is not None and body.file.text(name) not in body.scope.names:
        place = body.scope.declare(body.file.text(name))
        body.emit(Assign(place, Closure(body.index), Span(*name.byte_range), declares=True))


def _parameter_nodes(node: Node) -> list[Node]:
    single = node.child_by_field_name("parameter")
    if single is not None:
        return [single]
    parameters = node.child_by_field_name("parameters")
    nodes = named_children(parameters) if parameters is not None else []
    return [parameter for parameter in nodes if _pattern_of(parameter).type != "this"]


def _pattern_of(parameter: Node) -> Node:
    """What a parameter binds, its type, default and modifiers left aside."""
    if parameter.type in {"required_parameter", "optional_parameter"}:
        return parameter.child_by_field_name("pattern") or parameter
    if parameter.type == "assignment_pattern":
        return parameter.child_by_field_name("left") or parameter
    return parameter


def _without_rest(pattern: Node) -> Node:
    return next(iter(named_children(pattern)), pattern) if pattern.type == "rest_pattern" else pattern


def _parameters(body: Body, nodes: list[Node]) -> None:
    """Declares all parameters, then evaluates defaults and takes destructured ones apart, in order."""
    for parameter in nodes:
        written = type_text(body.file.data, parameter.child_by_field_name("type"))
        declare_names(body.scope, body.file, _without_rest(_pattern_of(parameter)), written)
    params: list[Param] = []
    for index, parameter in enumerate(nodes):
        params.append(_parameter(body, index, parameter))
    body.function.params = tuple(params)


def _parameter(body: Body, index: int, parameter: Node) -> Param:
    pattern = _pattern_of(parameter)
    kind = "rest" if pattern.type == "rest_pattern" else "positional"
    pattern = _without_rest(pattern)
    name = body.file.text(pattern) if pattern.type == "identifier" else ""
    place = body.lookup(name) if name else Place(f"<{index}>", body.index)
    default = _default(body, place, name, parameter)
    if pattern.type in PATTERNS:
        bind(body, pattern, Ref(place), Span(*parameter.byte_range), declares=True)
    written = type_text(body.file.data, parameter.child_by_field_name("type"))
    return Param(name, kind, written, default)


def _default(body: Body, place: Place, name: str, parameter: Node) -> Value | None:
    """The default of a parameter; one that does something is evaluated where the argument is absent."""
    node = parameter.child_by_field_name("value") or parameter.child_by_field_name("right")
    if node is None or parameter.type not in {"required_parameter", "optional_parameter", "assignment_pattern"}:
        return None
    if is_plain(node):
        value = expression(body, node)
        name_value(body.file, value, name, name)
        return value
    graph = body.graph
    span = Span(*node.byte_range)
    missing, join = graph.block(), graph.block()
    graph.split(
        missing,
        join,
        [Guard(Ref(place), "absent", span, strict=True)],
        [Guard(Ref(place), "present", span, strict=True)],
    )
    graph.resume(missing)
    value = expression(body, node)
    body.emit(Assign(place, value, span))
    graph.jump(join)
    graph.resume(join)
    return value
