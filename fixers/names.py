"""What names stand for in one file: the place behind an alias, and the access path behind a place.

An access path says how a value was come by, from a module or global down: `global.setInterval`, `pg.Pool` (the
class), `pg.Pool()` (an instance, or what a call gives), `pg.Pool().connect()`. A call's, await's or `with`'s result
adds `()`, a member adds `.name`. A file's own classes are `@3` (by number), so `@3()` is an instance. The resource
tables are written in access paths, so that no short name is ever enough to make a finding.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from fixers.facts import (
    ELEMENT,
    GLOBAL,
    RESULT,
    THIS,
    Assign,
    Await,
    Call,
    Choice,
    ClassValue,
    Closure,
    Const,
    Enter,
    FileFacts,
    Place,
    Ref,
    Value,
    operands,
    places,
)
from fixers.resources.library import VISITOR_METHODS

if TYPE_CHECKING:
    from collections.abc import Sequence

_GLOBAL_OBJECTS: Final = frozenset({"window", "globalThis", "self", "global"})
_THE_GLOBAL_OBJECT: Final = Place("globalThis", GLOBAL)
_WRITTEN_TYPE: Final = re.compile(r"[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*")
_TYPE_WRAPPERS: Final = frozenset(
    {
        "Optional",
        "Union",
        "Annotated",
        "Final",
        "ClassVar",
        "Readonly",
        "NonNullable",
        "Partial",
        "Promise",
        "Awaitable",
    }
)
_NULL_TYPES: Final = frozenset({"None", "null", "undefined", "typing", "t"})
_MAX_HOPS: Final = 12
_MAX_PATH: Final = 1000
"""Characters of an access path; a longer one is that of a chain of hundreds of calls, which no table names."""

_Key = Place | tuple[int, Place]
"""A place, with the function that uses it where it means something else in each."""


class Names:
    """Resolves places and values of one file; everything is computed once, on demand.

    Flow plays no part: a binding stands for another place, or has an access path, only if all its assignments agree.
    """

    def __init__(self, facts: FileFacts) -> None:
        self.facts = facts
        self._is_python = facts.language.is_python
        self._paths: dict[_Key, str | None] = {}
        self._resolving: set[_Key] = set()
        self._results: dict[int, dict[int, Call | Await | Enter]] = {}
        self._used: dict[int, tuple[Place, ...]] = {}
        self._sources: dict[Place, Place | None] = {}

    @cached_property
    def assigned(self) -> dict[Place, list[tuple[int, Assign]]]:
        """Every assignment by its target (fields under the class's own `this`), with the function that makes it."""
        table: dict[Place, list[tuple[int, Assign]]] = {}
        first: dict[int, Place] = {}
        others: set[tuple[Place, int]] = set()
        for index, function in enumerate(self.facts.functions):
            for op in function.ops():
                if not isinstance(op, Assign):
                    continue
                target, start = op.target, op.span.start
                # Few start where another one does: copies of a finally block, and values that are taken apart.
                if start not in first:
                    first[start] = target
                elif first[start] == target or (target, start) in others:
                    continue
                else:
                    others.add((target, start))
                table.setdefault(self._field_key(target, index), []).append((index, op))
        return table

    def made_by(self, place: Place, function: int) -> Call | Await | Enter | None:
        """The operation of a function whose result a place is, or lies in."""
        if place.scope != RESULT:
            return None
        if function not in self._results:
            ops = self.facts.functions[function].ops()
            self._results[function] = {op.result: op for op in ops if isinstance(op, Call | Await | Enter)}
        return self._results[function].get(int(place.root[1:]))

    @cached_property
    def visited(self) -> dict[Place, Place]:
        """First parameters of functions written as an argument of `forEach` and the like: an element of the
        receiver.
        """
        table: dict[Place, Place] = {}
        for calls in self.facts.calls:
            for op in calls:
                if not isinstance(op.callee, Ref) or VISITOR_METHODS.isdisjoint(op.callee.place.path[-1:]):
                    continue
                visitor = op.argument(0)
                if isinstance(visitor, Closure):
                    params = self.facts.functions[visitor.function].params
                    if params and params[0].name:
                        table[Place(params[0].name, visitor.function)] = op.callee.place.owner.member(ELEMENT)
        return table

    @cached_property
    def imports(self) -> dict[Place, str]:
        """Access paths of imported bindings. A default import and the module itself are one (CommonJS
        interoperation).
        """
        table: dict[Place, str] = {}
        for item in self.facts.imports:
            module = item.module.removeprefix("node:")
            path = module if item.name in {"*", "default"} else f"{module}.{item.name}"
            table.setdefault(item.binding, path)
        return table

    def used_by(self, function: int) -> tuple[Place, ...]:
        """The places that the operations of a function use, in order; those that they only fill are not among them."""
        if function not in self._used:
            found: dict[Place, None] = {}
            for op in self.facts.functions[function].ops():
                for value in operands(op):
                    if isinstance(value, Ref):
                        found[value.place] = None
                    else:
                        found.update(dict.fromkeys(places(value)))
            self._used[function] = tuple(found)
        return self._used[function]

    def _field_key(self, place: Place, function: int) -> Place:
        """Fields of two classes must not meet: `this.x` is filed under its class."""
        if place.scope == THIS:
            class_ = self.facts.functions[function].class_
            return Place(f"this@{class_}", THIS, place.path)
        if place.scope == RESULT:
            return Place(f"{place.root}@{function}", RESULT, place.path)
        return place

    def assignments(self, place: Place, function: int) -> list[tuple[int, Assign]]:
        """Every assignment to exactly this place, as `(function, assignment)`."""
        return self.assigned.get(self._field_key(place, function), [])

    def canonical(self, place: Place, function: int) -> Place:
        """The place that an alias stands for: `t` after `const t = this.timer` is `this.timer`.

        A binding counts as an alias only if it is assigned once, from a place, and is no parameter.
        """
        for _ in range(_MAX_HOPS):
            behind = self._behind(place, function)
            if behind is None or behind == place:
                return place
            place = behind
        return place

    def _behind(self, place: Place, function: int) -> Place | None:
        if place.scope == RESULT:
            op = self.made_by(place, function)
            if isinstance(op, Await) and isinstance(op.value, Ref):
                return op.value.place.member(*place.path)
            return None
        if place.scope < 0:
            return None
        base = place.base
        if base not in self._sources:
            self._sources[base] = self._source(base)
        source = self._sources[base]
        return None if source is None else source.member(*place.path)

    def _source(self, binding: Place) -> Place | None:
        """The place from which a binding is filled, if that is the only one."""
        made = self.assigned.get(binding)
        if not made:
            return self.visited.get(binding)
        _, assign = made[0]
        if len(made) != 1 or assign.augmented or not isinstance(assign.value, Ref):
            return None
        return None if assign.value.place.scope == RESULT else assign.value.place

    def decorators(self, decorators: tuple[Value, ...], function: int) -> frozenset[str]:
        """The last names of decorators, called or not, written in a function: `fixture` for
        `@pytest.fixture(scope="module")`.
        """
        names: set[str] = set()
        for decorator in decorators:
            made = self.origin(decorator, function)
            names.update((place.path or (place.root,))[-1] for place in places(made.callee if made else decorator))
        return frozenset(names)

    def origin(self, value: Value | None, function: int) -> Call | None:
        """The call of this function whose result a value is, awaited or not."""
        while isinstance(value, Ref) and value.place.scope == RESULT and not value.place.path:
            op = self.made_by(value.place, function)
            if isinstance(op, Call):
                return op
            value = op.value if isinstance(op, Await) else op.manager if op is not None else None
        return None

    def path_of(self, value: Value | None, function: int) -> str | None:
        """The access path of a value used in a function, or None when it is not known."""
        match value:
            case Ref(place):
                return self.path_of_place(place, function)
            case ClassValue(class_):
                return f"@{class_}"
            case Choice(options):
                return _agreed({self.path_of(option, function) for option in options if not _is_null(option)})
            case _:
                return None

    def path_of_place(self, place: Place, function: int) -> str | None:
        """The access path of what a place holds, or None."""
        key = place if place.scope >= GLOBAL else (function, place)
        if key in self._paths:
            return self._paths[key]
        if key in self._resolving or len(self._resolving) > 60:
            return None
        self._resolving.add(key)
        try:
            found = self._resolve(place, function)
        finally:
            self._resolving.discard(key)
        if found is not None and len(found) > _MAX_PATH:
            found = None
        # On a cycle of assignments the answer may be less than the whole truth; without it the search is exponential.
        self._paths[key] = found
        return found

    def _resolve(self, place: Place, function: int) -> str | None:
        if place.scope == GLOBAL:
            return self._global_path(place)
        if place.path:
            known = self._common_path(self.assignments(place, function))
            if known is None and place.scope == THIS and len(place.path) == 1:
                known = self._field_type(place.path[0], function)
            if known is not None:
                return known
            owner = self.path_of_place(place.owner, function)
            return None if owner is None else _step(owner, place.path[-1])
        return self._root_path(place, function)

    def _root_path(self, place: Place, function: int) -> str | None:
        if place.scope == RESULT:
            op = self.made_by(place, function)
            if isinstance(op, Call):
                callee = self.path_of(op.callee, function)
                return None if callee is None else f"{callee}()"
            return self.path_of(op.value if isinstance(op, Await) else op.manager, function) if op else None
        if place.scope == THIS:
            class_ = self.facts.functions[function].class_
            return None if class_ is None else f"@{class_}()"
        if place in self.imports:
            return self.imports[place]
        made = self.assigned.get(place, ())
        if not any(assign.augmented and not _is_null(assign.value) for _, assign in made):
            known = self._common_path(made)
            if known is not None:
                return known
        return self._written(self._declared_type(place))

    def _declared_type(self, place: Place) -> str | None:
        function = self.facts.functions[place.scope]
        for param in function.params:
            if param.name == place.root and param.type:
                return param.type
        return function.locals.get(place.root)

    def _field_type(self, name: str, function: int) -> str | None:
        class_ = self.facts.functions[function].class_
        if class_ is None:
            return None
        for member in self.facts.classes[class_].members:
            if member.name == name and member.type:
                return self._written(member.type)
        return None

    def _written(self, text: str | None) -> str | None:
        """The instance that a written type promises: `Pool | null` is `pg.Pool()`, resolved at module level."""
        if not text:
            return None
        for name in _WRITTEN_TYPE.findall(text):
            head, *rest = name.split(".")
            if name in _TYPE_WRAPPERS or name in _NULL_TYPES or (rest and rest[-1] in _TYPE_WRAPPERS):
                continue
            binding = Place(head, 0)
            if head in self.facts.functions[0].locals or binding in self.imports:
                path = self.path_of_place(binding, 0)
            else:
                path = self._global_path(Place(head, GLOBAL))
            if path is None:
                return None
            for step in rest:
                path = _step(path, step)
            return f"{path}()"
        return None

    def receiver(self, callee: Place) -> Place:
        """The object whose method a callee is; a global function is a method of the global object, whatever its
        name.
        """
        owner = callee.owner
        is_global = owner.scope == GLOBAL and not owner.path and (not callee.path or owner.root in _GLOBAL_OBJECTS)
        return _THE_GLOBAL_OBJECT if is_global and not self._is_python else owner

    def _global_path(self, place: Place) -> str:
        parts = (place.root, *place.path)
        if not self._is_python and len(parts) > 1 and parts[0] in _GLOBAL_OBJECTS:
            parts = parts[1:]
        path = "builtins" if self._is_python else "global"
        for part in parts:
            path = _step(path, part)
        return path

    def _common_path(self, made: Sequence[tuple[int, Assign]]) -> str | None:
        """The access path of what assignments put into a place, null aside; None unless it is always the same."""
        return _agreed({self.path_of(assign.value, maker) for maker, assign in made if not _is_null(assign.value)})


def _agreed(paths: set[str | None]) -> str | None:
    return paths.pop() if len(paths) == 1 else None


def _step(path: str, step: str) -> str:
    return f"{path}{step}" if step.startswith("[") else f"{path}.{step}"


def _is_null(value: Value) -> bool:
    return isinstance(value, Const) and value.kind == "null"


def local_class(path: str | None) -> int | None:
    """The file's own class of which `path` is an instance (`@3()`), or None."""
    if path is None or not path.startswith("@") or not path.endswith("()") or not path[1:-2].isdigit():
        return None
    return int(path[1:-2])


def denotes(value: Value | None, aliases: frozenset[Place] | set[Place]) -> bool:
    """Whether a value is, or may be, what one of the places holds (not something made from it)."""
    match value:
        case Ref(place):
            return place in aliases
        case Choice(options):
            return any(denotes(option, aliases) for option in options)
        case _:
            return False
