"""One call on a handle's way: does it acquire, release, keep or only use the handle?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixers.facts import (
    ELEMENT,
    THIS,
    Call,
    Place,
    Ref,
    result,
)
from fixers.handles import contains, gives_member, held, items, mentions_release, outlives
from fixers.releases import REGISTRATION
from fixers.resources.library import ELEMENT_METHODS, REMOVING_METHODS, STORE_METHODS, VIEW_METHODS, VISITOR_METHODS
from fixers.resources.model import Handle
from fixers.states import Effect, Fate, State

if TYPE_CHECKING:
    from fixers.flow import Flows
    from fixers.ground import Root
    from fixers.resources.model import Resource


class CallStep:
    """Judges the calls of one walk; notes in its fate what it sees."""

    def __init__(self, flows: Flows, resource: Resource, function: int, acquisition: Call | None, fate: Fate) -> None:
        self._flows = flows
        self._resource = resource
        self._index = function
        self._acquisition = acquisition
        self._fate = fate
        self._ground = flows.ground(function)
        self._collected = acquisition is not None and self._ground.is_collected(acquisition)
        self._roots: dict[tuple[frozenset[Place], frozenset[Place]], frozenset[Root]] = {}

    def step(self, op: Call, state: State) -> State | None:
        """The state after a call; None when the walk of this path ends there."""
        if op is self._acquisition or (
            self._acquisition is not None and op.span == self._acquisition.span and op.form != "jsx"
        ):
            return self._acquire(op, state)
        if not state.born or self._has_nothing_to_do_with(op, state):
            return state
        if self._flows.releases.releases(op, self._index, self._resource, state.aliases):
            self._fate.note_release(op.span, state)
            return None
        callee = op.callee
        receiver = callee.place.owner if isinstance(callee, Ref) and callee.place.path else None
        method = callee.place.path[-1] if isinstance(callee, Ref) and callee.place.path else None
        if receiver is not None and receiver in state.aliases and method is not None:
            self._fate.methods.add(method)
            if method in self._resource.detached_by:
                self._fate.given.append(op.span)
                return None
            if method in self._resource.gives:
                state = state._replace(aliases=state.aliases | {result(op.result)})
            elif method in self._resource.dependents:
                state = state._replace(dependents=state.dependents | {result(op.result)})
        if receiver in state.aliases and method == "then":
            return self._on_arrival(op, state)
        if receiver is not None and method is not None and receiver.member(ELEMENT) in state.aliases:
            return self._on_container(op, method, state)
        return self._arguments(op, state)

    def _has_nothing_to_do_with(self, op: Call, state: State) -> bool:
        """Whether a call plainly leaves the handle alone: most do, and they are not looked at any closer."""
        roots = self._ground.roots_alone(op)
        if roots is None:
            return False
        key = (state.aliases, state.dependents)
        if key not in self._roots:
            self._roots[key] = frozenset((place.root, place.scope) for places in key for place in places)
        return roots.isdisjoint(self._roots[key]) and not any(scope == REGISTRATION for _, scope in self._roots[key])

    def _on_arrival(self, op: Call, state: State) -> State | None:
        """`then` on the promise of the handle: the function that it gets is given the handle."""
        receivers = self._flows.calls.functions(op.argument(0), self._index)
        effects = {
            self._flows.effect(self._resource, target, Place(params[0].name or "<0>", target))
            for target in receivers
            if (params := self._flows.facts.functions[target].params)
        }
        if Effect.RELEASES in effects:
            self._fate.note_release(op.span, state)
            return None
        if Effect.KEEPS in effects or not receivers:
            self._fate.given.append(op.span)
            return None
        return state

    def _on_container(self, op: Call, method: str, state: State) -> State | None:
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
                    self._fate.note_release(op.span, state)
                    return None
        return state

    def _acquire(self, op: Call, state: State) -> State | None:
        if state.born:
            return state if self._collected else state._replace(aliases=state.aliases - {result(op.result)})
        if self._resource.handle is not Handle.REGISTRATION:
            if self._ended_by_callback(op):
                return None
            handle = result(op.result).member(*self._resource.member)
            return State(born=True, aliases=frozenset({handle}), known=state.known)
        token = frozenset({self._flows.releases.register(self._index, op)})
        for start, closure in self._flows.handed_on(self._resource, self._index, token):
            if (
                start <= op.span.start
                and self._flows.disposer_effect(self._resource, closure, token) is Effect.RELEASES
            ):
                self._fate.disposers.append(closure)
                return None
        return State(born=True, aliases=token, known=state.known)

    def _ended_by_callback(self, acquisition: Call) -> bool:
        """Whether a function that the acquiring call gets is given the handle, and ends it."""
        position = self._resource.given_to_callback
        if position is None:
            return False
        for arg in acquisition.args:
            for closure in self._flows.calls.functions(arg.value, self._index):
                params = self._flows.facts.functions[closure].params
                if position < len(params):
                    place = Place(params[position].name or f"<{position}>", closure)
                    if self._flows.effect(self._resource, closure, place) is not Effect.BORROWS:
                        self._fate.disposers.append(closure)
                        return True
        return False

    def _arguments(self, op: Call, state: State) -> State | None:
        targets = self._flows.calls.targets(op, self._index)
        on_this = self._effect_on_fields(targets, state)
        if on_this is Effect.RELEASES:
            self._fate.note_release(op.span, state)
            return None
        at_home = any(outlives(alias, self._index) for alias in state.aliases)
        for position, arg in enumerate(op.args):
            for closure in (
                index for item in items(arg.value) for index in self._flows.calls.functions(item, self._index)
            ):
                effect = self._flows.disposer_effect(self._resource, closure, state.aliases)
                if effect is not Effect.BORROWS and not self._takes_off(op):
                    self._fate.disposers.append(closure)
                    if at_home:
                        continue  # whoever owns the place where it lies has to end it, whatever may do so earlier
                    return None
                if self._runs_later(op, state) and self._flows.captured(closure, state.aliases):
                    self._fate.users.append(closure)
            if mentions_release(arg.value, state.aliases, self._resource):
                self._fate.given.append(op.span)
                return None
            if gives_member(arg.value, state.aliases, self._resource):
                self._fate.given.append(op.span)
                return None
            if not contains(arg.value, state.aliases | state.dependents):
                continue
            state_or_end = self._argument(op, position, targets, state)
            if state_or_end is None:
                return None
            state = state_or_end
        return state

    @staticmethod
    def _takes_off(op: Call) -> bool:
        """Whether a call only takes a function off a target, and so will not run it."""
        return isinstance(op.callee, Ref) and (op.callee.place.path or ("",))[-1] in REMOVING_METHODS

    def _runs_later(self, op: Call, state: State) -> bool:
        """Whether functions handed to a call may run after this function: the call is not awaited, visits no
        container, and is none of the handle's own.
        """
        if Ref(result(op.result)) in self._ground.awaited or not isinstance(op.callee, Ref):
            return False
        place = op.callee.place
        return not (place.path and (place.path[-1] in VISITOR_METHODS or place.owner in state.aliases))

    def _argument(self, op: Call, position: int, targets: tuple[int, ...], state: State) -> State | None:
        """The handle itself is an argument: what does the callee do with it?"""
        use = self._flows.releases.use_by(op, self._index, self._resource)
        if use == "borrows":
            return state
        if use == "takes":
            self._fate.given.append(op.span)
            return None
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
            self._fate.note_release(op.span, state)
            return None
        self._fate.given.append(op.span)
        return None

    def _effect_on_argument(self, target: int, op: Call, position: int, state: State) -> Effect:
        params = [param for param in self._flows.facts.functions[target].params if param.kind != "this"]
        arg = op.args[position]
        if arg.name is not None and not arg.name.startswith("*"):
            slots = [number for number, param in enumerate(params) if param.name == arg.name]
            position = slots[0] if slots else len(params)
        if position >= len(params) or params[position].kind in {"rest", "keywords"} or arg.name in {"*", "**"}:
            return Effect.KEEPS
        root = Place(params[position].name or f"<{position}>", target)
        inside = set(held(arg.value, root, state.aliases | state.dependents))
        effects = {self._flows.effect(self._resource, target, place) for place in inside}
        if Effect.RELEASES in effects:
            return Effect.RELEASES
        return Effect.KEEPS if Effect.KEEPS in effects or not inside else Effect.BORROWS

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
        """What a call of the file's own functions does to the handle in a field or captured binding that it can
        reach.
        """
        effects = {
            self._flows.effect(self._resource, target, alias)
            for target in targets
            for alias in self._flows.captured(target, state.aliases)
        }
        if Effect.RELEASES in effects:
            return Effect.RELEASES
        return Effect.BORROWS
