"""Calls, constructions and the chains of members they hang on; `import()` and `require`; await and yield."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fixers.facts import GLOBAL, RESULT, Arg, Await, Call, Closure, Const, Place, Ref, Sequence, Value, Yield, result
from fixers.source import Span
from fixers.syntax.javascript import prototypes
from fixers.syntax.javascript.literals import (
    arguments,
    key_step,
    member,
    named_children,
    template_parts,
)
from fixers.syntax.javascript.lowering import (
    DISCARDED,
    EXPRESSIONS,
    NOTHING,
    Body,
    discarded,
    expression,
    lowers,
    name_value,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_NAMED_BY_EVENT: Final = frozenset(
    {
        "on", "once", "off", "addListener", "prependListener", "prependOnceListener", "removeListener",
        "addEventListener", "removeEventListener", "subscribe", "psubscribe", "unsubscribe", "listen", "watch",
    }
)  # fmt: skip
_LINK_FIELD: Final = {"call_expression": "function", "member_expression": "object", "subscript_expression": "object"}


@lowers(EXPRESSIONS, "call_expression", "member_expression", "subscript_expression", "non_null_expression")
def _chain(body: Body, node: Node) -> Value:
    return chain(body, node)


def chain(body: Body, node: Node, *, statement: bool = False) -> Value:
    """Lowers `a.b().c[d]()` from its beginning, however long; `statement` when nothing uses the result."""
    links: list[Node] = []
    inner: Node | None = node
    base = node
    while inner is not None:
        base = inner
        field = _LINK_FIELD.get(base.type)
        if field is not None:
            links.append(base)
            inner = base.child_by_field_name(field)
        elif base.type == "non_null_expression":
            inner = next(iter(named_children(base)), None)
        else:
            break
    value = NOTHING if inner is None else expression(body, base)
    callee = base
    optional = False
    for link in reversed(links):
        if link.type == "call_expression":
            last = statement and link is links[0]
            value = _call(body, link, callee, value, optional=optional, statement=last)
        else:
            optional = optional or link.child_by_field_name("optional_chain") is not None
            value = _member(body, link, callee, value)
        callee = link
    return value


def _member(body: Body, node: Node, inner: Node, value: Value) -> Value:
    if not isinstance(value, Ref):
        value = Ref(body.as_place(value, Span(*inner.byte_range)))
    if node.type == "subscript_expression":
        index = node.child_by_field_name("index")
        return member(value, key_step(body, index)) if index is not None else NOTHING
    name = node.child_by_field_name("property")
    return member(value, body.file.text(name)) if name is not None else NOTHING


def _call(body: Body, node: Node, called: Node, callee: Value, *, optional: bool, statement: bool) -> Value:
    args_node = node.child_by_field_name("arguments")
    if args_node is None:
        return NOTHING
    span = Span(*node.byte_range)
    called_span = Span(*called.byte_range)
    if args_node.type == "template_string":
        return _tagged_template(body, args_node, callee, span, called_span, statement=statement)
    if called.type == "import":
        callee = Ref(_IMPORT)
    elif not isinstance(callee, Ref | Closure):
        callee = Ref(body.as_place(callee, called_span))
    adopted = prototypes.adopted_arguments(body, callee, args_node) if body.file.prototype_names else None
    args = arguments(body, args_node) if adopted is None else adopted
    if not optional:
        optional = body.file.data[called.end_byte : args_node.start_byte].lstrip().startswith(b"?.")
    form = _import_form(callee, args)
    number = body.graph.number()
    args_span = Span(*args_node.byte_range)
    _emit(body, Call(number, callee, args, span, called_span, args_span, form, optional, statement))
    if form == "import" and isinstance(args[0].value, Const):
        body.required[f"%{number}"] = args[0].value.text
    return Ref(result(number))


_IMPORT: Final = Place("import", GLOBAL)


def _import_form(callee: Value, args: tuple[Arg, ...]) -> str:
    if not isinstance(callee, Ref) or callee.place.path or callee.place.root not in {"import", "require"} or not args:
        return "call"
    literal = isinstance(args[0].value, Const) and args[0].value.kind == "string"
    return "import" if literal or callee.place is _IMPORT else "call"


def _tagged_template(
    body: Body, template: Node, callee: Value, span: Span, called_span: Span, *, statement: bool
) -> Value:
    parts = template_parts(body, template) or ()
    if not isinstance(callee, Ref | Closure):
        callee = Ref(body.as_place(callee, called_span))
    number = body.graph.number()
    args = (Arg(Const("string", body.file.text(template)[1:-1])), *map(Arg, parts))
    template_span = Span(*template.byte_range)
    _emit(body, Call(number, callee, args, span, called_span, template_span, "template", statement=statement))
    return Ref(result(number))


def _emit(body: Body, call: Call) -> None:
    body.emit(call)
    if body.file.prototype_names:
        prototypes.called(body, call)
    _name_arguments(body, call.callee, call.args)


def _name_arguments(body: Body, callee: Value, args: tuple[Arg, ...]) -> None:
    """Names the functions among the arguments after what they are given to."""
    if not isinstance(callee, Ref):
        return
    receiver = ""
    for arg in args:
        value = arg.value
        if isinstance(value, Closure):
            receiver = receiver or receiver_text(callee.place, args)
            name_value(body.file, value, "", receiver)
        elif isinstance(value, Sequence):
            receiver = receiver or receiver_text(callee.place, args)
            for item in value.items:
                name_value(body.file, item, "", receiver)


def receiver_text(place: Place, args: tuple[Arg, ...]) -> str:
    """What takes a function, for people: `useEffect`, `server.on('connection')`; after a call only the last member."""
    text = str(place) if place.scope != RESULT else ".".join(place.path) or "call"
    first = args[0].value if args else None
    name = place.path[-1] if place.path else place.root
    if name in _NAMED_BY_EVENT and isinstance(first, Const) and first.kind == "string":
        return f"{text}('{first.text}')"
    return text


@lowers(DISCARDED, "call_expression")
def _discarded_chain(body: Body, node: Node) -> Value:
    return chain(body, node, statement=True)


@lowers(DISCARDED, "new_expression")
def _discarded_new(body: Body, node: Node) -> Value:
    return construction(body, node, statement=True)


@lowers(DISCARDED, "await_expression")
def _discarded_await(body: Body, node: Node) -> Value:
    return awaited(body, node, statement=True)


@lowers(EXPRESSIONS, "new_expression")
def _new(body: Body, node: Node) -> Value:
    return construction(body, node)


def construction(body: Body, node: Node, *, statement: bool = False) -> Value:
    """Lowers `new X(...)` and `new X`."""
    constructor = node.child_by_field_name("constructor")
    if constructor is None:
        return NOTHING
    callee = expression(body, constructor)
    called_span = Span(*constructor.byte_range)
    if not isinstance(callee, Ref | Closure):
        callee = Ref(body.as_place(callee, called_span))
    args_node = node.child_by_field_name("arguments")
    args = arguments(body, args_node) if args_node is not None else ()
    args_span = Span(*args_node.byte_range) if args_node is not None else Span(node.end_byte, node.end_byte)
    number = body.graph.number()
    span = Span(*node.byte_range)
    _emit(body, Call(number, callee, args, span, called_span, args_span, "new", statement=statement))
    return Ref(result(number))


@lowers(EXPRESSIONS, "await_expression")
def _await(body: Body, node: Node) -> Value:
    return awaited(body, node)


def awaited(body: Body, node: Node, *, statement: bool = False) -> Value:
    """Lowers `await x`."""
    inner = named_children(node)
    if not inner:
        return NOTHING
    value = discarded(body, inner[-1]) if statement else expression(body, inner[-1])
    number = body.graph.number()
    body.emit(Await(number, value, Span(*node.byte_range)))
    if isinstance(value, Ref) and value.place.root in body.required and not value.place.path:
        body.required[f"%{number}"] = body.required[value.place.root]
    return Ref(result(number))


@lowers(EXPRESSIONS, "yield_expression")
def _yield(body: Body, node: Node) -> Value:
    inner = named_children(node)
    value = expression(body, inner[-1]) if inner else None
    delegates = any(child.type == "*" for child in node.children[1:2])
    number = body.graph.number()
    body.emit(Yield(number, value, Span(*node.byte_range), delegates))
    return Ref(result(number))
