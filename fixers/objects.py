"""Object literals from which a framework makes instances, like Vue's options: each as one class, with the functions of
the objects within it that share its `this`.

Facts know no framework, so that there an object literal is a class only if a function in it uses `this`, and the
objects within are classes of their own. What is rewritten here is a copy.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, TypeGuard

import msgspec

from fixers.facts import (
    Assign,
    Call,
    Class,
    ClassValue,
    Closure,
    Const,
    Derived,
    FileFacts,
    Member,
    Record,
    Return,
    Sequence,
    Value,
)
from fixers.lifecycles import class_lifecycles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixers.lifecycles.model import ClassLifecycle, ObjectForm
    from fixers.names import Names
    from fixers.source import Span

_Entries = tuple[tuple[str | None, Value], ...]


class Objects(NamedTuple):
    """The facts of a file with such objects as classes, and the kind of each of these by its index."""

    facts: FileFacts
    lifecycles: dict[int, ClassLifecycle]


class _Literal(NamedTuple):
    """An object literal and where it stands: `given_to` is the access path of the function that gets it."""

    value: Record | ClassValue
    scope: int
    span: Span
    name: str = ""
    given_to: str | None = None
    is_default_export: bool = False

    @property
    def entries(self) -> _Entries:
        return self.value.entries if isinstance(self.value, Record) else self.value.fields


def with_objects(facts: FileFacts, names: Names) -> Objects:
    """The facts with each such object as a class; the very same facts where there is none."""
    kinds = [entry for entry in class_lifecycles(facts.language.tables) if entry.objects is not None]
    uniting = _Uniting(facts)
    for literal in _literals(facts, names) if kinds else ():
        for kind in kinds:
            if kind.objects is None:
                continue
            if _is_given(literal, kind.objects, facts):
                uniting.unite(literal, kind, kind.objects)
            elif _is_marked(literal, kind.objects, facts):
                # It may be a mixin of the root, which lives as long as the page.
                uniting.unite(literal, replace(kind, called_by_framework=False), kind.objects)
    return uniting.result()


def _literals(facts: FileFacts, names: Names) -> Iterator[_Literal]:
    """The object literals with functions in them that are exported, passed, assigned or returned as they stand."""
    for export in facts.exports:
        if _has_functions(export.value):
            yield _Literal(export.value, 0, export.span, is_default_export=export.exported == "default")
    for index, function in enumerate(facts.functions):
        for op in function.ops():
            match op:
                case Call():
                    for arg in op.args:
                        if _has_functions(arg.value):
                            first = op.argument(0)
                            name = first.text if isinstance(first, Const) else ""
                            yield _Literal(arg.value, index, op.args_span, name, names.path_of(op.callee, index))
                case Assign(target, value) if _has_functions(value):
                    yield _Literal(value, index, op.span, (target.path or (target.root,))[-1])
                case Return(value) if _has_functions(value):
                    yield _Literal(value, index, op.span)


def _has_functions(value: Value | None) -> TypeGuard[Record | ClassValue]:
    match value:
        case Record(entries) | ClassValue(_, entries):
            return any(_function(item) is not None or _has_functions(item) for _, item in entries)
    return False


def _function(value: Value) -> int | None:
    """The function that an entry is, accessors included."""
    match value:
        case Closure(function) | Derived((Closure(function),)):
            return function
    return None


def _is_given(literal: _Literal, form: ObjectForm, facts: FileFacts) -> bool:
    """Whether it stands where only such objects do."""
    if literal.is_default_export and facts.language in form.default_export_of:
        return True
    path = literal.given_to
    return path is not None and (path in form.given_to or f"*.{path.rpartition('.')[2]}" in form.given_to)


def _is_marked(literal: _Literal, form: ObjectForm, facts: FileFacts) -> bool:
    """Whether its keys show what it is."""
    keys = {key for key, _ in literal.entries}
    for key, item in literal.entries:
        function = _function(item)
        if key in form.marks and function is not None and not facts.functions[function].params:
            return not keys.isdisjoint(form.marks_beside - {key})
    return False


class _Uniting:
    """Collects what has to be changed in the facts."""

    def __init__(self, facts: FileFacts) -> None:
        self._facts = facts
        self._classes = list(facts.classes)
        self._class_of: dict[int, int] = {}
        self._within: dict[int, int] = {}
        self._lifecycles: dict[int, ClassLifecycle] = {}

    def unite(self, literal: _Literal, kind: ClassLifecycle, form: ObjectForm) -> None:
        """Makes an object literal a class of a kind; one that is met twice, exported and assigned, is one class."""
        entries = list(_shared(literal.entries, form))
        functions = {index: key for key, item in entries if (index := _function(item)) is not None}
        if not functions or not self._class_of.keys().isdisjoint(functions):
            return
        known = self._classes[literal.value.class_] if isinstance(literal.value, ClassValue) else None
        class_ = literal.value.class_ if isinstance(literal.value, ClassValue) else len(self._classes)
        written = {(member.name, member.function): member for member in known.members} if known else {}
        united = Class(
            _name(literal),
            "object",
            known.span if known else literal.span,
            known.body if known else literal.span,
            literal.scope,
            bases=tuple(_mixins(literal.entries, form)),
            members=tuple(
                written.get((key, index)) or self._member(key, index, literal)
                for key, item in entries
                if key is not None
                for index in (_function(item),)
            ),
        )
        self._classes[class_ : class_ + 1] = [united]
        self._lifecycles[class_] = kind
        self._class_of.update(dict.fromkeys(functions, class_))
        self._within.update({item.class_: class_ for _, item in entries if isinstance(item, ClassValue)})

    def _member(self, key: str, function: int | None, literal: _Literal) -> Member:
        if function is None:
            return Member(key, "field", literal.span)
        return Member(key, "method", self._facts.functions[function].span, function)

    def result(self) -> Objects:
        """The facts as they are with all changes."""
        if not self._lifecycles:
            return Objects(self._facts, {})
        functions = [
            function if (class_ := self._new_class(index)) is None else msgspec.structs.replace(function, class_=class_)
            for index, function in enumerate(self._facts.functions)
        ]
        return Objects(
            msgspec.structs.replace(self._facts, functions=functions, classes=self._classes), self._lifecycles
        )

    def _new_class(self, function: int) -> int | None:
        """The class whose instance `this` becomes in a function; an arrow takes its surroundings'."""
        current: int | None = function
        while current is not None:
            body = self._facts.functions[current]
            if current in self._class_of:
                return self._class_of[current]
            if body.class_ is not None:
                return self._within.get(body.class_)
            if body.kind != "arrow":
                return None
            current = body.parent
        return None


def _shared(entries: _Entries, form: ObjectForm) -> Iterator[tuple[str | None, Value]]:
    """The entries, and those of the objects within that share the outer one's `this`."""
    pending = [(key, value, False) for key, value in reversed(entries)]
    while pending:
        key, value, is_shared = pending.pop()
        yield key, value
        if (is_shared or key in form.shares_this) and isinstance(value, Record | ClassValue):
            within = value.entries if isinstance(value, Record) else value.fields
            pending.extend((name, item, True) for name, item in reversed(within))


def _mixins(entries: _Entries, form: ObjectForm) -> Iterator[Value]:
    for key, value in entries:
        if key in form.mixins:
            yield from value.items if isinstance(value, Sequence) else (value,)


def _name(literal: _Literal) -> str:
    written = next((item.text for key, item in literal.entries if key == "name" and isinstance(item, Const)), None)
    return written or literal.name
