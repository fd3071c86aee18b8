"""The judgement: which acquisitions are not released as they should be. Knows no language and no resource by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixers.callgraph import CallGraph
from fixers.facts import THIS, Call, Choice, ExitKind, FileFacts, Member, Place, Ref
from fixers.findings import Confidence, OwnerKind, Severity, Verdict
from fixers.flow import Effect, Fate, Flows, Leaving
from fixers.homes import Homes
from fixers.leaks import Leak, LeakOwner
from fixers.lifecycles.model import Runs
from fixers.names import Names
from fixers.owners import Owners
from fixers.releases import Releases
from fixers.resources import acquisitions
from fixers.resources.model import Handle, Resource, Tables

if TYPE_CHECKING:
    from collections.abc import Iterator

_BACKGROUND = frozenset({"timer", "listener", "subscription", "observer"})
"""Families whose members go on by themselves, so that dropping the handle does not end them."""


class Judge:
    """Judges one file."""

    def __init__(self, facts: FileFacts) -> None:
        self.facts = facts
        self.tables = Tables.PYTHON if facts.language.is_python else Tables.JAVASCRIPT
        self.names = Names(facts)
        self.calls = CallGraph(facts, self.names)
        self.releases = Releases(facts, self.names)
        self.flows = Flows(facts, self.names, self.calls, self.releases)
        self.owners = Owners(facts, self.names, self.calls, self.tables)
        self.homes = Homes(facts, self.flows, self.owners)

    def leaks(self) -> list[Leak]:
        """Every leak of the file, in byte order of the acquisition."""
        found: list[Leak] = []
        for function, acquisition, resource in self.acquired():
            leak = self._judge(function, acquisition, resource)
            if leak is not None:
                found.append(leak)
        return sorted(found, key=lambda leak: leak.acquisition.span)

    def acquired(self) -> Iterator[tuple[int, Call, Resource]]:
        """Every acquisition in a function that could be lowered whole."""
        table = acquisitions(self.tables)
        for index, function in enumerate(self.facts.functions):
            if not function.whole:
                continue
            seen: set[int] = set()
            for op in function.ops():
                if isinstance(op, Call) and op.span.start not in seen and op.form in {"call", "new"}:
                    resource = self._resource(op, index, table)
                    if resource is not None:
                        seen.add(op.span.start)
                        yield index, op, resource

    def _resource(self, op: Call, function: int, table: dict[str, tuple[Resource, ...]]) -> Resource | None:
        path = self.names.path_of(op.callee, function)
        candidates = table.get(path, ()) if path is not None else ()
        if not candidates and isinstance(op.callee, Ref) and op.callee.place.path:
            if path is None or not path.startswith("@"):
                candidates = table.get(f"*.{op.callee.place.path[-1]}", ())
        for resource in candidates:
            if resource.form is not None and resource.form != op.form:
                continue
            if self.releases.ends_by_options(op, resource):
                continue
            return resource
        return None

    def _judge(self, function: int, acquisition: Call, resource: Resource) -> Leak | None:
        fate = self.flows.fate(resource, function, acquisition)
        dropped = fate.leaks(ExitKind.NORMAL)
        if fate.lost:
            leak = self._lost(function, acquisition, resource, fate)
            if leak is not None:
                return leak
        if any(not leaving.after_error for leaving in dropped) or (dropped and not fate.released_normally):
            return self._dropped(function, acquisition, resource, fate, dropped)
        homes = sorted(
            {home for leaving in fate.open_exits if leaving.kind is ExitKind.NORMAL for home in leaving.homes},
            key=lambda home: (home.scope != THIS, str(home)),
        )
        if homes:
            return self.homes.judge(function, acquisition, resource, fate, homes)
        return self._on_error(function, acquisition, resource, fate)

    def _lost(self, function: int, acquisition: Call, resource: Resource, fate: Fate) -> Leak | None:
        """A name was given another value while the handle was open and had no other name."""
        lost = fate.lost[0]
        owner = self.homes.function_owner(function)
        again = any(assign.span == lost.span for assign in fate.bindings)
        verdict = Verdict.OVERWRITTEN_WHILE_OPEN
        if again and lost.declares:
            verdict = Verdict.NEVER_RELEASED
        if resource.one_shot:
            return None
        return Leak(
            resource=resource,
            function=function,
            acquisition=acquisition,
            verdict=verdict,
            severity=Severity.LEAK,
            confidence=Confidence.HIGH if lost.target.scope != THIS else Confidence.MEDIUM,
            owner=owner,
            fate=fate,
            handle=lost.target,
            lost=lost,
            releases_elsewhere=tuple(fate.released),
        )

    def _dropped(
        self, function: int, acquisition: Call, resource: Resource, fate: Fate, dropped: list[Leaving]
    ) -> Leak | None:
        """The function ends normally with the handle open and nobody else holding it."""
        effect = self.owners.nearest(function, Runs.EFFECT)
        component = self.owners.component(function)
        background = resource.family in _BACKGROUND
        if background and effect is not None:
            return self.homes.dropped_in_effect(function, acquisition, resource, fate, effect)
        if background and component is not None and component[0] != 0:
            return self.homes.dropped_in_component(function, acquisition, resource, fate, component[0])
        if background and self.facts.functions[function].class_ is not None:
            return self.homes.dropped_in_class(function, acquisition, resource, fate)
        if background:
            return self._background_in_function(function, acquisition, resource, fate, dropped)
        if effect is not None and effect == function:
            return self.homes.dropped_in_effect(function, acquisition, resource, fate, effect)
        if function == 0 and _handle_of(fate) is not None:
            return self.homes.module_handle(function, acquisition, resource, fate)
        partly = bool(fate.returned or fate.disposers or fate.given)
        shared = bool(fate.released) and self._holds_others(fate)
        return Leak(
            resource=resource,
            function=function,
            acquisition=acquisition,
            verdict=Verdict.NEVER_RELEASED,
            severity=Severity.LEAK,
            confidence=Confidence.MEDIUM if partly or shared else Confidence.HIGH,
            owner=self.homes.function_owner(function),
            fate=fate,
            handle=_handle_of(fate),
            exits=dropped,
            releases_elsewhere=tuple(fate.released),
            doubt=_doubt(partly, shared),
        )

    def _holds_others(self, fate: Fate) -> bool:
        """Whether the handle's name may hold something else, so that a release under a condition is the author's intent."""
        for binding in fate.bindings:
            made = self.names.assigned.get(binding.target.base, [])
            if len({assign.span for _, assign in made}) > 1 or isinstance(binding.value, Choice):
                return True
        return False

    def _background_in_function(
        self, function: int, acquisition: Call, resource: Resource, fate: Fate, dropped: list[Leaving]
    ) -> Leak | None:
        """A timer or listener that a plain function starts and nobody keeps."""
        once = self.owners.runs_once(function)
        often = self.owners.runs_often(function)
        if resource.one_shot or (once and resource.handle is Handle.REGISTRATION):
            return None
        if resource.handle is Handle.REGISTRATION and not self.outlives(acquisition, function):
            return None
        verdict = Verdict.NEVER_RELEASED
        if resource.handle is Handle.REGISTRATION and often:
            verdict = Verdict.ADDED_PER_CALL
        confidence = Confidence.HIGH if often or (once and resource.handle is Handle.RESULT) else Confidence.MEDIUM
        if once and not self.owners.process_teardowns():
            confidence = Confidence.MEDIUM
        return Leak(
            resource=resource,
            function=function,
            acquisition=acquisition,
            verdict=verdict,
            severity=Severity.SHUTDOWN if once else Severity.LEAK,
            confidence=confidence,
            owner=self.homes.module_owner() if once else self.homes.nobody(function),
            fate=fate,
            handle=_handle_of(fate),
            exits=dropped,
            teardown=self.owners.process_teardowns() if once else (),
            doubt="" if confidence is Confidence.HIGH else "how often this function runs is not known",
        )

    def outlives(self, acquisition: Call, function: int) -> bool:
        """Whether the receiver of a registration surely lives longer than this function's run: a global, the module's, an import."""
        if not isinstance(acquisition.callee, Ref):
            return False
        place = self.names.canonical(acquisition.callee.place.owner, function)
        return place.scope in {-1, 0} or not acquisition.callee.place.path[:-1] and place.scope == -1

    def _on_error(self, function: int, acquisition: Call, resource: Resource, fate: Fate) -> Leak | None:
        """Every normal way out is fine; is there an exceptional one that leaves it open?"""
        exits = [leaving for kind in ExitKind for leaving in fate.leaks(kind)]
        if not exits or not resource.error_leaks or self.owners.nearest(function, Runs.EFFECT) == function:
            return None
        if fate.released_normally:
            confidence, doubt = Confidence.HIGH, ""
        elif fate.released or fate.returned or fate.disposers:
            confidence, doubt = Confidence.MEDIUM, "it is given to the caller unless an error comes first"
        else:
            return None
        if all(leaving.unforeseen for leaving in exits):
            if not fate.released_normally:
                return None
            confidence, doubt = Confidence.MEDIUM, "the errors that its handlers name are taken care of"
        elif all(leaving.kind in {ExitKind.CANCEL, ExitKind.CLOSE} for leaving in exits):
            confidence, doubt = Confidence.MEDIUM, "only a cancellation, or closing the generator early, leaves it open"
        if resource.family in _BACKGROUND and resource.handle is Handle.REGISTRATION:
            return None
        return Leak(
            resource=resource,
            function=function,
            acquisition=acquisition,
            verdict=Verdict.NOT_RELEASED_ON_ERROR,
            severity=Severity.LEAK,
            confidence=confidence,
            owner=self.homes.function_owner(function),
            fate=fate,
            handle=_handle_of(fate),
            exits=exits,
            releases_elsewhere=tuple(fate.released),
            doubt=doubt,
        )


def _doubt(partly: bool, shared: bool) -> str:
    if shared:
        return "the name may hold something else, which is not released"
    return "it is handed on along another path" if partly else ""


def _handle_of(fate: Fate) -> Place | None:
    return fate.bindings[0].target if fate.bindings else None


__all__ = ["Effect", "Judge", "LeakOwner", "Member", "OwnerKind"]
