"""What functions do with a handle that they get, or that lies where they can reach it."""

from __future__ import annotations

import pytest

from fixers.facts import THIS, Place
from fixers.states import Effect
from tests.fixers.lowered import function_named, judge_of, resource

BORROWS, RELEASES, KEEPS = Effect.BORROWS, Effect.RELEASES, Effect.KEEPS

JAVASCRIPT = [
    ("function f(t) {}", BORROWS),
    ("function f(t) { console.log(t); }", BORROWS),
    ("function f(t) { clearInterval(t); }", RELEASES),
    ("function f(t) { clearTimeout(t); }", RELEASES),
    ("function f(t) { const u = t; clearInterval(u); }", RELEASES),
    ("function f(t) { if (t) clearInterval(t); }", RELEASES),
    ("function f(t) { t && clearInterval(t); }", RELEASES),
    ("function f(t) { g(t); } function g(u) { clearInterval(u); }", RELEASES),
    ("function f(t) { g(t); } function g(u) { console.log(u); }", BORROWS),
    ("function f(t) { g(1, ...[t]); } function g(u) { clearInterval(u); }", KEEPS),
    ("function f(t) { unknown(t); }", KEEPS),
    ("function f(t) { return t; }", KEEPS),
    ("function f(t) { return [t]; }", KEEPS),
    ("function f(t) { return { t }; }", KEEPS),
    ("function f(t) { return () => clearInterval(t); }", KEEPS),
    ("function f(t) { return t !== null; }", BORROWS),
    ("function f(t) { timers.push(t); } const timers = [];", KEEPS),
    ("function f(t) { kept = t; } let kept;", KEEPS),
    ("function f(t) { other.t = t; }", KEEPS),
    ("function f(t) { unknown(() => clearInterval(t)); }", KEEPS),
    ("function f(t) { f(t); }", BORROWS),
    ("function f(t) { g(t); } function g(t) { f(t); }", BORROWS),
    ("function f(t) { t.unref(); }", KEEPS),
]

PYTHON = [
    ("def f(t): pass", BORROWS),
    ("def f(t): t.close()", RELEASES),
    ("def f(t): t.read()", BORROWS),
    ("def f(t): print(t)", BORROWS),
    ("def f(t):\n    with t: pass", RELEASES),
    ("def f(t):\n    try:\n        g()\n    finally:\n        t.close()", RELEASES),
    ("def f(t): yield t", KEEPS),
    ("def f(t): return t", KEEPS),
    ("def f(t): return t.read", KEEPS),
    ("def f(t): return csv.reader(t)\nimport csv", KEEPS),
    ("def f(t): raise Error(t)", KEEPS),
    ("def f(t): g(u=t)\ndef g(a, u): u.close()", RELEASES),
    ("def f(t): g(*t)\ndef g(a): a.close()", KEEPS),
    ("def f(t): stack.callback(t.close)", KEEPS),
    ("def f(t): lambda: t.close()", BORROWS),
    ("def f(t): return lambda: t.close()", KEEPS),
]


@pytest.mark.parametrize(("code", "expected"), JAVASCRIPT)
def test_a_parameter_in_javascript(code: str, expected: Effect) -> None:
    judge = judge_of("a.js", code)
    function = function_named(judge, "f")
    interval = resource("node:timers.setInterval")
    assert judge.flows.effect(interval, function, Place("t", function)) is expected


@pytest.mark.parametrize(("code", "expected"), PYTHON)
def test_a_parameter_in_python(code: str, expected: Effect) -> None:
    judge = judge_of("a.py", code)
    function = function_named(judge, "f")
    assert judge.flows.effect(resource("builtins.open"), function, Place("t", function)) is expected


FIELDS = [
    ("f() { clearInterval(this.t); }", RELEASES),
    ("f() { const { t } = this; clearInterval(t); }", RELEASES),
    ("f() { this.g(); } g() { clearInterval(this.t); }", RELEASES),
    ("f() { const g = () => clearInterval(this.t); g(); }", RELEASES),
    ("f() { g(this); }", BORROWS),
    ("f() { g(this.t); }", KEEPS),
    ("f() { this.t = null; }", BORROWS),
    ("f() { return this.t; }", BORROWS),
    ("f() { clearInterval(this.u); }", BORROWS),
]


@pytest.mark.parametrize(("members", "expected"), FIELDS)
def test_a_field(members: str, expected: Effect) -> None:
    judge = judge_of("a.js", f"class C {{ {members} }}")
    function = function_named(judge, "f")
    place = Place("this", THIS, ("t",))
    assert judge.flows.effect(resource("node:timers.setInterval"), function, place) is expected


def test_many_functions_that_call_each_other_end() -> None:
    count = 60
    bodies = "".join(f"function f{n}(t) {{ f{(n + 1) % count}(t); f{(n * 7) % count}(t); }}\n" for n in range(count))
    judge = judge_of("a.js", bodies)
    function = function_named(judge, "f0")
    place = Place("t", function)
    assert judge.flows.effect(resource("node:timers.setInterval"), function, place) in {BORROWS, KEEPS}
