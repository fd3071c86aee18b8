"""A name that may hold an open handle is given another value: the old handle is released before."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fixers.fixes.javascript import bindings, releasing
from fixers.fixes.javascript.script import LISTS, is_async
from fixers.fixes.model import CannotFixError

if TYPE_CHECKING:
    from tree_sitter import Node

    from fixers.fixes.javascript.context import Context


def mend(context: Context) -> None:
    """Releases the old handle before the assignment that loses it.

    Raises:
        CannotFixError: the assignment is no statement of its own, or still needs the old handle.
    """
    leak = context.leak
    assert leak.lost is not None
    target = leak.lost.target
    if context.registers:
        raise CannotFixError("it has no handle that could be lost")
    handle = bindings.written(target)
    statement, value = _assignment(context)
    if re.search(rf"(?<![\w$.]){re.escape(handle)}(?![\w$])", context.script.text(value)):
        raise CannotFixError(f"the new value is made from the old `{handle}`")
    if not leak.releases_elsewhere:
        context.patch.doubt("nothing else ends it, so that the old one may be meant to go on")
    if not _ignores_others(context, handle):
        releasing.check_rearming(context)
    waits = releasing.is_awaited(context)
    if waits:
        context.patch.doubt("its release has to be awaited, and meanwhile other code may run")
    in_async = is_async(context.function_node(leak.function)) if leak.function else False
    context.layout.before_comments(
        context.patch, statement, releasing.guarded(context, handle, awaited=waits and in_async)
    )
    context.patch.summary = f"{context.verb} the old {leak.resource.noun} before `{handle}` is assigned again"


def _assignment(context: Context) -> tuple[Node, Node]:
    """The statement that assigns, and the value that it assigns."""
    assert context.leak.lost is not None
    path = context.script.path(context.leak.lost.span)
    for position in range(len(path) - 1, 0, -1):
        node = path[position]
        if node.type == "expression_statement" and path[position - 1].type in LISTS:
            expression = node.named_children[0]
            value = expression.child_by_field_name("right")
            if expression.type == "assignment_expression" and value is not None:
                return node, value
        if node.type == "statement_block":
            break
    raise CannotFixError("the assignment is no statement of its own")


def _ignores_others(context: Context, handle: str) -> bool:
    """Whether every handler of the closing first makes sure that its handle is still the one in the field."""
    name, other = re.escape(handle), r"[\w$.]+"
    test = rf"if \((?:{other} !==? {name}|{name} !==? {other})\) (?:\{{\s*)?return\b"
    pattern = re.compile(rf"[^{{]*\{{\s*(?://[^\n]*\s*)*{test}")
    texts = [context.source.text(context.function(index).span) for index in releasing.closing_handlers(context)]
    return bool(texts) and all(pattern.match(text) for text in texts)
