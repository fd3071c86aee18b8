"""How the release of a handle is written in JavaScript, and whether it may be written at a place at all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from fixers.facts import Assign, Call, Const, Place, Ref
from fixers.fixes.model import CannotFixError
from fixers.resources import acquisitions
from fixers.resources.model import Function, Matching, Method

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixers.fixes.javascript.context import Context
    from fixers.resources.model import Release

_CLOSE_EVENTS: Final = frozenset({"close", "end", "disconnect", "onclose", "onend", "ondisconnect"})
_LISTENING: Final = frozenset({"on", "once", "addListener", "addEventListener"})


def release_of(context: Context) -> Release:
    """The form of release that a fix writes."""
    forms = context.leak.resource.released_by
    matching = [form for form in forms if isinstance(form, Matching) and not form.wholesale]
    if not matching:
        return forms[0]
    acquiring = context.source.text(context.leak.acquisition.callee_span)
    by_name = {form.name: form for form in matching}
    if "removeListener" in by_name and "off" in by_name:
        old = acquiring.endswith("addListener")
        data = context.source.data
        return by_name["removeListener" if old or (b".removeListener(" in data and b".off(" not in data) else "off"]
    return matching[0]


def expression(context: Context, handle: str) -> str:
    """The releasing expression of a handle that is not a registration: `clearInterval(interval)`, `socket.close()`.

    Raises:
        CannotFixError: what releases it has another meaning here.
    """
    release = release_of(context)
    if isinstance(release, Function):
        return f"{_function_name(context, release)}({handle})"
    if isinstance(release, Method):
        return f"{handle}.{release.name}()"
    raise CannotFixError("its release needs the arguments of its registration")


def _function_name(context: Context, release: Function) -> str:
    name = release.path.rsplit(".", 1)[-1]
    written = context.source.text(context.leak.acquisition.callee_span)
    if "." in written:
        return f"{written.rsplit('.', 1)[0]}.{name}"
    declared = any(name in function.locals for function in context.facts.functions) or any(
        param.name == name for function in context.facts.functions for param in function.params
    )
    imported = any(item.binding == Place(name, 0) and item.name == name for item in context.facts.imports)
    if declared and not imported:
        raise CannotFixError(f"`{name}` is a name of this file's own here")
    return name


def is_awaited(context: Context) -> bool:
    """Whether the release gives a promise that has to be awaited."""
    release = release_of(context)
    return isinstance(release, Method) and release.awaited


def needs_handle(context: Context) -> bool:
    """Whether the release fails when there is no handle: a method does, `clearInterval` does not."""
    return isinstance(release_of(context), Method)


def guarded(context: Context, handle: str, *, awaited: bool = False) -> str:
    """Statements that release a handle which may not be there."""
    layout = context.layout
    if not needs_handle(context):
        return layout.statement(expression(context, handle))
    wait = "await " if awaited else ""
    if context.style.optional_chaining:
        return layout.statement(wait + expression(context, handle + "?"))
    return f"if ({handle}) {{\n{context.style.unit}{layout.statement(wait + expression(context, handle))}\n}}"


def check_rearming(context: Context) -> None:
    """Makes the fix a suggestion where closing the handle runs a handler that acquires anew."""
    if context.registers or not needs_handle(context):
        return
    if _acquires(context, tuple(closing_handlers(context))):
        context.patch.doubt("closing it runs its own handler, which opens it again or starts a timer for that")


def closing_handlers(context: Context) -> Iterator[int]:
    """The functions of the file that run when a handle closes, of whatever it is: what `onclose` or `on('close', ...)` gets."""
    judge = context.judge
    for index, function in enumerate(context.facts.functions):
        for op in function.ops():
            match op:
                case Assign(Place(_, _, (*_, name)), value) if name in _CLOSE_EVENTS and name.startswith("on"):
                    yield from judge.calls.functions(value, index)
                case Call(callee=Ref(Place(_, _, (*_, name))), args=(first, second, *_)) if name in _LISTENING:
                    if isinstance(first.value, Const) and first.value.text in _CLOSE_EVENTS:
                        yield from judge.calls.functions(second.value, index)


def _acquires(context: Context, handlers: tuple[int, ...]) -> bool:
    judge = context.judge
    table = acquisitions(judge.tables)
    return any(
        isinstance(op, Call) and judge.names.path_of(op.callee, index) in table
        for index in judge.calls.reached(handlers)
        for op in context.function(index).ops()
    )


def same_form(context: Context, text: str) -> bool:
    """Whether a statement's text holds a release of the same form as the one to be written."""
    release = release_of(context)
    if isinstance(release, Function):
        names = {path.rsplit(".", 1)[-1] for path in context.leak.resource.release_functions}
        return re.search(rf"\b(?:{'|'.join(map(re.escape, sorted(names)))})\(", text) is not None
    if isinstance(release, Method):
        return re.search(rf"\.{re.escape(release.name)}\(\)", text) is not None
    return re.search(rf"\.{re.escape(release.name)}\(", text) is not None
