"""Effects of React, Preact and Svelte: what they start, the function that they return has to end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixers.facts import Await, Call, Closure, Ref
from fixers.fixes.javascript import bindings, cleanups, freshnames, listeners, releasing, visibility
from fixers.fixes.javascript.listeners import Anchor
from fixers.fixes.javascript.script import LISTS, LOOPS, is_async, is_generator, span_of, unwrapped
from fixers.fixes.model import CannotFixError

if TYPE_CHECKING:
    from tree_sitter import Node

    from fixers.fixes.javascript.context import Context

_DEFERRING = frozenset({"then", "catch", "finally"})


def mend(context: Context) -> None:
    """Has the effect's cleanup release what the effect, or a function within it, acquires.

    Raises:
        CannotFixError: the effect has a form in which a cleanup has no place, or the handle no name.
    """
    leak = context.leak
    index = leak.owner.function
    assert index is not None
    effect = _effect(context, index)
    top = _top_statement(context, effect)
    if set(context.judge.owners.cleanups(index)) & set(context.runs_within(leak.function, index)):
        _remove_instead(context, effect)
        return
    if releasing.is_awaited(context):
        context.patch.doubt("its release has to be awaited, which a cleanup cannot do")
    if any(node.type in LOOPS for node in context.site.between(effect)):
        raise CannotFixError("it is acquired in a loop, and each turn opens another one")
    releasing.check_rearming(context)
    releasing.check_ends_by_itself(context)
    if leak.function == index:
        release, since = _acquired_by_effect(context, index, effect, top), top.end_byte
    else:
        release, since = _acquired_within(context, index, effect, top), _first_call(context, index, top)
    cleanups.add(context, effect, release, since)
    context.patch.summary = f"{context.verb} the {leak.resource.noun} in the effect's cleanup"


def _remove_instead(context: Context, effect: Node) -> None:
    """Turns a listener that the cleanup adds once more into its removal.

    Raises:
        CannotFixError: the effect does not add that very listener.
    """
    written = context.script.text(context.site.call)
    if not context.registers or context.script.text(effect).count(written) < 2:
        raise CannotFixError("the effect's cleanup itself starts it")
    registration = listeners.Registration(context)
    removal = registration.removal(None, context.script.text(registration.handler))
    context.patch.replace_node(context.site.call, removal)
    context.patch.summary = f"{context.verb} the {context.leak.resource.noun} in the effect's cleanup"


def _effect(context: Context, index: int) -> Node:
    effect = context.function_node(index)
    if is_async(effect) or is_generator(effect):
        raise CannotFixError("the effect is async, so that what it returns is no cleanup")
    owners = context.judge.owners
    if len(owners.handed.get(index, [])) != 1 or owners.call_sites.get(index):
        raise CannotFixError("the effect's function is used elsewhere too")
    return effect


def _top_statement(context: Context, effect: Node) -> Node:
    """The statement of the effect's outermost block that holds the acquisition, or the expression that is its body."""
    body = effect.child_by_field_name("body")
    if body is None:
        raise CannotFixError("the effect has no body")
    return context.site.between(body)[0] if body.type in LISTS else body


def _anchor(context: Context, effect: Node, top: Node) -> Anchor:
    indent = context.layout.indent(top.start_byte)
    if not context.layout.is_first_on_line(top) or top == effect.child_by_field_name("body"):
        indent += context.style.unit
    return Anchor(top, indent, span_of(effect))


def _acquired_by_effect(context: Context, index: int, effect: Node, top: Node) -> str:
    """The statements that release what the effect itself acquires; its handle gets a name that the cleanup sees."""
    leak, site, layout = context.leak, context.site, context.layout
    if context.registers:
        return layout.statement(listeners.removal(context, index, _anchor(context, effect, top)))
    if site.declarator is not None:
        name = context.script.text(bindings.declared_name(site.declarator))
        if site.simple == top:
            return layout.statement(releasing.expression(context, name))
        return bindings.hoist(context, span_of(effect), top, name)
    if site.is_discarded or (site.statement is None and unwrapped(top) == site.call):
        name = freshnames.for_handle(context, span_of(effect))
        if site.simple is None or site.simple == top:
            bindings.bind(context, top, name)
            return layout.statement(releasing.expression(context, name))
        return bindings.hoist(context, span_of(effect), top, name)
    if leak.handle is not None and visibility.in_function(context, leak.handle.base, index):
        return releasing.guarded(context, bindings.written(leak.handle))
    raise CannotFixError("its handle has no name that the cleanup sees")


def _acquired_within(context: Context, index: int, effect: Node, top: Node) -> str:
    """The statements that release what a function within the effect acquires."""
    leak, site = context.leak, context.site
    is_late = _is_late(context, index)
    if context.registers:
        release = context.layout.statement(listeners.removal(context, index, _anchor(context, effect, top)))
    elif leak.handle is not None and leak.handle.scope != leak.function:
        if not visibility.in_function(context, leak.handle.base, index):
            raise CannotFixError("its handle has no name that the cleanup sees")
        release = releasing.guarded(context, bindings.written(leak.handle))
    else:
        release = _hoisted_from_within(context, effect, top)
        if not _runs_once(context, index) and not is_late:
            context.patch.doubt("the function that starts it may run again, and the cleanup ends the last one only")
    if not is_late:
        return release
    if site.simple is None:
        raise CannotFixError("it is acquired after a wait, when the cleanup may already have run")
    context.patch.doubt("it is acquired after a wait, when the cleanup may already have run: a flag has to say so")
    flag = freshnames.fresh(["cancelled", "isCancelled", "unmounted"], context, span_of(effect))
    style, layout = context.style, context.layout
    layout.before(context.patch, site.simple, layout.statement(f"if ({flag}) return"))
    layout.before_comments(context.patch, top, layout.statement(f"{style.let} {flag} = false"))
    return layout.statement(f"{flag} = true") + "\n" + release


def _first_call(context: Context, index: int, top: Node) -> int:
    """From where on a function within the effect may have acquired: where it stands, or is called before that."""
    sites = context.judge.owners.call_sites
    called = [
        op.span.start
        for function in context.runs_within(context.leak.function, index)
        for caller, op in sites.get(function, [])
        if caller == index
    ]
    return min([top.start_byte, *called])


def _hoisted_from_within(context: Context, effect: Node, top: Node) -> str:
    site = context.site
    if site.declarator is not None:
        name = context.script.text(bindings.declared_name(site.declarator))
        return bindings.hoist(context, span_of(effect), top, name)
    if not site.is_discarded:
        raise CannotFixError("a function within the effect starts it, and its handle has no name")
    return bindings.hoist(context, span_of(effect), top, freshnames.for_handle(context, span_of(effect)))


def _runs_once(context: Context, index: int) -> bool:
    """Whether the acquiring function is run by the effect itself, at one place, and by nobody else."""
    leak = context.leak
    sites = context.judge.owners.call_sites.get(leak.function, [])
    name = context.function(leak.function).name
    if len(sites) != 1 or sites[0][0] != index or not name:
        return False
    return context.script.count(name, context.function(index).span) == 2


def _is_late(context: Context, index: int) -> bool:
    """Whether the acquisition may come after a wait: after an await, or in a promise's callback."""
    start = context.leak.acquisition.span.start
    for function in context.runs_within(context.leak.function, index):
        waits = (op for op in context.function(function).ops() if isinstance(op, Await) and op.span.start < start)
        if next(waits, None) is not None:
            return True
        parent = context.function(function).parent
        if parent is not None and any(_defers(op, function) for op in context.function(parent).ops()):
            return True
    return False


def _defers(op: object, function: int) -> bool:
    match op:
        case Call(callee=Ref(place), args=args) if place.path[-1:] and place.path[-1] in _DEFERRING:
            return any(arg.value == Closure(function) for arg in args)
        case _:
            return False
