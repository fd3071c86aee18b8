"""The function that an effect returns: made where there is none, extended where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixers.fixes.javascript import listeners, releasing
from fixers.fixes.javascript.script import DECLARATIONS, FUNCTIONS, LISTS, is_async, own_nodes, statements
from fixers.fixes.model import CannotFixError

if TYPE_CHECKING:
    from tree_sitter import Node

    from fixers.fixes.javascript.context import Context

_WAYS_OUT = ("return_statement", "throw_statement")


def returned_cleanup(context: Context, release: str, *, effect: Node) -> str:
    """The statement that returns a cleanup of these releasing statements, in the file's style."""
    style, layout = context.style, context.layout
    single = releasing.is_one_expression(release)
    if style.arrows and (effect.type == "arrow_function" or effect.type != "function_expression"):
        if single:
            line = layout.statement(f"return () => {release.removesuffix(';')}")
            if layout.fits(line, layout.indent(effect.start_byte) + style.unit) or "\n" in release:
                return line
            return layout.statement(f"return () =>\n{style.unit}{release.removesuffix(';')}")
        return layout.statement(f"return () => {{\n{indented(release, style.unit)}\n}}")
    return layout.statement(f"return function () {{\n{indented(release, style.unit)}\n}}")


def indented(text: str, unit: str) -> str:
    """Statements one level further in."""
    return "\n".join(unit + line for line in text.split("\n"))


def add(context: Context, effect: Node, release: str, since: int) -> None:
    """Has the effect release on every way out from byte `since` on: in a new cleanup, or in the one that it returns.

    Raises:
        CannotFixError: a way out returns something that is not known to be a cleanup.
    """
    body = effect.child_by_field_name("body")
    if body is None:
        raise CannotFixError("the effect has no body")
    if body.type not in LISTS:
        blank = context.style.blank_before_cleanup
        context.layout.unfold(context.patch, body, returned_cleanup(context, release, effect=effect), blank=blank)
        return
    ways = [node for node in own_nodes(effect, {"return_statement"}) if node.start_byte >= since]
    last = statements(body)[-1]
    valued = [node for node in ways if _value(node) is not None]
    bare = [node for node in ways if _value(node) is None]
    for node in valued:
        extend(context, _cleanup(effect, node), release)
    for node in bare:
        _return_instead(context, effect, node, release)
    if last.type not in _WAYS_OUT:
        _at_end(context, effect, body, release)
    if len(ways) + (last.type not in _WAYS_OUT) > 1:
        context.patch.doubt(
            "the effect has several ways out, each of which gets the cleanup; one for all may read better"
        )


def _value(node: Node) -> Node | None:
    value = next((child for child in node.named_children if child.type != "comment"), None)
    return None if value is None or value.type in {"undefined", "null"} else value


def _at_end(context: Context, effect: Node, body: Node, release: str) -> None:
    text = returned_cleanup(context, release, effect=effect)
    context.layout.append(context.patch, body, text, blank=context.style.blank_before_cleanup)


def _return_instead(context: Context, effect: Node, node: Node, release: str) -> None:
    layout = context.layout
    text = layout.lines(returned_cleanup(context, release, effect=effect), layout.indent(node.start_byte))
    context.patch.replace_node(node, text)


def _cleanup(effect: Node, way_out: Node) -> Node:
    """The function that a return statement gives."""
    value = _value(way_out)
    if value is not None and value.type in FUNCTIONS:
        return value
    if value is not None and value.type == "identifier":
        found = _local_function(effect, value)
        if found is not None:
            return found
    raise CannotFixError("the effect returns a cleanup that is not written in it")


def _local_function(effect: Node, name: Node) -> Node | None:
    """The function of the effect that a name stands for, if it is only ever returned."""
    uses = [node for node in _identifiers(effect) if node.text == name.text]
    body = effect.child_by_field_name("body")
    if body is None or len(uses) != 2:
        return None
    for statement in statements(body):
        if statement.type == "function_declaration" and statement.child_by_field_name("name") in uses:
            return statement
        if statement.type in DECLARATIONS:
            for declarator in statement.named_children:
                value = declarator.child_by_field_name("value")
                if declarator.child_by_field_name("name") in uses and value is not None and value.type in FUNCTIONS:
                    return value
    return None


def _identifiers(node: Node) -> list[Node]:
    found: list[Node] = []
    stack = [node]
    while stack:
        item = stack.pop()
        if item.type == "identifier":
            found.append(item)
        stack.extend(item.named_children)
    return found


def extend(context: Context, function: Node, release: str) -> None:
    """Puts releasing statements into a function: last, or first where it may end early."""
    body = function.child_by_field_name("body")
    if body is None:
        raise CannotFixError("the cleanup has no body")
    layout, patch = context.layout, context.patch
    wrong = listeners.meant_to_remove(context, statements(body) if body.type in LISTS else [body], release)
    if wrong is not None:
        patch.replace_node(wrong, release if body.type in LISTS else release.removesuffix(";"))
    elif body.type not in LISTS:
        layout.unfold(patch, body, release)
    elif is_async(function) or next(own_nodes(function, {*_WAYS_OUT, "await_expression"}), None) is not None:
        layout.prepend(patch, body, release)
    else:
        layout.append(patch, body, release)
