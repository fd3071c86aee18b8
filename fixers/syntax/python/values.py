"""Arithmetic on values: members and elements of what is only known as a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fixers.facts import ELEMENT, Choice, Const, Derived, Place, Record, Ref, Sequence, Value

if TYPE_CHECKING:
    from collections.abc import Iterable

NOTHING: Final = Derived()
"""A value of which nothing is known."""
_MAX_OPTIONS: Final = 32


def member(value: Value, steps: tuple[str, ...]) -> Value:
    """What stands at the end of a path that begins at `value`."""
    if not steps:
        return value
    if isinstance(value, Ref):
        place = value.place
        return Ref(Place(place.root, place.scope, place.path + steps))
    match value:
        case Choice(options):
            return choice(member(option, steps) for option in options)
        case Record(entries):
            return derived(entry for _, entry in entries)
        case Sequence(elements):
            return derived(elements)
        case _:
            return derived((value,))


def element(value: Value) -> Value:
    """One element of what iterating over `value` gives."""
    match value:
        case Ref(place):
            return Ref(place.member(ELEMENT))
        case Sequence(elements) if elements:
            return choice(elements)
        case Choice(options):
            return choice(element(option) for option in options)
        case Const():
            return NOTHING
        case _:
            return derived((value,))


def items(value: Value, count: int) -> list[Value]:
    """The elements of a value that is taken apart into `count` targets."""
    match value:
        case Ref(place):
            return [Ref(place.member(f"[{index}]")) for index in range(count)]
        case Sequence(elements) if len(elements) == count:
            return list(elements)
        case Choice(options):
            return [choice(same) for same in zip(*(items(option, count) for option in options), strict=True)]
        case _:
            return [element(value)] * count


def choice(options: Iterable[Value]) -> Value:
    """One of several values: without repetitions, nested choices dissolved, a single option as it is.

    Of very many options nothing is told but that the value is made from them, so that chains on them stay cheap.
    """
    flat: dict[Value, None] = {}
    for option in options:
        if isinstance(option, Choice):
            flat.update(dict.fromkeys(option.options))
        else:
            flat[option] = None
    if len(flat) == 1:
        return next(iter(flat))
    return Choice(tuple(flat)) if len(flat) <= _MAX_OPTIONS else derived(flat)


def derived(parts: Iterable[Value]) -> Derived:
    """Something made from `parts`; what these are made from takes their place."""
    flat: list[Value] = []
    parts = list(parts)
    if len(parts) == 1 and isinstance(parts[0], Derived):
        return parts[0]
    for part in parts:
        if isinstance(part, Derived):
            flat.extend(part.parts)
        else:
            flat.append(part)
    return Derived(tuple(flat))


def record_of(key: str | None, value: Value) -> Record:
    """A dict of one entry."""
    return Record(((key, value),))
