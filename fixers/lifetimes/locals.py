"""Judges handles that a function keeps to itself: dropped, overwritten, or lost on an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixers.facts import GLOBAL, THIS, Await, Call, Choice, ExitKind, Ref, Throw, result
from fixers.findings import Confidence, OwnerKind, Severity, Verdict
from fixers.lifecycles.model import Runs
from fixers.lifetimes.case import BACKGROUND

if TYPE_CHECKING:
    from fixers.leaks import Leak
    from fixers.lifetimes.case import Case, Surroundings
    from fixers.states import Leaving


def overwritten(case: Case, file: Surroundings) -> Leak | None:
    """A name was given another value while the handle was open and had no other name."""
    lost = case.fate.lost[0]
    if case.resource.one_shot:
        return None
    each_turn = lost.declares and any(binding.span == lost.span for binding in case.fate.bindings)
    return file.leak(
        case,
        Verdict.NEVER_RELEASED if each_turn else Verdict.OVERWRITTEN_WHILE_OPEN,
        file.function_owner(case.function),
        Confidence.MEDIUM if lost.target.scope == THIS else Confidence.HIGH,
        handle=lost.target,
        lost=lost,
        releases_elsewhere=tuple(case.fate.released),
    )


def dropped(case: Case, file: Surroundings) -> Leak:
    """A plain function ends normally with the handle open and nobody else holding it."""
    fate = case.fate
    doubt = ""
    if fate.returned or fate.disposers or fate.given:
        doubt = "it is handed on along another path"
    elif fate.users:
        doubt = "a function that uses it is handed on, so that it may be meant to stay open"
    elif fate.released and _holds_others(case, file):
        doubt = "the name may hold something else, which is not released"
    return file.leak(
        case,
        Verdict.NEVER_RELEASED,
        file.function_owner(case.function),
        Confidence.MEDIUM if doubt else Confidence.HIGH,
        doubt,
        releases_elsewhere=tuple(fate.released),
    )


def unused(case: Case, file: Surroundings) -> Leak | None:
    """Nothing uses what the acquiring call gives, and nobody else keeps it."""
    awaited = {op.value for op in file.body(case.function).ops() if isinstance(op, Await)}
    if not case.acquisition.statement or Ref(result(case.acquisition.result)) in awaited:
        return None
    return file.leak(case, Verdict.NEVER_RELEASED, file.function_owner(case.function, OwnerKind.NOBODY))


def _holds_others(case: Case, file: Surroundings) -> bool:
    """Whether the handle's name may hold something else, so that a conditional release is the author's intent."""
    for binding in case.fate.bindings:
        made = file.names.assigned.get(binding.target.base, [])
        if len({assign.span for _, assign in made}) > 1 or isinstance(binding.value, Choice):
            return True
    return False


def background(case: Case, file: Surroundings) -> Leak | None:
    """A plain function starts something that goes on by itself, and nobody keeps it."""
    if case.resource.one_shot:
        return None
    once = file.owners.runs_once(case.function)
    often = file.owners.runs_often(case.function)
    if case.registers:
        receiver = file.receiver(case)
        if once or receiver is None or receiver.scope not in {GLOBAL, 0}:
            return None
    if once:
        return _started_once(case, file)
    return file.leak(
        case,
        Verdict.ADDED_PER_CALL if case.registers and often else Verdict.NEVER_RELEASED,
        file.function_owner(case.function, OwnerKind.NOBODY),
        Confidence.MEDIUM if case.registers and not often else Confidence.HIGH,
        "how often this function runs is not known" if case.registers and not often else "",
        # A dropped handle can never be used, but how often this function runs is not known.
        severity=Severity.LEAK if often or case.registers else Severity.SHUTDOWN,
    )


def _started_once(case: Case, file: Surroundings) -> Leak | None:
    """The process owns it: at worst its end is unclean."""
    teardowns = file.owners.process_teardowns()
    if file.ends_process(teardowns):
        return None
    return file.leak(
        case,
        Verdict.FORGOTTEN_BY_TEARDOWN if teardowns else Verdict.NEVER_RELEASED,
        file.function_owner(0),
        Confidence.HIGH if teardowns else Confidence.MEDIUM,
        "" if teardowns else "it lives as long as the process",
        severity=Severity.SHUTDOWN,
        teardown=teardowns,
    )


def on_error(case: Case, file: Surroundings) -> Leak | None:
    """Every normal way out is fine; is there an exceptional one that leaves it open?"""
    fate = case.fate
    exits = [leaving for kind in ExitKind for leaving in fate.leaks(kind)]
    if not exits or not case.resource.error_leaks or case.registers or file.owners.has_role(case.function, Runs.EFFECT):
        return None
    if _serves_forever(case, file, exits):
        return None
    confidence, doubt = Confidence.HIGH, ""
    if not fate.released_normally and not (fate.returned and _own_failure(case, file, exits)):
        confidence, doubt = Confidence.MEDIUM, "it is handed on unless an error comes first"
    if all(leaving.unforeseen for leaving in exits):
        if not fate.released_normally:
            return None
        confidence, doubt = Confidence.MEDIUM, "the errors that its handlers name are taken care of"
    elif all(leaving.kind in {ExitKind.CANCEL, ExitKind.CLOSE} for leaving in exits):
        confidence, doubt = Confidence.MEDIUM, "only a cancellation, or closing the generator early, leaves it open"
    return file.leak(
        case,
        Verdict.NOT_RELEASED_ON_ERROR,
        file.function_owner(case.function),
        confidence,
        doubt,
        exits=exits,
        releases_elsewhere=tuple(fate.released),
    )


def _serves_forever(case: Case, file: Surroundings, exits: list[Leaving]) -> bool:
    """Whether no way from the acquisition ends normally, and none is meant to fail: a server's loop."""
    fate = case.fate
    if fate.released or fate.given or fate.returned or fate.disposers or fate.homes():
        return False
    raised = {op.span for op in file.body(case.function).ops() if isinstance(op, Throw)}
    return raised.isdisjoint(leaving.span for leaving in exits)


def _own_failure(case: Case, file: Surroundings, exits: list[Leaving]) -> bool:
    """Whether it is a call of the handle's own method that fails: `socket.connect(address)`."""
    names = {binding.target for binding in case.fate.bindings}
    spans = {leaving.span for leaving in exits if not leaving.unforeseen}
    return any(
        isinstance(op, Call)
        and op.span in spans
        and isinstance(op.callee, Ref)
        and bool(op.callee.place.path)
        and op.callee.place.owner in names
        for op in file.body(case.function).ops()
    )


def in_module(case: Case, file: Surroundings) -> Leak | None:
    """The module body opens something and keeps it in a name, or a function puts it into a name of the module."""
    home = case.handle
    if home is None or case.resource.one_shot or case.fate.released:
        return None
    if file.releasing(file.everything, case.resource, home):
        return None
    teardowns = file.owners.process_teardowns()
    background = case.resource.family in BACKGROUND
    if background and file.ends_process(teardowns):
        return None
    if file.facts.language.is_python:
        used = any(capture.base == home.base for body in file.facts.functions[1:] for capture in body.captures)
        if used:
            return None
    elif not teardowns:
        return None
    return file.leak(
        case,
        Verdict.FORGOTTEN_BY_TEARDOWN if teardowns else Verdict.NEVER_RELEASED,
        file.function_owner(0),
        Confidence.HIGH if background and teardowns else Confidence.MEDIUM,
        "" if background and teardowns else "it lives as long as the process",
        severity=Severity.SHUTDOWN,
        handle=home,
        teardown=teardowns,
    )


def in_closure(case: Case, file: Surroundings, home_scope: int) -> Leak | None:
    """The handle lies in a variable of an enclosing function."""
    home = next((place for place in sorted(case.fate.homes(), key=str) if place.scope == home_scope), None)
    if home is None or case.resource.one_shot:
        return None
    if file.releasing(file.within(home_scope), case.resource, home):
        return None
    return file.leak(
        case,
        Verdict.NEVER_RELEASED,
        file.function_owner(home_scope, OwnerKind.CLOSURE),
        Confidence.MEDIUM,
        "how often the enclosing function runs is not known",
        handle=home,
    )
