"""Judges handles that live beyond the function that acquired them: in a field, an effect, a component, a closure, the module."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixers.facts import THIS, Assign, Call, ExitKind, FileFacts, Guard, Place, Ref
from fixers.findings import Confidence, OwnerKind, Severity, Verdict
from fixers.flow import Effect, Fate, Flows
from fixers.leaks import Leak, LeakOwner
from fixers.lifecycles.model import Runs
from fixers.resources.model import Handle, Resource

if TYPE_CHECKING:
    from fixers.owners import Owners, Teardown
    from fixers.source import Span


class Homes:
    """Answers for one file."""

    def __init__(self, facts: FileFacts, flows: Flows, owners: Owners) -> None:
        self._facts = facts
        self._flows = flows
        self._owners = owners

    # Owners, for people

    def function_owner(self, function: int) -> LeakOwner:
        """The function itself."""
        body = self._facts.functions[function]
        if function == 0:
            return self.module_owner()
        return LeakOwner(OwnerKind.FUNCTION, self.function_name(function), "function", body.span, function=function)

    def nobody(self, function: int) -> LeakOwner:
        """Nobody keeps the handle; the function that drops it is named."""
        body = self._facts.functions[function]
        return LeakOwner(OwnerKind.NOBODY, self.function_name(function), "function", body.span, function=function)

    def module_owner(self) -> LeakOwner:
        """The module, which lives as long as the process."""
        return LeakOwner(OwnerKind.MODULE, "", "module", self._facts.functions[0].span, function=0)

    def class_owner(self, class_: int, noun: str) -> LeakOwner:
        """An instance of a class."""
        owner = self._facts.classes[class_]
        return LeakOwner(OwnerKind.INSTANCE, owner.name, noun, owner.span, class_=class_)

    def function_name(self, function: int) -> str:
        """A function's name, or what it is handed to."""
        body = self._facts.functions[function]
        if body.name:
            if body.class_ is not None and body.kind in {"method", "constructor", "getter", "setter", "static"}:
                return f"{self._facts.classes[body.class_].name}.{body.name}".lstrip(".")
            return body.name
        return body.given_to or ("module" if function == 0 else "anonymous function")

    # Judgement by home

    def judge(
        self, function: int, acquisition: Call, resource: Resource, fate: Fate, homes: list[Place]
    ) -> Leak | None:
        """The handle lies in these places when the function ends."""
        first = homes[0]
        if first.scope == THIS:
            return self._in_field(function, acquisition, resource, fate, first)
        if first.scope < 0:
            return None
        if first.scope == 0:
            return self._in_module(function, acquisition, resource, fate, first)
        effect = self._owners.nearest(first.scope, Runs.EFFECT)
        if effect is not None:
            return self._in_effect(function, acquisition, resource, fate, first, effect)
        component = self._owners.component(first.scope)
        if component is not None:
            return self._in_component(function, acquisition, resource, fate, first, component[0])
        return self._in_closure(function, acquisition, resource, fate, first)

    def _effect_in(self, roots: tuple[int, ...], resource: Resource, home: Place) -> Effect:
        """What the functions reached from a teardown do with the handle at `home`; handing it on counts as a release (silence)."""
        effects = {self._flows.effect(resource, index, home) for index in self._reached(roots)}
        if Effect.RELEASES in effects:
            return Effect.RELEASES
        return Effect.KEEPS if Effect.KEEPS in effects else Effect.BORROWS

    def _reached(self, roots: tuple[int, ...]) -> list[int]:
        return sorted(self._flows.calls.reached(roots))

    def _releasing_functions(self, candidates: list[int], resource: Resource, home: Place) -> list[int]:
        return [index for index in candidates if self._flows.effect(resource, index, home) is not Effect.BORROWS]

    def _in_field(self, function: int, acquisition: Call, resource: Resource, fate: Fate, home: Place) -> Leak | None:
        class_ = self._facts.functions[function].class_
        if class_ is None:
            return None
        members = self._member_functions(class_)
        teardown = self._owners.teardown(class_)
        releasing = self._releasing_functions(members, resource, home)
        if teardown is None:
            return None if releasing else self._never_in_class(function, acquisition, resource, fate, home, class_)
        leak = self._forgotten_by_class(function, acquisition, resource, fate, home, class_, teardown, releasing)
        if leak is not None:
            return leak
        return self._overwritten(function, acquisition, resource, fate, home, class_, members)

    def _member_functions(self, class_: int) -> list[int]:
        lineage = set(self._flows.calls.lineage(class_))
        return [index for index, function in enumerate(self._facts.functions) if function.class_ in lineage]

    def _never_in_class(
        self, function: int, acquisition: Call, resource: Resource, fate: Fate, home: Place, class_: int
    ) -> Leak | None:
        if resource.one_shot:
            return None
        return Leak(
            resource=resource,
            function=function,
            acquisition=acquisition,
            verdict=Verdict.NEVER_RELEASED,
            severity=Severity.LEAK,
            confidence=Confidence.MEDIUM,
            owner=self.class_owner(class_, "class"),
            fate=fate,
            handle=home,
            doubt="the class has no teardown; how many instances there are, and for how long, is not known",
        )

    def _forgotten_by_class(
        self,
        function: int,
        acquisition: Call,
        resource: Resource,
        fate: Fate,
        home: Place,
        class_: int,
        teardown: Teardown,
        releasing: list[int],
    ) -> Leak | None:
        if self._effect_in(teardown.roots, resource, home) is not Effect.BORROWS:
            return None
        if any(self._owners.has_role(index, Runs.TEARDOWN) for index in releasing):
            return None
        confidence, doubt = Confidence.HIGH, ""
        if not teardown.complete:
            confidence, doubt = Confidence.MEDIUM, "a base class that is not in sight may release it"
        elif not teardown.final and not teardown.lifecycle.called_by_framework and releasing:
            return None
        elif resource.one_shot and not releasing:
            confidence, doubt = Confidence.MEDIUM, "it ends by itself when it fires"
        verdict = Verdict.FORGOTTEN_BY_TEARDOWN if teardown.roots else Verdict.NEVER_RELEASED
        return Leak(
            resource=resource,
            function=function,
            acquisition=acquisition,
            verdict=verdict,
            severity=Severity.LEAK,
            confidence=confidence,
            owner=self.class_owner(class_, teardown.lifecycle.noun),
            fate=fate,
            handle=home,
            teardown=teardown.roots,
            teardown_members=(*teardown.final, *teardown.pausing),
            releases_elsewhere=self._release_spans(releasing, resource, home),
            doubt=doubt,
        )

    def _release_spans(self, functions: list[int], resource: Resource, home: Place) -> tuple[Span, ...]:
        return tuple(self._facts.functions[index].name_span for index in functions)

    def _overwritten(
        self,
        function: int,
        acquisition: Call,
        resource: Resource,
        fate: Fate,
        home: Place,
        class_: int,
        members: list[int],
    ) -> Leak | None:
        """The field may still hold an open handle when this function fills it again."""
        assign = next((binding for binding in fate.bindings if binding.target == home), None)
        body = self._facts.functions[function]
        if assign is None or body.kind in {"constructor", "initializer"} or "[*]" in home.path:
            return None
        if self._cleared_before(function, acquisition, resource, home):
            return None
        reentered = self._reentered(function, class_)
        if not reentered:
            return None
        return Leak(
            resource=resource,
            function=function,
            acquisition=acquisition,
            verdict=Verdict.OVERWRITTEN_WHILE_OPEN,
            severity=Severity.LEAK,
            confidence=Confidence.MEDIUM if resource.one_shot else Confidence.HIGH,
            owner=self.class_owner(class_, "class"),
            fate=fate,
            handle=home,
            lost=assign,
            teardown=(),
            releases_elsewhere=self._release_spans(self._releasing_functions(members, resource, home), resource, home),
        )

    def _cleared_before(self, function: int, acquisition: Call, resource: Resource, home: Place) -> bool:
        """Whether the function, before it acquires, looks at the field, or runs something that releases or replaces it."""
        for op in self._facts.functions[function].ops():
            if op.span.start >= acquisition.span.start:
                continue
            match op:
                case Guard(Ref(place)) if home.starts_with(place) or place.starts_with(home):
                    return True
                case Assign(target, _, _) if target == home:
                    return True
                case Call():
                    if self._flows.releases.releases(op, function, resource, frozenset({home})):
                        return True
                    targets = self._flows.calls.targets(op, function)
                    if any(self._flows.effect(resource, target, home) is not Effect.BORROWS for target in targets):
                        return True
                    if any(arg.value == Ref(home) for arg in op.args):
                        return True
        return False

    def _reentered(self, function: int, class_: int) -> bool:
        """Whether there is evidence that the function runs again on the same instance: it is called at two places, or from a callback."""
        sites = [
            site
            for site in self._owners.call_sites.get(function, [])
            if self._facts.functions[site[0]].class_ == class_
        ]
        callers = {caller for caller, _ in sites}
        deferred = [
            caller for caller in callers if self._facts.functions[caller].kind in {"arrow", "function", "lambda"}
        ]
        own = any(function in self._owners.ancestry(caller) for caller in callers)
        return own or len(sites) > 1 and bool(deferred)

    def _in_module(self, function: int, acquisition: Call, resource: Resource, fate: Fate, home: Place) -> Leak | None:
        everyone = list(range(len(self._facts.functions)))
        if self._releasing_functions(everyone, resource, home) or resource.one_shot:
            return None
        teardowns = self._owners.process_teardowns()
        if not teardowns:
            return None
        return Leak(
            resource=resource,
            function=function,
            acquisition=acquisition,
            verdict=Verdict.FORGOTTEN_BY_TEARDOWN,
            severity=Severity.SHUTDOWN,
            confidence=Confidence.MEDIUM,
            owner=self.module_owner(),
            fate=fate,
            handle=home,
            teardown=teardowns,
            doubt="it lives as long as the process",
        )

    def module_handle(self, function: int, acquisition: Call, resource: Resource, fate: Fate) -> Leak | None:
        """The module body opens something and keeps it in a name."""
        handle = fate.bindings[0].target
        used = any(capture.base == handle.base for item in self._facts.functions[1:] for capture in item.captures)
        exported = any(isinstance(export.value, Ref) and export.value.place == handle for export in self._facts.exports)
        if not self._facts.language.is_python:
            if exported:
                return None
            return self._in_module(function, acquisition, resource, fate, handle)
        if used or fate.released:
            return None
        return Leak(
            resource=resource,
            function=function,
            acquisition=acquisition,
            verdict=Verdict.NEVER_RELEASED,
            severity=Severity.SHUTDOWN,
            confidence=Confidence.MEDIUM,
            owner=self.module_owner(),
            fate=fate,
            handle=handle,
            exits=fate.leaks(ExitKind.NORMAL),
            doubt="the module body runs once",
        )

    def _in_effect(
        self, function: int, acquisition: Call, resource: Resource, fate: Fate, home: Place, effect: int
    ) -> Leak | None:
        cleanups = self._owners.cleanups(effect)
        if self._effect_in(cleanups, resource, home) is not Effect.BORROWS:
            return None
        component = self._owners.component(effect)
        if component is not None:
            teardowns = self._owners.component_teardowns(component[0])
            if self._effect_in(teardowns, resource, home) is not Effect.BORROWS:
                return None
        inner = self._releasing_functions(self._within(effect), resource, home)
        if resource.one_shot and not inner:
            return self._effect_leak(function, acquisition, resource, fate, home, effect, Confidence.MEDIUM, inner)
        confidence = Confidence.MEDIUM if inner and not cleanups else Confidence.HIGH
        return self._effect_leak(function, acquisition, resource, fate, home, effect, confidence, inner)

    def _within(self, function: int) -> list[int]:
        return [index for index in range(len(self._facts.functions)) if function in self._owners.ancestry(index)]

    def _effect_leak(
        self,
        function: int,
        acquisition: Call,
        resource: Resource,
        fate: Fate,
        home: Place | None,
        effect: int,
        confidence: Confidence,
        releasing: list[int],
    ) -> Leak:
        cleanups = self._owners.cleanups(effect)
        body = self._facts.functions[effect]
        return Leak(
            resource=resource,
            function=function,
            acquisition=acquisition,
            verdict=Verdict.FORGOTTEN_BY_TEARDOWN if cleanups else Verdict.NEVER_RELEASED,
            severity=Severity.LEAK,
            confidence=confidence,
            owner=LeakOwner(OwnerKind.EFFECT, body.given_to or "effect", "effect", body.span, function=effect),
            fate=fate,
            handle=home,
            exits=fate.leaks(ExitKind.NORMAL),
            teardown=cleanups,
            releases_elsewhere=tuple(self._facts.functions[index].name_span for index in releasing),
            doubt="" if confidence is Confidence.HIGH else "it may end by itself before the effect does",
        )

    def dropped_in_effect(
        self, function: int, acquisition: Call, resource: Resource, fate: Fate, effect: int
    ) -> Leak | None:
        """An effect, or a function within it, drops the handle."""
        if resource.handle is Handle.REGISTRATION:
            token = self._flows.releases.register(function, acquisition)
            component = self._owners.component(effect)
            teardowns = self._owners.cleanups(effect)
            if component is not None:
                teardowns += self._owners.component_teardowns(component[0])
            if self._effect_in(teardowns, resource, token) is not Effect.BORROWS:
                return None
            if self._dies_with_function(acquisition, function):
                return None
        confidence = Confidence.MEDIUM if resource.one_shot else Confidence.HIGH
        home = fate.bindings[0].target if fate.bindings else None
        return self._effect_leak(function, acquisition, resource, fate, home, effect, confidence, [])

    def _dies_with_function(self, acquisition: Call, function: int) -> bool:
        """Whether the registration's receiver was made by the same function, and so may die with it."""
        if not isinstance(acquisition.callee, Ref) or not acquisition.callee.place.path:
            return False
        receiver = acquisition.callee.place.owner
        made = self._flows.names.assigned.get(self._flows.names.canonical(receiver, function).base, [])
        return any(
            isinstance(assign.value, Ref) and assign.value.place.root.startswith("%") and not assign.value.place.path
            for _, assign in made
        )

    def _in_component(
        self, function: int, acquisition: Call, resource: Resource, fate: Fate, home: Place, component: int
    ) -> Leak | None:
        teardowns = self._owners.component_teardowns(component)
        if self._effect_in(teardowns, resource, home) is not Effect.BORROWS:
            return None
        releasing = self._releasing_functions(self._within(component), resource, home)
        kind = self._owners.component(component)
        body = self._facts.functions[component]
        confidence = Confidence.HIGH
        doubt = ""
        if resource.one_shot and not releasing:
            confidence, doubt = Confidence.MEDIUM, "it ends by itself when it fires"
        elif self._given_away(component, releasing):
            confidence, doubt = Confidence.MEDIUM, "a function that releases it is given to whoever uses the component"
        return Leak(
            resource=resource,
            function=function,
            acquisition=acquisition,
            verdict=Verdict.FORGOTTEN_BY_TEARDOWN if teardowns or releasing else Verdict.NEVER_RELEASED,
            severity=Severity.LEAK,
            confidence=confidence,
            owner=LeakOwner(
                OwnerKind.COMPONENT,
                body.name or body.given_to,
                kind[1].noun if kind else "component",
                body.span,
                function=component,
            ),
            fate=fate,
            handle=home,
            teardown=teardowns,
            releases_elsewhere=tuple(self._facts.functions[index].name_span for index in releasing),
            doubt=doubt,
        )

    def _given_away(self, component: int, releasing: list[int]) -> bool:
        return bool(set(self._owners.cleanups(component)) & set(releasing))

    def dropped_in_component(
        self, function: int, acquisition: Call, resource: Resource, fate: Fate, component: int
    ) -> Leak | None:
        """A component, or a function within it, drops the handle of something that goes on by itself."""
        if resource.one_shot:
            return None
        teardowns = self._owners.component_teardowns(component)
        if resource.handle is Handle.REGISTRATION:
            token = self._flows.releases.register(function, acquisition)
            within = self._within(component)
            if self._effect_in((*teardowns, *within), resource, token) is not Effect.BORROWS:
                return None
            if self._dies_with_function(acquisition, function):
                return None
        kind = self._owners.component(component)
        body = self._facts.functions[component]
        setup = self._owners.nearest(function, Runs.SETUP) is not None or function == component
        return Leak(
            resource=resource,
            function=function,
            acquisition=acquisition,
            verdict=Verdict.FORGOTTEN_BY_TEARDOWN if teardowns else Verdict.NEVER_RELEASED,
            severity=Severity.LEAK,
            confidence=Confidence.HIGH if setup else Confidence.MEDIUM,
            owner=LeakOwner(
                OwnerKind.COMPONENT,
                body.name or body.given_to,
                kind[1].noun if kind else "component",
                body.span,
                function=component,
            ),
            fate=fate,
            handle=fate.bindings[0].target if fate.bindings else None,
            exits=fate.leaks(ExitKind.NORMAL),
            teardown=teardowns,
            doubt="" if setup else "how often this handler runs is not known",
        )

    def dropped_in_class(self, function: int, acquisition: Call, resource: Resource, fate: Fate) -> Leak | None:
        """A method drops the handle of something that goes on by itself."""
        class_ = self._facts.functions[function].class_
        assert class_ is not None
        if resource.one_shot:
            return None
        teardown = self._owners.teardown(class_)
        members = self._member_functions(class_)
        confidence, doubt = Confidence.HIGH, ""
        if resource.handle is Handle.REGISTRATION:
            token = self._flows.releases.register(function, acquisition)
            if self._releasing_functions(members, resource, token) and (
                teardown is None or self._effect_in(teardown.roots, resource, token) is not Effect.BORROWS
            ):
                return None
            if not self._outlives_instance(acquisition, function):
                confidence, doubt = Confidence.MEDIUM, "the target may end together with the instance"
        if teardown is None:
            confidence, doubt = Confidence.MEDIUM, "the class has no teardown"
        elif not teardown.complete:
            confidence, doubt = Confidence.MEDIUM, "a base class that is not in sight may release it"
        return Leak(
            resource=resource,
            function=function,
            acquisition=acquisition,
            verdict=Verdict.FORGOTTEN_BY_TEARDOWN if teardown and teardown.roots else Verdict.NEVER_RELEASED,
            severity=Severity.LEAK,
            confidence=confidence,
            owner=self.class_owner(class_, teardown.lifecycle.noun if teardown else "class"),
            fate=fate,
            exits=fate.leaks(ExitKind.NORMAL),
            teardown=teardown.roots if teardown else (),
            teardown_members=(*teardown.final, *teardown.pausing) if teardown else (),
            doubt=doubt,
        )

    def _outlives_instance(self, acquisition: Call, function: int) -> bool:
        if not isinstance(acquisition.callee, Ref):
            return False
        place = self._flows.names.canonical(acquisition.callee.place.owner, function)
        return place.scope in {-1, 0} or not acquisition.callee.place.path[:-1]

    def _in_closure(self, function: int, acquisition: Call, resource: Resource, fate: Fate, home: Place) -> Leak | None:
        if self._releasing_functions(self._within(home.scope), resource, home) or resource.one_shot:
            return None
        body = self._facts.functions[home.scope]
        return Leak(
            resource=resource,
            function=function,
            acquisition=acquisition,
            verdict=Verdict.NEVER_RELEASED,
            severity=Severity.LEAK,
            confidence=Confidence.MEDIUM,
            owner=LeakOwner(
                OwnerKind.CLOSURE, self.function_name(home.scope), "function", body.span, function=home.scope
            ),
            fate=fate,
            handle=home,
            doubt="how often the enclosing function runs is not known",
        )
