"""Statements other than loops and exports: blocks, declarations, branches, `switch`, `try`, jumps, `using`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from fixers.facts import Assign, Const, Enter, Exit, ExitKind, Record, Ref, Return, Throw, Value, result
from fixers.source import Span
from fixers.syntax.graph import Handler
from fixers.syntax.javascript.classes import CLASS_DECLARATIONS
from fixers.syntax.javascript.conditions import condition, equality
from fixers.syntax.javascript.exports import declare_class
from fixers.syntax.javascript.hoisting import NAMESPACES, SCOPED, hoist
from fixers.syntax.javascript.literals import named_children
from fixers.syntax.javascript.lowering import (
    MAX_DEPTH,
    NOTHING,
    STATEMENTS,
    UNDEFINED,
    Body,
    discarded,
    expression,
    lowers,
    statement,
)
from fixers.syntax.javascript.objects import property_key
from fixers.syntax.javascript.patterns import assign, bind, bound_names, declare_names

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tree_sitter import Node
_USING_LEVELS = 3
"""How much depth a `using` takes: what follows it in its block is lowered within it."""


def statement_list(body: Body, nodes: Sequence[Node]) -> None:
    """Lowers statements in a scope that is already entered: first what they hoist, then each in turn."""
    hoist(body, nodes)
    _statements_from(body, nodes, 0)


def _statements_from(body: Body, nodes: Sequence[Node], start: int) -> None:
    for position in range(start, len(nodes)):
        node = nodes[position]
        resources = _resources(body, node)
        if resources:
            _using(body, node, resources, partial(_statements_from, body, nodes, position + 1))
            return
        statement(body, node)


@lowers(STATEMENTS, "statement_block")
def lower_block(body: Body, node: Node) -> None:
    """Lowers a block in a scope of its own, if it declares anything."""
    children = node.named_children
    outer = body.scope
    if any(child.type in SCOPED for child in children):
        body.scope = body.inner_scope(node.start_byte)
    statement_list(body, children)
    body.scope = outer


def only_statement(body: Body, node: Node | None) -> None:
    """Lowers the statement of a branch or a loop; a declaration there is hoisted to itself."""
    if node is None:
        return
    if node.type == "statement_block":
        statement(body, node)
    else:
        statement_list(body, [node])


@lowers(STATEMENTS, "expression_statement")
def _expression_statement(body: Body, node: Node) -> None:
    for child in node.named_children:
        if child.type in NAMESPACES:
            _namespace(body, child)
        elif child.type != "comment":
            discarded(body, child)


@lowers(STATEMENTS, "lexical_declaration", "variable_declaration")
def _declaration(body: Body, node: Node) -> None:
    is_let = node.type == "lexical_declaration"
    for declarator in node.named_children:
        name = declarator.child_by_field_name("name") if declarator.type == "variable_declarator" else None
        if name is None:
            continue
        written = declarator.child_by_field_name("value")
        span = Span(*declarator.byte_range)
        if written is not None:
            bind(body, name, expression(body, written), span, declares=True)
        elif is_let:
            bind(body, name, UNDEFINED, span, declares=True)


@lowers(STATEMENTS, *CLASS_DECLARATIONS)
def _class(body: Body, node: Node) -> None:
    declare_class(body, node)


@lowers(STATEMENTS, "enum_declaration")
def _enum(body: Body, node: Node) -> None:
    name, block = node.child_by_field_name("name"), node.child_by_field_name("body")
    if name is None or block is None:
        return
    entries: list[tuple[str | None, Value]] = []
    for child in named_children(block):
        value = child.child_by_field_name("value")
        key = child.child_by_field_name("name") if child.type == "enum_assignment" else child
        entries.append((property_key(body, key), expression(body, value) if value is not None else NOTHING))
    place = body.lookup(body.file.text(name))
    assign(body, place, Record(tuple(entries)), Span(*node.byte_range), declares=True)


@lowers(STATEMENTS, *NAMESPACES)
def _namespace(body: Body, node: Node) -> None:
    inner = node.child_by_field_name("body")
    if inner is not None:
        statement(body, inner)


@lowers(STATEMENTS, "import_alias")
def _import_alias(body: Body, node: Node) -> None:
    names = named_children(node)
    if len(names) == 2:
        first, *steps = body.file.text(names[1]).split(".")
        value = Ref(body.lookup(first.strip()).member(*(step.strip() for step in steps[:8])))
        assign(body, body.lookup(body.file.text(names[0])), value, Span(*node.byte_range), declares=True)


@lowers(STATEMENTS, "if_statement")
def _if(body: Body, node: Node) -> None:
    """Lowers `if (a) b; else if (c) d; else e`, however long."""
    graph = body.graph
    join = graph.block()
    while True:
        test, alternative = node.child_by_field_name("condition"), node.child_by_field_name("alternative")
        when_true, when_false = graph.block(), graph.block()
        if test is not None:
            condition(body, test, when_true, when_false)
        graph.resume(when_true)
        only_statement(body, node.child_by_field_name("consequence"))
        graph.jump(join)
        graph.resume(when_false)
        otherwise = next(iter(named_children(alternative)), None) if alternative is not None else None
        if otherwise is None or otherwise.type != "if_statement":
            only_statement(body, otherwise)
            graph.jump(join)
            graph.resume(join)
            return
        node = otherwise


@lowers(STATEMENTS, "switch_statement")
def _switch(body: Body, node: Node) -> None:
    graph = body.graph
    tested, block = node.child_by_field_name("value"), node.child_by_field_name("body")
    value = expression(body, tested) if tested is not None else NOTHING
    cases = named_children(block) if block is not None else []
    after = graph.block()
    starts = [graph.block() for _ in cases]
    outer = body.scope
    content = [child.children_by_field_name("body") for child in cases]
    statements = [inner for nodes in content for inner in nodes]
    if block is not None and any(inner.type in SCOPED for inner in statements):
        body.scope = body.inner_scope(block.start_byte)
    hoist(body, statements)
    default = after
    for case, start in zip(cases, starts, strict=True):
        test = case.child_by_field_name("value")
        if test is None:
            default = start
        else:
            _case(body, value, test, start)
    graph.jump(default)
    with graph.loop(after, None, take_labels(body)):
        for start, nodes in zip(starts, content, strict=True):
            graph.jump(start)
            graph.resume(start)
            _statements_from(body, nodes, 0)
        graph.jump(after)
    graph.resume(after)
    body.scope = outer


def _case(body: Body, value: Value, test: Node, start: int) -> None:
    following = body.graph.block()
    if value == Const("boolean", "true"):
        condition(body, test, start, following)
    else:
        guards = equality(value, expression(body, test), Span(*test.byte_range))
        body.graph.split(start, following, *guards)
    body.graph.resume(following)


def take_labels(body: Body) -> tuple[str, ...]:
    """The labels before the loop or switch that begins here; they are no one else's."""
    labels, body.labels = body.labels, ()
    return labels


@lowers(STATEMENTS, "labeled_statement")
def _labeled(body: Body, node: Node) -> None:
    label, inner = node.child_by_field_name("label"), node.child_by_field_name("body")
    if label is None or inner is None:
        return
    labels = (*body.labels, body.file.text(label))
    if inner.type == "labeled_statement" or inner.type in _TAKES_LABELS:
        body.labels = labels
        statement(body, inner)
        body.labels = ()
        return
    body.labels = ()
    after = body.graph.block()
    with body.graph.loop(after, None, labels, labelled_only=True):
        only_statement(body, inner)
        body.graph.jump(after)
    body.graph.resume(after)


_TAKES_LABELS = frozenset({"for_statement", "for_in_statement", "while_statement", "do_statement", "switch_statement"})


@lowers(STATEMENTS, "break_statement", "continue_statement")
def _jump(body: Body, node: Node) -> None:
    label = node.child_by_field_name("label")
    name = body.file.text(label) if label is not None else None
    if node.type == "break_statement":
        body.graph.leave_loop(name)
    else:
        body.graph.next_turn(name)


@lowers(STATEMENTS, "return_statement")
def _return(body: Body, node: Node) -> None:
    inner = named_children(node)
    value = expression(body, inner[0]) if inner else None
    body.emit(Return(value, Span(*node.byte_range)))


@lowers(STATEMENTS, "throw_statement")
def _throw(body: Body, node: Node) -> None:
    inner = named_children(node)
    value = expression(body, inner[0]) if inner else None
    body.emit(Throw(value, Span(*node.byte_range)))


@lowers(STATEMENTS, "with_statement")
def _with(body: Body, node: Node) -> None:
    target = node.child_by_field_name("object")
    if target is not None:
        expression(body, target)
    only_statement(body, node.child_by_field_name("body"))


@lowers(STATEMENTS, "try_statement")
def _try(body: Body, node: Node) -> None:
    block = node.child_by_field_name("body")
    catch, final = node.child_by_field_name("handler"), node.child_by_field_name("finalizer")
    handlers = []
    if catch is not None:
        handlers.append(Handler(lambda: _catch(body, catch), frozenset({ExitKind.THROW})))
    body.graph.attempt(
        lambda: only_statement(body, block),
        handlers,
        finalizer=_in_scope(body, lambda: _finally(body, final)) if final is not None else None,
    )


def _finally(body: Body, node: Node) -> None:
    body.charge_copy(node)
    only_statement(body, node.child_by_field_name("body"))


def _in_scope(body: Body, lower: Callable[[], None]) -> Callable[[], None]:
    """Lowers in the scope of now, wherever a jump makes a copy."""
    scope = body.scope

    def run() -> None:
        inner, body.scope = body.scope, scope
        lower()
        body.scope = inner

    return run


def _catch(body: Body, node: Node) -> None:
    outer = body.scope
    parameter = node.child_by_field_name("parameter")
    if parameter is not None:
        body.scope = body.inner_scope(node.start_byte)
        declare_names(body.scope, body.file, parameter)
        for name in bound_names(parameter):
            place = body.lookup(body.file.text(name))
            body.emit(Assign(place, NOTHING, Span(*name.byte_range), declares=True))
    only_statement(body, node.child_by_field_name("body"))
    body.scope = outer


def _resources(body: Body, node: Node) -> list[tuple[Node, Node]]:
    """The patterns and values of a `using` declaration; empty for any other statement."""
    if node.type != "using_declaration" and (node.type != "lexical_declaration" or not _is_using(body, node)):
        return []
    pairs = ((part.child_by_field_name("name"), part.child_by_field_name("value")) for part in node.named_children)
    return [(name, value) for name, value in pairs if name is not None and value is not None]


def _is_using(body: Body, node: Node) -> bool:
    return bool(body.file.usings) and node.start_byte in body.file.usings


def _using(body: Body, node: Node, resources: list[tuple[Node, Node]], rest: Callable[[], None]) -> None:
    """Lowers `using a = b` and the rest of its block, at whose every way out the resource is disposed of."""
    is_async = body.file.usings.get(node.start_byte, node.children[0].type == "await")
    (name, value), *others = resources
    managed(
        body,
        (name, expression(body, value), Span(*node.byte_range)),
        lambda: _using(body, node, others, rest) if others else rest(),
        is_async=is_async,
    )


def managed(body: Body, resource: tuple[Node, Value, Span], rest: Callable[[], None], *, is_async: bool) -> None:
    """Enters a resource, binds it, and leaves it on every way out of `rest`."""
    name, manager, span = resource
    number = body.graph.number()
    body.emit(Enter(number, manager, span, is_async))
    bind(body, name, Ref(result(number)), span, declares=True)
    if body.depth >= MAX_DEPTH:
        body.too_deep(name)
        return
    body.depth += _USING_LEVELS
    body.graph.attempt(rest, finalizer=lambda: body.emit(Exit(manager, span, is_async)))
    body.depth -= _USING_LEVELS
