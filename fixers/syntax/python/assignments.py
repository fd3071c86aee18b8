"""Assignments: targets taken apart, chains, annotations, `del`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fixers.facts import RESULT, THIS, Assign, Closure, Delete, Member, Place, Ref, Sequence, Value, result
from fixers.syntax.python.grammar import PATTERNS, SPLATS, field, one_line, parts, span_of
from fixers.syntax.python.literals import unquoted
from fixers.syntax.python.scopes import ScopeKind
from fixers.syntax.python.values import element, items

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tree_sitter import Node

    from fixers.source import Span
    from fixers.syntax.python.body import Body, Statement

_LEFT, _TYPE, _RIGHT = field("left"), field("type"), field("right")
_Pair = tuple["Place", Value]


def assign(body: Body, targets: list[Node], value: Value, whole: Node) -> None:
    """Puts one value into each of several targets (`a = b = value`), taking it apart where a target is a pattern."""
    span = span_of(whole)
    for target in targets:
        pairs = _take_apart(body, target, value)
        for place, part in _kept_apart(body, pairs, span) if len(pairs) > 1 else pairs:
            body.assign(place, part, span)
            _name_lambda(body, target, part)


def _take_apart(body: Body, target: Node, value: Value) -> list[_Pair]:
    """Each place of a target with the part of the value it gets."""
    if target.type == "identifier":
        return [(body.name(target).place, value)]
    pairs: list[_Pair] = []
    waiting = [(target, value)]
    while waiting:
        node, part = waiting.pop()
        inner = parts(node) if node.type in PATTERNS or node.type == "parenthesized_expression" else []
        if node.type in PATTERNS and inner:
            waiting.extend(reversed(_elements(inner, part)))
        elif inner:
            waiting.append((inner[0], part))
        elif node.type in SPLATS:
            waiting.extend((child, part) for child in parts(node))
        elif (place := target_place(body, node)) is not None:
            pairs.append((place, part))
    return pairs


def _elements(targets: list[Node], value: Value) -> list[tuple[Node, Value]]:
    """The targets of one pattern; what comes at or after a starred one has no constant index."""
    found: list[tuple[Node, Value]] = []
    starred = False
    any_one = element(value)
    for target, one in zip(targets, items(value, len(targets)), strict=True):
        if target.type in SPLATS:
            starred = True
            found.append((target, Sequence((any_one,))))
        else:
            found.append((target, any_one if starred else one))
    return found


def _kept_apart(body: Body, pairs: list[_Pair], span: Span) -> list[_Pair]:
    """In `a, b = b, a` every value is read before any place is filled: what is overwritten too soon is kept aside."""
    filled: set[Place] = set()
    lengths: set[int] = set()
    kept: list[_Pair] = []
    for place, value in pairs:
        if isinstance(value, Ref) and value.place.scope != RESULT and _touches(value.place, filled, lengths):
            aside = result(body.graph.number())
            body.graph.emit(Assign(aside, value, span))
            kept.append((place, Ref(aside)))
        else:
            kept.append((place, value))
        filled.add(place)
        lengths.add(len(place.path))
    return kept


def _touches(place: Place, filled: set[Place], lengths: set[int]) -> bool:
    """Whether a place lies at or below one that was filled."""
    return any(Place(place.root, place.scope, place.path[:length]) in filled for length in lengths)


def _name_lambda(body: Body, target: Node, value: Value) -> None:
    if isinstance(value, Closure):
        function = body.file.functions[value.function]
        if function.kind == "lambda" and not function.given_to and target.type in {"identifier", "attribute"}:
            function.given_to = "".join(body.file.text(target).split())


def target_place(body: Body, node: Node) -> Place | None:
    """The place that an assignment or a `del` of `node` changes; None when it is not one that can be told."""
    if node.type == "identifier":
        return body.name(node).place
    match body.value(node):
        case Ref(place):
            return place
        case Sequence((Ref(place),)) if node.type == "subscript":
            return place
        case _:
            return None


def _assignment(body: Body, node: Node) -> None:
    """`a = b = value` nests to the right, one level a target."""
    targets: list[Node] = []
    annotation: Node | None = None
    whole = node
    right: Node | None = node
    while right is not None and right.type == "assignment":
        left = right.child_by_field_id(_LEFT)
        if left is not None:
            targets.append(left)
        annotation = annotation or right.child_by_field_id(_TYPE)
        right = right.child_by_field_id(_RIGHT)
    value = body.value(right) if right is not None else None
    if annotation is not None and targets:
        _note_type(body, targets[0], annotation)
    if value is not None:
        assign(body, targets, value, whole)
    if body.scope.kind is ScopeKind.CLASS:
        written = unquoted(one_line(body.file.text(annotation))) if annotation is not None else None
        for target in targets:
            if target.type == "identifier":
                static = written is None or "ClassVar" in written
                body.add_member(Member(body.file.name(target), "field", span_of(target), None, written, static=static))


def _note_type(body: Body, target: Node, annotation: Node) -> None:
    """`x: T` gives a local its type, `self.x: T` a field of the class."""
    written = unquoted(one_line(body.file.text(annotation)))
    place = target_place(body, target)
    if place is None:
        return
    if place.scope == THIS and len(place.path) == 1:
        body.add_member(Member(place.path[0], "field", span_of(target), None, written))
    elif not place.path and place.root in body.function.locals and place.scope == body.index:
        body.function.locals[place.root] = written


def _augmented(body: Body, node: Node) -> None:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None:
        body.remains(node)
        return
    place = target_place(body, left)
    value = body.value(right)
    if place is not None:
        body.assign(place, value, span_of(node), augmented=True)


def _delete(body: Body, node: Node) -> None:
    waiting = list(reversed(parts(node)))
    while waiting:
        target = waiting.pop()
        if target.type in PATTERNS or target.type == "parenthesized_expression":
            waiting.extend(reversed(parts(target)))
        elif (place := target_place(body, target)) is not None:
            body.graph.emit(Delete(place, span_of(node)))


ASSIGNMENTS: Final[Mapping[str, Statement]] = {
    "assignment": _assignment,
    "augmented_assignment": _augmented,
    "delete_statement": _delete,
}
