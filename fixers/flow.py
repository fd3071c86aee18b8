"""What functions do with handles: their walks, and the effects of callees, remembered.

Reference: R. Strom, S. Yemini, "Typestate: a programming language concept for enhancing software reliability"
(1986); the states are unborn, open, and two that end the walk, released and given away. A walk starts where the
handle is acquired, or, to learn what a callee does with it, at the callee's entry with the parameter or captured
place that holds it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fixers.facts import THIS, Call, FileFacts, Place
from fixers.ground import Ground
from fixers.mentions import Mentions
from fixers.releases import REGISTRATION, Releases
from fixers.resources.model import Matching
from fixers.states import Effect, Fate, State
from fixers.steps import Steps
from fixers.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixers.callgraph import CallGraph
    from fixers.names import Names
    from fixers.resources.model import Resource

_MAX_DEPTH: Final = 12


class Flows:
    """Walks handles through the functions of one file; callees in the same file are walked too, and remembered."""

    def __init__(self, facts: FileFacts, names: Names, calls: CallGraph, releases: Releases) -> None:
        self.facts = facts
        self.names = names
        self.calls = calls
        self.releases = releases
        self.mentions = Mentions(facts, names)
        self.steps = Steps()
        self._grounds: dict[int, Ground] = {}
        self._effects: dict[tuple[int, Place, str], Effect] = {}
        self._matching: dict[Place, frozenset[int]] = {}
        self._concerned: dict[frozenset[int], frozenset[int]] = {}
        self._walking: set[tuple[int, Place, str]] = set()

    def fate(self, resource: Resource, function: int, acquisition: Call) -> Fate:
        """What becomes of what `acquisition` gives, in the function that calls it."""
        start = State(born=False, aliases=frozenset())
        return Walk(self, resource, function, acquisition).run(start)

    def ground(self, function: int) -> Ground:
        """What all walks through a function ask of it."""
        if function not in self._grounds:
            self._grounds[function] = Ground(self.facts.functions[function], function, self.names, self.calls)
        return self._grounds[function]

    def handed_on(self, resource: Resource, function: int, names: frozenset[Place]) -> Iterator[tuple[int, int]]:
        """The functions that calls of a function get and that may do more than borrow a handle under one of its
        names, each with where its call starts.
        """
        ground = self.ground(function)
        if not ground.handed_on:
            return
        if all(self._touching(resource, name).isdisjoint(ground.connected) for name in names):
            return
        concerned = frozenset().union(*(self.concerned(resource, name) for name in names))
        yield from (item for item in ground.handed_on if item[1] in concerned)

    def effect(self, resource: Resource, function: int, place: Place) -> Effect:
        """What a function of this file does with a handle that lies in one of its parameters or captured places."""
        key = (function, place, resource.id)
        if key in self._effects:
            return self._effects[key]
        if place.scope == REGISTRATION:
            return self._effect_on_registration(resource, function, place)
        if self.calls.connected(function).isdisjoint(self.mentions.of_place(place)):
            return Effect.BORROWS
        if key in self._walking or len(self._walking) >= _MAX_DEPTH:
            return Effect.BORROWS if key in self._walking else Effect.KEEPS
        self._walking.add(key)
        try:
            fate = Walk(self, resource, function, None).run(State(born=True, aliases=frozenset({place})))
        finally:
            self._walking.discard(key)
        found = _effect_of(fate, place)
        self._effects[key] = found
        return found

    def concerned(self, resource: Resource, place: Place) -> frozenset[int]:
        """The functions that may do more than borrow a handle that lies in a place."""
        touching = self._touching(resource, place)
        if touching not in self._concerned:
            self._concerned[touching] = self.calls.connecting(touching)
        return self._concerned[touching]

    def _touching(self, resource: Resource, place: Place) -> frozenset[int]:
        """The functions in which a handle that lies in a place may come to be more than borrowed."""
        if place.scope == REGISTRATION:
            return self._matches(resource, place)
        return frozenset(self.mentions.of_place(place))

    def _matches(self, resource: Resource, token: Place) -> frozenset[int]:
        """The functions that hold a release that matches a registration."""
        if token not in self._matching:
            self._matching[token] = self._functions_matching(resource, token)
        return self._matching[token]

    def _effect_on_registration(self, resource: Resource, function: int, token: Place) -> Effect:
        """A registration has no handle to follow: what counts is which functions hold a release that matches it."""
        matching = self._matches(resource, token)
        if not matching.isdisjoint(self.calls.reached((function,))):
            return Effect.RELEASES
        return Effect.BORROWS if matching.isdisjoint(self.calls.connected(function)) else Effect.KEEPS

    def _functions_matching(self, resource: Resource, token: Place) -> frozenset[int]:
        names = [release.name for release in resource.released_by if isinstance(release, Matching)]
        candidates = {index for name in names for index in self.mentions.of_method(name)}
        return frozenset(
            index
            for index in candidates
            for op in self.facts.calls[index]
            if self.releases.releases(op, index, resource, frozenset({token}))
        )

    def disposer_effect(self, resource: Resource, function: int, aliases: frozenset[Place]) -> Effect:
        """What running a closure does with a handle that it captures under one of these names."""
        effects = {self.effect(resource, function, alias) for alias in self.captured(function, aliases)}
        if Effect.RELEASES in effects:
            return Effect.RELEASES
        return Effect.KEEPS if Effect.KEEPS in effects else Effect.BORROWS

    def captured(self, function: int, aliases: frozenset[Place]) -> list[Place]:
        """The aliases that a closure can reach when it runs: captured bindings, or fields of its own `this`."""
        body = self.facts.functions[function]
        reached = self.calls.reached((function,))
        return [
            alias
            for alias in sorted(aliases, key=str)
            if alias.scope != function
            and (
                alias.scope == REGISTRATION
                or (alias.scope == THIS and body.class_ is not None)
                or (alias.scope >= 0 and not reached.isdisjoint(self.mentions.of_place(alias)))
            )
        ]


def _effect_of(fate: Fate, place: Place) -> Effect:
    if fate.released:
        return Effect.RELEASES
    homes = {home for home in fate.homes() if home != place}
    if fate.given or fate.returned or homes or fate.disposers:
        return Effect.KEEPS
    return Effect.BORROWS
