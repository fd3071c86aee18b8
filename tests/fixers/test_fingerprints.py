"""Which findings are the same: what may change without changing a fingerprint, and what may not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixers.fingerprints import FINGERPRINT_HEX_DIGITS, fingerprint
from tests.fixers.judging import program, scanned


def mark(path: str, code: str) -> str:
    """The fingerprint of the only finding."""
    (finding,) = scanned(path, code).findings
    return finding.fingerprint


SAME = [
    (
        "a local is renamed",
        "export function f(run, ms) { setInterval(() => run(ms), ms); }",
        "export function f(go, delay) { setInterval(() => go(delay), delay); }",
    ),
    (
        "the body of the callback changes",
        "export function f(run) { setInterval(() => run(1), 5); }",
        "export function f(run) { setInterval(() => { run(2); run(3); }, 5); }",
    ),
    (
        "it is formatted anew",
        "export function f(run) { setInterval(run, 5); }",
        "export function f(run) {\n    setInterval(\n        run,\n        5,\n    )\n}",
    ),
    (
        "arrow parentheses",
        "export function f(run) { setInterval(async x => run(x), 5); }",
        "export function f(run) { setInterval(async (x) => run(x), 5); }",
    ),
    (
        "a comment stands in it",
        "export function f(run) { setInterval(run, 5); }",
        "export function f(run) { setInterval(run, /* ms */ 5); // every 5 ms\n}",
    ),
    (
        "its result gets a name",
        "export function f(run) { setInterval(run, 5); }",
        "export function f(run) { const timer = setInterval(run, 5); console.log(timer); }",
    ),
    (
        "other code stands around it",
        "export function f(run) { setInterval(run, 5); }",
        "const a = 1;\nexport function f(run) {\n  if (a) { run(); }\n  setInterval(run, 5);\n}\nexport const b = 2;",
    ),
    (
        "a method moves within its class",
        "class C { a() { setInterval(f, 5); } b() {} }",
        "class C { b() {} a() { setInterval(f, 5); } }",
    ),
]


@pytest.mark.parametrize(("before", "after"), [row[1:] for row in SAME], ids=[row[0] for row in SAME])
def test_the_fingerprint_stays(before: str, after: str) -> None:
    assert mark("a.js", before) == mark("a.js", after)


DIFFERENT = [
    (
        "another resource",
        "export function f(g) { const t = new WebSocket(g); t.send(1); }",
        "export function f(g) { setInterval(g); }",
    ),
    (
        "another expression",
        "export function f(run) { setInterval(run, 5); }",
        "export function f(run) { setInterval(run, 6); }",
    ),
    (
        "another function around it",
        "export function f(run) { setInterval(run, 5); }",
        "export function g(run) { setInterval(run, 5); }",
    ),
    ("another class around it", "class C { a() { setInterval(f, 5); } }", "class D { a() { setInterval(f, 5); } }"),
    (
        "another name of the module",
        "const a = 5; export function f(run) { setInterval(run, a); }",
        "const b = 5; export function f(run) { setInterval(run, b); }",
    ),
    (
        "another member of a local",
        "export function f(run) { setInterval(run.a, 5); }",
        "export function f(run) { setInterval(run.b, 5); }",
    ),
    (
        "another receiver of the anonymous function around it",
        "a.on('connection', (peer) => { setInterval(peer, 5); });",
        "a.on('request', (peer) => { setInterval(peer, 5); });",
    ),
]


@pytest.mark.parametrize(("one", "other"), [row[1:] for row in DIFFERENT], ids=[row[0] for row in DIFFERENT])
def test_the_fingerprint_differs(one: str, other: str) -> None:
    assert mark("a.js", one) != mark("a.js", other)


NAMES = st.from_regex(r"[a-z][a-z0-9]{0,8}_", fullmatch=True)


@given(NAMES, st.sampled_from(["'", '"']), st.integers(0, 5), st.text(" \t\n", max_size=6), st.booleans())
@settings(max_examples=60)
def test_renaming_quoting_moving_and_spacing_python(
    name: str, quote: str, moved: int, space: str, trailing_comma: bool
) -> None:
    comma = "," if trailing_comma else ""
    code = (
        "x = 1\n" * moved + f"def f(path):\n    {name} = open(path,{space}{quote}r{quote}{comma})\n    {name}.read()\n"
    )
    assert mark("a.py", code) == mark("b/c.py", "def f(p):\n    g = open(p, 'r')\n    g.read()\n")


@given(NAMES, st.sampled_from(["'", '"', "`"]), st.sampled_from([";", ""]), st.text(" \t\n", max_size=6))
@settings(max_examples=60)
def test_renaming_quoting_and_spacing_javascript(name: str, quote: str, semicolon: str, space: str) -> None:
    code = (
        f"export function f({name}) {{{space}\n"
        f"  window.addEventListener({space}{quote}resize{quote},{space}{name}){semicolon}\n}}"
    )
    plain = "export function f(run) { window.addEventListener('resize', run); }"
    assert mark("a.js", code) == mark("a.ts", plain)


@given(st.integers(1, 1000), st.integers(1, 1000))
def test_different_numbers_make_different_expressions(one: int, other: int) -> None:
    def code(number: int) -> str:
        return f"export function f(run) {{ setInterval(run, {number}); }}"

    assert (mark("a.js", code(one)) == mark("a.js", code(other))) is (one == other)


@pytest.mark.parametrize(("path", "twin"), [("a.js", "b.mjs"), ("a.js", "a.jsx"), ("a.js", "deep/er/a.ts")])
def test_paths_do_not_count(path: str, twin: str) -> None:
    code = "export function f(run) { setInterval(run, 5); }"
    assert mark(path, code) == mark(twin, code)


def test_the_verdict_does_not_count() -> None:
    open_ = "def f(p):\n    g = open(p)\n    g.read()\n"
    (never,) = scanned("a.py", program(open_)).findings
    (on_error,) = scanned("a.py", program(open_ + "    g.close()\n")).findings
    assert never.rule != on_error.rule
    assert never.fingerprint == on_error.fingerprint


def test_parts_cannot_run_together() -> None:
    assert fingerprint("a", "b", "c") != fingerprint("a", "bc", "")
    assert fingerprint("a", "b", "c") != fingerprint("ab", "", "c")


@given(st.text(), st.text(), st.text())
def test_a_fingerprint_is_some_hexadecimal_digits(resource: str, expression: str, enclosing: str) -> None:
    text = fingerprint(resource, expression, enclosing)
    assert len(text) == FINGERPRINT_HEX_DIGITS
    assert set(text) <= set("0123456789abcdef")
