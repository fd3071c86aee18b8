"""Taking a listener off again: with the same target, event, handler and capture as it was added with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fixers.facts import Closure, Const, Place, Ref
from fixers.fixes.javascript import freshnames, visibility
from fixers.fixes.javascript.moving import moved
from fixers.fixes.javascript.releasing import release_of
from fixers.fixes.javascript.script import FUNCTIONS, span_of
from fixers.fixes.model import CannotFixError
from fixers.resources.model import Matching

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from fixers.fixes.javascript.context import Context
    from fixers.source import Span

_NAMES: Final = {"matchMedia": "mediaQuery", "getElementById": "element", "querySelector": "element"}
_NAMED: Final = re.compile(r"[\w$.?!#]+(?: as [\w$.<>]+)?")
_PLAIN: Final = frozenset({"identifier", "this", "member_expression", "string", "number", "true", "false"})
_EVENT_TYPES: Final = {
    **dict.fromkeys(("keydown", "keyup", "keypress"), "KeyboardEvent"),
    **dict.fromkeys(
        (
            *("click", "dblclick", "contextmenu", "mousedown", "mouseup", "mousemove", "mouseenter", "mouseleave"),
            *("mouseover", "mouseout"),
        ),
        "MouseEvent",
    ),
    **dict.fromkeys(("pointerdown", "pointerup", "pointermove", "pointercancel"), "PointerEvent"),
    **dict.fromkeys(("touchstart", "touchend", "touchmove", "touchcancel"), "TouchEvent"),
    **dict.fromkeys(("scroll", "visibilitychange", "online", "offline", "fullscreenchange"), "Event"),
    "beforeunload": "BeforeUnloadEvent",
    "hashchange": "HashChangeEvent",
    "message": "MessageEvent",
    "popstate": "PopStateEvent",
    "resize": "UIEvent",
    "storage": "StorageEvent",
    "wheel": "WheelEvent",
}
"""Types of lib.dom for events that are the same on every target that has them."""


@dataclass(frozen=True)
class Anchor:
    """Where a listener's parts get names: before `node`, at `indent`; `taken` is where these would be seen."""

    node: Node
    indent: str
    taken: Span


class Registration:
    """The call that adds a listener, taken apart."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.call = context.site.call
        callee, arguments = self.call.child_by_field_name("function"), self.call.child_by_field_name("arguments")
        if callee is None or arguments is None or arguments.type != "arguments":
            raise CannotFixError("the listener is added in a form that no fix is written for")
        self.callee = callee
        self.arguments = [child for child in arguments.named_children if child.type != "comment"]
        if len(self.arguments) < 2 or any(child.type == "spread_element" for child in self.arguments):
            raise CannotFixError("the listener is added in a form that no fix is written for")
        self.argument_list = arguments
        self.target = callee.child_by_field_name("object")

    @property
    def handler(self) -> Node:
        """The handler as it is written."""
        return self.arguments[1]

    @property
    def is_inline(self) -> bool:
        """Whether the handler is written in the call, so that nothing else can name it."""
        return self.handler.type in FUNCTIONS or self.handler.type == "call_expression"

    def removal(self, target: str | None, handler: str) -> str:
        """The call that takes it off."""
        context = self.context
        event = context.script.text(self.arguments[0])
        if self.arguments[0].type not in _PLAIN:
            raise CannotFixError("the event's name is computed")
        if not _NAMED.fullmatch(handler):
            raise CannotFixError("the listener's handler has no name")
        release = release_of(context)
        if not isinstance(release, Matching):
            raise CannotFixError("the listener is taken off in a form that no fix is written for")
        if release.name != "removeEventListener" and event.strip("'\"`") == "error":
            # nodejs.org/api/events.html, "Error events".
            context.patch.doubt("an `error` is thrown once nobody listens for it, and others may not")
        arguments = [event, handler, *self._capture(release.capture)]
        prefix = ""
        if self.target is not None:
            written = context.script.slice(self.target.end_byte, self.callee.end_byte)
            separator = "?." if written.lstrip().startswith("?.") and not (target or "").endswith("?") else "."
            prefix = (target if target is not None else context.script.text(self.target)) + separator
        pad = " " if context.script.text(self.argument_list).startswith("( ") else ""
        indent = context.layout.indent((context.site.statement or self.call).start_byte)
        return context.layout.call(prefix + release.name, arguments, indent, pad=pad)

    def _capture(self, position: int | None) -> list[str]:
        """The option by which a listener is found again: whether it captures."""
        if position is None or len(self.arguments) <= position:
            return []
        options = self.arguments[position]
        text = self.context.script.text(options)
        if options.type != "object":
            return [] if text == "false" else [text]
        if not re.search(r"\bcapture\b|\.\.\.", text):
            return []
        if len(options.named_children) == 1:
            return [text]
        pair = next((child for child in options.named_children if _key(child) == "capture"), None)
        if pair is None:
            raise CannotFixError("its options are spread from elsewhere")
        return ["{ " + self.context.script.text(pair) + " }"]


def _key(node: Node) -> str:
    key = node.child_by_field_name("key") or node
    return (key.text or b"").decode("utf-8", "replace").strip("'\"")


def meant_to_remove(context: Context, teardown: Sequence[Node], removal: str) -> Node | None:
    """The statement of a teardown that the removal is to take the place of; None where there is none.

    It adds the same listener once more, or takes one off that nothing adds: the same without its capture option.
    """
    if not context.registers:
        return None
    script = context.script
    wrong = {_words(script.text(context.site.call))}
    wanted, comma, _ = _words(removal.removesuffix(";")).rpartition(", ")
    added = f"{_words(script.text(context.site.call)).rpartition(', ')[0]})"
    if wanted.count(",") == 1 and comma and added not in _words(script.text(script.root)):
        wrong.add(f"{wanted})")
    statements = (node for node in teardown if node.type in {"expression_statement", "call_expression"})
    return next((node for node in statements if _words(script.text(node).removesuffix(";")) in wrong), None)


def _words(text: str) -> str:
    return " ".join(text.split())


def removal(context: Context, function: int, anchor: Anchor) -> str:
    """The releasing expression, for the outermost block of `function`; parts without a name get one.

    Raises:
        CannotFixError: a part cannot be named, or is not seen there.
    """
    registration = Registration(context)
    target = _target(context, registration, function, anchor)
    if not registration.is_inline:
        _check_seen(context, registration, function)
        return registration.removal(target, context.script.text(registration.handler))
    if context.leak.function != function:
        raise CannotFixError("the handler is written in a function that may run more than once")
    _check_captures(context, function)
    if registration.handler.type == "call_expression" and anchor.node not in {context.site.simple, context.site.call}:
        context.patch.doubt("its handler would be made whether or not it is added")
    name = freshnames.for_handler(context, anchor.taken)
    name_handler(context, registration, name, anchor, context.style.const)
    return registration.removal(target, name)


def _check_seen(context: Context, registration: Registration, function: int) -> None:
    call = context.leak.acquisition
    for index in range(min(len(call.args), len(registration.arguments))):
        value = call.args[index].value
        if registration.arguments[index].type not in _PLAIN and index < 2:
            raise CannotFixError("the listener's handler has no name" if index else "the event's name is computed")
        if isinstance(value, Ref) and not visibility.in_function(context, value.place, function):
            raise CannotFixError(f"`{value.place}` is not seen where the listener would be removed")
    if visibility.is_reassigned(context, call.argument(1)):
        context.patch.doubt("the handler's name is given another value elsewhere")


def _check_captures(context: Context, function: int) -> None:
    """What an inline handler uses must be seen where it is named."""
    value = context.leak.acquisition.argument(1)
    if not isinstance(value, Closure):
        return
    for place in context.function(value.function).captures:
        if place.scope == function and not visibility.in_function(context, place.base, function):
            raise CannotFixError("the handler uses names of an inner block")


def _target(context: Context, registration: Registration, function: int, anchor: Anchor) -> str | None:
    """A name for the target where it has none that still holds at the end; None to repeat it as written."""
    node = registration.target
    if node is None:
        return None
    text = context.script.text(node)
    callee = context.leak.acquisition.callee
    place = callee.place.owner if isinstance(callee, Ref) else None
    plain = re.fullmatch(r"[\w$]+(?:\??\.[\w$#]+)*", text) is not None
    if plain and not text.endswith(".current"):
        if place is None or not visibility.in_function(context, place.base, function):
            raise CannotFixError(f"`{text}` is not seen where the listener would be removed")
        return _asked_for(context, text) if _is_filled_later(context, place) else None
    if context.leak.function != function or anchor.node != context.site.simple:
        raise CannotFixError("the listener's target has no name that is seen where it would be removed")
    if re.search(r"\.(?:on|once|addListener)$", context.script.text(node.child_by_field_name("function") or node)):
        raise CannotFixError("it is one of a chain of listeners")
    name = freshnames.fresh(_target_names(text), context, anchor.taken)
    layout = context.layout
    statement = layout.statement(f"{context.style.const} {name} = {moved(context.script, layout, node, anchor.indent)}")
    context.patch.insert(anchor.node.start_byte, statement + context.style.newline + anchor.indent)
    context.patch.replace_node(node, name)
    return name


def _is_filled_later(context: Context, place: Place) -> bool:
    """Whether the target's variable is empty at first, so that it may still be when the listener is removed."""
    filled = context.judge.names.assigned.get(place.base, [])
    return len({assign.span for _, assign in filled}) > 1 or any(
        isinstance(assign.value, Const) for _, assign in filled
    )


def _asked_for(context: Context, target: str) -> str:
    if not context.style.optional_chaining:
        context.patch.doubt(f"`{target}` may not be there when the listener is to be removed")
        return target
    return target.rstrip("?") + "?"


def _target_names(text: str) -> list[str]:
    ref = re.fullmatch(r"([\w$]+?)(?:Ref|El|Element)?\.current", text)
    if ref:
        return [ref.group(1) if ref.group(1) + ".current" != text else "element", "element", "node"]
    called = re.match(r"[\w$.?]*?([\w$]+)\(", text)
    return [_NAMES.get(called.group(1) if called else "", "target"), "target", "eventTarget"]


def name_handler(context: Context, registration: Registration, name: str, anchor: Anchor, keyword: str) -> None:
    """Declares the inline handler under a name before the anchor, and hands over the name instead.

    `keyword` declares it: `const`; empty for a field (`name` is `this.onKeydown`).
    """
    layout, patch, handler = context.layout, context.patch, registration.handler
    text = _typed(context, handler, moved(context.script, layout, handler, anchor.indent))
    declared = layout.statement(f"{keyword} {name} = {text}".lstrip())
    patch.insert(anchor.node.start_byte, declared + context.style.newline + anchor.indent)
    rest = registration.arguments[0], *registration.arguments[2:]
    list_node = registration.argument_list
    spread_out = list_node.start_point[0] != registration.arguments[0].start_point[0]
    comments = any(child.type == "comment" for child in list_node.named_children)
    if spread_out and not comments and all(child.start_point[0] == child.end_point[0] for child in rest):
        texts = [context.script.text(child) for child in registration.arguments]
        one_line = f"({', '.join([texts[0], name, *texts[2:]])})"
        start = layout.line_start(list_node.start_byte)
        if layout.fits(context.script.slice(start, list_node.start_byte) + one_line, ""):
            patch.replace(span_of(list_node), one_line)
            return
    patch.replace_node(handler, name)


def _typed(context: Context, handler: Node, text: str) -> str:
    """The handler's text, its parameter typed where TypeScript would no longer know the type from the call."""
    if not context.script.typed or handler.type not in FUNCTIONS:
        return text
    single = handler.child_by_field_name("parameter")
    parameters = handler.child_by_field_name("parameters")
    names = [single] if single is not None else parameters.named_children if parameters is not None else []
    untyped = [node for node in names if node.type == "identifier" or node.child_by_field_name("type") is None]
    if not untyped:
        return text
    event = context.leak.acquisition.argument(0)
    type_ = _EVENT_TYPES.get(getattr(event, "text", ""))
    written_on_dom = context.source.text(context.leak.acquisition.callee_span).endswith("addEventListener")
    if type_ is None or len(names) != 1 or not written_on_dom:
        raise CannotFixError("its handler needs a written type before it can have a name")
    node = names[0]
    written = context.script.text(node)
    start = node.start_byte - handler.start_byte
    head = text.encode("utf-8", "surrogateescape")
    typed = f"({written}: {type_})" if single is not None else f"{written}: {type_}"
    end = start + len(written.encode("utf-8", "surrogateescape"))
    return (head[:start] + typed.encode() + head[end:]).decode("utf-8", "surrogateescape")


__all__ = ["Anchor", "Registration", "meant_to_remove", "name_handler", "removal"]
