"""Where values go: assignments, declarations and destructuring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fixers.facts import ELEMENT, Assign, Choice, Derived, Guard, Place, Record, Ref, Sequence, Value
from fixers.source import Span
from fixers.syntax.javascript import commonjs, prototypes
from fixers.syntax.javascript.literals import is_plain, member, named_children, operator_of, unwrapped
from fixers.syntax.javascript.lowering import (
    EXPRESSIONS,
    NOTHING,
    Body,
    FileLowering,
    expression,
    lowers,
    name_value,
)
from fixers.syntax.javascript.objects import property_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from fixers.syntax.javascript.scopes import Scope

PATTERNS: Final = frozenset({"object_pattern", "array_pattern"})
_DEFAULTED: Final = frozenset({"assignment_pattern", "object_assignment_pattern"})
_NAMES: Final = frozenset({"identifier", "shorthand_property_identifier_pattern"})
_MAX_PATTERN_DEPTH: Final = 40


def bound_names(pattern: Node) -> Iterator[Node]:
    """The identifiers that a pattern binds, in order."""
    stack = [pattern]
    while stack:
        node = stack.pop()
        kind = node.type
        if kind in _NAMES:
            yield node
        elif kind in _DEFAULTED:
            left = node.child_by_field_name("left")
            stack.extend([left] if left is not None else [])
        elif kind == "pair_pattern":
            value = node.child_by_field_name("value")
            stack.extend([value] if value is not None else [])
        elif kind in PATTERNS or kind == "rest_pattern":
            stack.extend(reversed(node.named_children))


def assign(
    body: Body, target: Place, value: Value, span: Span, *, declares: bool = False, augmented: bool = False
) -> None:
    """Emits an Assign, and notes what it names, imports, exports or adds to a prototype."""
    body.emit(Assign(target, value, span, declares, augmented))
    if target.path:
        name_value(body.file, value, "", str(target))
    else:
        name_value(body.file, value, str(target), str(target))
    commonjs.assigned(body, target, value, span)
    if body.file.prototype_names:
        prototypes.assigned(body, target, value, span)


def bind(body: Body, pattern: Node, value: Value, span: Span, *, declares: bool) -> None:
    """Puts a value into what a pattern names: a binding, a member, or the parts of a destructured value."""
    _Binding(body, span, declares).bind(pattern, value)


class _Binding:
    """One declaration or assignment while its pattern is taken apart."""

    def __init__(self, body: Body, span: Span, declares: bool) -> None:
        self.body = body
        self.span = span
        self.declares = declares

    def bind(self, pattern: Node, value: Value, depth: int = 0) -> None:
        kind = pattern.type
        if depth > _MAX_PATTERN_DEPTH:
            self.body.too_deep(pattern)
        elif kind in _NAMES:
            place = self.body.lookup(self.body.file.text(pattern))
            assign(self.body, place, value, self.span, declares=self.declares)
        elif kind == "object_pattern":
            self._object(pattern, value, depth + 1)
        elif kind == "array_pattern":
            self._array(pattern, value, depth + 1)
        elif kind in _DEFAULTED:
            self._defaulted(pattern, value, depth + 1)
        else:
            target = expression(self.body, unwrapped(pattern))
            if isinstance(target, Ref):
                assign(self.body, target.place, value, self.span, declares=self.declares)

    def _object(self, pattern: Node, value: Value, depth: int) -> None:
        whole = self._whole(value)
        for child in named_children(pattern):
            kind = child.type
            if kind == "pair_pattern":
                key = property_key(self.body, child.child_by_field_name("key"))
                target = child.child_by_field_name("value")
                if target is not None:
                    self.bind(target, member(whole, key), depth)
            elif kind == "rest_pattern":
                for target in named_children(child)[:1]:
                    self.bind(target, Record(((None, whole),)), depth)
            else:
                names = list(bound_names(child))
                if names:
                    self.bind(child, member(whole, self.body.file.text(names[0])), depth)

    def _array(self, pattern: Node, value: Value, depth: int) -> None:
        items = value.items if isinstance(value, Sequence) else None
        whole = self._whole(value) if items is None else value
        if items is not None and not self.declares:
            items = tuple(self._copied(item) for item in items)
        position = 0
        for child in pattern.children:
            if child.type == ",":
                position += 1
            elif child.type == "rest_pattern":
                rest: Value = Sequence(items[position:]) if items is not None else Sequence((Derived((whole,)),))
                for target in named_children(child)[:1]:
                    self.bind(target, rest, depth)
            elif child.is_named and child.type != "comment":
                self.bind(child, self._item(whole, items, position), depth)

    def _item(self, whole: Value, items: tuple[Value, ...] | None, position: int) -> Value:
        if items is None:
            return member(whole, f"[{position}]")
        if any(isinstance(item, Derived) for item in items[: position + 1]):
            return Derived(items)
        return items[position] if position < len(items) else NOTHING

    def _defaulted(self, pattern: Node, value: Value, depth: int) -> None:
        left = pattern.child_by_field_name("left")
        right = pattern.child_by_field_name("right")
        if left is not None:
            self.bind(left, value if right is None else or_default(self.body, value, right, left), depth)

    def _whole(self, value: Value) -> Value:
        """The value where its parts can be named: a place, unless nothing is known of it anyway."""
        return value if isinstance(value, Derived) else Ref(self.body.as_place(value, self.span))

    def _copied(self, item: Value) -> Value:
        """A place that later assignments of the same pattern do not change: `[a, b] = [b, a]`."""
        return Ref(self.body.fresh_place(item, self.span)) if isinstance(item, Ref) else item


def or_default(body: Body, value: Value, default: Node, target: Node) -> Value:
    """A value, or what is written as its default."""
    if is_plain(default):
        other = expression(body, default)
        _name(body.file, other, target)
        return Choice((value, other))
    place = body.as_place(value, Span(*target.byte_range))
    span = Span(*default.byte_range)
    missing, join = body.graph.block(), body.graph.block()
    body.graph.split(
        missing,
        join,
        [Guard(Ref(place), "absent", span, strict=True)],
        [Guard(Ref(place), "present", span, strict=True)],
    )
    body.graph.start(missing)
    other = expression(body, default)
    _name(body.file, other, target)
    body.graph.jump(join)
    body.graph.start(join)
    return Choice((Ref(place), other))


def _name(file: FileLowering, value: Value, target: Node) -> None:
    if target.type in _NAMES:
        name = file.text(target)
        name_value(file, value, name, name)


def declare_names(scope: Scope, file: FileLowering, pattern: Node, written_type: str | None = None) -> None:
    """Declares what a pattern binds in a scope."""
    for name in bound_names(pattern):
        scope.declare(file.text(name), written_type if name == pattern else None)


@lowers(EXPRESSIONS, "assignment_expression")
def _assignment(body: Body, node: Node) -> Value:
    return assignment(body, node)[1]


def assignment(body: Body, node: Node) -> tuple[Place | None, Value]:
    """Lowers `a = b = value`, however long: where the first one went, unless destructured, and the value."""
    targets: list[tuple[Node, Node, Ref | None]] = []
    written: Node | None = node
    while written is not None and written.type == "assignment_expression":
        left = written.child_by_field_name("left")
        if left is not None:
            left = unwrapped(left)
            target = None if left.type in PATTERNS else expression(body, left)
            targets.append((written, left, target if isinstance(target, Ref) else None))
        written = written.child_by_field_name("right")
        written = unwrapped(written) if written is not None else None
    if written is None or not targets:
        return None, NOTHING
    value = _assigned_value(body, written, targets[-1][2])
    for whole, left, target in reversed(targets):
        span = Span(*whole.byte_range)
        if target is not None:
            assign(body, target.place, value, span)
        elif left.type in PATTERNS:
            bind(body, left, value, span, declares=False)
    first = targets[0][2]
    return first.place if first is not None else None, value


def _assigned_value(body: Body, node: Node, target: Ref | None) -> Value:
    literal = None
    if target is not None and body.file.prototype_names:
        literal = prototypes.prototype_literal(body, target.place, node)
    return expression(body, node) if literal is None else literal


@lowers(EXPRESSIONS, "augmented_assignment_expression")
def _augmented(body: Body, node: Node) -> Value:
    left = node.child_by_field_name("left")
    right = node.child_by_field_name("right")
    if left is None or right is None:
        return NOTHING
    target = expression(body, unwrapped(left))
    operator = operator_of(node)
    span = Span(*node.byte_range)
    if not isinstance(target, Ref):
        return Derived((expression(body, right),))
    if operator in {"&&=", "||=", "??="}:
        _logical_assignment(body, target, operator, right, span)
        return target
    value = Derived((target, expression(body, right)))
    assign(body, target.place, value, span, augmented=True)
    return value


def _logical_assignment(body: Body, target: Ref, operator: str, right: Node, span: Span) -> None:
    assigns, join = body.graph.block(), body.graph.block()
    strict = operator == "??="
    wanted, other = ("present", "absent") if operator == "&&=" else ("absent", "present")
    body.graph.split(
        assigns, join, [Guard(target, wanted, span, strict=strict)], [Guard(target, other, span, strict=strict)]
    )
    body.graph.start(assigns)
    value = expression(body, right)
    assign(body, target.place, value, span, augmented=True)
    body.graph.jump(join)
    body.graph.start(join)


def element(value: Value) -> Value:
    """What iterating over a value gives."""
    return member(value, ELEMENT)
