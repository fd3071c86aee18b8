"""Findings in words: the message, the trail, and how a release is written. Sentences that need no manual.

Names from the code stand between single backticks, so that every face can show them as code.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from fixers.facts import ExitKind, Ref
from fixers.findings import Family, OwnerKind, Role, Step, Verdict
from fixers.resources.model import Counts, Function, Handle, Matching, Method

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixers.facts import FileFacts
    from fixers.leaks import Leak
    from fixers.source import Source, Span
    from fixers.states import Leaving

_MAX_STEPS: Final = 3
_NAMED: Final = re.compile(r"[\w$.#?!\[\]'\"`:/ -]{1,60}|\{[^{}\n]{1,60}\}|[\w$.#]{1,40}\([\w$., ]{0,40}\)")
"""An argument that is short enough to be told."""
_RUNNING: Final = (Family.TIMER, Family.PROCESS, Family.THREAD, Family.TASK)
_ALIVE: Final = {
    **dict.fromkeys(_RUNNING, "running"),
    Family.LISTENER: "attached",
    Family.OBSERVER: "observing",
    Family.GROWTH: "held",
}
_STARTS: Final = {
    **dict.fromkeys(_RUNNING, "starts"),
    Family.LISTENER: "adds",
    Family.OBSERVER: "starts",
    Family.TEMPFILE: "makes",
    Family.GROWTH: "makes",
}
_VERBS: Final = {
    "cleared": "clear",
    "removed": "remove",
    "closed": "close",
    "released": "release",
    "ended": "end",
    "cancelled": "cancel",
    "disconnected": "disconnect",
    "terminated": "terminate",
    "killed": "kill",
    "revoked": "revoke",
    "waited for": "reap",
    "shut down": "end",
    "cleaned up": "remove",
}


def release_text(leak: Leak, source: Source, handle: str) -> str:
    """How the release of a leak's resource is written for a handle: `clearInterval(this.timer)`, `await client.end()`.

    `handle` is the handle as written; for a registration it is not used.
    """
    release = leak.resource.released_by[0]
    if isinstance(release, Function):
        return f"{release.path.removeprefix('global.').removeprefix('builtins.')}({handle})"
    if isinstance(release, Method):
        return f"{'await ' if release.awaited else ''}{handle}.{release.name}()"
    callee = leak.acquisition.callee
    receiver = source.text(leak.acquisition.callee_span).rsplit(".", 1)[0] if isinstance(callee, Ref) else ""
    prefix = f"{receiver}." if isinstance(callee, Ref) and callee.place.path else ""
    return f"{prefix}{release.name}({', '.join(argument_texts(leak, source, release))})"


def argument_texts(leak: Leak, source: Source, release: Matching) -> Iterator[str]:
    """The arguments that a matching release repeats, as written at the acquisition; a function without its body."""
    pieces = _split_arguments(source.text(leak.acquisition.args_span)[1:-1])
    for index in release.arguments:
        if index < len(pieces):
            yield pieces[index] if _NAMED.fullmatch(pieces[index]) else "\N{HORIZONTAL ELLIPSIS}"


def _split_arguments(text: str) -> list[str]:
    pieces: list[str] = []
    depth, start, quote = 0, 0, ""
    for position, character in enumerate(text):
        if quote:
            if character == quote and text[position - 1] != "\\":
                quote = ""
        elif character in "\"'`":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == "," and depth == 0:
            pieces.append(text[start:position].strip())
            start = position + 1
    pieces.append(text[start:].strip())
    return [piece for piece in pieces if piece]


def handle_text(leak: Leak) -> str | None:
    """The handle for people, or None where nobody keeps it."""
    if leak.handle is None or leak.resource.handle is Handle.REGISTRATION:
        return None
    return str(leak.handle)


def owner_name(leak: Leak, facts: FileFacts, source: Source) -> str:
    """What people call a leak's owner; a component that is a file by the name of the file."""
    function = leak.owner.function
    if function is not None and facts.functions[function].kind == "setup":
        name = source.path.rpartition("/")[2]
        return name.rpartition(".")[0] or name
    return leak.owner.name


def message(leak: Leak, facts: FileFacts, source: Source) -> str:
    """The finding in one sentence."""
    match leak.verdict:
        case Verdict.NOT_RELEASED_ON_ERROR:
            return _on_error(leak, source)
        case Verdict.OVERWRITTEN_WHILE_OPEN:
            return _overwritten(leak, facts)
        case Verdict.ADDED_PER_CALL:
            added = f"{_starts(leak)} another {_noun(leak)}"
            return f"Each call of {_acquirer(leak, facts)} {added}; none is ever {_ended(leak)}."
        case Verdict.FORGOTTEN_BY_TEARDOWN:
            return _forgotten(leak, facts, source)
        case _:
            return _never(leak, facts, source)


def _noun(leak: Leak) -> str:
    return leak.resource.noun


def _ended(leak: Leak) -> str:
    return leak.resource.ended


def _alive(leak: Leak) -> str:
    if leak.resource.family is Family.TEMPFILE and _ended(leak) != "closed":
        return "in place"
    return _ALIVE.get(leak.resource.family, "open")


def _starts(leak: Leak) -> str:
    return _STARTS.get(leak.resource.family, "opens")


def _a(leak: Leak) -> str:
    return f"{'an' if _noun(leak)[0] in 'aeiouAEIOUH' else 'a'} {_noun(leak)}"


def _in_handle(leak: Leak) -> str:
    handle = handle_text(leak)
    return f" in `{handle}`" if handle else ""


def _forgotten(leak: Leak, facts: FileFacts, source: Source) -> str:
    what = f"the {_noun(leak)}{_in_handle(leak)}"
    match leak.owner.kind:
        case OwnerKind.EFFECT:
            return f"The cleanup of this effect leaves {what} {_alive(leak)}."
        case OwnerKind.COMPONENT:
            return f"{_named(owner_name(leak, facts, source))} leaves {what} {_alive(leak)} when it unmounts."
        case OwnerKind.MODULE:
            return f"The shutdown handler leaves {what} {_alive(leak)}."
    name = leak.teardown_members[0].name if leak.teardown_members else "its teardown"
    owner = f"{leak.owner.name}." if leak.owner.name.isidentifier() else ""
    started = "" if _in_handle(leak) else f" that {_acquirer(leak, facts)} {_starts(leak)}"
    return f"`{owner}{name}()` leaves {what}{started} {_alive(leak)}."


def _never(leak: Leak, facts: FileFacts, source: Source) -> str:
    verb, who = _VERBS[_ended(leak)], _acquirer(leak, facts)
    if leak.resource.counts is Counts.DROPPED:
        return f"Nothing keeps the {_noun(leak)} that {who} {_starts(leak)}: it may be collected before it is done."
    match leak.owner.kind:
        case OwnerKind.EFFECT:
            return f"This effect {_starts(leak)} {_a(leak)} each time it runs and never {verb}s it."
        case OwnerKind.COMPONENT:
            what = f"the {_noun(leak)}{_in_handle(leak)}"
            return f"{_named(owner_name(leak, facts, source))} leaves {what} {_alive(leak)} when it unmounts."
        case OwnerKind.INSTANCE:
            what = f"{_a(leak)}{_in_handle(leak)}"
            return f"{_named(leak.owner.name)} {_starts(leak)} {what} and has nothing that {verb}s it."
        case OwnerKind.MODULE:
            return f"The {_noun(leak)} stays {_alive(leak)} until the process ends: nothing {verb}s it."
        case OwnerKind.NOBODY if leak.resource.handle is Handle.RESULT:
            return f"Each call of {who} {_starts(leak)} {_a(leak)} that nothing can {verb}: its handle is dropped."
        case OwnerKind.NOBODY:
            return f"Each call of {who} {_starts(leak)} {_a(leak)} that is never {_ended(leak)}."
        case OwnerKind.CLOSURE:
            return f"The {_noun(leak)}{_in_handle(leak)} is never {_ended(leak)}."
    if leak.releases_elsewhere:
        return f"The {_noun(leak)} is {_ended(leak)} on some paths only; {who} can also end with it {_alive(leak)}."
    return f"The {_noun(leak)} is never {_ended(leak)}: {who} ends with it {_alive(leak)}."


def _overwritten(leak: Leak, facts: FileFacts) -> str:
    verb = _VERBS[_ended(leak)]
    if leak.owner.kind is OwnerKind.INSTANCE:
        gerund = f"{verb.removesuffix('e')}ing"
        return f"{_acquirer(leak, facts)} replaces the {_noun(leak)}{_in_handle(leak)} without {gerund} the old one."
    old = f"{_a(leak)} that is still {_alive(leak)}"
    return f"`{leak.handle}` is assigned again while it may hold {old}; that one is never {_ended(leak)}."


def _on_error(leak: Leak, source: Source) -> str:
    first = leak.exits[0]
    line = source.line_of(first.span.start)
    when = {
        ExitKind.CANCEL: f"the task is cancelled at line {line}",
        ExitKind.CLOSE: f"the generator is closed at line {line}",
    }.get(first.kind, f"line {line} fails")
    reason = f"it is {_ended(leak)} only when nothing fails"
    if not leak.fate.released_normally:
        reason = "it is handed on only when nothing fails"
    return f"The {_noun(leak)}{_in_handle(leak)} stays {_alive(leak)} when {when}: {reason}."


def _named(name: str) -> str:
    return f"`{name}`" if name and not name.startswith(("an ", "this ")) else name[:1].upper() + name[1:]


def _acquirer(leak: Leak, facts: FileFacts) -> str:
    body = facts.functions[leak.function]
    if leak.function == 0:
        return "this module"
    if body.name and body.class_ is not None and body.kind not in {"arrow", "function", "lambda"}:
        owner = facts.classes[body.class_].name
        return f"`{owner}.{body.name}`" if owner else f"`{body.name}`"
    if body.name:
        return f"`{body.name}`"
    return f"the function given to `{body.given_to}`" if body.given_to else "this function"


def trail(leak: Leak, facts: FileFacts, source: Source) -> tuple[Step, ...]:
    """Acquire, the exits that miss the release, and where a release was looked for."""
    steps = [_step(source, Role.ACQUIRE, leak.acquisition.span, _acquired_text(leak))]
    steps.extend(_exit_steps(leak, source))
    if leak.lost is not None:
        text = f"`{leak.lost.target}` gets a new value here while the old {_noun(leak)} may be {_alive(leak)}"
        steps.append(_step(source, Role.EXIT, leak.lost.span, text))
    steps.extend(_searches(leak, facts, source))
    steps.extend(
        _step(source, Role.RELEASE, span, f"{_ended(leak)} on another path") for span in _told(leak, facts)[:_MAX_STEPS]
    )
    return tuple(steps)


def _told(leak: Leak, facts: FileFacts) -> list[Span]:
    """Where functions that release stand, apart from what the acquisition itself is given, and from whole files."""
    spans = dict.fromkeys(leak.releases_elsewhere)
    return [span for span in spans if span not in facts.whole_files and not leak.acquisition.span.contains(span)]


def _exit_steps(leak: Leak, source: Source) -> Iterator[Step]:
    seen: set[tuple[int, ExitKind]] = set()
    for leaving in leak.exits:
        key = (source.line_of(leaving.span.start), leaving.kind)
        is_told = leaving.kind is ExitKind.NORMAL and (
            leaving.span == leak.acquisition.span or leak.owner.kind is OwnerKind.MODULE
        )
        if key in seen or is_told:
            continue
        seen.add(key)
        yield _step(source, Role.EXIT, leaving.span, _exit_text(leak, leaving))
        if len(seen) == _MAX_STEPS:
            return


def _exit_text(leak: Leak, leaving: Leaving) -> str:
    open_ = f"the {_noun(leak)} {_alive(leak)}"
    match leaving.kind:
        case ExitKind.THROW:
            return f"when this fails, the function ends with {open_}"
        case ExitKind.CANCEL:
            return f"when the task is cancelled here, the function ends with {open_}"
        case ExitKind.CLOSE:
            return f"when the generator is closed here, it ends with {open_}"
        case _ if leaving.after_error:
            return f"after an error, the function ends here with {open_}"
        case _:
            return f"the function ends here with {open_}"


def _searches(leak: Leak, facts: FileFacts, source: Source) -> Iterator[Step]:
    handle = handle_text(leak) or "handle"
    wanted = f"`{release_text(leak, source, handle)}`"
    if leak.resource.handle is Handle.RESULT and handle_text(leak) is None:
        wanted = f"a call that {_VERBS[_ended(leak)]}s it"
    for number, index in enumerate(leak.teardown[:_MAX_STEPS]):
        body = facts.functions[index]
        if number < len(leak.teardown_members):
            where = f"`{leak.teardown_members[number].name}()` and what it calls"
        else:
            where = f"`{body.name}`" if body.name else "the cleanup"
        yield _step(source, Role.LOOKED_FOR, body.name_span, f"{wanted} in {where}")
    if not leak.teardown and leak.owner.kind is OwnerKind.EFFECT:
        yield _step(source, Role.LOOKED_FOR, leak.owner.span, "a cleanup that the effect returns")
    elif not leak.teardown and leak.owner.kind is OwnerKind.COMPONENT:
        yield _step(source, Role.LOOKED_FOR, leak.owner.span, f"{wanted} in a cleanup that runs at unmount")


def _acquired_text(leak: Leak) -> str:
    handle = handle_text(leak)
    kept = f", kept in `{handle}`" if handle else ""
    return f"`{leak.resource.label}` {_starts(leak)} {_a(leak)} here{kept}"


def _step(source: Source, role: Role, span: Span, text: str) -> Step:
    position = source.position(span.start)
    return Step(role=role, path=source.path, line=position.line, column=position.column, text=text)
