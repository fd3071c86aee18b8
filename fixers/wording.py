"""Findings in words: the message, the trail, and how a release is written. One sentence that needs no manual."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixers.facts import ExitKind, Ref
from fixers.findings import Role, Step, Verdict
from fixers.resources.model import Function, Handle, Matching, Method

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixers.facts import FileFacts
    from fixers.leaks import Leak
    from fixers.source import Source, Span

_MAX_EXITS = 3


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
    arguments = ", ".join(argument_texts(leak, source, release))
    return f"{prefix}{release.name}({arguments})"


def argument_texts(leak: Leak, source: Source, release: Matching) -> Iterator[str]:
    """The arguments that a matching release repeats, as written at the acquisition."""
    inside = source.text(leak.acquisition.args_span)[1:-1]
    pieces = _split_arguments(inside)
    for index in release.arguments:
        if index < len(pieces):
            yield pieces[index]


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
    return None if leak.handle is None else str(leak.handle)


def message(leak: Leak, facts: FileFacts, source: Source) -> str:
    """The finding in one sentence."""
    noun, ended = leak.resource.noun, leak.resource.ended
    handle = handle_text(leak)
    match leak.verdict:
        case Verdict.NOT_RELEASED_ON_ERROR:
            return _error_message(leak, source)
        case Verdict.OVERWRITTEN_WHILE_OPEN:
            return f"`{handle}` may still hold an open {noun} when it is assigned again; the old one is never {ended}."
        case Verdict.ADDED_PER_CALL:
            return f"Each call adds another {noun} to a target that outlives it, and none is ever {ended}."
        case Verdict.FORGOTTEN_BY_TEARDOWN:
            where = f" in `{handle}`" if handle and leak.resource.handle is Handle.RESULT else ""
            return f"{_teardown_name(leak, facts)} does not end the {noun}{where} that {_where_acquired(leak, facts)} starts; it is never {ended}."
        case _:
            return _never_message(leak, facts)


def _never_message(leak: Leak, facts: FileFacts) -> str:
    noun, ended = leak.resource.noun, leak.resource.ended
    owner = leak.owner
    if owner.kind == "effect":
        return f"This {noun} is never {ended}: the effect returns no cleanup, so each run leaves another one behind."
    if owner.kind in {"component", "instance"} and not leak.teardown:
        return f"This {noun} is never {ended}: `{owner.name or owner.noun}` has no teardown that ends it."
    if owner.kind == "module":
        return f"This {noun} is never {ended}; only the end of the process ends it."
    if leak.releases_elsewhere:
        return f"This {noun} is {ended} on some paths only: `{owner.name}` can also end with it open."
    if owner.kind == "nobody":
        return f"This {noun} is never {ended}: nothing keeps its handle when `{owner.name}` ends."
    return f"This {noun} is never {ended}: `{owner.name}` ends with it open."


def _error_message(leak: Leak, source: Source) -> str:
    noun, ended = leak.resource.noun, leak.resource.ended
    first = leak.exits[0]
    line = source.line_of(first.span.start)
    if first.kind is ExitKind.CANCEL:
        return (
            f"This {noun} stays open when the task is cancelled at line {line}: it is {ended} on the normal way only."
        )
    if first.kind is ExitKind.CLOSE:
        return (
            f"This {noun} stays open when the generator is closed at line {line}: it is {ended} on the normal way only."
        )
    return f"This {noun} stays open when line {line} fails: it is {ended} on the normal way only."


def _teardown_name(leak: Leak, facts: FileFacts) -> str:
    if leak.teardown_members:
        return f"`{leak.owner.name}.{leak.teardown_members[0].name}()`".replace("`.", "`")
    if leak.owner.kind == "effect":
        return "The effect's cleanup"
    if leak.owner.kind == "module":
        return "The shutdown of this module"
    return f"The cleanup of `{leak.owner.name}`"


def _where_acquired(leak: Leak, facts: FileFacts) -> str:
    body = facts.functions[leak.function]
    name = body.name or body.given_to
    return f"`{name}`" if name and leak.function else "this file"


def trail(leak: Leak, facts: FileFacts, source: Source) -> tuple[Step, ...]:
    """Acquire, the exits that miss the release, and where a release was looked for."""
    steps = [_step(source, Role.ACQUIRE, leak.acquisition.span, _acquired_text(leak))]
    steps.extend(
        _step(source, Role.EXIT, leaving.span, _exit_text(leaving.kind, leak.resource.noun))
        for leaving in leak.exits[:_MAX_EXITS]
        if leaving.span != leak.acquisition.span or leaving.kind is not ExitKind.NORMAL
    )
    if leak.lost is not None:
        steps.append(
            _step(
                source,
                Role.EXIT,
                leak.lost.span,
                f"`{leak.lost.target}` is assigned while the old {leak.resource.noun} may be open",
            )
        )
    for number, index in enumerate(leak.teardown):
        body = facts.functions[index]
        name = leak.teardown_members[number].name if number < len(leak.teardown_members) else body.name or "the cleanup"
        steps.append(
            _step(source, Role.LOOKED_FOR, body.name_span, f"no release of it in `{name}`, nor in what it calls")
        )
    steps.extend(
        _step(source, Role.RELEASE, span, f"{leak.resource.ended} here, on another path")
        for span in leak.releases_elsewhere[:_MAX_EXITS]
    )
    return tuple(steps)


def _acquired_text(leak: Leak) -> str:
    handle = handle_text(leak)
    kept = f", kept in `{handle}`" if handle else ""
    return f"{leak.resource.noun} acquired here by `{leak.resource.label}`{kept}"


def _exit_text(kind: ExitKind, noun: str) -> str:
    match kind:
        case ExitKind.THROW:
            return f"if this fails, the function ends with the {noun} open"
        case ExitKind.CANCEL:
            return f"if the task is cancelled here, the {noun} stays open"
        case ExitKind.CLOSE:
            return f"if the generator is closed here, the {noun} stays open"
        case _:
            return f"the function ends here with the {noun} open"


def _step(source: Source, role: Role, span: Span, text: str) -> Step:
    position = source.position(span.start)
    return Step(role=role, path=source.path, line=position.line, column=position.column, text=text)
