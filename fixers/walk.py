"""Follows one handle through one function, path by path: typestate over the control-flow graph."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from fixers import conditions
from fixers.call_step import CallStep
from fixers.facts import (
    ELEMENT,
    EXIT_KIND,
    GLOBAL,
    RESULT,
    THIS,
    Assign,
    Await,
    Call,
    ClassValue,
    Closure,
    Const,
    Delete,
    Derived,
    Enter,
    Exit,
    ExitKind,
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
from fixers.handles import contains, gives_member, held, items, mentions_release, outlives
from fixers.names import denotes
from fixers.states import Effect, Fate, Leaving, State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixers.flow import Flows
    from fixers.resources.model import Resource
    from fixers.source import Span

_MAX_STATES: Final = 48


class Walk:
    """One walk of one handle through one function."""

    def __init__(self, flows: Flows, resource: Resource, function: int, acquisition: Call | None) -> None:
        self._flows = flows
        self._resource = resource
        self._index = function
        self._function: Function = flows.facts.functions[function]
        self._acquisition = acquisition
        self._fate = Fate()
        self._ground = flows.ground(function)
        self._calls = CallStep(flows, resource, function, acquisition, self._fate)
        self._left: set[Leaving] = set()
        self._leading = self._ground.leading_to(acquisition) if acquisition is not None else frozenset()
        """The blocks from which a way leads to the acquisition: elsewhere there is nothing to follow before it."""
        self._eventful = self._ground.deciding.union(() if acquisition is None else self._ground.making(acquisition))
        """The blocks in which something happens, an error aside, before there is a handle."""
        self._may_fail: dict[tuple[int, frozenset[Place]], bool] = {}

    def run(self, start: State) -> Fate:
        """Walks every path from the function's entry on."""
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
                if not reached.born and target not in self._leading:
                    continue
                crowded = len(seen[target]) >= _MAX_STATES
                simpler = reached._replace(known=frozenset()) if crowded else reached
                if simpler not in seen[target] and len(seen[target]) < 2 * _MAX_STATES:
                    seen[target].add(simpler)
                    pending.append((target, simpler, span))
        return self._fate

    def _leave(self, kind: ExitKind, state: State, span: Span) -> None:
        if not state.born:
            return
        homes = frozenset(alias for alias in state.aliases if self._is_home(alias))
        leaving = Leaving(kind, span, homes, state.unforeseen, state.failing)
        if leaving not in self._left:
            self._left.add(leaving)
            self._fate.open_exits.append(leaving)

    def _is_home(self, place: Place) -> bool:
        """Whether the place outlives this function's run."""
        return outlives(place, self._index)

    def _walk_block(self, index: int, state: State, span: Span) -> Iterator[tuple[int, State, Span]]:
        block = self._function.blocks[index]
        self._flows.steps.take(len(block.ops))
        follows_errors = state.born or not self._leading.isdisjoint((block.throw, block.cancel, block.close))
        is_eventful = follows_errors or index in self._eventful
        if block.ops and not is_eventful:
            span = block.ops[-1].span
        current: State | None = state
        for op in block.ops if is_eventful else ():
            assert current is not None
            before, span = current, op.span
            current = self._step(op, before)
            if (before.born or follows_errors) and self._may_throw(op, before):
                after_failure = self._on_failure(op, before, current)
                if after_failure is not None:
                    after_failure = after_failure.failed()
                    yield block.close if self._may_close(op) else block.throw, after_failure, op.span
                    if isinstance(op, Await) and block.cancel != block.throw and not self._is_acquiring(op, before):
                        yield block.cancel, after_failure, op.span
            if current is None or isinstance(op, Throw):
                return
        assert current is not None
        passed_by = block.next[1] if self._has_turns_left(index, current) else None
        for target in block.next:
            if target == passed_by:
                continue
            if block.dispatch and target == block.next[-1]:
                yield target, current._replace(unforeseen=True), span
            else:
                yield target, current, span

    def _has_turns_left(self, index: int, state: State) -> bool:
        """Whether a loop over the container that holds the handle would end before the handle's turn came."""
        turn, element = self._ground.turns.get(index, (None, None))
        return element is not None and element in state.aliases and turn not in state.aliases

    def _may_throw(self, op: Op, state: State) -> bool:
        match op:
            case Enter(_, manager):
                return not denotes(manager, state.aliases)
            case Await(_, value):
                awaited = self._flows.names.origin(value, self._index)
                if isinstance(value, Ref) and value.place in self._ground.entered & state.aliases:
                    return False
                return awaited is None or self._call_may_throw(awaited, state)
            case Throw():
                return True
            case Yield():
                return "fixture" not in self._ground.decorators
            case Call():
                return self._call_may_throw(op, state)
            case _:
                return False

    def _call_may_throw(self, op: Call, state: State) -> bool:
        key = (op.result, state.aliases)
        if key not in self._may_fail:
            self._may_fail[key] = result(op.result) not in self._ground.promises and not (
                self._flows.releases.never_throws(op, self._index, self._resource, state.aliases)
            )
        return self._may_fail[key]

    def _may_close(self, op: Op) -> bool:
        """Whether what may happen here is that the generator is closed: only a `with` throws errors into one."""
        return isinstance(op, Yield) and not self._lends()

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
        if isinstance(op, Await) and isinstance(value, Ref) and value.place.scope == RESULT and not value.place.path:
            entered = self._flows.names.made_by(value.place, self._index)
            if isinstance(entered, Enter) and denotes(entered.manager, state.aliases):
                return True
        return contains(value, state.aliases) and all(alias.scope == RESULT for alias in state.aliases)

    def _step(self, op: Op, state: State) -> State | None:
        """The state after an operation; None when the walk of this path ends (released, given away, impossible)."""
        match op:
            case Call():
                return self._calls.step(op, state)
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
                    self._fate.note_release(op.span, state)
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
        return bool(self._ground.decorators & {"contextmanager", "asynccontextmanager", "fixture"})

    def _pass_on(self, number: int, value: Value, state: State) -> State:
        gained = set(held(value, result(number), state.aliases))
        if gained:
            return state._replace(aliases=state.aliases | gained)
        if denotes(value, state.dependents):
            return state._replace(dependents=state.dependents | {result(number)})
        return state

    def _guard(self, op: Guard, state: State) -> State | None:
        if not isinstance(op.value, Ref):
            return state
        place = op.value.place
        if state.born and place in state.aliases and (op.outcome == "absent" or self._is_foreign(op)):
            return None
        if place not in self._ground.remembered:
            return state
        known = conditions.guarded(state.known, op, place)
        return None if known is None else state.knowing(known)

    def _is_foreign(self, op: Guard) -> bool:
        """Whether the guard says that its value is something that is not acquired here: `out is sys.stdout`."""
        if op.outcome != "equal" or op.other is None:
            return False
        names = self._flows.names
        return isinstance(op.other, Const) or (
            isinstance(op.other, Ref) and (op.other.place.scope == GLOBAL or op.other.place.base in names.imports)
        )

    def _assign(self, op: Assign, state: State) -> State | None:
        target = op.target
        state = state.knowing(conditions.assigned(state.known, op, self._ground.remembered))
        if not state.born:
            return state
        aliases = frozenset(alias for alias in state.aliases if not alias.starts_with(target))
        if self._stores_function(op, state):
            return None
        gained = set(held(op.value, target, state.aliases))
        if not gained and op.declares and self._acquisition is None and target in state.aliases:
            return state  # the handle comes into the variable later: a closure of this function puts it there
        dependents = frozenset(place for place in state.dependents if not place.starts_with(target))
        if gives_member(op.value, state.aliases, self._resource):
            self._fate.given.append(op.span)
            return None
        if denotes(op.value, state.dependents) or self._reads_later(op.value, state):
            if self._is_home(target) or self._escapes_by(target):
                self._fate.given.append(op.span)
                return None
            dependents |= {target}
        if op.augmented and not gained:
            aliases = state.aliases
        if gained and self._escapes_by(target):
            self._fate.given.append(op.span)
            return None
        if gained:
            self._fate.bindings.append(op)
            if not self._is_home(target) and self._released_by_earlier_closure(op, frozenset(gained)):
                return None
        kept = aliases | gained
        if all(alias.scope == RESULT for alias in kept) and any(alias.starts_with(target) for alias in state.aliases):
            if not state.failing:
                self._fate.lost.append(op)
            return None
        return state._replace(aliases=kept, dependents=dependents)

    def _reads_later(self, value: Value | None, state: State) -> bool:
        """Whether a value is computed from the handle itself, and so may read it later: a generator expression."""
        return (
            self._flows.facts.language.is_python
            and isinstance(value, Derived)
            and any(denotes(part, state.aliases | state.dependents) for part in value.parts)
        )

    def _stores_function(self, op: Assign, state: State) -> bool:
        """Whether a function that ends or gives the handle is put into an object, or where it outlives this run."""
        if isinstance(op.value, Closure | Ref) and not op.target.path and not self._is_home(op.target):
            return False
        if any(self._is_home(alias) for alias in state.aliases):
            return False
        to_itself = op.target.path and op.target.owner in state.aliases
        return self._hands_on(self._functions_in(op.value), state, kept_by_others=not to_itself)

    def _functions_in(self, value: Value) -> list[int]:
        """The file's functions that a value is or holds."""
        found = [*closures(value)]
        for item in items(value):
            found.extend(self._flows.calls.functions(item, self._index))
        return list(dict.fromkeys(found))

    def _hands_on(self, functions: list[int], state: State, *, kept_by_others: bool) -> bool:
        """Whether one of the functions ends or gives the handle; those that only use it are noted."""
        for function in functions:
            if self._flows.disposer_effect(self._resource, function, state.aliases) is not Effect.BORROWS:
                self._fate.disposers.append(function)
                return True
            if kept_by_others and self._flows.captured(function, state.aliases):
                self._fate.users.append(function)
        return False

    def _escapes_by(self, target: Place) -> bool:
        """Whether a handle put there is out of sight: in a parameter's field, a foreign object, or a local
        container.
        """
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
        """Whether a closure handed on before the handle had a name releases it under that name: `const t =
        setInterval(() => clearInterval(t))`.
        """
        for start, closure in self._flows.handed_on(self._resource, self._index, names):
            if start <= op.span.end and self._flows.disposer_effect(self._resource, closure, names) is Effect.RELEASES:
                self._fate.disposers.append(closure)
                return True
        return False

    def _give(self, value: Value | None, span: Span, state: State, *, returned: bool) -> State | None:
        """A value leaves the function: does the handle, something living on it, or a function that releases it go
        along?
        """
        if value is None:
            return state
        kept = returned and any(self._is_home(alias) for alias in state.aliases)
        if mentions_release(value, state.aliases, self._resource) or (
            not kept and (contains(value, state.aliases | state.dependents) or self._reads_later(value, state))
        ):
            (self._fate.returned if returned else self._fate.given).append(span)
            return None
        own = frozenset(alias for alias in state.aliases if not self._is_home(alias) or alias.scope == THIS)
        given = self._functions_in(value)
        if self._hands_on(given, state._replace(aliases=own) if returned else state, kept_by_others=True):
            return None
        if any(place.path and place.owner in state.aliases for place in places(value)) and isinstance(value, Ref):
            (self._fate.returned if returned else self._fate.given).append(span)
            return None
        return state
