"""Judges handles in the fields of a class, and what its methods start and drop."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from fixers.facts import ELEMENT, GLOBAL, THIS, Assign, Call, Guard, Place, Ref
from fixers.findings import Confidence, Severity, Verdict
from fixers.resources.model import Counts
from fixers.states import Effect

if TYPE_CHECKING:
    from fixers.leaks import Leak
    from fixers.lifetimes.case import Case, Surroundings
    from fixers.owners import Teardown

_BASE_MAY_END: Final = "a base class that is not in sight may release it"
_THIS: Final = Place("this", THIS)
_OPPOSITE: Final = re.compile(
    r"^[_#]*(?:stop|un|de|dis|off|close|end|detach|hide|exit|leave|pause|abort|"
    r"destroy|dispose|tear|clean|finish|shut|kill|quit|terminate)"
    r"|(?:Detach|Destroy|Unmount|Dispose|Disconnect|Close|Leave|Hide|Exit|Unload|Stop)$"
)
"""Names of methods that undo what a matching method began."""


def in_field(case: Case, file: Surroundings, home: Place) -> Leak | None:
    """The handle lies in a field when the method ends."""
    class_ = file.body(case.function).class_
    if class_ is None:
        return None
    members = file.members(class_)
    releasing = file.releasing(members, case.resource, home)
    teardown = file.owners.teardown(class_)
    if teardown is not None:
        leak = _forgotten(case, file, home, class_, teardown, releasing)
        if leak is not None:
            return leak
    elif not releasing:
        return None if case.resource.counts is Counts.OWNED else _never(case, file, home, class_)
    return _overwritten(case, file, home, class_, releasing)


def _never(case: Case, file: Surroundings, home: Place, class_: int) -> Leak | None:
    if case.resource.one_shot:
        return None
    return file.leak(
        case,
        Verdict.NEVER_RELEASED,
        file.class_owner(class_, "class"),
        Confidence.MEDIUM,
        "the class has no teardown; how many instances there are, and for how long, is not known",
        handle=home,
    )


def _forgotten(
    case: Case, file: Surroundings, home: Place, class_: int, teardown: Teardown, releasing: list[int]
) -> Leak | None:
    if file.handled_by(teardown.roots, case.resource, home):
        return None
    if file.handled_by(file.ends_by_hook(class_), case.resource, home):
        return None
    if not file.run_by_threads(class_).isdisjoint(releasing):
        return None  # a thread of the class ends it: it is the last to use it
    confidence, doubt = _certainty(file, teardown, releasing)
    if confidence is None:
        return None
    harmless = case.resource.one_shot and not releasing and not file.acts_on_instance(case)
    if harmless and not file.rearms(case):
        confidence, doubt = Confidence.MEDIUM, "it ends by itself when it fires"
    return file.leak(
        case,
        Verdict.FORGOTTEN_BY_TEARDOWN if teardown.roots else Verdict.NEVER_RELEASED,
        file.class_owner(class_, teardown.lifecycle.noun),
        confidence,
        doubt,
        handle=home,
        teardown=teardown.roots,
        teardown_members=(*teardown.final, *teardown.pausing),
        releases_elsewhere=file.name_spans(releasing),
    )


def _certainty(file: Surroundings, teardown: Teardown, releasing: list[int]) -> tuple[Confidence | None, str]:
    """How sure it is that a teardown that does not release should have; None for not at all."""
    if not teardown.complete:
        return Confidence.MEDIUM, _BASE_MAY_END
    if teardown.is_root and not teardown.roots:
        return Confidence.MEDIUM, "the root of an application lives as long as the page"
    if teardown.lifecycle.called_by_framework:
        return Confidence.HIGH, ""
    if releasing and not teardown.final:
        return None, ""
    if any(_OPPOSITE.search(file.body(index).name) for index in releasing):
        return Confidence.MEDIUM, "another method that ends it may be called first"
    return Confidence.HIGH, ""


def _overwritten(case: Case, file: Surroundings, home: Place, class_: int, releasing: list[int]) -> Leak | None:
    """The field may still hold an open handle when this method fills it again."""
    assign = next((binding for binding in case.fate.bindings if binding.target == home), None)
    if assign is None or file.body(case.function).kind in {"constructor", "initializer"} or ELEMENT in home.path:
        return None
    if _looked_at_before(case, file, home):
        return None
    again = _runs_again(case, file, class_)
    if not again and (case.resource.one_shot or not _filled_elsewhere(case, file, home)):
        return None
    unsure = case.resource.one_shot and not releasing
    return file.leak(
        case,
        Verdict.OVERWRITTEN_WHILE_OPEN,
        file.class_owner(class_, "class"),
        Confidence.MEDIUM if unsure else Confidence.HIGH,
        "it ends by itself when it fires" if unsure else "",
        handle=home,
        lost=assign,
        releases_elsewhere=file.name_spans(releasing),
    )


def in_module_name(case: Case, file: Surroundings, home: Place) -> Leak | None:
    """A method of a class that a framework makes and ends instances of puts the handle into a name of the module."""
    class_ = file.body(case.function).class_
    teardown = file.owners.teardown(class_) if class_ is not None else None
    if class_ is None or teardown is None or not teardown.lifecycle.called_by_framework or case.resource.one_shot:
        return None
    if file.handled_by(teardown.roots, case.resource, home) or file.handled_by(
        file.ends_by_hook(class_), case.resource, home
    ):
        return None
    releasing = file.releasing(file.everything, case.resource, home)
    if _looked_at_before(case, file, home) or (releasing and not teardown.roots):
        return None
    doubt = "" if teardown.complete else _BASE_MAY_END
    if releasing:
        doubt = "another function that ends it may be called first"
    return file.leak(
        case,
        Verdict.FORGOTTEN_BY_TEARDOWN if teardown.roots else Verdict.NEVER_RELEASED,
        file.class_owner(class_, teardown.lifecycle.noun),
        Confidence.MEDIUM if doubt else Confidence.HIGH,
        doubt,
        handle=home,
        teardown=teardown.roots,
        teardown_members=(*teardown.final, *teardown.pausing),
        releases_elsewhere=file.name_spans(releasing),
    )


def _looked_at_before(case: Case, file: Surroundings, home: Place) -> bool:
    """Whether the method, before it acquires, tests the home or a flag that it sets itself, or releases or empties
    it.
    """
    flags = {op.target for op in file.body(case.function).ops() if isinstance(op, Assign)}
    for op in file.body(case.function).ops():
        if op.span.end > case.acquisition.span.start:
            continue
        match op:
            case Guard(Ref(place)) if place != _THIS and (home.starts_with(place) or place.starts_with(home)):
                return True
            case Guard(Ref(place)) if place.scope == THIS and place in flags:
                return True
            case Assign(target) if target == home:
                return True
            case Call() if _may_release(op, case, file, home):
                return True
    return False


def _may_release(op: Call, case: Case, file: Surroundings, home: Place) -> bool:
    if file.flows.releases.releases(op, case.function, case.resource, frozenset({home})):
        return True
    if any(arg.value == Ref(home) for arg in op.args):
        return True
    targets = file.calls.targets(op, case.function)
    return any(file.flows.effect(case.resource, target, home) is not Effect.BORROWS for target in targets)


def _filled_elsewhere(case: Case, file: Surroundings, home: Place) -> bool:
    """Whether another method puts an open handle into the same field."""
    for maker, assign in file.names.assignments(home, case.function):
        if maker == case.function:
            continue
        origin = file.names.origin(assign.value, maker)
        if origin is not None and file.names.path_of(origin.callee, maker) in case.resource.acquired_by:
            return True
    return False


def _runs_again(case: Case, file: Surroundings, class_: int) -> bool:
    """Evidence that the method runs again on the same instance: callbacks of the class call it.

    A call from the callback of the very timer that it starts does not count: by then the timer has ended.
    """
    own = {closure for arg in case.acquisition.args for closure in file.calls.functions(arg.value, case.function)}
    sites = [
        caller
        for caller, _ in file.owners.call_sites.get(case.function, [])
        if file.body(caller).class_ == class_
        and not (case.resource.one_shot and own & set(file.owners.ancestry(caller)))
    ]
    if any(case.function in file.owners.ancestry(caller) for caller in sites) or (
        file.body(case.function).name in file.handlers(class_)
    ):
        return True
    deferred = [caller for caller in sites if file.body(caller).kind in {"arrow", "function", "lambda"}]
    return len(sites) > 1 and bool(deferred)


def dropped(case: Case, file: Surroundings) -> Leak | None:
    """A method starts something that goes on by itself, and keeps no handle."""
    class_ = file.body(case.function).class_
    teardown = file.owners.teardown(class_) if class_ is not None else None
    if class_ is None or (case.resource.one_shot and not (teardown and _outlasts(case, file, teardown))):
        return None
    confidence, doubt, releasing = Confidence.HIGH, "", list[int]()
    if case.registers:
        token = file.flows.releases.register(case.function, case.acquisition)
        releasing = file.releasing(file.members(class_), case.resource, token)
        if releasing and (teardown is None or file.handled_by(teardown.roots, case.resource, token)):
            return None
        if releasing and file.handled_by(file.ends_by_hook(class_), case.resource, token):
            return None
        if teardown and _is_part(file.receiver(case), teardown):
            return None
        if not _target_outlives(case, file) and not (teardown and file.takes_off(case, teardown.roots)):
            confidence, doubt = Confidence.MEDIUM, "the target may end together with the instance"
    severity = Severity.LEAK
    if teardown is None and (case.registers or case.resource.chain):
        confidence, doubt = Confidence.MEDIUM, "the class has no teardown"
    elif teardown is None:
        # Its handle is dropped, so nothing can ever end it; whether that matters before the process ends depends on
        # how many instances there are.
        severity = Severity.SHUTDOWN
    else:
        certainty, reason = _certainty(file, teardown, releasing)
        if certainty is None:
            return None
        if certainty is not Confidence.HIGH:
            confidence, doubt = certainty, reason
    return file.leak(
        case,
        Verdict.FORGOTTEN_BY_TEARDOWN if teardown and teardown.roots else Verdict.NEVER_RELEASED,
        file.class_owner(class_, teardown.lifecycle.noun if teardown else "class"),
        confidence,
        doubt,
        severity=severity,
        teardown=teardown.roots if teardown else (),
        teardown_members=(*teardown.final, *teardown.pausing) if teardown else (),
        releases_elsewhere=file.name_spans(releasing),
    )


def _outlasts(case: Case, file: Surroundings, teardown: Teardown) -> bool:
    """Whether what ends by itself is meant to end with the instance: it starts itself anew, or it acts on the instance
    while the teardown ends others of its kind. A promise's own deadline is not: it waits for no longer than that.
    """
    if file.rearms(case):
        return True
    is_deadline = file.body(case.function).given_to == "Promise"
    return not is_deadline and file.acts_on_instance(case) and file.ends_such(case, teardown.roots)


def _is_part(receiver: Place | None, teardown: Teardown) -> bool:
    """Whether the target of a registration is a part of the instance, which ends with it: `this.$el`."""
    return (
        receiver is not None
        and receiver.scope == THIS
        and bool(receiver.path)
        and receiver.path[0] in teardown.lifecycle.parts
    )


def _target_outlives(case: Case, file: Surroundings) -> bool:
    """Whether the target of a registration surely lives longer than the instance: a global, or the module's."""
    receiver = file.receiver(case)
    if receiver is None:
        return False
    return receiver.scope == GLOBAL or (receiver.scope == 0 and case.function != 0)
