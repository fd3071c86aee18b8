"""Who owns what a function acquires, when that owner ends, and where its teardown is: facts met with the lifecycle
tables.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from fixers.facts import THIS, Call, Const, FileFacts, Member, Ref, Return, Value
from fixers.handles import items
from fixers.lifecycles import class_lifecycles, component_names, components, handler_parameters, hook_names, hooks
from fixers.lifecycles.model import ClassLifecycle, Component, Hook, Runs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixers.callgraph import CallGraph
    from fixers.names import Names
    from fixers.resources.model import Tables


_MAX_MIXINS: Final = 20
"""Calls of mixins around a base class that are looked into."""


class HandedTo(NamedTuple):
    """A function of the file was handed to a hook: by which call, in which function."""

    hook: Hook
    caller: int
    call: Call


class Teardown(NamedTuple):
    """The methods that end an instance. `complete`: no base class outside the file may add to them; `is_root`: the
    class is by its name one that is made once, for as long as the page.
    """

    lifecycle: ClassLifecycle
    final: tuple[Member, ...]
    pausing: tuple[Member, ...]
    complete: bool
    is_root: bool = False

    @property
    def roots(self) -> tuple[int, ...]:
        """Functions of all of them."""
        return tuple(member.function for member in (*self.final, *self.pausing) if member.function is not None)


class Owners:
    """Answers for one file."""

    def __init__(
        self,
        facts: FileFacts,
        names: Names,
        calls: CallGraph,
        tables: Tables,
        objects: dict[int, ClassLifecycle] | None = None,
    ) -> None:
        self._facts = facts
        self._names = names
        self._calls = calls
        self._tables = tables
        self._objects = objects or {}
        self._teardowns: dict[int, Teardown | None] = {}

    @cached_property
    def handed(self) -> dict[int, list[HandedTo]]:
        """Every function of the file that a hook runs."""
        found: dict[int, list[HandedTo]] = {}
        for index, calls in self._calls.named(hook_names(self._tables)).items():
            for op in calls:
                for hook in self._hooks_of(op, index):
                    position = hook.argument if hook.argument >= 0 else len(op.args) - 1
                    value = op.argument(position)
                    for target in self._calls.functions(value, index):
                        found.setdefault(target, []).append(HandedTo(hook, index, op))
        return found

    def _hooks_of(self, op: Call, function: int) -> Iterator[Hook]:
        path = self._names.path_of(op.callee, function)
        method = op.callee.place.path[-1] if isinstance(op.callee, Ref) and op.callee.place.path else None
        for hook in hooks(self._tables):
            if path not in hook.paths and (method is None or f"*.{method}" not in hook.paths):
                continue
            if hook.events:
                first = op.argument(0)
                if not isinstance(first, Const) or first.text not in hook.events:
                    continue
            yield hook

    def ancestry(self, function: int) -> Iterator[int]:
        """The function and those it is written in, innermost first."""
        current: int | None = function
        while current is not None:
            yield current
            current = self._facts.functions[current].parent

    def has_role(self, function: int, runs: Runs) -> bool:
        """Whether a hook runs this very function at such a time."""
        return any(item.hook.runs is runs for item in self.handed.get(function, ()))

    def nearest(self, function: int, runs: Runs) -> int | None:
        """The innermost function around (or at) `function` that a hook runs at such a time."""
        return next((index for index in self.ancestry(function) if self.has_role(index, runs)), None)

    def component(self, function: int) -> tuple[int, Component] | None:
        """The innermost component or composable around (or at) `function`."""
        for index in self.ancestry(function):
            kind = self._component_kinds.get(index)
            if kind is not None:
                return index, kind
        return None

    @cached_property
    def _component_kinds(self) -> dict[int, Component]:
        found = dict(self._setups())
        for index, function in enumerate(self._facts.functions):
            if index in found:
                continue
            kinds = [kind for kind in components() if function.kind in kind.kinds]
            if kinds:
                found[index] = self._component_by_hooks(index, tuple(kinds)) or kinds[0]
                continue
            if index == 0:
                continue
            by_hooks = self._component_by_hooks(index, components())
            if by_hooks is not None:
                found[index] = by_hooks
        return found

    def _setups(self) -> Iterator[tuple[int, Component]]:
        """Methods of objects that set an instance up as the body of a component does: Vue's `setup`."""
        for class_, kind in self._objects.items():
            for member in self._facts.classes[class_].members:
                if kind.objects is not None and member.name in kind.objects.setup and member.function is not None:
                    yield member.function, Component(kind.noun)

    def _component_by_hooks(self, index: int, kinds: tuple[Component, ...]) -> Component | None:
        for op in self._calls_of_components.get(index, ()):
            path = self._names.path_of(op.callee, index)
            for kind in kinds:
                if path in kind.hooks:
                    return kind
        return None

    @cached_property
    def _calls_of_components(self) -> dict[int, list[Call]]:
        """By function, the calls that may make it a component."""
        return self._calls.named(component_names())

    def cleanups(self, effect: int) -> tuple[int, ...]:
        """The functions that an effect, or a composable, returns; an async effect returns none but a promise."""
        return () if self._facts.functions[effect].is_async else self._returned(effect)

    def ignored_cleanups(self, function: int) -> tuple[int, ...]:
        """The functions that an async effect, or a hook that runs once, returns in vain."""
        is_async_effect = self._facts.functions[function].is_async and self.has_role(function, Runs.EFFECT)
        is_ignored = is_async_effect or self.has_role(function, Runs.SETUP)
        return self._returned(function) if is_ignored else ()

    def _returned(self, function: int) -> tuple[int, ...]:
        found: list[int] = []
        for op in self._facts.functions[function].ops():
            if isinstance(op, Return) and op.value is not None:
                for item in items(op.value):
                    found.extend(self._calls.functions(item, function))
        return tuple(dict.fromkeys(found))

    def component_teardowns(self, component: int) -> tuple[int, ...]:
        """Everything that runs when a component ends: functions handed to its teardown hooks, and its effects'
        cleanups.
        """
        return self._ends_of_components.get(component, ())

    @cached_property
    def _ends_of_components(self) -> dict[int, tuple[int, ...]]:
        """By function, what ends with it once it is a component."""
        found: dict[int, dict[int, None]] = {}
        for target, uses in self.handed.items():
            for use in uses:
                ends: tuple[int, ...] = ()
                if use.hook.runs is Runs.TEARDOWN:
                    ends = (target,)
                elif use.hook.runs is Runs.EFFECT:
                    ends = self.cleanups(target)
                for function in self.ancestry(use.caller) if ends else ():
                    found.setdefault(function, {}).update(dict.fromkeys(ends))
        return {function: tuple(ends) for function, ends in found.items()}

    def process_teardowns(self) -> tuple[int, ...]:
        """Functions of the file that run when the process ends."""
        return self._process_ends

    @cached_property
    def _process_ends(self) -> tuple[int, ...]:
        return tuple(
            target for target, uses in self.handed.items() if any(use.hook.runs is Runs.SHUTDOWN for use in uses)
        )

    def teardown(self, class_: int) -> Teardown | None:
        """How instances of a class end; None where no method of it is a teardown and no framework ends it."""
        if class_ not in self._teardowns:
            self._teardowns[class_] = self._teardown(class_)
        return self._teardowns[class_]

    def _teardown(self, class_: int) -> Teardown | None:
        lifecycle, complete = self._lifecycle(class_)
        if lifecycle is None:
            return None
        final = tuple(self._methods(class_, lifecycle.final))
        pausing = tuple(self._methods(class_, lifecycle.pausing))
        if not final and not pausing and not lifecycle.called_by_framework:
            return None
        is_root = self._facts.classes[class_].name in lifecycle.roots
        teardown = Teardown(lifecycle, final, pausing, complete, is_root)
        if class_ not in self._objects:
            return teardown
        written = {member.name for member in self._facts.classes[class_].members if member.function is None}
        elsewhere = not written.isdisjoint((*lifecycle.final, *lifecycle.pausing))
        complete = not elsewhere and (complete or not self._calls_unknown_methods(teardown.roots))
        return teardown._replace(complete=complete)

    def _calls_unknown_methods(self, roots: tuple[int, ...]) -> bool:
        """Whether what runs with `roots` calls a method of its own instance that is not in sight: a mixin's.

        A mixin has no part in what its components open by themselves, unless they call it for that.
        """
        for index in self._calls.reached(roots):
            for op in self._facts.calls[index]:
                if isinstance(op.callee, Ref):
                    place = op.callee.place
                    is_own = place.scope == THIS and len(place.path) == 1 and not place.path[0].startswith("$")
                    if is_own and not self._calls.functions(op.callee, index):
                        return True
        return False

    def _is_parameter(self, value: Value) -> bool:
        """Whether a base class is a mixin's parameter, whose written type says nothing."""
        if not isinstance(value, Ref) or value.place.scope < 0:
            return False
        return any(param.name == value.place.root for param in self._facts.functions[value.place.scope].params)

    def _methods(self, class_: int, wanted: tuple[str, ...]) -> Iterator[Member]:
        for name in wanted:
            member = self._calls.member_of(class_, name) or self._calls.member_of(class_, f"#{name}")
            if member is not None and member.function is not None:
                yield member

    def _lifecycle(self, class_: int) -> tuple[ClassLifecycle | None, bool]:
        """The kind of a class, and whether no base class out of sight may add to its teardown."""
        lineage = [self._facts.classes[index] for index in self._calls.lineage(class_)]
        bases = [base for item in lineage for value in item.bases for base in self._bases(value, item.scope)]
        decorators = {path for item in lineage for value in item.decorators for path in self._path(value, item.scope)}
        members = {member.name for item in lineage for member in item.members}
        complete = not any(base.path is None or _from_own_code(base.path) for base in bases)
        if class_ in self._objects:
            return self._objects[class_], complete
        for entry in class_lifecycles(self._tables):
            is_known = (
                entry.is_any
                or any(base.is_one_of(entry.bases) for base in bases)
                or not entry.decorators.isdisjoint(decorators)
                or not entry.members.isdisjoint(members)
            )
            if is_known and (entry.called_by_framework or entry.is_any or not members.isdisjoint(entry.final)):
                return entry, complete
        return None, complete

    def _path(self, value: Value, function: int) -> Iterator[str]:
        """The access path of a decorator, called or not."""
        made = self._names.origin(value, function)
        path = self._names.path_of(made.callee if made else value, function)
        if path is not None:
            yield path

    def _bases(self, value: Value, function: int) -> Iterator[_Base]:
        """A base class; of a mixin's call, `Mixin(Base)`, what is called and what it is given."""
        pending = [value]
        for _ in range(_MAX_MIXINS):
            if not pending:
                return
            base = pending.pop()
            made = self._names.origin(base, function)
            if made is not None:
                pending.extend((made.callee, *(arg.value for arg in made.args)))
            else:
                name = (base.place.path or (base.place.root,))[-1] if isinstance(base, Ref) else ""
                path = None if self._is_parameter(base) else self._names.path_of(base, function)
                yield _Base(path, name)

    def runs_often(self, function: int) -> bool:
        """Whether the function runs per request, connection or event, or is called by one that does."""
        seen: set[int] = set()
        pending = [function]
        while pending:
            for index in self.ancestry(pending.pop()):
                if index in seen:
                    continue
                seen.add(index)
                if self.has_role(index, Runs.OFTEN) or self._is_request_handler(index):
                    return True
                pending.extend(caller for caller, _ in self.call_sites.get(index, []) if caller != 0)
        return False

    def _is_request_handler(self, function: int) -> bool:
        names = [param.name for param in self._facts.functions[function].params]
        return any(
            len(names) >= 2 and names[0] in requests and names[1] in responses
            for requests, responses in handler_parameters(self._tables)
        )

    @cached_property
    def call_sites(self) -> dict[int, list[tuple[int, Call]]]:
        """Calls of the file's own functions, by the function called."""
        found: dict[int, list[tuple[int, Call]]] = {}
        for index, calls in enumerate(self._facts.calls):
            spans: set[int] = set()
            for op in calls:
                if op.span.start not in spans:
                    spans.add(op.span.start)
                    for target in self._calls.targets(op, index):
                        found.setdefault(target, []).append((index, op))
        return found

    @cached_property
    def exported(self) -> frozenset[int]:
        """Functions that other files may call."""
        found: list[int] = []
        for export in self._facts.exports:
            if export.value is not None:
                found.extend(self._calls.functions(export.value, 0))
        return frozenset(found)

    def runs_once(self, function: int) -> bool:
        """Whether the function runs once in a process: the module body, or a function that only it calls, at one
        place.
        """
        seen: set[int] = set()
        while function != 0:
            sites = self.call_sites.get(function, [])
            if len(sites) != 1 or function in seen or self._facts.functions[function].class_ is not None:
                return False
            if function in self.exported and not self._facts.language.is_python:
                return False
            seen.add(function)
            function = sites[0][0]
        return True


class _Base(NamedTuple):
    """A base class by its access path and its last name as written."""

    path: str | None
    name: str

    def is_one_of(self, bases: frozenset[str]) -> bool:
        """Whether a lifecycle's bases name it."""
        if self.path in bases or self.name in bases:
            return True
        return any(base.startswith("*") and self.name.endswith(base[1:]) for base in bases)


def _from_own_code(path: str) -> bool:
    """Whether a base class may be the repository's own, so that it may know of its subclasses' resources."""
    return path.startswith((".", "@/", "~/", "src/"))
