"""Arithmetic on values: members and elements of what is only known as a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fixers.facts import ELEMENT, Choice, Const, Derived, Record, Ref, Sequence, Value

if TYPE_CHECKING:
    from collections.abc import Iterable

NOTHING: Final = Derived()
"""A value of which nothing is known."""
_MAX_OPTIONS: Final = 32


def member(value: Value, steps: tuple[str, ...]) -> Value:
    """What stands at the end of a path that begins at `value`."""
    if not steps:
        return value
    match value:
        case Ref(place):
            return Ref(place.member(*steps))
        case Choice(options):
            return choice(member(option, steps) for option in options)
        case _:
            return Derived((value,))


def element(value: Value) -> Value:
    """One element of what iterating over `value` gives."""
    match value:
        case Ref(place):
            return Ref(place.member(ELEMENT))
        case Sequence(items) if 0 < len(items) <= _MAX_OPTIONS:
            return choice(items)
        case Choice(options):
            return choice(element(option) for option in options)
        case Const():
            return NOTHING
        case _:
            return derived((value,))


def item(value: Value, index: int, count: int) -> Value:
    """The element at `index` of a value that is taken apart into `count` targets."""
    match value:
        case Ref(place):
            return Ref(place.member(f"[{index}]"))
        case Sequence(items) if len(items) == count:
            return items[index]
        case Sequence() | Const():
            return element(value)
        case Choice(options):
            return choice(item(option, index, count) for option in options)
        case _:
            return derived((value,))


def choice(options: Iterable[Value]) -> Value:
    """One of several values: without repetitions, nested choices dissolved, a single option as it is."""
    flat: dict[Value, None] = {}
    for option in options:
        if isinstance(option, Choice):
            flat.update(dict.fromkeys(option.options))
        else:
            flat[option] = None
    return next(iter(flat)) if len(flat) == 1 else Choice(tuple(flat))


def derived(parts: Iterable[Value]) -> Derived:
    """Something made from `parts`; what these are made from takes their place."""
    flat: list[Value] = []
    for part in parts:
        if isinstance(part, Derived):
            flat.extend(part.parts)
        else:
            flat.append(part)
    return Derived(tuple(flat))


def record_of(key: str | None, value: Value) -> Record:
    """A dict of one entry."""
    return Record(((key, value),))
