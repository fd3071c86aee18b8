"""What judging a file costs grows with what it holds, not with its square; and where it would, a limit says so."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from bench.growth.programs import DIMENSIONS, Dimension
from fixers import rescans, steps
from fixers.batches import TOO_MANY
from fixers.engine import judge_file
from fixers.mending import mend_each, mend_file
from fixers.source import SkipCode
from tests.fixers.judging import program

if TYPE_CHECKING:
    from types import FrameType

SMALL, LARGE = 25, 100

LINEAR = (
    "grown.tsx: pragmas before one line",
    "grown.tsx: block comments before one line",
    "grown.tsx: leaking functions",
    "grown.tsx: leaking closures of one function",
    "grown.tsx: functions of an object",
    "grown.tsx: classes",
    "grown.tsx: subclasses of one class",
    "grown.tsx: methods that leak",
    "grown.tsx: methods with a release",
    "grown.tsx: methods with a listener",
    "grown.tsx: switch cases",
    "grown.tsx: else if",
    "grown.tsx: components",
    "grown.tsx: a chain of calls",
    "grown.py: pragmas before one line",
    "grown.py: classes",
    "grown.py: elif",
)


def calls(item: Dimension, size: int) -> int:
    """How many calls of functions it takes to judge a file with so many of something."""
    count = 0

    def note(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal count
        count += event == "call"

    data = item.program(size).encode()
    sys.setprofile(note)
    try:
        judge_file(item.path, data)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("name", LINEAR)
def test_four_times_as_much_takes_about_four_times_as_many_calls(name: str) -> None:
    (item,) = [item for item in DIMENSIONS if f"{item.path}: {item.name}" == name]
    judge_file(item.path, item.program(2).encode())
    assert calls(item, LARGE) < 1.5 * LARGE / SMALL * calls(item, SMALL)


@pytest.mark.parametrize("item", DIMENSIONS, ids=lambda item: f"{item.path}: {item.name}")
def test_every_program_is_judged(item: Dimension) -> None:
    outcome = judge_file(item.path, item.program(3).encode())
    assert (outcome.parsed, outcome.skipped) == (True, [])


TWO = program(
    """
    function one() { const t = setInterval(f, 5); t.x; g() }
    function two() { const t = setInterval(f, 5); t.x; g() }
    """
)


def test_handles_are_followed_for_so_many_steps_and_the_rest_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "MAX_STEPS", 3)
    outcome = judge_file("a.js", TWO)
    assert [finding.line for finding in outcome.findings] == [1]
    (skipped,) = outcome.skipped
    assert skipped.code == SkipCode.LIMIT
    assert skipped.detail == ("the function at line 2 is not judged: what the file acquires takes too long to follow")


FIXABLE = program(
    """
    class A extends React.Component {
      componentDidMount() {
        this.s = setInterval(f, 5);
        this.t = setInterval(g, 5);
      }
      componentWillUnmount() {
        h();
      }
    }
    """
)


def test_fixes_are_checked_by_so_many_scans_and_the_rest_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    before = judge_file("a.js", FIXABLE)
    assert len(mend_file("a.js", FIXABLE, lambda _: True).fixed) == 2
    monkeypatch.setattr(rescans, "MAX_RESCANNED_BYTES", len(FIXABLE))
    mended = mend_file("a.js", FIXABLE, lambda _: True)
    assert (mended.data, [reason for _, reason in mended.refused]) == (FIXABLE, [TOO_MANY, TOO_MANY])
    assert [reason for _, reason in mend_each("a.js", FIXABLE, before.findings, before)] == [None, TOO_MANY]
