"""The judgement: which acquisitions are not released as they should be. Knows no language and no resource by name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from fixers.callgraph import CallGraph
from fixers.chains import Chains
from fixers.facts import GLOBAL, THIS, Assign, Call, Enter, ExitKind, FileFacts, Place, Ref, Return, result
from fixers.findings import Confidence
from fixers.flow import Flows
from fixers.handles import outlives
from fixers.lifecycles.model import Runs
from fixers.lifetimes import fields, locals, scopes
from fixers.lifetimes.case import BACKGROUND, Case, Surroundings
from fixers.names import Names
from fixers.objects import with_objects
from fixers.owners import Owners
from fixers.releases import Releases
from fixers.resources import acquiring_names, acquisitions
from fixers.resources.model import Counts, Handle, Matching, Resource
from fixers.steps import TooManyStepsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixers.leaks import Leak

_OWN_METHOD: Final = re.compile(r"@\d+\(\)\.[^.()]+")
"""The access path of a method of a class of the file itself, which is no library's method of that name."""

MAX_STEPS: Final = 400_000
"""A function in which acquisitions times operations come to more is not judged: each is walked by itself."""


class Judge:
    """Judges one file."""

    def __init__(self, facts: FileFacts) -> None:
        names = Names(facts)
        objects = with_objects(facts, names)
        self.names = names if objects.facts is facts else Names(objects.facts)
        self.facts = facts = objects.facts
        self.tables = facts.language.tables
        self.calls = CallGraph(facts, self.names)
        self.releases = Releases(facts, self.names)
        self.flows = Flows(facts, self.names, self.calls, self.releases)
        self.owners = Owners(facts, self.names, self.calls, self.tables, objects.lifecycles)
        self.chains = Chains(facts, self.names, self.owners)
        self.file = Surroundings(facts, self.flows, self.owners)
        self.too_much: list[int] = []
        """Functions that were not judged, because they acquire too often in too much code (MAX_STEPS)."""
        self.too_far: list[int] = []
        """Functions that were not judged to the end, because the file's handles were followed too far by then."""
        self._kept_results: dict[int, frozenset[Place]] = {}

    def leaks(self) -> list[Leak]:
        """Every leak of the file, in byte order of the acquisition."""
        found: list[Leak] = []
        for case in self._cases(ended_by_with=False):
            try:
                leak = self._judge(case)
            except TooManyStepsError:
                self.too_far.append(case.function)
            else:
                found.extend([leak] if leak is not None else ())
        return sorted(found, key=lambda leak: leak.acquisition.span)

    def cases(self) -> Iterator[Case]:
        """Every acquisition in a function that could be lowered whole, with what became of it there."""
        return self._cases(ended_by_with=True)

    def _cases(self, *, ended_by_with: bool) -> Iterator[Case]:
        """The cases, with or without what a `with` statement opens and ends itself: there is nothing to follow."""
        table = acquisitions(self.tables)
        candidates = self.calls.named(acquiring_names(self.tables))
        for index, calls in candidates.items():
            function = self.facts.functions[index]
            if not function.whole:
                continue
            found = list(self._acquired(index, calls, table))
            if len(found) > 1 and len(found) * sum(1 for _ in function.ops()) > MAX_STEPS:
                self.too_much.append(index)
                continue
            entered = {op.manager for op in function.ops() if isinstance(op, Enter)} if found else set()
            for op, resource in found:
                manager = Ref(result(op.result))
                ended = manager in entered and self.releases.exit_releases(resource, manager, index)
                if ended and not ended_by_with:
                    continue
                try:
                    fate = self.flows.fate(resource, index, op)
                except TooManyStepsError:
                    self.too_far.append(index)
                    break
                yield Case(resource, index, op, fate, self._doubt(op, index, resource))

    def _acquired(
        self, function: int, calls: list[Call], table: dict[str, tuple[Resource, ...]]
    ) -> Iterator[tuple[Call, Resource]]:
        seen: set[int] = set()
        for op in calls:
            if op.span.start not in seen and op.form in {"call", "new"}:
                resource = self._resource(op, function, table)
                if resource is not None:
                    seen.add(op.span.start)
                    yield op, resource

    def _resource(self, op: Call, function: int, table: dict[str, tuple[Resource, ...]]) -> Resource | None:
        path = self.names.path_of(op.callee, function)
        candidates = table.get(path, ()) if path is not None else ()
        own = path is not None and _OWN_METHOD.fullmatch(path) is not None
        if not candidates and not own and isinstance(op.callee, Ref) and op.callee.place.path:
            candidates = table.get(f"*.{op.callee.place.path[-1]}", ())
        for resource in candidates:
            if self._acquires(op, function, resource):
                return resource
        return None

    def _doubt(self, op: Call, function: int, resource: Resource) -> str:
        """Why it is not certain that a call acquires the resource; empty where it is."""
        certain = resource.chain is None or self.chains.endlessness(op, function, resource.chain) is Confidence.HIGH
        return "" if certain else "what it is chained to may end by itself"

    def _acquires(self, op: Call, function: int, resource: Resource) -> bool:
        if resource.form not in {None, op.form} or self.releases.ends_by_options(op, resource):
            return False
        if not self.releases.has_arguments(op, function, resource):
            return False
        if resource.chain is not None and self.chains.endlessness(op, function, resource.chain) is None:
            return False
        if resource.outlived and not self._outlives(op, function):
            return False
        if resource.without_callback and any(self.calls.functions(arg.value, function) for arg in op.args):
            return False
        if resource.handle is not Handle.REGISTRATION or not isinstance(op.callee, Ref):
            return True
        if resource.evident and not self._may_be_evident(resource, function):
            return False
        # The platform's own registrations return nothing: one whose result is kept is ended by that result.
        return op.callee.place.scope == GLOBAL or result(op.result) not in self._kept(function)

    def _may_be_evident(self, resource: Resource, function: int) -> bool:
        """Whether the file can show at all that a registration matters; asked first, since there are many."""
        named = (
            self.flows.mentions.of_method(item.name) for item in resource.released_by if isinstance(item, Matching)
        )
        return any(named) or self.owners.runs_often(function)

    def _outlives(self, op: Call, function: int) -> bool:
        """Whether the receiver of a call is not of the function's own making: a field, a parameter, a captured name."""
        if not isinstance(op.callee, Ref) or not op.callee.place.path:
            return False
        receiver = self.names.canonical(op.callee.place.owner, function)
        params = {param.name for param in self.facts.functions[function].params}
        is_given = receiver.scope == function and receiver.root in params and receiver.base not in self.names.assigned
        return is_given or outlives(receiver, function)

    def _kept(self, function: int) -> frozenset[Place]:
        """The results to which a function gives a name, or which an effect returns as its cleanup."""
        if function not in self._kept_results:
            is_effect = self.owners.has_role(function, Runs.EFFECT)
            self._kept_results[function] = frozenset(
                op.value.place.base
                for op in self.facts.functions[function].ops()
                if (isinstance(op, Assign) or (is_effect and isinstance(op, Return))) and isinstance(op.value, Ref)
            )
        return self._kept_results[function]

    def _judge(self, case: Case) -> Leak | None:
        fate = case.fate
        if case.resource.evident and not self._is_evident(case):
            return None
        if case.resource.counts is Counts.DROPPED:
            return locals.unused(case, self.file)
        if fate.lost:
            leak = locals.overwritten(case, self.file)
            if leak is not None:
                return leak
        if set(fate.disposers) & set(self.owners.ignored_cleanups(case.function)):
            component = self.owners.component(case.function)
            if component is not None and self.owners.has_role(case.function, Runs.SETUP):
                return scopes.dropped_in_component(case, self.file, component[0])
            return scopes.dropped_in_effect(case, self.file, case.function)
        dropped = fate.leaks(ExitKind.NORMAL)
        if dropped and not (fate.released_normally and all(leaving.after_error for leaving in dropped)):
            return self._dropped(case)
        homes = sorted(
            {home for leaving in fate.open_exits if leaving.kind is ExitKind.NORMAL for home in leaving.homes},
            key=lambda home: (home.scope != THIS, len(home.path), str(home)),
        )
        if homes:
            leaks = [self._at_home(case, home) for home in homes]
            return leaks[0] if all(leaks) else None  # it is enough that one of its owners ends it
        return None if case.resource.counts is Counts.OWNED else locals.on_error(case, self.file)

    def _is_evident(self, case: Case) -> bool:
        """Whether the code shows that what was acquired is the resource, and has to be ended."""
        if case.registers:
            return self._target_is_known(case)
        return bool(case.fate.released) or not case.fate.methods.isdisjoint(case.resource.evident_by)

    def _target_is_known(self, case: Case) -> bool:
        """Whether the code shows that the target of a registration outlives its owner: its teardown takes another
        one off it, or the function runs per request and the target is the module's.
        """
        roots: list[int] = []
        class_ = self.facts.functions[case.function].class_
        teardown = self.owners.teardown(class_) if class_ is not None else None
        effect, component = self.owners.nearest(case.function, Runs.EFFECT), self.owners.component(case.function)
        roots.extend(teardown.roots if teardown is not None else ())
        roots.extend(self.owners.cleanups(effect) if effect is not None else ())
        roots.extend(self.owners.component_teardowns(component[0]) if component is not None else ())
        if self.file.takes_off(case, roots):
            return True
        receiver = self.file.receiver(case)
        return receiver is not None and receiver.scope in {GLOBAL, 0} and self.owners.runs_often(case.function)

    def _dropped(self, case: Case) -> Leak | None:
        """The function ends normally with the handle open and nobody else holding it."""
        effect = self.owners.nearest(case.function, Runs.EFFECT)
        if case.resource.family in BACKGROUND:
            if effect is not None:
                return scopes.dropped_in_effect(case, self.file, effect)
            component = self.owners.component(case.function)
            if component is not None and component[0] != 0:
                return scopes.dropped_in_component(case, self.file, component[0])
            if self.facts.functions[case.function].class_ is not None:
                return fields.dropped(case, self.file)
            return None if case.resource.counts is Counts.OWNED else locals.background(case, self.file)
        if effect == case.function:
            return scopes.dropped_in_effect(case, self.file, effect)
        if case.resource.counts is Counts.OWNED:
            return None
        if case.function == 0 and case.handle is not None:
            return locals.in_module(case, self.file)
        return locals.dropped(case, self.file)

    def _at_home(self, case: Case, home: Place) -> Leak | None:
        """The handle lies beyond the function when it ends normally."""
        is_owned = case.resource.counts is Counts.OWNED
        if is_owned and case.fate.disposers:
            return None
        if home.scope == THIS:
            return fields.in_field(case, self.file, home)
        if home.scope < 0 or (home.scope == 0 and is_owned):
            return None
        if home.scope == 0:
            return fields.in_module_name(case, self.file, home) or locals.in_module(case, self.file)
        effect = self.owners.nearest(home.scope, Runs.EFFECT)
        if effect is not None:
            return scopes.in_effect(case, self.file, home, effect)
        component = self.owners.component(home.scope)
        if component is not None:
            return scopes.in_component(case, self.file, home, component[0])
        return None if is_owned else locals.in_closure(case, self.file, home.scope)
