"""Programs made at random, fixed, and run beside the original with a file that tells what is done to it."""

from __future__ import annotations

import ast
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fixers.fixes.python_fixes import fixed_as_far_as_accepted, flattened

if TYPE_CHECKING:
    from collections.abc import Iterator

EXPRESSIONS = (
    "f.read()",
    "f.readline()",
    "g(1)",
    "len(x)",
    "[y for y in f]",
    "f.name",
    "x",
    "sorted(map(str, f))",
    "1",
)
SIMPLE = (
    *(f"x = {expression}" for expression in EXPRESSIONS),
    "f.write(x)",
    "g(f.read())",
    "f.close()",
    "other = map(str, f)",
    "x = list(other)",
    "g(2)  # noqa",
    "# a comment",
    "x = '''a\n  b'''",
    "x = g(\n        3,\n    )",
    "return x",
    "return g(4)",
    "return",
    "raise KeyError(x)",
    "yield x",
    "x = open(q).read()",
    "for y in open(q): g(y)",
    "e = open(q)",
    "x = e.read()",
    "e.close()",
    "",
)
HEADS = ("if c:", "for y in f:", "for y in [1, 2]:", "try:", "with lock:", "while g(5):")


@st.composite
def suites(draw: st.DrawFn, depth: int, *, in_loop: bool) -> list[str]:
    """Lines of a suite, indented by tabs that the program's own indentation replaces."""
    lines: list[str] = []
    simple = (*SIMPLE, *(("break", "continue") * 3 if in_loop else ()))
    for _ in range(draw(st.integers(1, 4))):
        head = draw(st.sampled_from(HEADS)) if depth and draw(st.booleans()) else None
        if head is None:
            lines.extend(draw(st.sampled_from(simple)).split("\n"))
            continue
        is_loop = head.startswith(("for", "while"))
        inner = draw(suites(depth - 1, in_loop=in_loop or is_loop))
        lines.extend([head, *(f"\t{line}" for line in inner), "\tpass"])
        if head == "if c:" and draw(st.booleans()):
            inner = draw(suites(depth - 1, in_loop=in_loop))
            lines.extend(["else:", *(f"\t{line}" for line in inner), "\tpass"])
        if head == "try:":
            clause = draw(st.sampled_from(("except ValueError:", "except KeyError:", "finally:")))
            lines.extend([clause, "\tg(6)"])
    return lines


@st.composite
def programs(draw: st.DrawFn) -> str:
    unit = draw(st.sampled_from(("    ", "  ", "\t")))
    before, after = draw(suites(1, in_loop=False)), draw(suites(2, in_loop=False))
    body = ["x = 'x'", "other = ()", "e = open(q)", "e.close()", *before, "f = open(p)", *after, "return x"]
    text = "def program(p, q, c, g, lock):\n" + "".join(f"\t{line}\n" if line else "\n" for line in body)
    return text.replace("\t", unit)


class Recorder:
    """Runs a program; at the event of a given number an error is raised."""

    def __init__(self, failing: int) -> None:
        self.events: list[str] = []
        self.open: set[str] = set()
        self._failing = failing

    def note(self, event: str) -> None:
        self.events.append(event)
        if len(self.events) == self._failing:
            raise ValueError(event)

    def run(self, text: str, *, flag: bool) -> str:
        scope: dict[str, Any] = {"open": lambda path: File(self, path)}
        exec(compile(text, "program", "exec"), scope)
        turns = iter([True, False] * 3)

        def g(value: object) -> object:
            self.note(f"g {value}")
            return next(turns, False) if value == 5 else 7

        try:
            result = scope["program"]("p", "q", flag, g, nullcontext())
            result = list(result) if hasattr(result, "__next__") else result
        except Exception as error:
            return f"{type(error).__name__} {error}"
        return repr(result)


class File(AbstractContextManager["File"]):
    """A file of two lines. What is done to it after it was closed is an error of its own kind."""

    def __init__(self, recorder: Recorder, path: str) -> None:
        recorder.note(f"open {path}")
        self.name = path
        self._recorder = recorder
        self._lines = iter(["1\n", "2\n"])
        self._label = f"{path}{len(recorder.events)}"
        recorder.open.add(self._label)

    def _use(self, event: str) -> None:
        if self._label not in self._recorder.open:
            raise OSError("closed")
        self._recorder.note(f"{event} {self.name}")

    def read(self) -> str:
        self._use("read")
        return "".join(self._lines)

    def readline(self) -> str:
        self._use("readline")
        return next(self._lines, "")

    def write(self, text: object) -> None:
        self._use(f"write {text}")

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self._use("next")
        return next(self._lines)

    def close(self) -> None:
        self._recorder.open.discard(self._label)

    def __exit__(self, *_: object) -> None:
        self.close()


def parses(text: str) -> bool:
    try:
        tree = ast.parse(text)
        compile(tree, "program", "exec")
    except SyntaxError:
        return False
    return True


@settings(max_examples=150, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(programs().filter(parses))
def test_a_fixed_program_does_what_it_did_and_leaves_less_open(text: str) -> None:
    after = fixed_as_far_as_accepted(text)
    if "open(q)." not in text and "in open(q)" not in text:
        assert flattened(after) == flattened(text)
    for flag in (False, True):
        for failing in range(24):
            old, new = Recorder(failing), Recorder(failing)
            expected = old.run(text, flag=flag)
            assert new.run(after, flag=flag) == expected, after
            assert new.events == old.events, after
            assert new.open <= old.open, after
            if failing > len(old.events):
                break


def test_the_recorder_sees_a_use_after_the_close() -> None:
    text = "def program(p, q, c, g, lock):\n    f = open(p)\n    f.close()\n    return f.read()\n"
    assert Recorder(0).run(text, flag=True) == "OSError closed"
