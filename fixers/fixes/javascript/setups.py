"""Vue and Svelte: what a component or composable starts at its set-up, or in a handler, has to end with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from fixers.fixes.javascript import bindings, cleanups, freshnames, imports, listeners, releasing, visibility
from fixers.fixes.javascript.listeners import Anchor
from fixers.fixes.javascript.script import LISTS, LOOPS, span_of
from fixers.fixes.model import CannotFixError
from fixers.lifecycles.model import Runs
from fixers.source import Language

if TYPE_CHECKING:
    from tree_sitter import Node

    from fixers.fixes.javascript.context import Context


class _Hook(NamedTuple):
    """The hook that runs a function at the end of a component, its module, and others that do the same."""

    module: str
    name: str
    others: frozenset[str]


_VUE: Final = _Hook("vue", "onUnmounted", frozenset({"onBeforeUnmount", "onScopeDispose", "tryOnScopeDispose"}))
_SVELTE: Final = _Hook("svelte", "onDestroy", frozenset())


def is_setup(context: Context) -> bool:
    """Whether the owner is a component of Vue or Svelte."""
    return _framework(context) is not None


def _framework(context: Context) -> _Hook | None:
    by_file = {Language.VUE: _VUE, Language.SVELTE: _SVELTE}.get(context.source.language)
    by_hooks = {"Vue": _VUE, "Svelte": _SVELTE}.get(context.leak.owner.noun.split(" ", 1)[0])
    return by_file or by_hooks


def mend(context: Context) -> None:
    """Has the component release, at its end, what it or its handlers acquire.

    Raises:
        CannotFixError: the handle has no name that the end sees, or it is acquired more than once.
    """
    leak, hook = context.leak, _framework(context)
    component = leak.owner.function
    assert component is not None
    assert hook is not None
    body = context.body_node(component)
    if body.type not in LISTS:
        raise CannotFixError("the component has no block of its own")
    between = context.site.between(body)
    if any(node.type in LOOPS for node in between):
        raise CannotFixError("it is acquired in a loop, and each turn opens another one")
    if any(node.type == "labeled_statement" for node in between):
        raise CannotFixError("it is acquired each time its inputs change")
    releasing.check_rearming(context)
    releasing.check_ends_by_itself(context)
    at_setup = leak.function == component or context.judge.owners.has_role(leak.function, Runs.SETUP)
    if not at_setup and not leak.releases_elsewhere:
        context.patch.doubt("its handler may run again, and the end of the component releases the last one only")
    top = between[0]
    release = _release(context, component, body, top)
    existing = _teardown(context, component, hook)
    if existing is not None:
        cleanups.extend(context, existing, release)
    else:
        _call_hook(context, component, top, release, hook)
    context.patch.summary = f"{context.verb} the {leak.resource.noun} when the component ends"


def _release(context: Context, component: int, body: Node, top: Node) -> str:
    """The statements that release the handle at the component's end; it gets a name that this end sees."""
    leak, site, layout = context.leak, context.site, context.layout
    if context.registers:
        if leak.function != component and listeners.Registration(context).is_inline:
            raise CannotFixError("its handler has no name outside the function that adds it")
        anchor = Anchor(top, layout.indent(top.start_byte), span_of(body))
        return layout.statement(listeners.removal(context, component, anchor))
    if leak.handle is not None and leak.handle.scope == component and leak.function != component:
        return releasing.guarded(context, bindings.written(leak.handle))
    if site.declarator is not None:
        name = context.script.text(bindings.declared_name(site.declarator))
        if site.simple == top:
            return layout.statement(releasing.expression(context, name))
        return bindings.hoist(context, span_of(body), top, name)
    if site.is_discarded:
        name = freshnames.for_handle(context, span_of(body))
        if site.simple == top:
            bindings.bind(context, top, name)
            return layout.statement(releasing.expression(context, name))
        return bindings.hoist(context, span_of(body), top, name)
    if leak.handle is not None and visibility.in_function(context, leak.handle.base, component):
        return releasing.guarded(context, bindings.written(leak.handle))
    raise CannotFixError("its handle has no name that the end of the component sees")


def _teardown(context: Context, component: int, hook: _Hook) -> Node | None:
    """The function, written in place, that the component hands to a hook for its end."""
    for target, uses in sorted(context.judge.owners.handed.items()):
        for use in uses:
            name = context.source.text(use.call.callee_span)
            here = use.caller == component and context.function(target).parent == component
            if here and (name == hook.name or name in hook.others):
                node = context.function_node(target)
                if node.type == "arrow_function" and not context.function(target).name:
                    return node
    return None


def _call_hook(context: Context, component: int, top: Node, release: str, hook: _Hook) -> None:
    """Hands a new function to the hook, after the statement that acquires; the hook is imported if it is not."""
    layout, unit = context.layout, context.style.unit
    if context.function(component).is_async:
        raise CannotFixError("after an await the hook would not know its component")
    if not imports.has_name(context, hook.module, hook.name) and not _is_given(context, component):
        if any(item.module == hook.module for item in context.facts.imports):
            imports.add_name(context, hook.module, hook.name)
        else:
            imports.add_import(context, hook.module, hook.name)
    if releasing.is_one_expression(release):
        text = layout.statement(f"{hook.name}(() => {release.removesuffix(';')})")
    else:
        text = layout.statement(f"{hook.name}(() => {{\n{cleanups.indented(release, unit)}\n}})")
    if top.type == "return_statement":
        layout.before_comments(context.patch, top, text)
    else:
        layout.after(context.patch, top, text, blank=top.start_point[0] != top.end_point[0])


def _is_given(context: Context, component: int) -> bool:
    """Whether the hooks are there without an import, as in Nuxt: the component calls another one so."""
    return any(
        use.caller == component
        and (context.judge.names.path_of(use.call.callee, component) or "").startswith("global.on")
        for uses in context.judge.owners.handed.values()
        for use in uses
    )
