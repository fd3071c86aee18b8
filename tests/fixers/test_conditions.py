"""Which conditions on a path contradict each other."""

from __future__ import annotations

import pytest

from fixers import conditions
from fixers.facts import Assign, Const, Guard, Place, Ref
from fixers.source import Span
from tests.fixers.lowered import function_named, judge_of

X = Place("x", 1)
SPAN = Span(0, 0)
TRUE, FALSE, NULL, A, B = (
    Const("boolean", "true"),
    Const("boolean", "False"),
    Const("null", "None"),
    Const("string", "a"),
    Const("string", "b"),
)


def guard(outcome: str, other: Const | None = None, *, strict: bool = False) -> Guard:
    return Guard(Ref(X), outcome, SPAN, other, strict)


PAIRS = [
    (guard("present"), guard("present"), True),
    (guard("present"), guard("absent"), False),
    (guard("absent"), guard("present"), False),
    (guard("equal", A), guard("equal", A), True),
    (guard("equal", A), guard("equal", B), False),
    (guard("equal", A), guard("different", A), False),
    (guard("different", A), guard("equal", A), False),
    (guard("different", A), guard("different", B), True),
    (guard("different", A), guard("equal", B), True),
    (guard("equal", A), guard("present"), True),
]


@pytest.mark.parametrize(("first", "second", "possible"), PAIRS)
def test_two_guards_on_one_path(first: Guard, second: Guard, possible: bool) -> None:
    known = conditions.guarded(frozenset(), first, X)
    assert known is not None
    assert (conditions.guarded(known, second, X) is not None) is possible


AFTER = [
    (TRUE, guard("present"), True),
    (TRUE, guard("absent"), False),
    (FALSE, guard("present"), False),
    (FALSE, guard("absent"), True),
    (FALSE, guard("present", strict=True), True),
    (FALSE, guard("absent", strict=True), False),
    (NULL, guard("present"), False),
    (NULL, guard("present", strict=True), False),
    (NULL, guard("absent", strict=True), True),
    (A, guard("equal", A), True),
    (A, guard("equal", B), False),
    (A, guard("different", A), False),
    (A, guard("absent"), False),
    (Const("string", ""), guard("present"), False),
    (Const("number", "0"), guard("present"), True),
]


@pytest.mark.parametrize(("value", "after", "possible"), AFTER)
def test_a_guard_after_a_constant_was_put_there(value: Const, after: Guard, possible: bool) -> None:
    known = conditions.assigned(frozenset(), Assign(X, value, SPAN), frozenset({X}))
    assert (conditions.guarded(known, after, X) is not None) is possible


def test_another_value_makes_all_that_was_known_void() -> None:
    known = conditions.guarded(frozenset(), guard("present"), X)
    assert known is not None
    assert conditions.assigned(known, Assign(X, Ref(Place("y", 1)), SPAN), frozenset({X})) == frozenset()
    assert conditions.assigned(known, Assign(X, TRUE, SPAN, augmented=True), frozenset({X})) == frozenset()
    assert conditions.assigned(known, Assign(Place("y", 1), TRUE, SPAN), frozenset({X})) == known


REMEMBERED = [
    ("function f(x) { if (x) a(); }", set()),
    ("function f(x) { if (x) a(); if (x) b(); }", {"x"}),
    ("function f() { let x = false; if (a()) x = true; if (x) b(); }", {"x"}),
    ("function f() { let x = false; g(() => { x = true; }); if (x) b(); }", set()),
    ("function f() { let x = a(); if (x) b(); }", set()),
    ("let x = false; function f() { x = true; if (x) b(); }", set()),
]


@pytest.mark.parametrize(("code", "expected"), REMEMBERED)
def test_what_is_worth_remembering(code: str, expected: set[str]) -> None:
    judge = judge_of("a.js", code)
    index = function_named(judge, "f")
    places = conditions.worth_remembering(judge.facts.functions[index], index, judge.names)
    assert {str(place) for place in places} == expected
