"""One acquisition under judgement, and what all judgements ask of the file around it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from fixers.facts import THIS, Assign, Call, Closure, ExitKind, FileFacts, Place, Ref
from fixers.findings import Confidence, Family, OwnerKind, Severity, Verdict
from fixers.leaks import Leak, LeakOwner
from fixers.lifecycles.model import Runs
from fixers.resources.library import THREADS
from fixers.resources.model import Handle, Matching, Resource
from fixers.states import Effect, Fate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fixers.callgraph import CallGraph
    from fixers.facts import Function, Op
    from fixers.flow import Flows
    from fixers.names import Names
    from fixers.owners import Owners
    from fixers.source import Span

BACKGROUND: Final = frozenset({Family.TIMER, Family.LISTENER, Family.SUBSCRIPTION, Family.OBSERVER})
"""Families whose members go on by themselves, so that dropping the handle does not end them."""

_CUSTOM_HOOK: Final = re.compile(r"^(?:use[A-Z]|on[A-Z]|try[A-Z])")
_ENDS_A_TARGET: Final = frozenset({"close", "destroy", "disconnect", "dispose", "end", "kill", "terminate"})
"""Methods after which nothing comes from an emitter any more, so that its listeners go with it."""
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
        self._within: dict[int, frozenset[int]] = {}
        self._members: dict[int, frozenset[int]] = {}
        self._handled: dict[tuple[frozenset[int], str, Place], bool] = {}
        self._ends_by_hook: dict[int, tuple[int, ...]] = {}
        self._thread_targets: dict[int, frozenset[int]] = {}
        self._run_by_custom_hooks: dict[int, frozenset[int]] = {}
        self._handlers: dict[int, frozenset[str]] = {}
        self._called: dict[tuple[int, ...], frozenset[str | None]] = {}
        self._instance_users: dict[int, bool] = {}
        self._called_on: dict[tuple[tuple[int, ...], frozenset[str]], frozenset[Place]] = {}

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

    @cached_property
    def wrapped(self) -> dict[int, str]:
        """The names of what calls make of functions: `Menu` for that of `const Menu = forwardRef((props) => ...)`."""
        found: dict[int, str] = {}
        for target, made in self.names.assigned.items():
            for maker, assign in made:
                call = self.names.origin(assign.value, maker)
                for arg in call.args if call is not None else ():
                    if isinstance(arg.value, Closure):
                        found.setdefault(arg.value.function, (target.path or (target.root,))[-1])
        return found

    def class_owner(self, class_: int, noun: str) -> LeakOwner:
        """An instance of a class as the owner."""
        owner = self.facts.classes[class_]
        name = owner.name or f"this {'object' if noun == 'class' else noun}"
        return LeakOwner(OwnerKind.INSTANCE, name, noun, owner.span, class_=class_)

    def within(self, function: int) -> frozenset[int]:
        """A function and everything written in it."""
        if function not in self._within:
            found = [function]
            for index in found:
                found.extend(self._children[index])
            self._within[function] = frozenset(found)
        return self._within[function]

    @cached_property
    def _children(self) -> list[list[int]]:
        children: list[list[int]] = [[] for _ in self.facts.functions]
        for index, function in enumerate(self.facts.functions):
            if function.parent is not None:
                children[function.parent].append(index)
        return children

    def members(self, class_: int) -> frozenset[int]:
        """Every function in which `this` is an instance of the class or of a base of it in this file."""
        if class_ not in self._members:
            lineage = self.calls.lineage(class_)
            self._members[class_] = frozenset(index for item in lineage for index in self._of_class.get(item, ()))
        return self._members[class_]

    @cached_property
    def _of_class(self) -> dict[int | None, list[int]]:
        table: dict[int | None, list[int]] = {}
        for index, function in enumerate(self.facts.functions):
            table.setdefault(function.class_, []).append(index)
        return table

    def handled_by(self, roots: Iterable[int], resource: Resource, home: Place) -> bool:
        """Whether anything that runs with `roots` releases the handle at `home`, or hands it on (then silence)."""
        reached = self.calls.reached(tuple(roots))
        key = (reached, resource.id, home)
        if key not in self._handled:
            self._handled[key] = any(True for _ in self._releasing(reached, resource, home))
        return self._handled[key]

    def ends_process(self, roots: Iterable[int]) -> bool:
        """Whether anything that runs with `roots` ends the process by itself, timers or not."""
        return not _PROCESS_EXITS.isdisjoint(self._calls_of(tuple(roots)))

    def releasing(self, candidates: frozenset[int], resource: Resource, home: Place) -> list[int]:
        """The functions that themselves release the handle at `home`, or hand it on."""
        return list(self._releasing(candidates, resource, home))

    def _releasing(self, candidates: frozenset[int], resource: Resource, home: Place) -> Iterator[int]:
        for index in sorted(candidates & self.flows.concerned(resource, home)):
            if self.flows.effect(resource, index, home) is not Effect.BORROWS:
                yield index

    @cached_property
    def everything(self) -> frozenset[int]:
        """Every function of the file."""
        return frozenset(range(len(self.facts.functions)))

    def name_spans(self, functions: Iterable[int]) -> tuple[Span, ...]:
        """Where functions are named."""
        return tuple(self.body(index).name_span for index in functions)

    def callbacks(self, case: Case) -> tuple[int, ...]:
        """The functions of this file that the acquiring call gets."""
        return tuple(
            function for arg in case.acquisition.args for function in self.calls.functions(arg.value, case.function)
        )

    def ends_such(self, case: Case, roots: Iterable[int]) -> bool:
        """Whether anything that runs with `roots` calls what ends such a resource, whichever handle it is given."""
        return not self._calls_of(tuple(roots)).isdisjoint(case.resource.release_functions)

    def _calls_of(self, roots: tuple[int, ...]) -> frozenset[str | None]:
        """The access paths of all that is called when `roots` run."""
        if roots not in self._called:
            self._called[roots] = frozenset(
                self.names.path_of(op.callee, index)
                for index in self.calls.reached(roots)
                for op in self.body(index).ops()
                if isinstance(op, Call)
            )
        return self._called[roots]

    def ends_by_hook(self, class_: int) -> tuple[int, ...]:
        """The functions that methods of a class hand on to be run at the end: `this.$once('hook:destroyed', f)`."""
        if class_ not in self._ends_by_hook:
            members = self.members(class_)
            self._ends_by_hook[class_] = tuple(
                target
                for target, uses in self.owners.handed.items()
                if any(use.hook.runs in {Runs.TEARDOWN, Runs.SHUTDOWN} and use.caller in members for use in uses)
            )
        return self._ends_by_hook[class_]

    def run_by_threads(self, class_: int) -> frozenset[int]:
        """The functions that threads which methods of a class make come to run."""
        if class_ not in self._thread_targets:
            targets = (
                self.calls.functions(op.argument(1, "target"), index)
                for index in self.members(class_)
                for op in self.body(index).ops()
                if isinstance(op, Call) and self.names.path_of(op.callee, index) in THREADS
            )
            self._thread_targets[class_] = self.calls.reached(
                tuple(sorted({run for found in targets for run in found}))
            )
        return self._thread_targets[class_]

    def run_by_custom_hooks(self, component: int) -> frozenset[int]:
        """The functions that come to run by hooks which are not in sight and get them within a component."""
        if component not in self._run_by_custom_hooks:
            given: set[int] = set()
            for index in self.within(component):
                for op in self.body(index).ops():
                    if isinstance(op, Call) and isinstance(op.callee, Ref) and self._is_custom_hook(op.callee, index):
                        given.update(target for arg in op.args for target in self.calls.functions(arg.value, index))
            self._run_by_custom_hooks[component] = self.calls.reached(tuple(sorted(given)))
        return self._run_by_custom_hooks[component]

    def _is_custom_hook(self, callee: Ref, function: int) -> bool:
        name = (callee.place.path or (callee.place.root,))[-1]
        path = self.names.path_of(callee, function) or ""
        return _CUSTOM_HOOK.match(name) is not None and not path.startswith(("react.", "global.React.", "preact"))

    def handlers(self, class_: int) -> frozenset[str]:
        """The methods that a class hands on as handlers: `window.addEventListener('resize', this.onResize)`."""
        if class_ not in self._handlers:
            mentions = self.flows.mentions
            handed = (
                op.argument(1)
                for index in mentions.of_method("addEventListener") | mentions.of_method("on")
                if self.body(index).class_ == class_
                for op in self.body(index).ops()
                if isinstance(op, Call) and isinstance(op.callee, Ref) and op.callee.place.path
                if op.callee.place.path[-1] in {"addEventListener", "on"}
            )
            self._handlers[class_] = frozenset(
                handler.place.path[0]
                for handler in handed
                if isinstance(handler, Ref) and handler.place.scope == THIS and len(handler.place.path) == 1
            )
        return self._handlers[class_]

    def rearms(self, case: Case) -> bool:
        """Whether what the acquiring call gets comes to acquire again: a timeout that is an interval in disguise."""
        return case.function in self.calls.reached(self.callbacks(case))

    def acts_on_instance(self, case: Case) -> bool:
        """Whether what the acquiring call gets calls or changes the instance that keeps the handle."""
        return any(self._uses_instance(index) for index in self.callbacks(case))

    def _uses_instance(self, function: int) -> bool:
        if function not in self._instance_users:
            touched = (_touched_by(op) for op in self.body(function).ops())
            self._instance_users[function] = any(
                place is not None and place.path and self.names.canonical(place, function).scope == THIS
                for place in touched
            )
        return self._instance_users[function]

    def receiver(self, case: Case) -> Place | None:
        """The target of a registration, its aliases resolved."""
        callee = case.acquisition.callee
        if not isinstance(callee, Ref):
            return None
        return self.names.canonical(callee.place.owner, case.function) if callee.place.path else callee.place

    def takes_off(self, case: Case, roots: Iterable[int]) -> bool:
        """Whether `roots` take a registration off the same target, and do not end that target itself: then the author
        knows that the target lives on.
        """
        names = frozenset(release.name for release in case.resource.released_by if isinstance(release, Matching))
        receiver = self.receiver(case)
        return receiver in self._targets(tuple(roots), names) and receiver not in self._targets(
            tuple(roots), _ENDS_A_TARGET
        )

    def _targets(self, roots: tuple[int, ...], methods: frozenset[str]) -> frozenset[Place]:
        key = (roots, methods)
        if key not in self._called_on:
            self._called_on[key] = frozenset(self._targets_of(*key))
        return self._called_on[key]

    def _targets_of(self, roots: tuple[int, ...], methods: frozenset[str]) -> Iterator[Place]:
        """The places whose methods of some names run with `roots`."""
        for index in self.calls.reached(roots):
            for op in self.body(index).ops():
                if not isinstance(op, Call) or not isinstance(op.callee, Ref):
                    continue
                if op.callee.place.path and op.callee.place.path[-1] in methods:
                    yield self.names.canonical(op.callee.place.owner, index)

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
