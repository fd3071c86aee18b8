"""Where in a value a handle lies. Pure functions over facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fixers.facts import ELEMENT, GLOBAL, THIS, Choice, ClassValue, Derived, Place, Record, Ref, Sequence, Value, places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixers.resources.model import Resource

_NUMBERED_STEPS: Final = 4


def gives_member(value: Value, aliases: frozenset[Place], resource: Resource) -> bool:
    """Whether a value is, or holds, a member that lives on the handle: `child.stdout`, or a part of that."""
    return bool(resource.dependents) and any(
        isinstance(item, Ref)
        and item.place.starts_with(alias)
        and not resource.dependents.isdisjoint(item.place.path[len(alias.path) :][:1])
        for item in items(value)
        for alias in aliases
    )


def outlives(place: Place, function: int) -> bool:
    """Whether a place is still there when a run of the function has ended: a field, a global, an outer variable."""
    return place.scope in {THIS, GLOBAL} or (place.scope >= 0 and place.scope != function)


def held(value: Value, target: Place, aliases: frozenset[Place]) -> Iterator[Place]:
    """Where below `target` the handle lies once `value` is put there."""
    return (target.member(*path) for path in _held(value, aliases))


def _held(value: Value, aliases: frozenset[Place]) -> Iterator[tuple[str, ...]]:
    """The paths within a value at which the handle lies.

    An element has two, by its number and as any element, so that in sequences of sequences there would be ever more of
    them: around a path of that many steps an element has the second only.
    """
    match value:
        case Ref(place):
            if place in aliases or (place.path[-1:] == ("[1]",) and place.owner in aliases):
                yield ()
            else:
                for alias in aliases:
                    if alias != place and alias.starts_with(place):
                        yield alias.path[len(place.path) :]
        case Choice(options):
            for option in options:
                yield from _held(option, aliases)
        case Record(entries) | ClassValue(_, entries):
            for key, item in entries:
                yield from ((key, *path) if key else path for path in _held(item, aliases))
        case Sequence(parts):
            for number, item in enumerate(parts):
                for path in _held(item, aliases):
                    if len(path) < _NUMBERED_STEPS:
                        yield (f"[{number}]", *path)
                    yield (ELEMENT, *path)


def contains(value: Value, aliases: frozenset[Place]) -> bool:
    """Whether the handle is, or lies within, a value (a spread of it included)."""
    match value:
        case Ref(place):
            # Whoever gets the instance does not thereby get what lies in its fields.
            whole = place.scope == THIS and not place.path
            return not whole and any(alias.starts_with(place) for alias in aliases)
        case Choice(parts) | Sequence(parts):
            return any(contains(part, aliases) for part in parts)
        case Derived(parts):
            return any(isinstance(part, Ref) and contains(part, aliases) for part in parts) and len(value.parts) == 1
        case Record(entries) | ClassValue(_, entries):
            return any(contains(item, aliases) for _, item in entries)
        case _:
            return False


def items(value: Value) -> Iterator[Value]:
    """The single values that a literal or choice is made of."""
    match value:
        case Record(entries) | ClassValue(_, entries):
            for _, item in entries:
                yield from items(item)
        case Sequence(parts) | Choice(parts):
            for part in parts:
                yield from items(part)
        case _:
            yield value


def mentions_release(value: Value, aliases: frozenset[Place], resource: Resource) -> bool:
    """Whether a bound release method of the handle is part of a value: `stack.callback(f.close)`."""
    return any(
        place.path and place.owner in aliases and place.path[-1] in resource.release_methods for place in places(value)
    )
