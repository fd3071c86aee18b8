"""Judges handles of effects and components: React, Vue, Svelte, and what their functions start and drop."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fixers.findings import Confidence, OwnerKind, Verdict
from fixers.leaks import LeakOwner
from fixers.lifecycles.model import Runs

if TYPE_CHECKING:
    from fixers.facts import Place
    from fixers.leaks import Leak
    from fixers.lifetimes.case import Case, Surroundings


def in_effect(case: Case, file: Surroundings, home: Place, effect: int) -> Leak | None:
    """The handle lies in a variable of an effect, or of a function within it."""
    cleanups = file.owners.cleanups(effect)
    component = file.owners.component(effect)
    teardowns = cleanups + (file.owners.component_teardowns(component[0]) if component else ())
    if file.handled_by(teardowns, case.resource, home):
        return None
    inner = file.releasing(file.within(effect), case.resource, home)
    confidence, doubt = Confidence.HIGH, ""
    if (case.resource.one_shot and not inner) or (inner and not cleanups):
        confidence, doubt = Confidence.MEDIUM, "it may end by itself before the effect does"
    return _effect_leak(case, file, effect, home, confidence, doubt, inner)


def dropped_in_effect(case: Case, file: Surroundings, effect: int) -> Leak | None:
    """An effect, or a function within it, starts something that goes on by itself and keeps no handle."""
    if case.registers:
        token = file.flows.releases.register(case.function, case.acquisition)
        component = file.owners.component(effect)
        teardowns = file.owners.cleanups(effect)
        if component is not None:
            teardowns += file.owners.component_teardowns(component[0])
        if file.handled_by(teardowns, case.resource, token) or _handed_to_custom_hook(
            case, file, component[0] if component else effect, file.releasing(file.within(effect), case.resource, token)
        ):
            return None
        receiver = file.receiver(case)
        if receiver is not None and file.made_here(receiver):
            return None
    ends = case.resource.one_shot and not file.rearms(case)
    confidence = Confidence.MEDIUM if ends else Confidence.HIGH
    doubt = "it ends by itself when it fires" if ends else ""
    return _effect_leak(case, file, effect, case.handle, confidence, doubt, [])


def _effect_leak(
    case: Case,
    file: Surroundings,
    effect: int,
    home: Place | None,
    confidence: Confidence,
    doubt: str,
    releasing: list[int],
) -> Leak:
    cleanups = file.owners.cleanups(effect)
    body = file.body(effect)
    return file.leak(
        case,
        Verdict.FORGOTTEN_BY_TEARDOWN if cleanups else Verdict.NEVER_RELEASED,
        LeakOwner(OwnerKind.EFFECT, body.given_to or "effect", "effect", body.span, function=effect),
        confidence,
        doubt,
        handle=home,
        teardown=cleanups,
        releases_elsewhere=file.name_spans(releasing),
    )


def in_component(case: Case, file: Surroundings, home: Place, component: int) -> Leak | None:
    """The handle lies in a variable, or a ref, of a component or composable."""
    teardowns = file.owners.component_teardowns(component)
    if file.handled_by(teardowns, case.resource, home):
        return None
    releasing = file.releasing(file.within(component), case.resource, home)
    if _handed_to_custom_hook(case, file, component, releasing):
        return None
    confidence, doubt = Confidence.HIGH, ""
    if case.resource.one_shot and not releasing:
        confidence, doubt = Confidence.MEDIUM, "it ends by itself when it fires"
    elif set(file.owners.cleanups(component)) & set(releasing):
        confidence, doubt = Confidence.MEDIUM, "a function that releases it is given to whoever uses this one"
    return file.leak(
        case,
        Verdict.FORGOTTEN_BY_TEARDOWN if teardowns or releasing else Verdict.NEVER_RELEASED,
        _component_owner(file, component),
        confidence,
        doubt,
        handle=home,
        teardown=teardowns,
        releases_elsewhere=file.name_spans(releasing),
    )


def dropped_in_component(case: Case, file: Surroundings, component: int) -> Leak | None:
    """A component, or a handler within it, starts something that goes on by itself and keeps no handle."""
    if case.resource.one_shot and not file.rearms(case):
        return None
    teardowns = file.owners.component_teardowns(component)
    if case.registers:
        token = file.flows.releases.register(case.function, case.acquisition)
        if file.handled_by((*teardowns, *file.within(component)), case.resource, token):
            return None
        receiver = file.receiver(case)
        if receiver is None or file.made_here(receiver):
            return None
    at_setup = case.function == component or file.owners.nearest(case.function, Runs.SETUP) is not None
    return file.leak(
        case,
        Verdict.FORGOTTEN_BY_TEARDOWN if teardowns else Verdict.NEVER_RELEASED,
        _component_owner(file, component),
        Confidence.HIGH if at_setup else Confidence.MEDIUM,
        "" if at_setup else "how often this handler runs is not known",
        teardown=teardowns,
    )


def _component_owner(file: Surroundings, component: int) -> LeakOwner:
    kind = file.owners.component(component)
    owner = file.function_owner(component, OwnerKind.COMPONENT, kind[1].noun if kind else "component")
    return owner if file.body(component).name else replace(owner, name=file.wrapped.get(component, owner.name))


def _handed_to_custom_hook(case: Case, file: Surroundings, component: int, releasing: list[int]) -> bool:
    """Whether a hook that is not in sight gets a function that releases, and does not acquire again: `useUnmount(() =>
    clearTimeout(t.current))`.
    """
    wanted = {index for index in releasing if case.function not in file.calls.reached((index,))}
    return not wanted.isdisjoint(file.run_by_custom_hooks(component)) if wanted else False
