"""Who owns what leaks, and how bad its leak is."""

from __future__ import annotations

import pytest

from fixers.findings import OwnerKind, Severity
from fixers.lifecycles.model import Runs
from tests.fixers.judging import scanned
from tests.fixers.lowered import function_named, judge_of

OWNERS = [
    ("a.js", "export function f(run) { window.addEventListener('a', run); }", OwnerKind.NOBODY, "f", Severity.LEAK),
    (
        "a.js",
        "export const f = (run) => { document.addEventListener('a', run); };",
        OwnerKind.NOBODY,
        "f",
        Severity.LEAK,
    ),
    ("a.js", "setInterval(() => 1, 1);", OwnerKind.MODULE, "", Severity.SHUTDOWN),
    (
        "a.js",
        "const t = setInterval(() => 1, 1); process.once('exit', () => 1);",
        OwnerKind.MODULE,
        "",
        Severity.SHUTDOWN,
    ),
    ("a.js", "class C { a() { this.t = setInterval(f, 1); } }", OwnerKind.INSTANCE, "C", Severity.LEAK),
    ("a.js", "class C { a() { setInterval(f, 1); } close() {} }", OwnerKind.INSTANCE, "C", Severity.LEAK),
    (
        "a.js",
        "import { useEffect } from 'react'; function C() { useEffect(() => { setInterval(f, 1); }); }",
        OwnerKind.EFFECT,
        "useEffect",
        Severity.LEAK,
    ),
    (
        "a.js",
        "import { useRef } from 'react'; function C() { const t = useRef(); g(()=> { t.current = setInterval(f); }); }",
        OwnerKind.COMPONENT,
        "C",
        Severity.LEAK,
    ),
    (
        "a.js",
        "export function make() { let t; return { start() { t = setInterval(f, 1); } }; }",
        OwnerKind.CLOSURE,
        "make",
        Severity.LEAK,
    ),
    ("a.py", "def f(p):\n    g = open(p)\n    g.read()", OwnerKind.FUNCTION, "f", Severity.LEAK),
    (
        "a.py",
        "class C:\n    def f(self):\n        g = open('x')\n        g.read()",
        OwnerKind.FUNCTION,
        "C.f",
        Severity.LEAK,
    ),
    ("test_a.py", "def f(p):\n    g = open(p)\n    g.read()", OwnerKind.FUNCTION, "f", Severity.ADVICE),
    ("src/a.stories.js", "export function f(run) { setInterval(run, 1); }", OwnerKind.NOBODY, "f", Severity.ADVICE),
]


@pytest.mark.parametrize(("path", "code", "kind", "name", "severity"), OWNERS)
def test_the_owner_of_a_finding(path: str, code: str, kind: OwnerKind, name: str, severity: Severity) -> None:
    (finding,) = scanned(path, code).findings
    assert (finding.owner.kind, finding.owner.name, finding.severity) == (kind, name, severity)
    assert finding.owner.path == finding.path
    assert 1 <= finding.owner.line <= finding.line <= finding.owner.end_line


OFTEN = [
    ("import http from 'http'; http.createServer(function f() {});", True),
    ("import express from 'express'; const app = express(); app.get('/', function f() {});", True),
    ("import express from 'express'; const app = express(); app.get('/', check, function f() {});", True),
    ("import { Router } from 'express'; const r = Router(); r.post('/', function f() {});", True),
    ("other.get('/', function f() {});", False),
    ("server.on('connection', function f() {});", True),
    ("server.on('other', function f() {});", False),
    ("server.on('connection', () => { f(); }); function f() {}", True),
    ("export function f(req, res) {}", True),
    ("export function f(request, reply) {}", True),
    ("export function f(req, next) {}", False),
    ("function f() {}", False),
]


@pytest.mark.parametrize(("code", "expected"), OFTEN)
def test_what_runs_per_request_or_connection(code: str, expected: bool) -> None:
    judge = judge_of("a.js", code)
    assert judge.owners.runs_often(function_named(judge, "f")) is expected


ONCE = [
    ("a.js", "function f() {} f();", True),
    ("a.js", "function f() {} f(); f();", False),
    ("a.js", "export function f() {} f();", False),
    ("a.js", "function f() {} function g() { f(); } g();", True),
    ("a.js", "function f() { f(); }", False),
    ("a.js", "function f() {}", False),
    ("a.py", "def f(): pass\nif __name__ == '__main__':\n    f()", True),
    ("a.py", "def f(): pass", False),
]


@pytest.mark.parametrize(("path", "code", "expected"), ONCE)
def test_what_runs_once_in_a_process(path: str, code: str, expected: bool) -> None:
    judge = judge_of(path, code)
    assert judge.owners.runs_once(function_named(judge, "f")) is expected


SHUTDOWNS = [
    ("process.on('SIGTERM', function f() {});", True),
    ("process.once('SIGINT', () => f()); function f() {}", False),
    ("process.on('exit', f); function f() {}", True),
    ("import process from 'node:process'; process.once('beforeExit', function f() {});", True),
    ("process.on('message', function f() {});", False),
    ("other.on('SIGTERM', function f() {});", False),
]


@pytest.mark.parametrize(("code", "expected"), SHUTDOWNS)
def test_teardowns_of_the_process(code: str, expected: bool) -> None:
    judge = judge_of("a.js", code)
    assert (function_named(judge, "f") in judge.owners.process_teardowns()) is expected


TEARDOWNS = [
    ("a.js", "class C { close() {} }", ["close"], True),
    ("a.js", "class C { stop() {} }", ["stop"], True),
    ("a.js", "class C { stop() {} dispose() {} }", ["dispose", "stop"], True),
    ("a.js", "class C { #close() {} }", ["#close"], True),
    ("a.js", "class C { [Symbol.dispose]() {} }", ["[Symbol.dispose]"], True),
    ("a.js", "class C { draw() {} }", None, True),
    ("a.js", "class C extends HTMLElement { close() {} }", [], True),
    ("a.js", "class C extends HTMLElement { disconnectedCallback() {} }", ["disconnectedCallback"], True),
    ("a.js", "import { B } from './b'; class C extends B { close() {} }", ["close"], False),
    ("a.js", "class B { close() {} } class C extends B {}", ["close"], True),
    ("a.js", "function C() {} C.prototype.destroy = function () {};", ["destroy"], True),
    ("a.ts", "@Component({}) class C { ngOnDestroy() {} }", ["ngOnDestroy"], True),
    ("a.ts", "@Injectable() class C { close() {} }", ["close"], True),
    ("a.ts", "@Injectable() class C { ngOnDestroy() {} close() {} }", ["ngOnDestroy"], True),
    ("a.ts", "import { B } from './b'; @Component({}) class C extends B { ngOnDestroy() {} }", ["ngOnDestroy"], False),
    ("a.ts", "import { Component } from '@stencil/core'; @Component({}) class C { close() {} }", [], True),
    ("a.js", "class C extends mixed(HTMLElement) { disconnectedCallback() {} }", ["disconnectedCallback"], True),
    (
        "a.js",
        "import { B } from './b'; class C extends B(HTMLElement) { disconnectedCallback() {} }",
        ["disconnectedCallback"],
        False,
    ),
    ("a.js", "const M = (Base) => class extends Base { disconnectedCallback() {} };", ["disconnectedCallback"], False),
    (
        "a.ts",
        "const M = <T>(Base: T) => class extends Base { disconnectedCallback() {} };",
        ["disconnectedCallback"],
        False,
    ),
    ("a.js", "import { MyElement } from './my'; class C extends MyElement { close() {} }", [], False),
    (
        "a.ts",
        "import { Vue } from 'vue-property-decorator'; class C extends Vue { beforeDestroy() {} }",
        ["beforeDestroy"],
        True,
    ),
    ("a.py", "class C:\n    def close(self): pass\n    def __exit__(self, *e): pass", ["close", "__exit__"], True),
    ("a.py", "class C:\n    def read(self): pass", None, True),
    ("a.py", "from .b import B\nclass C(B):\n    def close(self): pass", ["close"], False),
]


@pytest.mark.parametrize(("path", "code", "methods", "complete"), TEARDOWNS)
def test_the_teardown_of_a_class(path: str, code: str, methods: list[str] | None, complete: bool) -> None:
    judge = judge_of(path, code)
    teardown = judge.owners.teardown(len(judge.facts.classes) - 1)
    if methods is None:
        assert teardown is None
        return
    assert teardown is not None
    assert [member.name for member in (*teardown.final, *teardown.pausing)] == methods
    assert teardown.complete is complete


ROLES = [
    ("import { useEffect } from 'react'; useEffect(function f() {});", Runs.EFFECT),
    ("import React from 'react'; React.useLayoutEffect(function f() {});", Runs.EFFECT),
    ("import { useEffect } from 'preact/hooks'; useEffect(function f() {});", Runs.EFFECT),
    ("import { onMounted } from 'vue'; onMounted(function f() {});", Runs.SETUP),
    ("import { onUnmounted } from 'vue'; onUnmounted(function f() {});", Runs.TEARDOWN),
    ("import { onMount } from 'svelte'; onMount(function f() {});", Runs.EFFECT),
    ("import { onDestroy } from 'svelte'; onDestroy(function f() {});", Runs.TEARDOWN),
]


@pytest.mark.parametrize(("code", "runs"), ROLES)
def test_what_hooks_run(code: str, runs: Runs) -> None:
    judge = judge_of("a.js", code)
    assert [role for role in Runs if judge.owners.has_role(function_named(judge, "f"), role)] == [runs]


def test_a_hook_of_that_name_from_elsewhere_is_none() -> None:
    judge = judge_of("a.js", "import { useEffect } from './mine'; useEffect(function f() {});")
    assert [role for role in Runs if judge.owners.has_role(function_named(judge, "f"), role)] == []
