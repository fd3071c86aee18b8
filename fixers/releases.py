"""Whether an operation releases a handle, uses it, or wraps it: facts met with the resource tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from fixers.facts import GLOBAL, RESULT, Arg, Call, Closure, Const, Place, Record, Ref, Value
from fixers.names import Names, denotes
from fixers.resources.library import (
    BORROWERS,
    COLLECTED,
    COPIES,
    DEPENDENT_RESULTS,
    NEVER_THROWING,
    QUIET_METHODS,
    STORE_METHODS,
    WRAPPERS,
)
from fixers.resources.model import Matching, Method, OnExit, Resource

if TYPE_CHECKING:
    from fixers.facts import FileFacts

REGISTRATION: Final = -9
"""`Place.scope` of the token that stands for a registration (a listener), which has no handle of its own."""


def registration_token(function: int, acquisition: Call) -> Place:
    """The token by which a registration is followed."""
    return Place(f"&{function}:{acquisition.span.start}", REGISTRATION)


class Releases:
    """Answers for one file; registrations are made known first, so that a token finds its arguments."""

    def __init__(self, facts: FileFacts, names: Names) -> None:
        self._facts = facts
        self._names = names
        self._registrations: dict[Place, tuple[int, Call]] = {}
        self._quiet: dict[str, frozenset[str]] = {}

    def register(self, function: int, acquisition: Call) -> Place:
        """The token of a registration, known from here on."""
        token = registration_token(function, acquisition)
        self._registrations[token] = (function, acquisition)
        return token

    def releases(self, op: Call, function: int, resource: Resource, aliases: frozenset[Place]) -> bool:
        """Whether a call releases the handle that lies in `aliases`."""
        for release in resource.released_by:
            if isinstance(release, Method):
                if self._calls_method(op, release.name, aliases):
                    return True
            elif isinstance(release, Matching):
                if any(
                    self._matches(op, function, release, token) for token in aliases if token in self._registrations
                ):
                    return True
            else:
                argument = op.argument(release.argument)
                if argument is not None and denotes(argument, aliases) and self._path(op, function) == release.path:
                    return True
        return False

    @staticmethod
    def _calls_method(op: Call, name: str, aliases: frozenset[Place]) -> bool:
        if not isinstance(op.callee, Ref):
            return False
        place = op.callee.place
        if not place.path or place.path[-1] != name:
            return False
        # What ends a collection of handles ends each: `this.subscriptions.unsubscribe()`.
        return not aliases.isdisjoint({place.owner, *(place.owner.member(step) for step in COLLECTED)})

    def _path(self, op: Call, function: int) -> str | None:
        return self._names.path_of(op.callee, function)

    def _matches(self, op: Call, function: int, release: Matching, token: Place) -> bool:
        if not isinstance(op.callee, Ref) or (op.callee.place.path or (op.callee.place.root,))[-1] != release.name:
            return False
        maker, acquisition = self._registrations[token]
        if not isinstance(acquisition.callee, Ref):
            return False
        removed_from = self._names.receiver(op.callee.place)
        if not self.same(removed_from, function, self._names.receiver(acquisition.callee.place), maker):
            return False
        if release.wholesale:
            return all(
                self._same_value(arg.value, function, acquired.value, maker)
                for arg, acquired in zip(op.args, acquisition.args, strict=False)
            )
        return all(
            self._same_value(op.argument(index), function, acquisition.argument(index), maker)
            for index in release.arguments
        ) and (release.capture is None or _may_agree(op, acquisition, release.capture))

    def _same_value(self, one: Value | None, here: int, other: Value | None, there: int) -> bool:
        match one, other:
            case None, None:
                return True  # `query.addListener(f)`
            case Const(_, text), Const(_, other_text):
                return text == other_text
            case Ref(place), Ref(other_place):
                return self.same(place, here, other_place, there) or self._same_call(one, here, other, there)
            case Closure(index), Closure(other_index):
                return index == other_index
            case _:
                return False

    def _same_call(self, one: Value | None, here: int, other: Value | None, there: int) -> bool:
        """Whether two values are results of one call written twice: `visibilityEvent()`."""
        first, second = self._names.origin(one, here), self._names.origin(other, there)
        if first is None or second is None or len(first.args) != len(second.args) or first.form != second.form:
            return False
        if _gives_a_new_function(first):
            return False
        return self._same_value(first.callee, here, second.callee, there) and all(
            self._same_value(arg.value, here, twin.value, there)
            for arg, twin in zip(first.args, second.args, strict=True)
        )

    def same(self, one: Place, here: int, other: Place, there: int) -> bool:
        """Whether two places, each used in its own function, are one."""
        first, second = self._names.canonical(one, here), self._names.canonical(other, there)
        if RESULT in {first.scope, second.scope} and here != there:
            return False
        if first.scope == second.scope == GLOBAL:
            return self._names.path_of_place(first, here) == self._names.path_of_place(second, there)
        return first == second

    def exit_releases(self, resource: Resource, manager: Value, function: int) -> bool:
        """Whether leaving `with` or `using` over this value ends the resource.

        Both demand that the value can be ended; where the tables know of no such way, the code knows better.
        """
        if resource.on_exit is not OnExit.COMMITS:
            return True
        made = self._names.origin(manager, function)
        if made is None and isinstance(manager, Ref):
            assigned = self._names.assignments(manager.place, function)
            made = self._names.origin(assigned[0][1].value, function) if len(assigned) == 1 else None
        return made is not None and self._path(made, function) in (WRAPPERS | resource.wrappers)

    def never_throws(self, op: Call, function: int, resource: Resource, aliases: frozenset[Place]) -> bool:
        """Whether a call is known not to fail: logging, timers, releases."""
        path = self._path(op, function)
        if resource.id not in self._quiet:
            quiet = NEVER_THROWING | WRAPPERS | DEPENDENT_RESULTS | resource.wrappers
            self._quiet[resource.id] = quiet.union(resource.release_functions)
        if path is not None and path in self._quiet[resource.id]:
            return True
        if not isinstance(op.callee, Ref) or not op.callee.place.path:
            return False
        method = op.callee.place.path[-1]
        if method in QUIET_METHODS and not self._facts.language.is_python:
            return True
        if method in resource.release_methods | {"close"}:
            return True
        if method in STORE_METHODS and any(denotes(arg.value, aliases) for arg in op.args):
            return True
        quiet_methods = resource.gives | resource.detached_by | resource.configured_by | resource.opens_by
        return op.callee.place.owner in aliases and method in quiet_methods

    def use_by(self, op: Call, function: int, resource: Resource) -> str | None:
        """What a known callee does with a handle in its arguments, or None.

        `borrows`: it uses it; `wraps`: its result is the handle; `copies`: its result holds the argument's elements;
        `depends`: its result lives on the handle; `takes`: its result has to be ended in the handle's stead.
        """
        path = self._path(op, function)
        if path is None:
            return None
        if path in resource.takers:
            return "takes"
        if path in BORROWERS or path in resource.borrowers:
            return "borrows"
        if path in WRAPPERS or path in resource.wrappers:
            return "wraps"
        if path in COPIES:
            return "copies"
        return "depends" if path in DEPENDENT_RESULTS else None

    def ends_by_options(self, op: Call, resource: Resource) -> bool:
        """Whether an option of the acquiring call ends it: `{once: true}`, `{signal}`."""
        for arg in op.args:
            for key, value in _options(arg):
                if key in resource.released_by_options and not (isinstance(value, Const) and value.text == "false"):
                    return True
        return False

    def has_arguments(self, op: Call, function: int, resource: Resource) -> bool:
        """Whether the acquiring call has the arguments without which it acquires nothing that has to be ended."""
        if resource.only_with and not any(
            arg.name == keyword
            and (arg.value.text == wanted if isinstance(arg.value, Const) else self._is(arg.value, wanted, function))
            for arg in op.args
            for keyword, wanted in resource.only_with
        ):
            return False
        if resource.first_argument is None or not op.args or op.args[0].name not in {None, "*", "**"}:
            return True
        first = op.args[0]
        return (
            first.name is None
            and isinstance(first.value, Const)
            and re.fullmatch(resource.first_argument, first.value.text) is not None
        )

    def _is(self, value: Value, path: str, function: int) -> bool:
        return self._names.path_of(value, function) == path


def _gives_a_new_function(call: Call) -> bool:
    """Whether each call gives another function: `this.run.bind(this)`."""
    return isinstance(call.callee, Ref) and call.callee.place.path[-1:] == ("bind",)


def _may_agree(removal: Call, acquisition: Call, position: int) -> bool:
    """Whether the capture flags of two calls are the same, as far as they are known."""
    flags = {_capture(removal, position), _capture(acquisition, position)}
    return None in flags or len(flags) == 1


def _capture(call: Call, position: int) -> bool | None:
    """A listener's capture flag: the argument itself, or an entry of the options; None where it is not known."""
    if len(call.args) <= position:
        return None if any(arg.name for arg in call.args) else False
    match call.argument(position):
        case Const(_, text):
            return text == "true"
        case Record(entries) if all(key is not None for key, _ in entries):
            flags = [value for key, value in entries if key == "capture"]
            if not flags:
                return False
            return flags[0].text == "true" if isinstance(flags[0], Const) else None
        case _:
            return None


def _options(arg: Arg) -> tuple[tuple[str | None, Value], ...]:

    return arg.value.entries if isinstance(arg.value, Record) else ()
