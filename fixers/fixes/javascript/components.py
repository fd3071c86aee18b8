"""Components: a React ref that nothing clears at unmount; what a Vue or Svelte component starts at its set-up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from fixers.fixes.javascript import bindings, cleanups, freshnames, imports, listeners, releasing, visibility
from fixers.fixes.javascript.listeners import Anchor
from fixers.fixes.javascript.script import LISTS, LOOPS, span_of, statements
from fixers.fixes.model import CannotFixError
from fixers.lifecycles.model import Runs
from fixers.source import Language

if TYPE_CHECKING:
    from tree_sitter import Node

    from fixers.facts import Place
    from fixers.fixes.javascript.context import Context
    from fixers.owners import HandedTo


class _Hook(NamedTuple):
    """The hook that runs a function at the end of a component, and the module that gives it."""

    module: str
    name: str


_VUE: Final = _Hook("vue", "onUnmounted")
_SVELTE: Final = _Hook("svelte", "onDestroy")
_HOOK_CALL: Final = re.compile(r"=\s*(?:[\w$]+\.)?use[A-Z]\w*\b")
_REACT: Final = ("react", "preact/hooks", "preact/compat")


def mend(context: Context) -> None:
    """Has the component release, at its end, what it or its handlers acquire.

    Raises:
        CannotFixError: the handle has no name that the end sees, or the component's kind has no hook for it.
    """
    leak = context.leak
    component = leak.owner.function
    assert component is not None
    framework = _framework(context)
    releasing.check_ends_by_itself(context)
    if framework is None:
        _mend_react(context, component)
    else:
        _mend_setup(context, component, framework)
    context.patch.summary = f"{context.verb} the {leak.resource.noun} when the component ends"


def _framework(context: Context) -> _Hook | None:
    by_file = {Language.VUE: _VUE, Language.SVELTE: _SVELTE}.get(context.source.language)
    by_hooks = {"Vue": _VUE, "Svelte": _SVELTE}.get(context.leak.owner.noun.split(" ", 1)[0])
    return by_file or by_hooks


# React


def _mend_react(context: Context, component: int) -> None:
    handle = context.leak.handle
    body = context.body_node(component)
    if handle is None or handle.path[-1:] != ("current",) or handle.scope != component or body.type not in LISTS:
        raise CannotFixError(
            "a component that starts something while it renders, or in a handler, must keep its handle in a ref"
        )
    releasing.check_rearming(context)
    if releasing.is_awaited(context):
        context.patch.doubt("its release has to be awaited, which a cleanup cannot do")
    release = releasing.guarded(context, bindings.written(handle))
    existing = _unmount_cleanup(context, component)
    if existing is not None:
        cleanups.extend(context, existing, release)
        return
    declared = _declaration(context, body, handle)
    hook = _use_effect(context, declared)
    if not releasing.is_one_expression(release):
        unit = context.style.unit
        returned = context.layout.statement(f"return () => {{\n{cleanups.indented(release, unit)}\n}}")
        text = f"{hook}(() => {{\n{cleanups.indented(returned, unit)}\n}}, [])"
    else:
        text = f"{hook}(() => () => {release.removesuffix(';')}, [])"
    context.layout.after(context.patch, _last_ref(context, declared), context.layout.statement(text), blank=True)


def _use_effect(context: Context, declared: Node) -> str:
    """How `useEffect` is written here: as `useRef` is where the ref is declared; imported if it is not."""
    qualified = re.search(r"([\w$]+)\.useRef\b", context.script.text(declared))
    if qualified:
        return f"{qualified.group(1)}.useEffect"
    for module in _REACT:
        if imports.has_name(context, module, "useEffect"):
            return "useEffect"
    for module in _REACT:
        if imports.has_name(context, module, "useRef"):
            imports.add_name(context, module, "useEffect")
            return "useEffect"
    raise CannotFixError("`useEffect` would have to be imported")


def _declaration(context: Context, body: Node, handle: Place) -> Node:
    for statement in statements(body):
        if any(
            (name := child.child_by_field_name("name")) is not None and context.script.text(name) == handle.root
            for child in statement.named_children
        ):
            return statement
    raise CannotFixError("the ref is not declared in the component's own block")


def _last_ref(context: Context, declared: Node) -> Node:
    """The last of the hooks' declarations that follow the ref's without a gap: effects stand below them."""
    node = declared
    for _ in range(40):
        after = node.next_named_sibling
        if after is None or after.type != "lexical_declaration" or after.start_point[0] - node.end_point[0] > 1:
            break
        if not _HOOK_CALL.search(context.script.text(after)):
            break
        node = after
    return node


def _unmount_cleanup(context: Context, component: int) -> Node | None:
    """The cleanup of an effect of the component that runs at unmount only: its list of inputs is empty."""
    for target, use in _handed(context, component):
        if use.hook.runs is not Runs.EFFECT or context.function(use.caller).span != context.function(component).span:
            continue
        inputs = use.call.argument(1)
        if getattr(inputs, "items", None) != ():
            continue
        found = context.judge.owners.cleanups(target)
        if len(found) == 1 and context.function(found[0]).parent == target and _only_returns(context, target):
            return context.function_node(found[0])
    return None


def _only_returns(context: Context, effect: int) -> bool:
    """Whether an effect does nothing but return its cleanup."""
    body = context.body_node(effect)
    return body.type not in LISTS or len(statements(body)) == 1


def _handed(context: Context, component: int) -> list[tuple[int, HandedTo]]:
    return [
        (target, use)
        for target, uses in sorted(context.judge.owners.handed.items())
        for use in uses
        if component in context.ancestry(use.caller)
    ]


# Vue and Svelte


def _mend_setup(context: Context, component: int, hook: _Hook) -> None:
    leak, site = context.leak, context.site
    body = context.body_node(component)
    if body.type not in LISTS:
        raise CannotFixError("the component has no block of its own")
    between = site.between(body)
    if any(node.type in LOOPS for node in between):
        raise CannotFixError("it is acquired in a loop, and each turn opens another one")
    releasing.check_rearming(context)
    top = between[0]
    release = _release(context, component, body, top)
    existing = _teardown_hook(context, component)
    if existing is not None:
        cleanups.extend(context, existing, release)
        return
    if not imports.has_name(context, hook.module, hook.name) and _imports(context, hook.module):
        imports.add_name(context, hook.module, hook.name)
    elif not _imports(context, hook.module) and hook is not _VUE:
        raise CannotFixError(f"`{hook.name}` would have to be imported from '{hook.module}'")
    unit = context.style.unit
    single = releasing.is_one_expression(release)
    text = (
        f"{hook.name}(() => {release.removesuffix(';')})"
        if single
        else f"{hook.name}(() => {{\n{cleanups.indented(release, unit)}\n}})"
    )
    context.layout.after(
        context.patch, top, context.layout.statement(text), blank=top.start_point[0] != top.end_point[0]
    )
    if leak.function != component and not _is_setup(context, leak.function) and not leak.releases_elsewhere:
        context.patch.doubt("its handler may run again, and the end of the component releases the last one only")


def _imports(context: Context, module: str) -> bool:
    return any(item.module == module for item in context.facts.imports)


def _is_setup(context: Context, function: int) -> bool:
    return context.judge.owners.has_role(function, Runs.SETUP)


def _release(context: Context, component: int, body: Node, top: Node) -> str:
    leak, site, layout = context.leak, context.site, context.layout
    if context.registers:
        anchor_node, scope = (top, component)
        if leak.function != component and listeners.Registration(context).is_inline:
            raise CannotFixError("its handler has no name outside the function that adds it")
        anchor = Anchor(anchor_node, layout.indent(anchor_node.start_byte), span_of(body))
        return layout.statement(listeners.removal(context, scope, anchor))
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


def _teardown_hook(context: Context, component: int) -> Node | None:
    """The function, written in place, that the component hands to a hook for its end."""
    for target, use in _handed(context, component):
        if use.hook.runs is Runs.TEARDOWN and use.caller == component and context.function(target).parent == component:
            node = context.function_node(target)
            if node.type == "arrow_function" and not context.function(target).name:
                return node
    return None
