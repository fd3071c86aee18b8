"""New entries of an object literal from which a framework makes instances: the hook that it calls at the end."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from fixers.fixes.javascript.script import span_of
from fixers.fixes.model import CannotFixError

if TYPE_CHECKING:
    from tree_sitter import Node

    from fixers.facts import Class
    from fixers.fixes.javascript.context import Context
    from fixers.lifecycles.model import ClassLifecycle

_ENTRIES: Final = frozenset({"pair", "method_definition", "spread_element", "shorthand_property_identifier"})


def object_node(context: Context, owner: Class) -> Node:
    """The object literal that a class of kind object is.

    Raises:
        CannotFixError: no such literal stands there.
    """
    for member in owner.members:
        if member.function is not None:
            path = context.script.path(context.function(member.function).span)
            for node in path:
                if node.type == "object" and owner.span.contains(span_of(node)):
                    return node
    raise CannotFixError("the object has a form that no fix is written for")


def add_hook(context: Context, owner: Class, lifecycle: ClassLifecycle, release: str) -> str:
    """Writes the hook that the framework calls at the end; returns its name.

    Raises:
        CannotFixError: the object has such a hook in another form, or is written on one line.
    """
    node = object_node(context, owner)
    if any(member.name in lifecycle.final for member in owner.members):
        raise CannotFixError("the component's own hook has a form that no fix is written for")
    name = _hook_name(context, lifecycle)
    entries = [child for child in node.named_children if child.type in _ENTRIES]
    start = context.leak.acquisition.span.start
    entry = next((child for child in entries if child.start_byte <= start < child.end_byte), None)
    layout, style = context.layout, context.style
    if entry is None or node.start_point[0] == node.end_point[0] or not layout.is_first_on_line(entry):
        raise CannotFixError("the object has a layout that no fix is written for")
    indent = layout.indent(entry.start_byte)
    hook = f"{name}() {{\n{style.unit}{release.replace(chr(10), chr(10) + style.unit)}\n}}"
    text = layout.lines(hook, indent)
    gap = style.newline * (2 if _stand_apart(entries) else 1)
    if _is_shared(context, entry, lifecycle):
        context.patch.insert(layout.line_start(entry.start_byte), f"{indent}{text},{gap}", rank=1)
    elif (comma := entry.next_sibling) is not None and comma.type == ",":
        context.patch.insert(layout.line_end(comma.end_byte), f"{gap}{indent}{text},", rank=1)
    else:
        context.patch.insert(entry.end_byte, f",{gap}{indent}{text}", rank=1)
    return name


def _stand_apart(entries: list[Node]) -> bool:
    """Whether empty lines stand between the entries of an object."""
    return any(after.start_point[0] - before.end_point[0] > 1 for before, after in pairwise(entries))


def _hook_name(context: Context, lifecycle: ClassLifecycle) -> str:
    """The name of the new hook: as the file has one elsewhere, or the framework's present one."""
    if len(lifecycle.final) > 1:
        names = f"`{lifecycle.final[0]}` or `{lifecycle.final[1]}`"
        context.patch.doubt(f"whether {names} is called at the end depends on the version of the framework")
    words = context.script.words(span_of(context.script.root))
    return next((name for name in lifecycle.final if name in words), lifecycle.final[0])


def _is_shared(context: Context, entry: Node, lifecycle: ClassLifecycle) -> bool:
    """Whether an entry is one of those that only hold methods, above which the hooks stand."""
    key = entry.child_by_field_name("key") or entry.child_by_field_name("name")
    form = lifecycle.objects
    return form is not None and key is not None and context.script.text(key) in form.shares_this
