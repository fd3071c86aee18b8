"""`with`, `try` and `match`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fixers.facts import Const, Derived, Enter, Exit, ExitKind, Guard, Ref, Value, result
from fixers.syntax.graph import Handler
from fixers.syntax.python.assignments import assign
from fixers.syntax.python.branches import condition
from fixers.syntax.python.expressions import awaited, tuple_or_single
from fixers.syntax.python.grammar import PATTERNS, has_word, parts, span_of
from fixers.syntax.python.patterns import always_matches, captured, whole_capture
from fixers.syntax.python.values import NOTHING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tree_sitter import Node

    from fixers.syntax.python.body import Body, Statement

_TRY_FRAMES: Final = 8
_FINALLY_FRAMES: Final = 8

_EVERYTHING: Final = frozenset({ExitKind.THROW, ExitKind.CANCEL, ExitKind.CLOSE})
_CAUGHT_BY: Final = {
    "BaseException": _EVERYTHING,
    "Exception": frozenset({ExitKind.THROW}),
    "CancelledError": frozenset({ExitKind.CANCEL}),
    "get_cancelled_exc_class": frozenset({ExitKind.CANCEL}),
    "Cancelled": frozenset({ExitKind.CANCEL}),
    "GeneratorExit": frozenset({ExitKind.CLOSE}),
}
"""What an `except` of a class surely stops. CancelledError is a BaseException since Python 3.8; Cancelled is trio's."""


def _with(body: Body, node: Node) -> None:
    items: list[Node] = []
    for clause in node.named_children:
        if clause.type == "with_clause":
            items.extend(item for item in clause.named_children if item.type == "with_item")
    _enter_items(body, items, 0, node)


def _enter_items(body: Body, items: list[Node], index: int, node: Node) -> None:
    """Enters one item; the others and the block run under its Exit."""
    if index == len(items):
        body.suite(node.child_by_field_name("body"))
        return
    if body.too_deep(node, _TRY_FRAMES):
        return
    written, target = _manager_and_target(items[index])
    manager = body.value(written) if written is not None else NOTHING
    is_async = has_word(node, "async")
    span = span_of(items[index])
    entered = Ref(result(body.graph.number()))
    body.graph.emit(Enter(int(entered.place.root[1:]), manager, span, is_async))
    if is_async:
        awaited(body, entered, items[index])

    def inside() -> None:
        if target is not None:
            assign(body, [target], entered, items[index])
        _enter_items(body, items, index + 1, node)

    def leave() -> None:
        body.graph.emit(Exit(manager, span, is_async))
        if is_async:
            awaited(body, manager, items[index])

    body.graph.attempt(body.later(inside, _TRY_FRAMES), finalizer=body.later(leave, _FINALLY_FRAMES))


def _manager_and_target(item: Node) -> tuple[Node | None, Node | None]:
    value = item.child_by_field_name("value")
    if value is None or value.type != "as_pattern":
        return value, None
    alias = value.child_by_field_name("alias")
    written = parts(value)
    return (written[0] if written else None), (alias.named_child(0) if alias is not None else None)


def _try(body: Body, node: Node) -> None:
    if body.too_deep(node, _TRY_FRAMES):
        return
    handlers: list[Handler] = []
    orelse: Callable[[], None] | None = None
    finalizer: Callable[[], None] | None = None
    for clause in node.named_children:
        if clause.type == "except_clause":
            handlers.append(_handler(body, clause))
        elif clause.type == "else_clause":
            orelse = _later_suite(body, clause.child_by_field_name("body"), _TRY_FRAMES)
        elif clause.type == "finally_clause":
            finalizer = _finalizer(body, _block_of(clause))
    tried = _later_suite(body, node.child_by_field_name("body"), _TRY_FRAMES)
    body.graph.attempt(tried, handlers, orelse, finalizer)


def _later_suite(body: Body, block: Node | None, frames: int) -> Callable[[], None]:
    return body.later(lambda: body.suite(block), frames)


def _finalizer(body: Body, block: Node | None) -> Callable[[], None]:
    def run() -> None:
        if block is not None:
            body.charge_copy(block)
            body.suite(block)

    return body.later(run, _FINALLY_FRAMES)


def _block_of(clause: Node) -> Node | None:
    return next((child for child in clause.named_children if child.type == "block"), None)


def _handler(body: Body, clause: Node) -> Handler:
    written = clause.children_by_field_name("value")
    alias: Node | None = None
    if len(written) == 1 and written[0].type == "as_pattern":
        target = written[0].child_by_field_name("alias")
        alias = target.named_child(0) if target is not None else None
        written = parts(written[0])[:1]
    classes: list[Node] = []
    for value in written:
        classes.extend(parts(value) if value.type in PATTERNS else [value])

    def handle() -> None:
        for class_ in classes:
            body.value(class_)
        if alias is not None:
            assign(body, [alias], NOTHING, alias)
        body.suite(_block_of(clause))

    certain, possible = _caught(body, classes, grouped=has_word(clause, "*"))
    return Handler(body.later(handle, _TRY_FRAMES), certain, possible)


def _caught(body: Body, classes: list[Node], *, grouped: bool) -> tuple[frozenset[ExitKind], frozenset[ExitKind]]:
    """The ways out that a clause surely stops, and those it may stop; `except*` lets the rest of a group pass."""
    if not classes:
        return _EVERYTHING, frozenset()
    certain: frozenset[ExitKind] = frozenset()
    possible: frozenset[ExitKind] = frozenset()
    for class_ in classes:
        name = body.file.text(class_).split("(", 1)[0].rsplit(".", 1)[-1].strip()
        if name in _CAUGHT_BY:
            certain |= _CAUGHT_BY[name]
        else:
            possible |= {ExitKind.THROW}
    return (frozenset(), certain | possible) if grouped else (certain, possible - certain)


def _match(body: Body, node: Node) -> None:
    """Each case is tried after the one before it did not match."""
    graph = body.graph
    subject = tuple_or_single(body, node.children_by_field_name("subject")) or NOTHING
    block = node.child_by_field_name("body")
    after = graph.block()
    for case in block.children_by_field_name("alternative") if block is not None else []:
        patterns = [child for child in parts(case) if child.type == "case_pattern"]
        guard = case.child_by_field_name("guard")
        tests = parts(guard) if guard is not None else []
        matched, inside, following = graph.block(), graph.block(), graph.block()
        _test(body, patterns, subject, matched, following)
        graph.start(matched)
        _capture(body, patterns, subject)
        if tests:
            condition(body, tests[0], inside, following)
        else:
            graph.jump(inside)
        graph.start(inside)
        body.suite(case.child_by_field_name("consequence"))
        graph.jump(after)
        graph.start(following)
    graph.jump(after)
    graph.resume(after)


def _test(body: Body, patterns: list[Node], subject: Value, matched: int, following: int) -> None:
    if len(patterns) != 1:
        body.graph.split(matched, following)
        return
    pattern = patterns[0]
    inner = parts(pattern)
    if always_matches(pattern):
        body.graph.jump(matched)
    elif len(inner) == 1 and inner[0].type == "none" and isinstance(subject, Ref):
        absent, present = (Guard(subject, outcome, span_of(pattern), strict=True) for outcome in ("absent", "present"))
        body.graph.split(matched, following, [absent], [present])
    elif len(inner) == 1 and inner[0].type in {"string", "integer", "true", "false"} and isinstance(subject, Ref):
        value = body.value(inner[0])
        other = value if isinstance(value, Const) else None
        same, not_same = (Guard(subject, outcome, span_of(pattern), other) for outcome in ("equal", "different"))
        body.graph.split(matched, following, [same], [not_same])
    else:
        body.graph.split(matched, following)


def _capture(body: Body, patterns: list[Node], subject: Value) -> None:
    whole = whole_capture(patterns[0]) if len(patterns) == 1 else None
    for pattern in patterns:
        for name in captured(pattern):
            value = subject if whole is not None and name.id == whole.id else Derived((subject,))
            body.assign(body.name(name).place, value, span_of(name))


COMPOUNDS: Final[Mapping[str, Statement]] = {"with_statement": _with, "try_statement": _try, "match_statement": _match}
