from __future__ import annotations

import pytest

from tests.fixers.lowered import judge_of, probed, probes

FUNCTIONS = [
    ("a.js", "function f() {} probe(f);", ["f"]),
    ("a.js", "const f = () => 1; const g = f; probe(g);", ["f"]),
    ("a.js", "probe(c ? f : g); function f() {} function g() {}", ["f", "g"]),
    ("a.js", "class C { f() {} g() { probe(this.f); } }", ["f"]),
    ("a.js", "class B { f() {} } class C extends B { g() { probe(this.f); } }", ["f"]),
    ("a.js", "class B { f() {} g() { probe(this.f); } } class C extends B { f() {} }", ["f", "f"]),
    ("a.js", "class C { f = () => 1; g() { probe(this.f); } }", ["f"]),
    ("a.js", "class C { constructor() { this.h = this.f.bind(this); } f() {} g() { probe(this.h); } }", ["f"]),
    ("a.js", "class C { f() {} } const c = new C(); probe(c.f);", ["f"]),
    ("a.js", "class C { static f() {} } probe(C.f);", ["f"]),
    ("a.js", "function C() {} C.prototype.f = function f() {}; C.prototype.g = function () { probe(this.f); };", ["f"]),
    ("a.js", "import { useCallback } from 'react'; const f = useCallback(function g() {}, []); probe(f);", ["g"]),
    ("a.js", "import { useCallback } from './mine'; const f = useCallback(function g() {}, []); probe(f);", []),
    ("a.js", "function f() {} let g = f; g = unknown; probe(g);", ["f"]),
    ("a.js", "function f(g) { probe(g); }", []),
    ("a.js", "const f = g; const g = f; probe(f);", []),
    ("a.py", "def f(): pass\nprobe(f)", ["f"]),
    ("a.py", "class C:\n    def f(self): pass\n    def g(self): probe(self.f)", ["f"]),
    ("a.py", "class B:\n    def f(self): pass\nclass C(B):\n    def g(self): probe(self.f)", ["f"]),
    ("a.py", "class C:\n    def f(self): pass\nc = C()\nprobe(c.f)", ["f"]),
]


@pytest.mark.parametrize(("path", "code", "expected"), FUNCTIONS)
def test_the_functions_that_a_value_is(path: str, code: str, expected: list[str]) -> None:
    judge = judge_of(path, code)
    function, value = probed(judge)
    assert [judge.facts.functions[index].name for index in judge.calls.functions(value, function)] == expected


REACHED = [
    ("function a() { b(); } function b() { c(); } function c() {} function d() {}", {"a", "b", "c"}),
    ("function a() { a(); }", {"a"}),
    ("function a() { b(); } function b() { a(); }", {"a", "b"}),
    ("function a() { [1].forEach(b); } function b() {}", {"a", "b"}),
    ("class C { a() { this.b(); } b() {} c() {} }", {"a", "b"}),
    ("class C { constructor() { this.b(); } b() {} } function a() { new C(); }", {"a", "constructor", "b"}),
    ("function a() { function b() {} }", {"a"}),
]


@pytest.mark.parametrize(("code", "expected"), REACHED)
def test_what_runs_once_a_function_runs(code: str, expected: set[str]) -> None:
    judge = judge_of("a.js", code)
    root = next(index for index, body in enumerate(judge.facts.functions) if body.name == "a")
    assert {judge.facts.functions[index].name for index in judge.calls.reached((root,))} == expected


def test_a_construction_runs_the_constructor() -> None:
    judge = judge_of("a.py", "class C:\n    def __init__(self): pass\nprobe(C())")
    ((function, call),) = probes(judge)
    origin = judge.names.origin(call.args[0].value, function)
    assert origin is not None
    assert [judge.facts.functions[index].name for index in judge.calls.targets(origin, function)] == ["__init__"]


def test_a_class_and_its_bases() -> None:
    judge = judge_of("a.js", "class A {} class B extends A {} class C extends B {}")
    assert [judge.facts.classes[index].name for index in judge.calls.lineage(2)] == ["C", "B", "A"]


def test_a_class_that_is_its_own_base_ends() -> None:
    judge = judge_of("a.py", "class A(B): pass\nclass B(A): pass")
    assert [judge.facts.classes[index].name for index in judge.calls.lineage(0)] == ["A", "B"]


NAMED = [
    ("a.py", "open(p)", True),
    ("a.py", "import io\nio.open(p)", True),
    ("a.py", "from io import open as o\no(p)", True),
    ("a.py", "o = open\no(p)", True),
    ("a.py", "class C:\n    def f(self):\n        self.o = open\n        self.o(p)", True),
    ("a.py", "load(p)", False),
    ("a.py", "from x import load as open\nopen(p)", False),
    ("a.ts", "class C { private o: open; f() { this.o(); } }", True),
    ("a.ts", "class C { private o: open; f() { this.p(); } }", False),
]


@pytest.mark.parametrize(("path", "code", "expected"), NAMED)
def test_calls_that_may_have_a_last_name(path: str, code: str, expected: bool) -> None:
    calls = judge_of(path, code).calls.named(frozenset({"open"}))
    assert [len(found) for found in calls.values()] == ([1] if expected else [])
