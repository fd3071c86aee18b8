"""How the release of a handle is written in JavaScript, and whether it may be written at a place at all."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from fixers.facts import THIS, Assign, Call, Const, Place, Ref
from fixers.fixes.model import CannotFixError
from fixers.resources import acquisitions
from fixers.resources.model import Function, Matching, Method

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixers.fixes.javascript.context import Context
    from fixers.lifetimes import Judge
    from fixers.resources.model import Release

MAX_FILLED: Final = 200
"""Assignments to one place that are looked at."""
_CLOSE_EVENTS: Final = frozenset({"close", "end", "disconnect", "onclose", "onend", "ondisconnect"})
_STATE: Final = re.compile(
    r"^(?:react|preact/hooks|preact/compat|global\.React)\.(?:use(?:State|Reducer)\(\)\[1\]$|useRef\(\)\.current\.(?:focus|blur|select|click|animate|scroll\w*)$)"
)
_NULL: Final = re.compile(r"\bnull\b(?=\s*(?:>|\||$|\)|;|=))|=\s*null\b")
_FORGIVING: Final = frozenset({"clearTimeout", "clearInterval", "clearImmediate"})
"""Functions whose types, in lib.dom and @types/node, allow undefined."""
_SPREAD_OUT: Final = re.compile(r"[^\n]*\((?:\n[ \t]+[^\n]*)+\n\);?")
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
    name = name_of(release)
    written = context.source.text(context.leak.acquisition.callee_span)
    if "." in written:
        return f"{written.rsplit('.', 1)[0]}.{name}"
    declared = name in _declared(context.judge)
    imported = any(item.binding == Place(name, 0) and item.name == name for item in context.facts.imports)
    if declared and not imported:
        raise CannotFixError(f"`{name}` is a name of this file's own here")
    return name


@lru_cache(maxsize=4)
def _declared(judge: Judge) -> frozenset[str]:
    """The names that functions of the file declare."""
    functions = judge.facts.functions
    return frozenset(name for function in functions for name in function.locals) | {
        param.name for function in functions for param in function.params
    }


def name_of(release: Release) -> str:
    """The name of the method or function that releases."""
    return release.path.rsplit(".", 1)[-1] if isinstance(release, Function) else release.name


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
        release = layout.statement(expression(context, handle))
        forgiving = name_of(release_of(context)) in _FORGIVING
        if context.script.typed and (not forgiving or _may_be_null(context)):
            return f"if ({handle}) {{\n{context.style.unit}{release}\n}}"
        return release
    wait = "await " if awaited else ""
    if context.style.optional_chaining:
        return layout.statement(wait + expression(context, handle + "?"))
    return f"if ({handle}) {{\n{context.style.unit}{layout.statement(wait + expression(context, handle))}\n}}"


def _may_be_null(context: Context) -> bool:
    """Whether the handle's place may hold null, which even those do not allow."""
    leak = context.leak
    place = leak.handle
    if place is None:
        return False
    names = context.judge.names
    filled = [*names.assignments(place, leak.function), *names.assignments(place.base, leak.function)][:MAX_FILLED]
    acquiring = leak.acquisition.span
    written = [context.source.text(assign.span) for _, assign in filled if not assign.span.contains(acquiring)]
    if place.scope == THIS:
        class_ = context.function(leak.function).class_
        members = context.facts.classes[class_].members if class_ is not None else ()
        written += [member.type or "" for member in members if (member.name,) == place.path]
    elif place.scope >= 0:
        written.append(context.function(place.scope).locals.get(place.root) or "")
    return any(_NULL.search(text) for text in written)


def is_one_expression(release: str) -> bool:
    """Whether releasing statements are a single expression, over however many lines."""
    return "\n" not in release or _SPREAD_OUT.fullmatch(release) is not None


def check_ends_by_itself(context: Context) -> None:
    """Makes the fix a suggestion for what ends by itself and is never ended before: it may be meant to."""
    leak = context.leak
    if not leak.resource.one_shot or leak.releases_elsewhere:
        return
    callbacks = context.judge.calls.functions(leak.acquisition.argument(0), leak.function)
    if leak.function in context.judge.calls.reached(callbacks):
        return  # it arms itself again, so that it goes on until it is ended
    if callbacks and all(_only_sets_state(context, function) for function in callbacks):
        return
    context.patch.doubt(f"whether the {leak.resource.noun} should still fire after that is for a person to say")


def _only_sets_state(context: Context, function: int) -> bool:
    """Whether a function does nothing but set a component's state, or scroll or focus what its refs hold."""
    names = context.judge.names
    for index in context.judge.calls.reached((function,)):
        for op in context.function(index).ops():
            match op:
                case Call(callee=callee) if not _STATE.match(names.path_of(callee, index) or ""):
                    return False
                case Assign(target=target) if target.scope != index:
                    return False
    return True


def check_rearming(context: Context) -> None:
    """Makes the fix a suggestion where closing the handle runs a handler that acquires anew."""
    if context.registers or not needs_handle(context):
        return
    if _acquires(context, tuple(closing_handlers(context))):
        context.patch.doubt("closing it runs its own handler, which opens it again or starts a timer for that")


def closing_handlers(context: Context) -> Iterator[int]:
    """The functions of the file that run when something closes: what `onclose` or `on('close', ...)` gets."""
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
