"""Follows one handle through one function, path by path: typestate over the control-flow graph.

Reference: R. Strom, S. Yemini, "Typestate: a programming language concept for enhancing software reliability" (1986); the
states are unborn, open, and two that end the walk, released and given away. A walk starts where the handle is acquired, or, to
learn what a callee does with it, at the callee's entry with the parameter or captured place that holds it.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

from fixers.callgraph import CallGraph
from fixers.facts import (
    ELEMENT,
    EXIT_KIND,
    GLOBAL,
    RESULT,
    THIS,
    Assign,
    Await,
    Call,
    Choice,
    ClassValue,
    Closure,
    Const,
    Delete,
    Derived,
    Enter,
    Exit,
    ExitKind,
    FileFacts,
    Function,
    Guard,
    Op,
    Place,
    Record,
    Ref,
    Return,
    Sequence,
    Throw,
    Value,
    Yield,
    closures,
    places,
    result,
)
from fixers.names import Names, denotes
from fixers.releases import REGISTRATION, Releases
from fixers.resources.library import ELEMENT_METHODS, STORE_METHODS, VIEW_METHODS, VISITOR_METHODS
from fixers.resources.model import Handle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixers.resources.model import Resource
    from fixers.source import Span

_MAX_STATES: Final = 48
_MAX_DEPTH: Final = 12


class Effect(Enum):
    """What a callee does with a handle that it gets or captures."""

    BORROWS = "borrows"
    RELEASES = "releases"
    KEEPS = "keeps"


class State(NamedTuple):
    """What is known of the handle at a point: where it is (`aliases`), what lives on it, and which guards hold.

    `failing`: an error is on its way, or was caught; `unforeseen`: no handler around was written for it.
    """

    born: bool
    aliases: frozenset[Place]
    dependents: frozenset[Place] = frozenset()
    known: frozenset[tuple[Place, str]] = frozenset()
    unforeseen: bool = False
    failing: bool = False


class Leaving(NamedTuple):
    """An exit that the handle passes while open: how, and at which operation.

    `unforeseen`: an error that none of the surrounding handlers, which there are, is written for. `after_error`: an error came first, caught or not.
    """

    kind: ExitKind
    span: Span
    homes: frozenset[Place]
    unforeseen: bool = False
    after_error: bool = False


@dataclass
class Fate:
    """What becomes of a handle in one function.

    `open_exits`: exits passed with the handle open; `homes` of such an exit are the places beyond the function that hold it
    then. `lost`: assignments that dropped the last name of an open handle. `released`: spans of releases met; `released_normally`: one of them on a way without errors.
    `given`: spans where it was handed on; `disposers`: functions handed on that release it. `bindings`: local names it had.
    """

    open_exits: list[Leaving] = field(default_factory=list)
    lost: list[Assign] = field(default_factory=list)
    released: list[Span] = field(default_factory=list)
    released_normally: bool = False
    given: list[Span] = field(default_factory=list)
    returned: list[Span] = field(default_factory=list)
    disposers: list[int] = field(default_factory=list)
    bindings: list[Assign] = field(default_factory=list)

    def homes(self) -> set[Place]:
        """Every place beyond the function that holds the open handle at some exit."""
        return {home for leaving in self.open_exits for home in leaving.homes}

    def leaks(self, kind: ExitKind) -> list[Leaving]:
        """The exits of a kind where nobody holds the open handle any more."""
        return [leaving for leaving in self.open_exits if leaving.kind is kind and not leaving.homes]


class Flows:
    """Walks handles through the functions of one file; callees in the same file are walked too, and remembered."""

    def __init__(self, facts: FileFacts, names: Names, calls: CallGraph, releases: Releases) -> None:
        self.facts = facts
        self.names = names
        self.calls = calls
        self.releases = releases
        self._effects: dict[tuple[int, Place, str], Effect] = {}
        self._walking: set[tuple[int, Place, str]] = set()

    def fate(self, resource: Resource, function: int, acquisition: Call) -> Fate:
        """What becomes of what `acquisition` gives, in the function that calls it."""
        start = State(born=False, aliases=frozenset())
        return _Walk(self, resource, function, acquisition).run(start)

    def effect(self, resource: Resource, function: int, place: Place) -> Effect:
        """What a function of this file does with a handle that lies in one of its parameters or captured places."""
        key = (function, place, resource.id)
        if key in self._effects:
            return self._effects[key]
        if key in self._walking or len(self._walking) >= _MAX_DEPTH:
            return Effect.BORROWS if key in self._walking else Effect.KEEPS
        self._walking.add(key)
        try:
            fate = _Walk(self, resource, function, None).run(State(born=True, aliases=frozenset({place})))
        finally:
            self._walking.discard(key)
        found = _effect_of(fate, place)
        self._effects[key] = found
        return found

    def disposer_effect(self, resource: Resource, function: int, aliases: frozenset[Place]) -> Effect:
        """What running a closure does with a handle that it captures under one of these names."""
        effects = {self.effect(resource, function, alias) for alias in self.captured(function, aliases)}
        if Effect.RELEASES in effects:
            return Effect.RELEASES
        return Effect.KEEPS if Effect.KEEPS in effects else Effect.BORROWS

    def captured(self, function: int, aliases: frozenset[Place]) -> list[Place]:
        """The aliases that a closure can reach when it runs: captured bindings, or fields of its own `this`."""
        body = self.facts.functions[function]
        reach = {capture.base for capture in body.captures}
        for inner in self.calls.reached((function,)):
            reach |= {capture.base for capture in self.facts.functions[inner].captures}
        return [
            alias
            for alias in sorted(aliases, key=str)
            if (
                alias.scope == REGISTRATION
                or alias.base in reach
                or (alias.scope == 0 and function != 0)
                or (alias.scope == THIS and body.class_ is not None)
            )
            and alias.scope != function
        ]


def _effect_of(fate: Fate, place: Place) -> Effect:
    if fate.released:
        return Effect.RELEASES
    homes = {home for home in fate.homes() if home != place}
    if fate.given or fate.returned or homes or fate.disposers:
        return Effect.KEEPS
    return Effect.BORROWS


class _Walk:
    """One walk of one handle through one function."""

    def __init__(self, flows: Flows, resource: Resource, function: int, acquisition: Call | None) -> None:
        self._flows = flows
        self._resource = resource
        self._index = function
        self._function: Function = flows.facts.functions[function]
        self._acquisition = acquisition
        self._fate = Fate()
        self._correlated = _correlated(self._function)
        self._handed_on = [
            (op.span.start, closure)
            for op in self._function.ops()
            if isinstance(op, Call)
            for arg in op.args
            for closure in flows.calls.functions(arg.value, function)
        ]

    def run(self, start: State) -> Fate:
        blocks = self._function.blocks
        seen: list[set[State]] = [set() for _ in blocks]
        pending: deque[tuple[int, State, Span]] = deque([(0, start, self._function.name_span)])
        seen[0].add(start)
        while pending:
            index, state, came_from = pending.popleft()
            for target, reached, span in self._walk_block(index, state, came_from):
                if target < 0:
                    self._leave(EXIT_KIND[target], reached, span)
                    continue
                if len(seen[target]) >= _MAX_STATES:
                    reached = reached._replace(known=frozenset())
                if reached not in seen[target] and len(seen[target]) < 2 * _MAX_STATES:
                    seen[target].add(reached)
                    pending.append((target, reached, span))
        return self._fate

    def _leave(self, kind: ExitKind, state: State, span: Span) -> None:
        if not state.born:
            return
        homes = frozenset(alias for alias in state.aliases if self._is_home(alias))
        leaving = Leaving(kind, span, homes, state.unforeseen, state.failing)
        if leaving not in self._fate.open_exits:
            self._fate.open_exits.append(leaving)

    def _is_home(self, place: Place) -> bool:
        """Whether the place outlives this function's run."""
        return place.scope == THIS or (place.scope >= 0 and place.scope != self._index) or place.scope == GLOBAL

    def _walk_block(self, index: int, state: State, span: Span) -> Iterator[tuple[int, State, Span]]:
        block = self._function.blocks[index]
        current: State | None = state
        for op in block.ops:
            assert current is not None
            before, span = current, op.span
            current = self._step(op, before)
            if self._may_throw(op, before):
                after_failure = self._on_failure(op, before, current)
                if after_failure is not None:
                    after_failure = after_failure._replace(failing=True)
                    yield block.throw, after_failure, op.span
                    if isinstance(op, Await) and block.cancel != block.throw and not self._is_acquiring(op, before):
                        yield block.cancel, after_failure, op.span
                    if isinstance(op, Yield):
                        yield block.close, after_failure, op.span
            if current is None or isinstance(op, Throw):
                return
        assert current is not None
        for target in block.next:
            if block.dispatch and target == block.next[-1]:
                yield target, current._replace(unforeseen=True), span
            else:
                yield target, current, span

    def _may_throw(self, op: Op, state: State) -> bool:
        match op:
            case Enter(_, manager):
                return not denotes(manager, state.aliases)
            case Await() | Throw() | Yield():
                return True
            case Call():
                return not self._flows.releases.never_throws(op, self._index, self._resource, state.aliases)
            case _:
                return False

    def _on_failure(self, op: Op, before: State, after: State | None) -> State | None:
        """The state on the error way: as before the operation, except that a release counts even when it throws."""
        if after is None or op is self._acquisition:
            return None if after is None else before
        if self._is_acquiring(op, before):
            return None
        return before

    def _is_acquiring(self, op: Op, state: State) -> bool:
        """Whether an await (or `with`) only completes the acquisition, so that its failure leaves nothing open."""
        if self._acquisition is None or not isinstance(op, Await | Enter):
            return False
        value = op.value if isinstance(op, Await) else op.manager
        return denotes(value, state.aliases) and all(alias.scope == RESULT for alias in state.aliases)

    def _step(self, op: Op, state: State) -> State | None:
        """The state after an operation; None when the walk of this path ends (released, given away, impossible)."""
        match op:
            case Call():
                return self._call(op, state)
            case Assign():
                return self._assign(op, state)
            case Guard():
                return self._guard(op, state)
            case _ if not state.born:
                return state
            case Await(number, value) | Enter(number, value):
                return self._pass_on(number, value, state)
            case Exit(manager):
                if denotes(manager, state.aliases) and self._flows.releases.exit_releases(
                    self._resource, manager, self._index
                ):
                    self._fate.released.append(op.span)
                    return None
                return state
            case Return(value):
                return self._give(value, op.span, state, returned=True)
            case Yield(_, value):
                if self._lends():
                    return state
                return self._give(value, op.span, state, returned=False)
            case Throw(value):
                return self._give(value, op.span, state, returned=False)
            case Delete(place):
                aliases = frozenset(alias for alias in state.aliases if not alias.starts_with(place))
                return state if aliases == state.aliases or not aliases else state._replace(aliases=aliases)
        return state

    def _lends(self) -> bool:
        """Whether what this generator yields comes back: a context manager's or a fixture's yield."""
        names = {
            place.path[-1] if place.path else place.root
            for decorator in self._function.decorators
            for place in places(decorator)
        }
        return bool(names & {"contextmanager", "asynccontextmanager", "fixture"})

    def _pass_on(self, number: int, value: Value, state: State) -> State:
        if denotes(value, state.aliases):
            return state._replace(aliases=state.aliases | {result(number)})
        if denotes(value, state.dependents):
            return state._replace(dependents=state.dependents | {result(number)})
        return state

    def _guard(self, op: Guard, state: State) -> State | None:
        if not isinstance(op.value, Ref):
            return state
        place = op.value.place
        if state.born and op.outcome == "absent" and place in state.aliases:
            return None
        if op.outcome not in {"present", "absent"} or place not in self._correlated:
            return state
        opposite = "absent" if op.outcome == "present" else "present"
        if (place, opposite) in state.known:
            return None
        return state._replace(known=state.known | {(place, op.outcome)})

    def _assign(self, op: Assign, state: State) -> State | None:
        target = op.target
        known = frozenset(item for item in state.known if not item[0].starts_with(target))
        state = state._replace(known=known)
        if not state.born:
            return state
        aliases = frozenset(alias for alias in state.aliases if not alias.starts_with(target))
        gained = set(self._held(op.value, target, state.aliases))
        dependents = frozenset(place for place in state.dependents if not place.starts_with(target))
        if denotes(op.value, state.dependents):
            dependents |= {target}
        if op.augmented and not gained:
            aliases = state.aliases
        if gained and self._escapes_by(target):
            self._fate.given.append(op.span)
            return None
        if gained:
            self._fate.bindings.append(op)
            if self._released_by_earlier_closure(op, frozenset(gained)):
                return None
        kept = aliases | gained
        if all(alias.scope == RESULT for alias in kept) and any(alias.starts_with(target) for alias in state.aliases):
            if not state.failing:
                self._fate.lost.append(op)
            return None
        return state._replace(aliases=kept, dependents=dependents)

    def _held(self, value: Value, target: Place, aliases: frozenset[Place]) -> Iterator[Place]:
        """Where below `target` the handle lies once `value` is put there."""
        match value:
            case Ref(place):
                if place in aliases or (place.path[-1:] == ("[1]",) and place.owner in aliases):
                    yield target
                else:
                    for alias in aliases:
                        if alias != place and alias.starts_with(place):
                            yield target.member(*alias.path[len(place.path) :])
            case Choice(options):
                for option in options:
                    yield from self._held(option, target, aliases)
            case Record(entries) | ClassValue(_, entries):
                for key, item in entries:
                    yield from self._held(item, target.member(key) if key else target, aliases)
            case Sequence(items):
                for number, item in enumerate(items):
                    yield from self._held(item, target.member(f"[{number}]"), aliases)

    def _escapes_by(self, target: Place) -> bool:
        """Whether a handle put there is out of sight: in a parameter's field, a foreign object, or a local container."""
        if not target.path or target.scope == THIS:
            return False
        if target.scope == GLOBAL or ELEMENT in target.path:
            return True
        if target.scope == RESULT:
            return True
        declared = self._flows.names.assigned.get(target.base, [])
        return not any(
            isinstance(assign.value, Record | Sequence | ClassValue) for _, assign in declared
        ) and not self._is_ref(target)

    def _is_ref(self, target: Place) -> bool:
        """Whether the place is a React ref's `current`, which belongs to the component."""
        return target.path == ("current",)

    def _released_by_earlier_closure(self, op: Assign, names: frozenset[Place]) -> bool:
        """Whether a closure handed on before the handle had a name releases it under that name: `const t = setInterval(() => clearInterval(t))`."""
        for start, closure in self._handed_on:
            if start <= op.span.end and self._flows.disposer_effect(self._resource, closure, names) is Effect.RELEASES:
                self._fate.disposers.append(closure)
                return True
        return False

    def _call(self, op: Call, state: State) -> State | None:
        if op is self._acquisition or (
            self._acquisition is not None and op.span == self._acquisition.span and op.form != "jsx"
        ):
            return self._acquire(op, state)
        if not state.born:
            return state
        if self._flows.releases.releases(op, self._index, self._resource, state.aliases):
            self._note_release(op.span, state)
            return None
        callee = op.callee
        receiver = callee.place.owner if isinstance(callee, Ref) and callee.place.path else None
        method = callee.place.path[-1] if isinstance(callee, Ref) and callee.place.path else None
        if receiver is not None and receiver in state.aliases and method is not None:
            if method in self._resource.detached_by:
                self._fate.given.append(op.span)
                return None
            if method in self._resource.gives:
                state = state._replace(aliases=state.aliases | {result(op.result)})
            elif method in self._resource.dependents:
                state = state._replace(dependents=state.dependents | {result(op.result)})
        if receiver is not None and method is not None and receiver.member(ELEMENT) in state.aliases:
            return self._on_container(op, receiver, method, state)
        return self._arguments(op, state)

    def _on_container(self, op: Call, receiver: Place, method: str, state: State) -> State | None:
        """A method of a container that holds the handle: does it give the element, or run a closure on it?"""
        if method in ELEMENT_METHODS:
            return state._replace(aliases=state.aliases | {result(op.result)})
        if method in VIEW_METHODS:
            return state._replace(aliases=state.aliases | {result(op.result).member(ELEMENT)})
        if method not in VISITOR_METHODS:
            return self._arguments(op, state)
        for arg in op.args:
            visitors = self._flows.calls.functions(arg.value, self._index)
            if not visitors and isinstance(arg.value, Ref):
                self._fate.given.append(op.span)
                return None
            for visitor in visitors:
                params = self._flows.facts.functions[visitor].params[:2]
                names = [Place(param.name, visitor) for param in params if param.name]
                names += [
                    Place(f"<{number}>", visitor).member("[1]") for number, param in enumerate(params) if not param.name
                ]
                if any(self._flows.effect(self._resource, visitor, name) is not Effect.BORROWS for name in names):
                    self._note_release(op.span, state)
                    return None
        return state

    def _acquire(self, op: Call, state: State) -> State:
        if state.born:
            return state._replace(aliases=state.aliases - {result(op.result)})
        handle = result(op.result)
        if self._resource.handle is Handle.REGISTRATION:
            handle = self._flows.releases.register(self._index, op)
        return State(born=True, aliases=frozenset({handle}), known=state.known)

    def _arguments(self, op: Call, state: State) -> State | None:
        targets = self._flows.calls.targets(op, self._index)
        on_this = self._effect_on_fields(targets, state)
        if on_this is Effect.RELEASES:
            self._note_release(op.span, state)
            return None
        for position, arg in enumerate(op.args):
            for closure in self._flows.calls.functions(arg.value, self._index):
                effect = self._flows.disposer_effect(self._resource, closure, state.aliases)
                if effect is not Effect.BORROWS:
                    self._fate.disposers.append(closure)
                    return None
            if self._mentions_release(arg.value, state):
                self._fate.given.append(op.span)
                return None
            if not self._contains(arg.value, state.aliases | state.dependents):
                continue
            state_or_end = self._argument(op, position, targets, state)
            if state_or_end is None:
                return None
            state = state_or_end
        return state

    def _argument(self, op: Call, position: int, targets: tuple[int, ...], state: State) -> State | None:
        """The handle itself is an argument: what does the callee do with it?"""
        use = self._flows.releases.use_by(op, self._index, self._resource)
        if use == "borrows":
            return state
        if use == "wraps":
            return state._replace(aliases=state.aliases | {result(op.result)})
        if use == "copies":
            return state._replace(aliases=state.aliases | {result(op.result).member(ELEMENT)})
        if use == "depends":
            return state._replace(dependents=state.dependents | {result(op.result)})
        container = self._container(op)
        if container is not None:
            return state._replace(aliases=state.aliases | {container})
        effects = {self._effect_on_argument(target, op, position, state) for target in targets}
        if effects == {Effect.BORROWS}:
            return state
        if Effect.RELEASES in effects:
            self._note_release(op.span, state)
            return None
        self._fate.given.append(op.span)
        return None

    def _note_release(self, span: Span, state: State) -> None:
        self._fate.released.append(span)
        self._fate.released_normally |= not state.failing

    def _effect_on_argument(self, target: int, op: Call, position: int, state: State) -> Effect:
        params = [param for param in self._flows.facts.functions[target].params if param.kind != "this"]
        arg = op.args[position]
        if arg.name is not None and not arg.name.startswith("*"):
            slots = [number for number, param in enumerate(params) if param.name == arg.name]
            position = slots[0] if slots else len(params)
        if position >= len(params) or params[position].kind in {"rest", "keywords"} or arg.name in {"*", "**"}:
            return Effect.KEEPS
        root = Place(params[position].name or f"<{position}>", target)
        held = set(self._held(arg.value, root, state.aliases | state.dependents))
        effects = {self._flows.effect(self._resource, target, place) for place in held}
        if Effect.RELEASES in effects:
            return Effect.RELEASES
        return Effect.KEEPS if Effect.KEEPS in effects or not held else Effect.BORROWS

    def _container(self, op: Call) -> Place | None:
        """The element place of an instance's or outer container that takes the handle: `this.timers.add(t)`."""
        if not isinstance(op.callee, Ref) or not op.callee.place.path:
            return None
        if op.callee.place.path[-1] not in STORE_METHODS:
            return None
        container = self._flows.names.canonical(op.callee.place.owner, self._index)
        return (
            container.member(ELEMENT)
            if container.scope == THIS or (container.scope >= 0 and container.scope != self._index)
            else None
        )

    def _effect_on_fields(self, targets: tuple[int, ...], state: State) -> Effect:
        """What a call of the file's own functions does to the handle in a field or captured binding that it can reach."""
        effects = {
            self._flows.effect(self._resource, target, alias)
            for target in targets
            for alias in self._flows.captured(target, state.aliases)
        }
        if Effect.RELEASES in effects:
            return Effect.RELEASES
        return Effect.BORROWS

    def _mentions_release(self, value: Value, state: State) -> bool:
        """Whether a bound release method is handed on: `stack.callback(f.close)`."""
        return any(
            place.path and place.owner in state.aliases and place.path[-1] in self._resource.release_methods
            for place in places(value)
        )

    def _contains(self, value: Value, aliases: frozenset[Place]) -> bool:
        match value:
            case Ref(place):
                return any(alias.starts_with(place) for alias in aliases)
            case Choice(items) | Sequence(items):
                return any(self._contains(item, aliases) for item in items)
            case Derived(parts):
                return any(
                    isinstance(part, Ref) and self._contains(part, aliases) for part in parts
                ) and self._is_spread(value)
            case Record(entries) | ClassValue(_, entries):
                return any(self._contains(item, aliases) for _, item in entries)
            case _:
                return False

    @staticmethod
    def _is_spread(value: Derived) -> bool:
        return len(value.parts) == 1

    def _give(self, value: Value | None, span: Span, state: State, *, returned: bool) -> State | None:
        """A value leaves the function: does the handle, something living on it, or a function that releases it go along?"""
        if value is None:
            return state
        if self._contains(value, state.aliases | state.dependents) or self._mentions_release(value, state):
            (self._fate.returned if returned else self._fate.given).append(span)
            return None
        leaving = [
            *closures(value),
            *(index for item in _items(value) for index in self._flows.calls.functions(item, self._index)),
        ]
        for closure in leaving:
            if self._flows.disposer_effect(self._resource, closure, state.aliases) is not Effect.BORROWS:
                self._fate.disposers.append(closure)
                return None
        if any(place.path and place.owner in state.aliases for place in places(value)) and isinstance(value, Ref):
            (self._fate.returned if returned else self._fate.given).append(span)
            return None
        return state


def _items(value: Value) -> Iterator[Value]:
    match value:
        case Record(entries) | ClassValue(_, entries):
            for _, item in entries:
                yield from _items(item)
        case Sequence(items) | Choice(items):
            for item in items:
                yield from _items(item)
        case _:
            yield value


def _correlated(function: Function) -> frozenset[Place]:
    """Places tested more than once: only their guards are worth remembering on a path."""
    counts = Counter(
        op.value.place
        for op in function.ops()
        if isinstance(op, Guard) and isinstance(op.value, Ref) and op.outcome in {"present", "absent"}
    )
    return frozenset(place for place, count in counts.items() if count >= 3)


__all__ = ["Effect", "Fate", "Flows", "Leaving", "State"]
