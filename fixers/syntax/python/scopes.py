"""Scopes and what names mean in them (Python reference, 4.2: Naming and binding)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from fixers.facts import GLOBAL, THIS, Place, Ref

MAX_SCOPES: Final = 100
"""A function in more scopes than this is not judged; it knows no name but its own and the module's."""


class ScopeKind(Enum):
    """What opened a scope."""

    MODULE = auto()
    FUNCTION = auto()
    CLASS = auto()
    COMPREHENSION = auto()


@dataclass(eq=False, slots=True)
class Scope:
    """The names that a module, a function, a class body or a comprehension binds.

    `function` is the index of the function whose graph its code goes to: that of a comprehension is the one around it.
    `roots` maps a name to the root of its place. `receiver` is the name of a method's `self` or `cls`. `captures` are
    the places of outer functions that were resolved from here or from within.
    """

    kind: ScopeKind
    function: int
    parent: Scope | None = None
    class_: int | None = None
    class_name: str = ""
    receiver: str | None = None
    roots: dict[str, str] = field(default_factory=dict)
    global_names: set[str] = field(default_factory=set)
    outer_names: set[str] = field(default_factory=set)
    level: int = field(init=False, default=0)
    captures: dict[Place, None] = field(default_factory=dict)
    _known: dict[str, Ref] = field(default_factory=dict)
    _class_place: Place | None = None

    def __post_init__(self) -> None:
        if self.parent is not None:
            self.level = self.parent.level + 1
            if self.too_deep:
                self.parent = self.module

    @property
    def too_deep(self) -> bool:
        """Whether scopes nest beyond MAX_SCOPES, so that looking a name up would take long."""
        return self.level > MAX_SCOPES

    def bind(self, name: str) -> None:
        """A name is bound here: it belongs to this scope, unless `global` or `nonlocal` says otherwise."""
        self.roots.setdefault(name, name)

    @property
    def binder(self) -> Scope:
        """The scope that `:=` and statements bind in: comprehensions bind nothing but their own targets (PEP 572)."""
        scope = self
        while scope.kind is ScopeKind.COMPREHENSION and scope.parent is not None:
            scope = scope.parent
        return scope

    def resolve(self, name: str) -> Ref:
        """What a name means here; a name of an outer function is noted as captured by each function between."""
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = Ref(self._find(name))
        return known

    def class_place(self) -> Place:
        """The place of the class whose body this scope is; its names are members of that place."""
        if self._class_place is None:
            assert self.parent is not None
            self._class_place = self.parent.binder.resolve(self.class_name).place
        return self._class_place

    def _find(self, name: str) -> Place:
        scope: Scope | None = self
        passed: list[Scope] = []
        while scope is not None:
            if scope is self or scope.kind is not ScopeKind.CLASS:
                owner = scope.module if name in scope.global_names else scope
                if name in owner.roots and name not in owner.outer_names:
                    place = owner._place(name, self)
                    if owner is not self:
                        _capture(place, [*passed, scope], owner)
                    return place
            passed.append(scope)
            scope = scope.parent
        return Place(name, GLOBAL)

    @property
    def module(self) -> Scope:
        """The outermost scope."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def _place(self, name: str, user: Scope) -> Place:
        if self.kind is ScopeKind.CLASS:
            return self.class_place().member(name)
        if name == self.receiver and user.class_ == self.class_:
            return Place(name, THIS)
        return Place(self.roots[name], self.function)


def _capture(place: Place, passed: list[Scope], owner: Scope) -> None:
    """The functions between a use and its owner all hold on to the place."""
    for scope in passed:
        if scope.kind is not ScopeKind.COMPREHENSION and scope.function != owner.function:
            scope.captures[place] = None
