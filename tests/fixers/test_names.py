from __future__ import annotations

import pytest

from fixers.facts import Place, Ref
from fixers.names import denotes, local_class
from tests.fixers.lowered import judge_of, probed

JAVASCRIPT_PATHS = [
    ("probe(setInterval)", "global.setInterval"),
    ("probe(window.setInterval)", "global.setInterval"),
    ("probe(globalThis.console.log)", "global.console.log"),
    ("function f(setInterval) { probe(setInterval); }", None),
    ("import { Pool } from 'pg'; probe(Pool)", "pg.Pool"),
    ("import pg from 'pg'; probe(pg.Pool)", "pg.Pool"),
    ("import * as pg from 'pg'; probe(pg.Pool)", "pg.Pool"),
    ("import { Pool as P } from 'pg'; const Q = P; probe(Q)", "pg.Pool"),
    ("const { Pool } = require('pg'); probe(Pool)", "pg.Pool"),
    ("const pg = require('pg'); probe(new pg.Pool())", "pg.Pool()"),
    ("import { createServer } from 'node:http'; probe(createServer)", "http.createServer"),
    ("import { Pool } from 'pg'; const pool = new Pool(); probe(pool.connect)", "pg.Pool().connect"),
    ("import { Pool } from 'pg'; async function f() { probe(await new Pool().connect()); }", "pg.Pool().connect()"),
    ("import { Pool } from 'pg'; let pool = null; pool = new Pool(); probe(pool)", "pg.Pool()"),
    ("import { A, B } from 'm'; let x = new A(); x = new B(); probe(x)", None),
    ("import { A } from 'm'; const x = c ? new A() : null; probe(x)", "m.A()"),
    ("import { A, B } from 'm'; const x = c ? new A() : new B(); probe(x)", None),
    ("import { A } from 'm'; const { b } = new A(); probe(b)", "m.A().b"),
    ("import { A } from 'm'; class C { a = new A(); f() { probe(this.a); } }", "m.A()"),
    ("class C { f() { probe(this); } }", "@0()"),
    ("class C {} probe(new C())", "@0()"),
    ("let a = b; let b = a; probe(a)", None),
    ("probe(unknown().x)", "global.unknown().x"),
]

TYPESCRIPT_PATHS = [
    ("import { Pool } from 'pg'; function f(pool: Pool) { probe(pool); }", "pg.Pool()"),
    ("import { Pool } from 'pg'; function f(pool?: Pool | null) { probe(pool); }", "pg.Pool()"),
    ("import * as pg from 'pg'; function f(pool: pg.Pool) { probe(pool); }", "pg.Pool()"),
    ("import { Pool } from 'pg'; class C { private pool: Pool; f() { probe(this.pool); } }", "pg.Pool()"),
    ("import { Pool } from 'pg'; class C { constructor(private readonly pool: Pool) { probe(pool); } }", "pg.Pool()"),
    ("function f(socket: WebSocket) { probe(socket); }", "global.WebSocket()"),
    ("function f(n: number) { probe(n); }", "global.number()"),
]

PYTHON_PATHS = [
    ("probe(open)", "builtins.open"),
    ("import sqlite3\nprobe(sqlite3.connect)", "sqlite3.connect"),
    ("from sqlite3 import connect as c\nprobe(c)", "sqlite3.connect"),
    ("import os.path\nprobe(os.path.join)", "os.path.join"),
    ("from pathlib import Path\nprobe(Path('x').open)", "pathlib.Path().open"),
    (
        "import ssl\ncontext = ssl.create_default_context()\nprobe(context.wrap_socket)",
        "ssl.create_default_context().wrap_socket",
    ),
    ("def open(): pass\nprobe(open)", None),
    ("from socket import socket\ndef f(s: socket): probe(s)", "socket.socket()"),
    ("from socket import socket\ndef f(s: 'socket | None'): probe(s)", "socket.socket()"),
    (
        "import requests\nclass C:\n    def f(self):\n        self.s = requests.Session()\n        probe(self.s)",
        "requests.Session()",
    ),
    ("class C: pass\nprobe(C())", "@0()"),
    (
        "import aiohttp\nasync def f():\n    async with aiohttp.ClientSession() as s:\n        probe(s)",
        "aiohttp.ClientSession()",
    ),
]


@pytest.mark.parametrize(
    ("path", "code", "expected"),
    [
        *(("a.js", *row) for row in JAVASCRIPT_PATHS),
        *(("a.ts", *row) for row in TYPESCRIPT_PATHS),
        *(("a.py", *row) for row in PYTHON_PATHS),
    ],
)
def test_access_path(path: str, code: str, expected: str | None) -> None:
    judge = judge_of(path, code)
    function, value = probed(judge)
    assert judge.names.path_of(value, function) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("class C { f() { const t = this.timer; probe(t); } }", "this.timer"),
        ("class C { f() { const { timer } = this; probe(timer); } }", "this.timer"),
        ("class C { f() { const { timer: t } = this; const u = t; probe(u); } }", "this.timer"),
        ("class C { f() { let t = this.timer; t = null; probe(t); } }", "t"),
        ("function f(t) { probe(t); }", "t"),
        ("class C { f() { this.timers.forEach((t) => probe(t)); } }", "this.timers[*]"),
        ("async function f(p) { probe(await p); }", "p"),
        ("function f() { const t = make(); probe(t); }", "t"),
        ("const a = b; const b = a; probe(a);", "a"),
    ],
)
def test_what_an_alias_stands_for(code: str, expected: str) -> None:
    judge = judge_of("a.js", code)
    function, value = probed(judge)
    assert isinstance(value, Ref)
    assert str(judge.names.canonical(value.place, function)) == expected


def test_fields_of_two_classes_do_not_meet() -> None:
    judge = judge_of(
        "a.js",
        "import { A, B } from 'm'; class C { a = new A(); f() { probe(this.a); } } class D { a = new B(); }",
    )
    function, value = probed(judge)
    assert judge.names.path_of(value, function) == "m.A()"


@pytest.mark.parametrize(
    ("path", "code", "names"),
    [
        ("a.py", "@pytest.fixture\ndef f(): probe(1)", {"fixture"}),
        ("a.py", "@pytest.fixture(scope='module')\ndef f(): probe(1)", {"fixture"}),
        ("a.py", "@one\n@a.b.two(1)\ndef f(): probe(1)", {"one", "two"}),
    ],
)
def test_names_of_decorators(path: str, code: str, names: set[str]) -> None:
    judge = judge_of(path, code)
    function, _ = probed(judge)
    assert judge.names.decorators(judge.facts.functions[function].decorators, 0) == names


def test_assignments_that_go_round_in_circles_are_resolved_in_linear_time() -> None:
    chain = "".join(f"    def f{n}(self):\n        self.a[1] = self.a = [self.b, self.a[1]]\n" for n in range(40))
    back = "".join(f"    def g{n}(self):\n        self.b = self.a[1]\n        self.a = self.b\n" for n in range(40))
    judge = judge_of("a.py", f"class C:\n{chain}{back}    def h(self):\n        probe(self.a[1])\n")
    function, value = probed(judge)
    assert judge.names.path_of(value, function) == "@0().a[1]"


def test_a_call_is_the_origin_of_what_it_gives() -> None:
    judge = judge_of("a.js", "async function f() { probe(await open()); }")
    function, value = probed(judge)
    origin = judge.names.origin(value, function)
    assert origin is not None
    assert str(origin.callee.place if isinstance(origin.callee, Ref) else None) == "open"


@pytest.mark.parametrize(
    ("path", "number"), [("@3()", 3), ("@3", None), ("@x()", None), ("pg.Pool()", None), (None, None)]
)
def test_instances_of_the_files_own_classes(path: str | None, number: int | None) -> None:
    assert local_class(path) == number


def test_what_denotes_a_handle() -> None:
    handle, other = Place("t", 1), Place("u", 1)
    assert denotes(Ref(handle), {handle})
    assert not denotes(Ref(other), {handle})
    assert not denotes(Ref(handle.member("close")), {handle})
    assert not denotes(None, {handle})
