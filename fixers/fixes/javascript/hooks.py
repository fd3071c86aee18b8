"""What a function starts per call, where it also says what runs at the end: `response.once('close', stop)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixers.fixes.javascript import bindings, cleanups, freshnames, listeners, releasing, visibility
from fixers.fixes.javascript.listeners import Anchor
from fixers.fixes.javascript.script import LISTS, LOOPS, span_of
from fixers.fixes.model import CannotFixError
from fixers.lifecycles.model import Runs

if TYPE_CHECKING:
    from tree_sitter import Node

    from fixers.fixes.javascript.context import Context


def has_hook(context: Context) -> bool:
    """Whether the function that acquires hands exactly one function of its own to something that runs it at the end."""
    return context.leak.function != 0 and len(_handed(context)) == 1


def _handed(context: Context) -> list[int]:
    leak = context.leak
    return [
        target
        for target, uses in context.judge.owners.handed.items()
        if all(use.hook.runs is Runs.TEARDOWN and use.caller == leak.function for use in uses)
        and context.function(target).parent == leak.function
    ]


def mend(context: Context) -> None:
    """Has that function release what is acquired beside it.

    Raises:
        CannotFixError: the handle has no name there, or is acquired under a condition or in a loop.
    """
    leak, layout, site = context.leak, context.layout, context.site
    target = _handed(context)[0]
    node = context.function_node(target)
    body = context.body_node(leak.function)
    if body.type not in LISTS or site.simple is None or any(item.type in LOOPS for item in site.between(body)):
        raise CannotFixError("it is acquired under conditions that its end does not see")
    if context.judge.owners.call_sites.get(target):
        context.patch.doubt("the function that runs at the end is called elsewhere too")
    cleanups.extend(context, node, layout.statement(_release(context, body)))
    name = context.function(target).name or context.function(target).given_to
    context.patch.summary = f"{context.verb} the {leak.resource.noun} in {name or 'the function that runs at the end'}"


def _release(context: Context, body: Node) -> str:
    leak, site, layout = context.leak, context.site, context.layout
    scope = span_of(context.function_node(leak.function))
    assert site.simple is not None
    if context.registers:
        top = site.between(body)[0]
        anchor = Anchor(top, layout.indent(top.start_byte), scope)
        return listeners.removal(context, leak.function, anchor)
    releasing.check_rearming(context)
    if site.simple.parent != body:
        raise CannotFixError("it is acquired under conditions that its end does not see")
    if site.declarator is not None:
        return releasing.expression(context, context.script.text(bindings.declared_name(site.declarator)))
    if site.is_discarded:
        name = freshnames.for_handle(context, scope)
        bindings.bind(context, site.simple, name)
        return releasing.expression(context, name)
    if leak.handle is not None and visibility.in_function(context, leak.handle.base, leak.function):
        return releasing.expression(context, bindings.written(leak.handle))
    raise CannotFixError("its handle has no name that its end sees")
