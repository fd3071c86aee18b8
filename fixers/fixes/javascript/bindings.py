"""Names for handles: declared where the release sees them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from fixers.facts import THIS, Place
from fixers.fixes.javascript import imports, releasing
from fixers.fixes.model import CannotFixError
from fixers.source import Span

if TYPE_CHECKING:
    from tree_sitter import Node

    from fixers.fixes.javascript.context import Context

_DOTTED_NAME: Final = re.compile(r"[\w$]+(?:\.[\w$]+)*")


def declared_name(declarator: Node) -> Node:
    """The name in `name = value`."""
    name = declarator.child_by_field_name("name")
    if name is None:
        raise CannotFixError("its handle has no name")
    return name


def written(handle: Place) -> str:
    """A handle's place as code.

    Raises:
        CannotFixError: it lies in a container, so that no one place names it.
    """
    if any(step.startswith("[") for step in handle.path):
        raise CannotFixError("it is kept in a container, all of which would have to be released")
    return f"this.{'.'.join(handle.path)}" if handle.scope == THIS else str(handle)


def bind(context: Context, statement: Node, name: str) -> None:
    """Declares a name for the handle that a statement drops."""
    declared = f"{context.style.const} {name} = "
    context.patch.insert(statement.start_byte, declared)
    context.layout.break_call(context.patch, context.site.call, declared)


def hoist(context: Context, scope: Span, top: Node, name: str) -> str:
    """Declares the handle's name before the statement `top` instead of where it is acquired.

    Args:
        scope: the function that is to see it.
        top: the statement of that function in which it is acquired.
        name: its name, new or that of its declaration.

    Returns:
        The statements that release it, for the end of that function's life.

    Raises:
        CannotFixError: the name stands for something else there.
    """
    site, patch, layout = context.site, context.patch, context.layout
    if site.simple is None:
        raise CannotFixError("its handle has no name that its release would see")
    declarator = site.declarator
    if declarator is None:
        patch.insert(site.simple.start_byte, f"{name} = ")
        layout.break_call(patch, site.call, f"{name} = ")
    else:
        value = declarator.child_by_field_name("value")
        assert value is not None and site.block is not None
        around = context.script.words(Span(scope.start, site.block.start_byte))
        if name in around | context.script.words(Span(site.block.end_byte, scope.end)):
            raise CannotFixError(f"`{name}` is the name of something else there")
        patch.replace(Span(site.simple.start_byte, value.start_byte), f"{name} = ")
        if context.script.typed and _is_captured(context, name):
            patch.doubt("functions that use it would have to allow for its absence")
    layout.before_comments(patch, top, declaration(context, name))
    return releasing.guarded(context, name)


def _is_captured(context: Context, name: str) -> bool:
    return any(
        place.root.split("#", 1)[0] == name and place.scope == context.leak.function
        for function in context.facts.functions
        for place in function.captures
    )


def declaration(context: Context, name: str) -> str:
    """The statement that declares a handle which is filled later, typed where the file is."""
    type_ = f": {handle_type(context)} | undefined" if context.script.typed else ""
    return context.layout.statement(f"{context.style.let} {name}{type_}")


def handle_type(context: Context) -> str:
    """The type of a handle, as TypeScript writes it; what it needs is imported.

    Raises:
        CannotFixError: the type cannot be told from the acquiring call.
    """
    callee = context.source.text(context.leak.acquisition.callee_span)
    if callee.endswith(".subscribe"):
        imports.add_name(context, "rxjs", "Subscription")
        return "Subscription"
    if not _DOTTED_NAME.fullmatch(callee) or callee.startswith("this."):
        raise CannotFixError("its handle needs a written type before it can be kept")
    return callee if context.leak.acquisition.form == "new" else f"ReturnType<typeof {callee}>"
