"""Classes from before `class`: constructor functions, and what is put on their prototypes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from fixers.facts import RESULT, Arg, Call, Class, ClassValue, Closure, Member, Place, Ref, Value, places
from fixers.source import Span
from fixers.syntax.javascript.closures import bind_class
from fixers.syntax.javascript.literals import named_children
from fixers.syntax.javascript.lowering import Body, FileLowering, expression
from fixers.syntax.javascript.objects import members_of_object

if TYPE_CHECKING:
    from tree_sitter import Node

_CONSTRUCTOR: Final = re.compile(
    rb"(?<![\w$])([A-Za-z_$][\w$]*)\s*\.\s*prototype\b|\binherits\s*\(\s*([A-Za-z_$][\w$]*)"
)
_COPIERS: Final = frozenset({"assign", "extend", "mixin", "merge", "defineProperties"})


def names_with_prototype(data: bytes) -> frozenset[str]:
    """The names in a file of which a prototype is used or a base is set."""
    if b"prototype" not in data and b"inherits" not in data:
        return frozenset()
    return frozenset((first or second).decode() for first, second in _CONSTRUCTOR.findall(data))


def adopt_constructor(file: FileLowering, place: Place, function: int) -> None:
    """Makes a function bound to a name with a prototype the constructor of a class."""
    written = file.functions[function]
    if place in file.class_of_binding or written.kind != "function" or function not in file.waiting:
        return
    name = str(place)
    class_ = Class(name, "prototype", written.span, written.body, place.scope)
    index = file.class_of_binding[place] = file.add_class(class_)
    file.add_member(index, Member("constructor", "constructor", written.span, function))
    bind_class(file, function, index, "constructor", name)


def assigned(body: Body, target: Place, value: Value, span: Span) -> None:
    """Notes what an assignment says about a prototype: a method, its whole content, an alias, a base."""
    file = body.file
    if not target.path:
        if isinstance(value, Closure) and str(target) in file.prototype_names:
            adopt_constructor(file, target, value.function)
        elif isinstance(value, Ref):
            class_, rest = _prototype(file, value.place)
            if class_ is not None and not rest:
                file.class_of_prototype[target] = class_
        return
    class_, rest = _prototype(file, target)
    if class_ is None or len(rest) > 1:
        return
    if not rest or rest[0] == "__proto__":
        _set_base(body, file.classes[class_], value)
    elif rest[0] != "constructor":
        _add_member(file, class_, rest[0], value, span)


def _add_member(file: FileLowering, class_: int, name: str, value: Value, span: Span) -> None:
    if isinstance(value, Closure):
        bind_class(file, value.function, class_, "method", name)
        member = Member(name, "method", span, value.function)
    else:
        member = Member(name, "field", span)
    file.add_member(class_, member)


def _prototype(file: FileLowering, place: Place) -> tuple[int | None, tuple[str, ...]]:
    """The class whose prototype a place lies on, and the path below it."""
    alias = file.class_of_prototype.get(place.base)
    if alias is not None:
        return alias, place.path
    if place.path[:1] == ("prototype",):
        return file.class_of_binding.get(place.base), place.path[1:]
    return None, ()


def _set_base(body: Body, class_: Class, value: Value) -> None:
    """`X.prototype = Object.create(Base.prototype)`, `= new Base()`, `= Base.prototype`."""
    for place in places(value):
        candidate = body.prototype_sources.get(place.root, place) if place.scope == RESULT else place
        if candidate.path[-1:] == ("prototype",):
            candidate = candidate.owner
        elif candidate is place:
            continue
        if Ref(candidate) not in class_.bases:
            class_.bases += (Ref(candidate),)


def adopted_arguments(body: Body, callee: Value, node: Node) -> tuple[Arg, ...] | None:
    """The arguments of `Object.assign(X.prototype, {...})`, the literal lowered as members; None for any other call."""
    if not isinstance(callee, Ref) or not callee.place.path or callee.place.path[-1] not in _COPIERS:
        return None
    nodes = named_children(node)
    if len(nodes) < 2 or nodes[0].type not in {"member_expression", "identifier"}:
        return None
    first = expression(body, nodes[0])
    class_, rest = _prototype(body.file, first.place) if isinstance(first, Ref) else (None, ())
    if class_ is None or rest:
        return (Arg(first), *(Arg(expression(body, other)) for other in nodes[1:]))
    return (Arg(first), *(Arg(object_of_prototype(body, other, class_)) for other in nodes[1:]))


def object_of_prototype(body: Body, node: Node, class_: int) -> Value:
    """An object literal whose entries are members of a prototype."""
    if node.type != "object":
        return expression(body, node)
    return ClassValue(class_, members_of_object(body, node, class_))


def prototype_literal(body: Body, target: Place, node: Node) -> Value | None:
    """The value of `X.prototype = {...}`; None where the target is no prototype of this file."""
    class_, rest = _prototype(body.file, target)
    if class_ is None or rest or node.type != "object":
        return None
    return object_of_prototype(body, node, class_)


def called(body: Body, call: Call) -> None:
    """Notes what a call says about a prototype: `inherits(X, Base)`, `Object.create(Base.prototype)`."""
    if not isinstance(call.callee, Ref):
        return
    place = call.callee.place
    name = place.path[-1] if place.path else place.root
    values = [arg.value for arg in call.args]
    if name == "inherits" and len(values) == 2 and isinstance(values[0], Ref):
        class_ = body.file.class_of_binding.get(values[0].place)
        if class_ is not None:
            body.file.classes[class_].bases += (values[1],)
    elif name == "setPrototypeOf" and len(values) == 2 and isinstance(values[0], Ref):
        class_, rest = _prototype(body.file, values[0].place)
        if class_ is not None and not rest:
            _set_base(body, body.file.classes[class_], values[1])
    elif name == "create" and values and isinstance(values[0], Ref):
        body.prototype_sources[f"%{call.result}"] = values[0].place
    elif call.form == "new":
        body.prototype_sources[f"%{call.result}"] = place.member("prototype")
