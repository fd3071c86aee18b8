"""One acquisition under judgement, and what all judgements ask of the file around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from fixers.facts import THIS, Assign, Call, ExitKind, FileFacts, Place, Ref
from fixers.findings import Confidence, Family, OwnerKind, Severity, Verdict
from fixers.leaks import Leak, LeakOwner
from fixers.resources.model import Handle, Matching, Resource
from fixers.states import Effect, Fate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fixers.callgraph import CallGraph
    from fixers.facts import Function, Op
    from fixers.flow import Flows
    from fixers.names import Names
    from fixers.owners import Owners
    from fixers.source import Span

BACKGROUND: Final = frozenset({Family.TIMER, Family.LISTENER, Family.SUBSCRIPTION, Family.OBSERVER})
"""Families whose members go on by themselves, so that dropping the handle does not end them."""

_PROCESS_EXITS: Final = frozenset({"global.process.exit", "process.exit", "sys.exit", "os._exit"})


@dataclass(frozen=True)
class Case:
    """One acquisition: its resource, the function that makes it, and what became of the handle there.

    `doubt`: why it is not certain that it acquires anything that has to be ended; empty where it is.
    """

    resource: Resource
    function: int
    acquisition: Call
    fate: Fate
    doubt: str = ""

    @property
    def handle(self) -> Place | None:
        """The first name that the handle got in its function."""
        return self.fate.bindings[0].target if self.fate.bindings else None

    @property
    def registers(self) -> bool:
        """Whether it is a registration, which has no handle of its own."""
        return self.resource.handle is Handle.REGISTRATION


class Surroundings:
    """The file around a case: its facts, walks and owners, and the questions that judgements share."""

    def __init__(self, facts: FileFacts, flows: Flows, owners: Owners) -> None:
        self.facts = facts
        self.flows = flows
        self.owners = owners

    @property
    def names(self) -> Names:
        """The file's names."""
        return self.flows.names

    @property
    def calls(self) -> CallGraph:
        """The file's call graph."""
        return self.flows.calls

    def body(self, function: int) -> Function:
        """A function of the file."""
        return self.facts.functions[function]

    def function_name(self, function: int) -> str:
        """A function's name for people, or what it is handed to."""
        body = self.body(function)
        if function == 0:
            return "this module"
        if not body.name:
            return body.given_to or "an anonymous function"
        if body.class_ is not None and body.kind not in {"arrow", "function", "lambda"}:
            return f"{self.facts.classes[body.class_].name}.{body.name}".lstrip(".")
        return body.name

    def function_owner(self, function: int, kind: OwnerKind = OwnerKind.FUNCTION, noun: str = "function") -> LeakOwner:
        """A function as the owner; the module body is the module."""
        if function == 0:
            return LeakOwner(OwnerKind.MODULE, "", "module", self.body(0).span, function=0)
        return LeakOwner(kind, self.function_name(function), noun, self.body(function).span, function=function)

    def class_owner(self, class_: int, noun: str) -> LeakOwner:
        """An instance of a class as the owner."""
        owner = self.facts.classes[class_]
        name = owner.name or f"this {'object' if noun == 'class' else noun}"
        return LeakOwner(OwnerKind.INSTANCE, name, noun, owner.span, class_=class_)

    def within(self, function: int) -> list[int]:
        """A function and everything written in it."""
        return [index for index in range(len(self.facts.functions)) if function in self.owners.ancestry(index)]

    def members(self, class_: int) -> list[int]:
        """Every function in which `this` is an instance of the class or of a base of it in this file."""
        lineage = set(self.calls.lineage(class_))
        return [index for index, function in enumerate(self.facts.functions) if function.class_ in lineage]

    def handled_by(self, roots: Iterable[int], resource: Resource, home: Place) -> bool:
        """Whether anything that runs with `roots` releases the handle at `home`, or hands it on (then silence)."""
        reached = sorted(self.calls.reached(tuple(roots)))
        return any(self.flows.effect(resource, index, home) is not Effect.BORROWS for index in reached)

    def ends_process(self, roots: Iterable[int]) -> bool:
        """Whether anything that runs with `roots` ends the process by itself, timers or not."""
        return any(
            isinstance(op, Call) and self.names.path_of(op.callee, index) in _PROCESS_EXITS
            for index in self.calls.reached(tuple(roots))
            for op in self.body(index).ops()
        )

    def releasing(self, candidates: Iterable[int], resource: Resource, home: Place) -> list[int]:
        """The functions that themselves release the handle at `home`, or hand it on."""
        return [index for index in candidates if self.flows.effect(resource, index, home) is not Effect.BORROWS]

    def name_spans(self, functions: Iterable[int]) -> tuple[Span, ...]:
        """Where functions are named."""
        return tuple(self.body(index).name_span for index in functions)

    def callbacks(self, case: Case) -> tuple[int, ...]:
        """The functions of this file that the acquiring call gets."""
        return tuple(
            function for arg in case.acquisition.args for function in self.calls.functions(arg.value, case.function)
        )

    def rearms(self, case: Case) -> bool:
        """Whether what the acquiring call gets comes to acquire again: a timeout that is an interval in disguise."""
        return case.function in self.calls.reached(self.callbacks(case))

    def acts_on_instance(self, case: Case) -> bool:
        """Whether what the acquiring call gets calls or changes the instance that keeps the handle."""
        touched = ((_touched_by(op), index) for index in self.callbacks(case) for op in self.body(index).ops())
        return any(
            place is not None and place.path and self.names.canonical(place, index).scope == THIS
            for place, index in touched
        )

    def receiver(self, case: Case) -> Place | None:
        """The target of a registration, its aliases resolved."""
        callee = case.acquisition.callee
        if not isinstance(callee, Ref):
            return None
        return self.names.canonical(callee.place.owner, case.function) if callee.place.path else callee.place

    def takes_off(self, case: Case, roots: Iterable[int]) -> bool:
        """Whether `roots` take a registration off the same target: then the author knows that the target lives on."""
        receiver = self.receiver(case)
        names = {release.name for release in case.resource.released_by if isinstance(release, Matching)}
        return receiver is not None and any(
            isinstance(op, Call)
            and isinstance(op.callee, Ref)
            and bool(op.callee.place.path)
            and op.callee.place.path[-1] in names
            and self.names.canonical(op.callee.place.owner, index) == receiver
            for index in self.calls.reached(tuple(roots))
            for op in self.body(index).ops()
        )

    def made_here(self, place: Place) -> bool:
        """Whether a binding is filled with the result of a call that makes something, so that it may die with its
        function.
        """
        if place.path or place.scope < 0:
            return False
        made = self.names.assigned.get(place, [])
        for maker, assign in made:
            origin = self.names.origin(assign.value, maker)
            if origin is not None and origin.form == "new":
                return True
            path = self.names.path_of(origin.callee, maker) if origin is not None else None
            if path is not None and path.endswith((".createElement", ".createElementNS", ".Audio", ".Image")):
                return True
        return False

    def leak(
        self,
        case: Case,
        verdict: Verdict,
        owner: LeakOwner,
        confidence: Confidence = Confidence.HIGH,
        doubt: str = "",
        **more: Any,
    ) -> Leak:
        """A leak of the case; `more` are fields of `Leak`."""
        if case.doubt and confidence is Confidence.HIGH:
            confidence, doubt = Confidence.MEDIUM, case.doubt
        fields: dict[str, Any] = {
            "severity": Severity.LEAK,
            "handle": case.handle,
            "exits": case.fate.leaks(ExitKind.NORMAL),
            **more,
        }
        return Leak(
            resource=case.resource,
            function=case.function,
            acquisition=case.acquisition,
            verdict=verdict,
            confidence=confidence,
            owner=owner,
            fate=case.fate,
            doubt=doubt,
            **fields,
        )


def _touched_by(op: Op) -> Place | None:
    """The place that an operation assigns or calls."""
    if isinstance(op, Assign):
        return op.target
    return op.callee.place if isinstance(op, Call) and isinstance(op.callee, Ref) else None
