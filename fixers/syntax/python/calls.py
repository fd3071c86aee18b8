"""Attributes, subscripts and calls, which chain: `open(p).read().splitlines()[0]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fixers.facts import ELEMENT, Arg, Call, Closure, Const, Derived, Ref, Sequence, Value, result
from fixers.source import Span
from fixers.syntax.python.expressions import all_values, awaited, key_text
from fixers.syntax.python.grammar import field, parts, span_of
from fixers.syntax.python.values import element, member

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tree_sitter import Node

    from fixers.syntax.python.body import Body, Expression

_LINKS: Final = {"attribute": field("object"), "subscript": field("value"), "call": field("function")}
"""The nodes a chain consists of, and the field under which each holds the chain before it."""
_ATTRIBUTE, _FUNCTION, _ARGUMENTS = field("attribute"), field("function"), field("arguments")
_NAME, _VALUE = field("name"), field("value")
_SPREADS: Final = {"list_splat": "*", "dictionary_splat": "**"}
_CALLEE_TEXT_BYTES: Final = 80


def chain(body: Body, node: Node, *, statement: bool = False) -> Value:
    """Lowers a chain from its root outwards; a chain nests one level a link, so it is walked in a loop.

    `statement`: the whole is an expression statement, so that nothing uses the result of its last call.
    """
    links: list[tuple[str, Node]] = []
    root: Node | None = node
    splat = False
    while root is not None:
        kind = root.type
        if (inner := _LINKS.get(kind)) is not None:
            links.append((kind, root))
            root = root.child_by_field_id(inner)
        elif links and kind == "list_splat":
            # In a tuple without parentheses the grammar takes `*a.b()` for `(*a).b()`.
            splat = True
            root = root.named_child(0)
        else:
            break
    value: Value = body.value(root) if root is not None else Derived()
    start = root.start_byte if root is not None else node.start_byte
    steps: list[str] = []
    for kind, link in reversed(links):
        if kind == "attribute":
            name = link.child_by_field_id(_ATTRIBUTE)
            steps.append(body.file.name(name) if name is not None else ELEMENT)
            continue
        if kind == "subscript" and (step := _subscript(body, link)) is not None:
            steps.append(step)
            continue
        value = member(value, tuple(steps))
        steps.clear()
        if kind == "subscript":
            value = Sequence((element(value),))
        else:
            value = _call(body, link, value, start, statement=statement and link is node)
    value = member(value, tuple(steps))
    return Derived((value,)) if splat else value


def _subscript(body: Body, node: Node) -> str | None:
    """The path step of a subscript; None for a slice, which is a new list of the same elements."""
    indexes = node.children_by_field_name("subscript")
    values = all_values(body, indexes)
    if len(values) != 1:
        return ELEMENT
    if indexes[0].type == "slice":
        return None
    if indexes[0].type == "integer" and isinstance(values[0], Const) and values[0].text.isdecimal():
        return f"[{int(values[0].text)}]" if len(values[0].text) < 10 else ELEMENT
    key = key_text(values[0])
    return ELEMENT if key.startswith("[") else key


def _call(body: Body, node: Node, callee: Value, start: int, *, statement: bool) -> Value:
    function, written = node.child_by_field_id(_FUNCTION), node.child_by_field_id(_ARGUMENTS)
    span = Span(start, node.end_byte)
    args = arguments(body, written) if written is not None else ()
    callee_span = Span(start, function.end_byte if function is not None else start)
    _name_lambdas(body, callee_span, args)
    number = body.graph.number()
    call = Call(
        number,
        callee,
        args,
        span,
        callee_span,
        span_of(written) if written is not None else Span(span.end, span.end),
        statement=statement,
    )
    body.graph.emit(call)
    body.last_call = call
    return Ref(result(number))


def arguments(body: Body, node: Node) -> tuple[Arg, ...]:
    """The arguments in parentheses; a lone generator expression brings its own."""
    if node.type != "argument_list":
        return (Arg(body.value(node)),)
    args: list[Arg] = []
    for arg in parts(node):
        kind = arg.type
        if kind == "keyword_argument":
            name, value = arg.child_by_field_id(_NAME), arg.child_by_field_id(_VALUE)
            if name is not None and value is not None:
                args.append(Arg(body.value(value), body.file.name(name)))
        elif kind in _SPREADS:
            inner = parts(arg)
            args.append(Arg(body.value(inner[0]) if inner else Derived(), _SPREADS[kind]))
        else:
            args.append(Arg(body.value(arg)))
    return tuple(args)


def _name_lambdas(body: Body, callee: Span, args: tuple[Arg, ...]) -> None:
    """A lambda is known by what it is handed to: `loop.call_later`, `server.on('connection')`."""
    event: str | None = None
    for arg in args:
        value = arg.value
        if isinstance(value, Const):
            event = value.text if event is None and value.kind == "string" else event
        elif isinstance(value, Closure) and body.file.functions[value.function].kind == "lambda":
            if callee.end - callee.start > _CALLEE_TEXT_BYTES:
                continue
            text = "".join(body.file.source.text(callee).split())
            body.file.functions[value.function].given_to = f"{text}({event!r})" if event else text


def discard(body: Body, node: Node) -> None:
    """Lowers an expression whose value nothing uses."""
    while node.type == "parenthesized_expression" and len(inner := parts(node)) == 1:
        node = inner[0]
    if node.type == "await" and (inner := parts(node)) and inner[0].type == "call":
        awaited(body, chain(body, inner[0], statement=True), node)
    elif node.type == "call":
        chain(body, node, statement=True)
    elif node.type != "string":
        body.value(node)


def type_of(body: Body, word: Node, node: Node) -> Value:
    """`type(x).y`, which the grammar takes for a type statement's `(x).y` when `= value` follows; `word` is `type`."""
    links: list[Node] = []
    root: Node | None = node
    while root is not None and root.type == "attribute":
        links.append(root)
        root = root.child_by_field_name("object")
    if root is None or root.type != "parenthesized_expression":
        return body.value(node)
    args = tuple(Arg(value) for value in all_values(body, parts(root)))
    number = body.graph.number()
    span = Span(word.start_byte, root.end_byte)
    body.graph.emit(Call(number, body.named("type"), args, span, span_of(word), span_of(root)))
    names = [link.child_by_field_name("attribute") for link in reversed(links)]
    return Ref(result(number).member(*(body.file.name(name) for name in names if name is not None)))


CHAINS: Final[Mapping[str, Expression]] = {"attribute": chain, "subscript": chain, "call": chain}
