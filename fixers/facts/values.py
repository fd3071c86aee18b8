"""Places and values: what an operation uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

GLOBAL: Final = -1
"""`Place.scope` of a name that the file does not declare: a builtin or a global."""
THIS: Final = -2
"""`Place.scope` of the instance whose member the function is: `this`, `self`, `cls` (the root keeps the word)."""
RESULT: Final = -3
"""`Place.scope` of an operation's result; the root is `%` and the operation's number."""

ELEMENT: Final = "[*]"
"""The path step for an element at a key or index that is not a constant: `ts[i]`, an iteration, a dict's value."""


class Place(msgspec.Struct, frozen=True, array_like=True):
    """A root binding and a path: `timer`, `this.timer`, `ref.current`, `self._files[*]`, `%3.stdout`.

    `scope` is the index of the function that declares the root (0 is the module), or GLOBAL, THIS or RESULT.
    Two bindings of one name in one function (block scopes) have different roots: `t`, `t#2`. A path step is a member
    name, `[0]` for a constant index, `[*]` for any other element.
    """

    root: str
    scope: int
    path: tuple[str, ...] = ()

    def member(self, *steps: str) -> Place:
        """The place at the end of further path steps."""
        return Place(self.root, self.scope, self.path + steps)

    @property
    def base(self) -> Place:
        """The root binding alone."""
        return Place(self.root, self.scope) if self.path else self

    @property
    def owner(self) -> Place:
        """The place one step up; the base of a base is itself."""
        return Place(self.root, self.scope, self.path[:-1])

    def starts_with(self, prefix: Place) -> bool:
        """Whether this place is `prefix` or lies below it."""
        return self.root == prefix.root and self.scope == prefix.scope and self.path[: len(prefix.path)] == prefix.path

    def __str__(self) -> str:
        text = self.root.split("#", 1)[0]
        for step in self.path:
            text += step if step.startswith("[") else f".{step}"
        return text


class Ref(msgspec.Struct, frozen=True, array_like=True, tag="ref"):
    """What a place holds."""

    place: Place


class Const(msgspec.Struct, frozen=True, array_like=True, tag="const"):
    """A literal. `kind`: string, number, boolean, null (null, undefined, None), regex. `text`: a string's value,
    else its source.
    """

    kind: str
    text: str


class Closure(msgspec.Struct, frozen=True, array_like=True, tag="closure"):
    """A function written here; the number indexes `FileFacts.functions`."""

    function: int


class ClassValue(msgspec.Struct, frozen=True, array_like=True, tag="class"):
    """A class written here as an expression, or an object literal with methods; indexes `FileFacts.classes`.

    `fields` are the object literal's entries (empty for a class expression).
    """

    class_: int
    fields: tuple[tuple[str | None, Value], ...] = ()


class Record(msgspec.Struct, frozen=True, array_like=True, tag="record"):
    """An object literal or dict; a key that is not constant is ELEMENT, a spread has the key None."""

    entries: tuple[tuple[str | None, Value], ...]


class Sequence(msgspec.Struct, frozen=True, array_like=True, tag="sequence"):
    """An array, list, tuple or set literal; a spread element is Derived of what it spreads."""

    items: tuple[Value, ...]


class Choice(msgspec.Struct, frozen=True, array_like=True, tag="choice"):
    """One of several values, which one is decided at run time."""

    options: tuple[Value, ...]


class Derived(msgspec.Struct, frozen=True, array_like=True, tag="derived"):
    """Something computed from `parts` that is none of them: arithmetic, comparison, interpolation."""

    parts: tuple[Value, ...] = ()


Value = Ref | Const | Closure | ClassValue | Record | Sequence | Choice | Derived


def result(number: int) -> Place:
    """The place of an operation's result."""
    return Place(f"%{number}", RESULT)


def places(value: Value | None) -> Iterator[Place]:
    """Every place that a value mentions, closures not entered."""
    match value:
        case Ref(place):
            yield place
        case Record(entries):
            for _, item in entries:
                yield from places(item)
        case ClassValue(_, fields):
            for _, item in fields:
                yield from places(item)
        case Sequence(items) | Choice(items) | Derived(items):
            for item in items:
                yield from places(item)


def closures(value: Value | None) -> Iterator[int]:
    """Every function written within a value."""
    match value:
        case Closure(function):
            yield function
        case Record(entries):
            for _, item in entries:
                yield from closures(item)
        case ClassValue(_, fields):
            for _, item in fields:
                yield from closures(item)
        case Sequence(items) | Choice(items) | Derived(items):
            for item in items:
                yield from closures(item)
