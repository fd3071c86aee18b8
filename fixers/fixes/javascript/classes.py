"""Classes: what a method starts, the class's teardown has to end; its handle is put into a field if it was dropped."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from fixers.facts import THIS, Call, Choice, Const, Place, Ref, operands, places
from fixers.findings import Family
from fixers.fixes.javascript import bindings, class_members, cleanups, listeners, releasing, visibility
from fixers.fixes.javascript.script import (
    FUNCTIONS,
    LISTS,
    LOOPS,
    is_async,
    is_generator,
    own_nodes,
    span_of,
    statements,
)
from fixers.fixes.model import CannotFixError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from fixers.facts import Value
    from fixers.fixes.javascript.context import Context
    from fixers.source import Span

_PLAIN: Final = re.compile(r"[\w$.?#]+")
_MAX_BRANCHES: Final = 20
_TRIES: Final = frozenset({"try_statement", "switch_statement", "labeled_statement"})
_EMPTIES: Final = re.compile(r"(?:delete this\.[\w.#$]+|this\.[\w.#$]+ ?= ?(?:null|undefined|void 0|\[\]|\{\}));?")
_SETS_NOTHING: Final = re.compile(r"this\.[\w.#$]+ = (?:null|undefined|void 0);?")


def mend(context: Context) -> None:
    """Has the class's teardown release what its methods acquire.

    Raises:
        CannotFixError: nothing ends an instance, or the handle cannot be named there.
    """
    leak = context.leak
    class_ = leak.owner.class_
    assert class_ is not None
    teardown = _teardown(context, class_)
    lifecycle = context.judge.owners.teardown(class_)
    if teardown is None and (lifecycle is None or not lifecycle.lifecycle.written_as):
        raise CannotFixError(
            f"nothing ends a `{leak.owner.name}`; a person has to decide what should, and who calls it"
        )
    releasing.check_rearming(context)
    releasing.check_ends_by_itself(context)
    _check_restart(context, class_, teardown)
    waits = _waits(context, teardown)
    release = _release(context, class_, waits=waits)
    if teardown is None:
        assert lifecycle is not None
        name = class_members.add_teardown(context, class_, lifecycle.lifecycle, release)
    else:
        name = _name(context, teardown)
        _into(context, teardown, release)
    context.patch.summary = f"{context.verb} the {leak.resource.noun} in {name}()"


def _name(context: Context, teardown: Node) -> str:
    """The name of a teardown, for people."""
    span = span_of(teardown)
    members = context.leak.teardown_members
    return next(
        (item.name for item in members if item.function is not None and context.function(item.function).span == span),
        "",
    )


def _check_restart(context: Context, class_: int, teardown: Node | None) -> None:
    """What the constructor starts must not end in a method after which the instance may be started again."""
    found = context.judge.owners.teardown(class_)
    at_birth = context.function(context.leak.function).kind in {"constructor", "initializer"}
    if found is not None and teardown is not None and not found.final and at_birth:
        context.patch.doubt(
            f"after {_name(context, teardown)}() the instance may go on, without what its constructor started"
        )


def _waits(context: Context, teardown: Node | None) -> bool:
    if not releasing.is_awaited(context):
        return False
    if teardown is not None and is_async(teardown):
        return True
    context.patch.doubt("its release has to be awaited, and the teardown is not async")
    return False


def _teardown(context: Context, class_: int) -> Node | None:
    """The method of this very class in which the release belongs; None where there is none.

    Raises:
        CannotFixError: there is one, but it cannot be written into.
    """
    found = context.judge.owners.teardown(class_)
    if found is None:
        return None
    # Where a framework ends instances, it may pause one, or ask whether to leave it, and go on with it.
    members = found.final or (() if found.lifecycle.called_by_framework else found.pausing)
    own = {member.function for member in members if member in context.facts.classes[class_].members}
    functions = [member.function for member in members if member.function is not None and member.function in own]
    usable = [index for index in functions if _is_usable(context.function_node(index))]
    if not usable:
        if members and not found.lifecycle.called_by_framework:
            raise CannotFixError("its teardown is a base class's, or has a form that no fix is written for")
        return None
    beside = next((index for index in usable if _siblings(context, context.function_node(index))), None)
    return context.function_node(_innermost(context, usable) if beside is None else beside)


def _is_usable(function: Node) -> bool:
    body = function.child_by_field_name("body")
    return body is not None and body.type == "statement_block" and not is_generator(function)


def _innermost(context: Context, teardowns: Sequence[int]) -> int:
    """The first teardown or, where that one runs another one, which may also be called by itself, the other one."""
    reached = context.judge.calls.reached
    chosen = teardowns[0]
    for other in teardowns[1:]:
        if other in reached((chosen,)) and chosen not in reached((other,)):
            chosen = other
    return chosen


def _body(function: Node) -> Node:
    body = function.child_by_field_name("body")
    assert body is not None
    return body


def _release(context: Context, class_: int, *, waits: bool) -> str:
    """The statements that release the handle from any method of the class."""
    leak, layout = context.leak, context.layout
    if context.registers:
        return _removal(context, class_)
    handle = leak.handle
    if handle is None or handle.scope != THIS:
        return releasing.guarded(context, class_members.keep(context, class_))
    text = bindings.written(handle)
    _check_released_once(context)
    _check_own(context, handle)
    if _is_always_there(context, handle):
        return layout.statement(("await " if waits else "") + releasing.expression(context, text))
    return releasing.guarded(context, text, awaited=waits)


def _check_released_once(context: Context) -> None:
    """A second release of a pooled client is an error, and the field may still hold one that was released."""
    if context.leak.releases_elsewhere and context.leak.resource.family is Family.DATABASE:
        context.patch.doubt("another method releases it too; a second release may fail")


def _check_own(context: Context, handle: Place) -> None:
    """What was handed in is not for the instance to end."""
    names = context.judge.names
    filled = names.assignments(handle, context.leak.function)[: releasing.MAX_FILLED]
    foreign = [value for maker, assign in filled if (value := _handed_in(context, assign.value, maker)) is not None]
    if foreign:
        context.patch.doubt(f"`{bindings.written(handle)}` may hold `{foreign[0]}`, which the instance did not open")


def _handed_in(context: Context, value: Value, function: int) -> str | None:
    """What a value is, where it comes from outside: a parameter, or something that lies in one."""
    if isinstance(value, Choice):
        return next(filter(None, (_handed_in(context, option, function) for option in value.options)), None)
    if not isinstance(value, Ref) or value.place.scope < 0:
        return None
    place = context.judge.names.canonical(value.place, function)
    if place.scope < 0:
        return None
    is_parameter = any(param.name == place.root for param in context.function(place.scope).params)
    is_part = bool(place.path) and not context.judge.names.assignments(place, function)
    return str(value.place) if is_parameter or is_part else None


def _is_always_there(context: Context, handle: Place) -> bool:
    """Whether the field holds something in every instance: filled in the constructor only, whatever its conditions."""
    if _is_parameter_property(context, handle):
        return True
    filled = context.judge.names.assignments(handle, context.leak.function)
    if not filled or len(filled) > releasing.MAX_FILLED or any(isinstance(assign.value, Const) for _, assign in filled):
        return False
    makers = {maker for maker, _ in filled}
    kinds = {context.function(maker).kind for maker in makers}
    if not kinds <= {"constructor", "initializer"}:
        return False
    spans = [assign.span for _, assign in filled]
    bodies = [context.body_node(maker) for maker in makers if context.function(maker).kind == "constructor"]
    return "initializer" in kinds or all(_fills(body, spans) for body in bodies)


def _fills(node: Node, spans: Sequence[Span], room: int = _MAX_BRANCHES) -> bool:
    """Whether a statement, or a block, makes one of these assignments, whichever way it goes."""
    if node.type in LISTS:
        return room > 0 and any(_fills(statement, spans, room - 1) for statement in statements(node))
    if node.type == "if_statement":
        branches = [node.child_by_field_name(name) for name in ("consequence", "alternative")]
        return room > 0 and all(branch is not None and _fills(branch, spans, room - 1) for branch in branches)
    if node.type == "else_clause":
        return _fills(node.named_children[-1], spans, room)
    return node.type not in LOOPS | _TRIES and any(span_of(node).contains(span) for span in spans)


def _is_parameter_property(context: Context, handle: Place) -> bool:
    """Whether TypeScript's constructor fills the field from a parameter: `constructor(private host: Host)`."""
    class_ = context.leak.owner.class_
    members = context.facts.classes[class_].members if class_ is not None else ()
    for member in members:
        if member.kind == "constructor" and member.function is not None:
            parameters = context.function_node(member.function).child_by_field_name("parameters")
            for node in parameters.named_children if parameters is not None else []:
                pattern = node.child_by_field_name("pattern")
                is_property = any(child.type in {"accessibility_modifier", "readonly"} for child in node.children)
                if pattern is not None and is_property and (context.script.text(pattern),) == handle.path:
                    return True
    return False


def _removal(context: Context, class_: int) -> str:
    """The statements that take a listener off, from any method of the class."""
    registration = listeners.Registration(context)
    callee = context.leak.acquisition.callee
    place = callee.place.owner if isinstance(callee, Ref) and callee.place.path else None
    target: str | None = None
    if registration.target is not None:
        target = context.script.text(registration.target)
        if place is None or not visibility.in_class(context, place.base, class_) or not _PLAIN.fullmatch(target):
            raise CannotFixError("the listener's target has no name that the teardown sees")
    for index, value in enumerate(arg.value for arg in context.leak.acquisition.args):
        if index == 1 and registration.is_inline:
            continue
        if isinstance(value, Ref) and not visibility.in_class(context, value.place, class_):
            raise CannotFixError(f"`{context.script.text(registration.arguments[index])}` is not seen in the teardown")
        if index == 0 and not isinstance(value, Ref | Const):
            raise CannotFixError("the event's name is computed")
    if registration.is_inline:
        handler = class_members.name_handler(context, class_, registration)
    else:
        handler = context.script.text(registration.handler)
    layout = context.layout
    if target is None or place is None or place.scope != THIS or not place.path or _is_always_there(context, place):
        return layout.statement(registration.removal(None, handler))
    if len(place.path) > 1:
        context.patch.doubt(f"`{target}` may not be there when the teardown runs")
        return layout.statement(registration.removal(None, handler))
    if context.style.optional_chaining:
        return layout.statement(registration.removal(target.rstrip("?") + "?", handler))
    removal = layout.statement(registration.removal(None, handler))
    return f"if ({target}) {{\n{cleanups.indented(removal, context.style.unit)}\n}}"


def _siblings(context: Context, teardown: Node) -> list[Node]:
    """Statements of a teardown that release something in the same form, and are surely reached."""
    found: list[Node] = []
    for statement in statements(_body(teardown)):
        if statement.type in {"expression_statement", "if_statement"} and releasing.same_form(
            context, context.script.text(statement)
        ):
            found.append(statement)
        elif statement.type in {"return_statement", "throw_statement"} or _may_end(statement):
            break
    return found


def _may_end(statement: Node) -> bool:
    if statement.type == "expression_statement" or statement.type in FUNCTIONS:
        return False
    return next(own_nodes(statement, {"return_statement", "throw_statement"}), None) is not None


def _into(context: Context, teardown: Node, release: str) -> None:
    """Puts the release beside its like; else after the last use of the handle; else first."""
    body = _body(teardown)
    after: Node | None = None
    inside = statements(body)
    wrong = listeners.meant_to_remove(context, inside, release)
    if wrong is not None:
        context.patch.replace_node(wrong, release)
        return
    siblings = _siblings(context, teardown)
    if siblings:
        after = siblings[-1]
    users = [statement for statement in inside if releasing.needs_handle(context) and _touches(context, statement)]
    emptied = next((statement for statement in inside if _empties(context, statement)), None)
    if emptied is not None:
        _before(context, inside, emptied, release)
        return
    if users and (after is None or users[-1].start_byte > after.start_byte):
        after = users[-1]
        earlier = [item for item in inside if item.start_byte <= after.start_byte and item not in users]
        if any(_may_end(item) for item in earlier) or after.type == "return_statement":
            raise CannotFixError("the teardown may end before the place where the release belongs")
    if after is None and inside and re.match(r"super\.", context.script.text(inside[0])):
        after = inside[0]
    if after is None:
        context.layout.prepend(context.patch, body, release)
        return
    position = inside.index(after)
    while position + 1 < len(inside) and _SETS_NOTHING.fullmatch(context.script.text(inside[position + 1])):
        position += 1
    context.layout.after(context.patch, inside[position], release)


def _empties(context: Context, statement: Node) -> bool:
    """Whether a statement of the teardown takes the handle out of its field."""
    handle = context.leak.handle
    if handle is None or handle.scope != THIS or context.registers:
        return False
    text = re.escape(f"this.{'.'.join(handle.path)}")
    return (
        re.search(rf"\bdelete {text}(?![\w$.])|(?<![\w$.]){text} ?=(?![=>])", context.script.text(statement))
        is not None
    )


def _before(context: Context, inside: list[Node], emptied: Node, release: str) -> None:
    """Puts the release before the statement of the teardown that empties the field.

    Raises:
        CannotFixError: it does more than that, or is not always reached.
    """
    is_all = _EMPTIES.fullmatch(context.script.text(emptied)) is not None
    if not is_all or any(_may_end(item) for item in inside[: inside.index(emptied)]):
        raise CannotFixError("the teardown takes it out of its field where the release belongs")
    context.layout.before(context.patch, emptied, release)


def _touches(context: Context, statement: Node) -> bool:
    """Whether a statement of the teardown, or what it calls, uses the handle."""
    handle = context.leak.handle
    if handle is None:
        return False
    text = f"this.{'.'.join(handle.path)}"
    if re.search(re.escape(text) + r"(?![\w$])", context.script.text(statement)):
        return True
    span = span_of(statement)
    judge = context.judge
    for index in range(len(context.facts.functions)):
        for op in context.function(index).ops():
            if not isinstance(op, Call) or not span.contains(op.span):
                continue
            if any(
                _mentions(context, reached, handle) for reached in judge.calls.reached(judge.calls.targets(op, index))
            ):
                return True
    return False


def _mentions(context: Context, function: int, handle: Place) -> bool:
    return any(
        place.scope == THIS and place.path[: len(handle.path)] == handle.path
        for op in context.function(function).ops()
        for value in operands(op)
        for place in places(value)
    )
