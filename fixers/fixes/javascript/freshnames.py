"""Names for what had none: readable, and not yet taken where they would be seen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from fixers.facts import Const, Ref
from fixers.findings import Family
from fixers.fixes.model import CannotFixError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fixers.fixes.javascript.context import Context
    from fixers.source import Span

_EVENT_WORDS: Final = {
    "beforeunload": "BeforeUnload",
    "fullscreenchange": "FullscreenChange",
    "hashchange": "HashChange",
    "orientationchange": "OrientationChange",
    "pagehide": "PageHide",
    "pageshow": "PageShow",
    "popstate": "PopState",
    "selectionchange": "SelectionChange",
    "visibilitychange": "VisibilityChange",
}
_MAX_NUMBER: Final = 20


def for_handle(context: Context, within: Span) -> str:
    """A name for the handle: `interval`, `socket`; not a word of the span in which it would be seen.

    Raises:
        CannotFixError: every candidate is taken.
    """
    noun = context.leak.resource.noun.split()[-1]
    return fresh(
        [noun, f"{noun}Id" if context.leak.resource.family is Family.TIMER else f"own{noun.title()}"], context, within
    )


def for_handler(context: Context, within: Span) -> str:
    """A name for an event handler: `onKeydown`, or `handleKeydown` where the file says it so.

    Raises:
        CannotFixError: every candidate is taken.
    """
    event = _event(context)
    if event.isupper():
        event = event.lower()
    prefix = context.style.handler_prefix
    other = "handle" if prefix == "on" else "on"
    words = _EVENT_WORDS.get(event) or "".join(
        part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", event)
    )
    words = words if words[:1].isalpha() else "Event"
    return fresh([prefix + words, other + words, f"{prefix}{words}Event"], context, within)


def _event(context: Context) -> str:
    """The event's name, or the last part of the expression that gives it: `AD_ERROR`."""
    match context.leak.acquisition.argument(0):
        case Const("string", text):
            return text
        case Ref(place):
            return (place.path or (place.root,))[-1]
        case _:
            return ""


def fresh(candidates: Iterable[str], context: Context, within: Span) -> str:
    """The first candidate that is no word of the span, else a numbered one.

    Raises:
        CannotFixError: every candidate is taken.
    """
    taken = context.script.words(within)
    names = list(candidates)
    for name in [*names, *(f"{names[0]}{number}" for number in range(2, _MAX_NUMBER))]:
        if name not in taken:
            return name
    raise CannotFixError("no name is free for its handle")
