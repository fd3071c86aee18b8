"""What lives as long as the process: released by the module's shutdown handler, if a person wants it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixers.fixes.javascript import bindings, cleanups, releasing
from fixers.fixes.model import CannotFixError

if TYPE_CHECKING:
    from fixers.fixes.javascript.context import Context


def mend(context: Context) -> None:
    """Has the shutdown handler of the module release it.

    Raises:
        CannotFixError: there is no such handler, or the handle has no name of the module.
    """
    leak = context.leak
    if not leak.teardown:
        raise CannotFixError("the process ends it; the module has no shutdown handler that could do so before")
    handle = leak.handle
    if handle is None or handle.scope != 0 or context.registers:
        raise CannotFixError("its handle has no name that the shutdown handler sees")
    function = context.function_node(leak.teardown[0])
    body = function.child_by_field_name("body")
    release = releasing.guarded(context, bindings.written(handle))
    if body is None or body.type != "statement_block":
        cleanups.extend(context, function, release)
    else:
        context.layout.prepend(context.patch, body, release)
    context.patch.doubt("it lives as long as the process; whether its end should be orderly is for a person to say")
    context.patch.summary = f"{context.verb} the {leak.resource.noun} in the shutdown handler"
