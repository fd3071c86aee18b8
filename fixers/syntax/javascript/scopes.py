"""Which binding a name means: lexical scopes, and one unique root for each binding of a function."""

from __future__ import annotations

from fixers.facts import Place


class FunctionNames:
    """The bindings of one function: a second `t` in another block becomes `t#2`.

    `locals` maps each root to its written type; it is the dict of the function's facts.
    """

    __slots__ = ("_counts", "index", "locals")

    def __init__(self, index: int, local_types: dict[str, str | None]) -> None:
        self.index = index
        self.locals = local_types
        self._counts: dict[str, int] = {}

    def bind(self, name: str, written_type: str | None) -> Place:
        """A new binding of `name`."""
        count = self._counts[name] = self._counts.get(name, 0) + 1
        root = name if count == 1 else f"{name}#{count}"
        self.locals[root] = written_type
        return Place(root, self.index)


class Scope:
    """A block, a function's parameters and body, or the module."""

    __slots__ = ("depth", "function_scope", "names", "owner", "parent")

    def __init__(self, owner: FunctionNames, parent: Scope | None) -> None:
        self.owner = owner
        self.parent = parent
        self.names: dict[str, Place] = {}
        self.depth: int = parent.depth + 1 if parent is not None else 0
        is_block = parent is not None and parent.owner is owner
        self.function_scope: Scope = parent.function_scope if is_block and parent is not None else self

    def declare(self, name: str, written_type: str | None = None) -> Place:
        """The place of a binding made in this scope; declaring it again gives the same place."""
        place = self.names.get(name)
        if place is None:
            place = self.names[name] = self.owner.bind(name, written_type)
        elif written_type is not None:
            self.owner.locals[place.root] = written_type
        return place

    def resolve(self, name: str) -> Place | None:
        """The place that a name means here; None for a global."""
        scope: Scope | None = self
        while scope is not None:
            place = scope.names.get(name)
            if place is not None:
                return place
            scope = scope.parent
        return None
