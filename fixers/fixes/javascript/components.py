"""React components: what a ref holds has to end when the component is unmounted."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from fixers.fixes.javascript import bindings, cleanups, imports, releasing
from fixers.fixes.javascript.script import LISTS, statements
from fixers.fixes.model import CannotFixError
from fixers.lifecycles.model import Runs

if TYPE_CHECKING:
    from tree_sitter import Node

    from fixers.facts import Function, Place
    from fixers.fixes.javascript.context import Context
    from fixers.fixes.javascript.script import Script
    from fixers.lifetimes import Judge
    from fixers.owners import HandedTo


_HOOK_CALL: Final = re.compile(r"=\s*(?:[\w$]+\.)?use[A-Z]\w*\b")
_REACT: Final = ("react", "preact/hooks", "preact/compat")


def mend(context: Context) -> None:
    """Has the component release, at its end, what one of its refs holds.

    Raises:
        CannotFixError: the handle lies in no ref, or `useEffect` cannot be had.
    """
    component = context.leak.owner.function
    assert component is not None
    releasing.check_ends_by_itself(context)
    _release_at_unmount(context, component)
    context.patch.summary = f"{context.verb} the {context.leak.resource.noun} when the component ends"


def _release_at_unmount(context: Context, component: int) -> None:
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
    existing = _unmount_cleanup(context.script, context.judge, component)
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


@lru_cache(maxsize=4)
def _unmount_cleanup(script: Script, judge: Judge, component: int) -> Node | None:
    """The cleanup of an effect of the component that runs at unmount only: its list of inputs is empty."""
    functions = judge.facts.functions
    for target, use in _handed(judge, component):
        if use.hook.runs is not Runs.EFFECT or functions[use.caller].span != functions[component].span:
            continue
        inputs = use.call.argument(1)
        if getattr(inputs, "items", None) != ():
            continue
        found = judge.owners.cleanups(target)
        if len(found) == 1 and functions[found[0]].parent == target and _only_returns(script, functions[target]):
            return script.function(functions[found[0]].span)
    return None


def _only_returns(script: Script, effect: Function) -> bool:
    """Whether an effect does nothing but return its cleanup."""
    node = script.function(effect.span)
    body = node.child_by_field_name("body") or node
    return body.type not in LISTS or len(statements(body)) == 1


def _handed(judge: Judge, component: int) -> list[tuple[int, HandedTo]]:
    return [
        (target, use)
        for target, uses in sorted(judge.owners.handed.items())
        for use in uses
        if component in judge.owners.ancestry(use.caller)
    ]
