"""The interpreter agrees: what a random function does when it runs is a path through its graph."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from fixers.facts import Call, Const, Exit, Function, Guard, Op, Ref, Throw
from tests.fixers.syntax.python_facts import facts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Self


class FirstError(Exception):
    pass


class SecondError(Exception):
    pass


@dataclass
class Run:
    """Answers each call in turn with False, True or an error, and writes down what happened."""

    answers: list[int]
    events: list[tuple[str, int, object]] = field(default_factory=list)

    def t(self, number: int) -> bool:
        answer = self.answers.pop(0) if self.answers else 2
        raised = {2: FirstError, 3: SecondError}.get(answer)
        self.events.append(("call", number, raised or bool(answer)))
        if raised:
            raise raised
        return bool(answer)

    def m(self, number: int) -> Manager:
        self.events.append(("call", number, None))
        return Manager(self, number)


@dataclass
class Manager:
    run: Run
    number: int

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.run.events.append(("exit", self.number, None))


_LEAVES = [
    *("t()", "t()", "t()", "return t()", "raise FirstError", "break", "continue", "pass", "assert t()"),
    *("x = t() and t() or t()", "x = t() if t() else t()", "x = [t() for _ in (1, 2) if t()]", "x = not t()"),
]
_TREES = st.recursive(
    st.sampled_from(_LEAVES),
    lambda inner: st.tuples(
        st.sampled_from(["if", "while", "for", "with", "try", "finally", "all", "match"]),
        st.lists(inner, min_size=1, max_size=3),
        st.lists(inner, min_size=1, max_size=3),
        st.lists(inner, min_size=1, max_size=2),
    ),
    max_leaves=12,
)
_SHAPES = {
    "if": ("if t() and not t():", 0, "elif t() or t():", 1, "else:", 2),
    "while": ("while t():", 0, "else:", 1),
    "for": ("for _ in (1, 2):", 0, "else:", 1),
    "with": ("with m(), m():", 0),
    "try": ("try:", 0, "except FirstError:", 1, "except (OSError, Exception):", 2),
    "finally": ("try:", 0, "finally:", 1),
    "all": ("try:", 0, "except SecondError:", 1, "else:", 2, "finally:", 0),
    "match": ("match t():", None, " case True if t():", 0, " case False:", 1),
}


def _lines(tree: object, indent: int, in_loop: bool) -> Iterator[str]:
    if isinstance(tree, str):
        yield " " * indent + (tree if in_loop or tree not in {"break", "continue"} else "pass")
        return
    assert isinstance(tree, tuple)
    kind, *suites = tree
    shape = _SHAPES[kind]
    for head, suite in zip(shape[::2], shape[1::2], strict=True):
        yield " " * indent + str(head)
        if suite is not None:
            inside = in_loop or (kind in {"while", "for"} and suite == 0)
            deeper = indent + 2 if str(head).startswith(" ") else indent + 1
            for item in suites[int(str(suite))]:
                yield from _lines(item, deeper, inside)


def _numbered(lines: list[str]) -> str:
    """A function of these lines in which each call has a number of its own."""
    numbers = count(1)
    body = [re.sub(r"\b([tm])\(\)", lambda call: f"{call[1]}({next(numbers)})", line) for line in lines]
    return "\n".join(["def f(t, m):", *body, ""])


def _accepts(function: Function, events: list[tuple[str, int, object]], ending: int) -> bool:
    """Whether the graph has a path that makes exactly these calls and exits, in this order, and ends like this."""
    numbers = {op.result: _number(op) for op in function.ops() if isinstance(op, Call)}
    last: dict[int, object] = {}
    states = _settled(function, {(0, 0)}, last)
    for kind, number, outcome in events:
        following: set[tuple[int, int]] = set()
        for block, index in states:
            op = function.blocks[block].ops[index] if block >= 0 else None
            if isinstance(op, Call) and kind == "call" and _number(op) == number:
                raised = isinstance(outcome, type)
                following.add((function.blocks[block].throw, 0) if raised else (block, index + 1))
                last[op.result] = outcome
            elif isinstance(op, Exit) and kind == "exit" and _manager(op, numbers) == number:
                following.add((block, index + 1))
        states = _settled(function, following, last)
    return (ending, 0) in states


def _number(call: Call) -> int:
    value = call.args[0].value
    assert isinstance(value, Const)
    return int(value.text)


def _manager(op: Exit, numbers: dict[int, int]) -> int:
    assert isinstance(op.manager, Ref)
    return numbers[int(op.manager.place.root[1:])]


def _settled(function: Function, states: set[tuple[int, int]], last: dict[int, object]) -> set[tuple[int, int]]:
    """Goes on from each state to the next calls and exits of managers, past what nobody sees."""
    settled: set[tuple[int, int]] = set()
    seen = set(states)
    waiting = list(states)
    while waiting:
        block, index = state = waiting.pop()
        if block < 0:
            settled.add(state)
            continue
        ops = function.blocks[block].ops
        if index == len(ops):
            ways = [(target, 0) for target in function.blocks[block].next]
        elif isinstance(ops[index], Call | Exit):
            settled.add(state)
            continue
        elif isinstance(ops[index], Throw):
            ways = [(function.blocks[block].throw, 0)]
        else:
            ways = [(block, index + 1)] if _holds(ops[index], last) else []
        for way in ways:
            if way not in seen:
                seen.add(way)
                waiting.append(way)
    return settled


def _holds(op: Op, last: dict[int, object]) -> bool:
    """Whether a guard on a call's result agrees with what the call gave."""
    if not isinstance(op, Guard) or not isinstance(op.value, Ref) or not op.value.place.root.startswith("%"):
        return True
    given_back = last[int(op.value.place.root[1:])]
    match op.outcome, op.other:
        case (("present" | "absent"), _):
            return bool(given_back) is (op.outcome == "present")
        case _, Const("boolean", text):
            return (str(given_back) == text) is (op.outcome == "equal")
    return True


@settings(max_examples=400, deadline=None)
@given(st.lists(_TREES, min_size=1, max_size=3), st.lists(st.sampled_from([0, 1, 0, 1, 1, 2, 3]), max_size=25))
def test_what_a_function_does_is_a_path_of_its_graph(trees: list[object], answers: list[int]) -> None:
    code = _numbered([line for tree in trees for line in _lines(tree, 1, False)])
    names: dict[str, Callable[..., object]] = {"FirstError": FirstError, "SecondError": SecondError}
    exec(compile(code, "random", "exec"), names)
    run = Run(list(answers))
    ending = -1
    try:
        names["f"](run.t, run.m)
    except (FirstError, SecondError, AssertionError):
        ending = -2
    facts = facts_of(code)
    assert facts.skipped == []
    assert _accepts(facts.functions[1], run.events, ending), f"{code}\n{run.events}"
