"""Whether a call releases, fails, or only uses a handle; above all whether a removal matches its registration."""

from __future__ import annotations

import pytest

from fixers.facts import Call, Place, Ref
from fixers.lifetimes import Judge
from tests.fixers.lowered import judge_of, probed, probes, resource


def calls_of(judge: Judge, method: str) -> list[tuple[int, Call]]:
    """The calls of a method, each with the function that makes it."""
    return [
        (index, op)
        for index, function in enumerate(judge.facts.functions)
        for op in function.ops()
        if isinstance(op, Call)
        and isinstance(op.callee, Ref)
        and (op.callee.place.path or (op.callee.place.root,))[-1] == method
    ]


def is_removed(code: str) -> bool:
    judge = judge_of("a.js", code)
    entry = resource("dom:EventTarget.addEventListener")
    ((adder, added),) = calls_of(judge, "addEventListener")
    ((remover, removed),) = calls_of(judge, "removeEventListener")
    token = judge.releases.register(adder, added)
    return judge.releases.releases(removed, remover, entry, frozenset({token}))


PAIRS = [
    ("x.addEventListener('a', f); x.removeEventListener('a', f);", True),
    ("x.addEventListener('a', f); x.removeEventListener('b', f);", False),
    ("x.addEventListener('a', f); x.removeEventListener('a', g);", False),
    ("x.addEventListener('a', f); y.removeEventListener('a', f);", False),
    ("window.addEventListener('a', f); globalThis.removeEventListener('a', f);", True),
    ("addEventListener('a', f); removeEventListener('a', f);", True),
    ("self.addEventListener('a', f); removeEventListener('a', f);", True),
    ("document.addEventListener('a', f); window.removeEventListener('a', f);", False),
    ("x.addEventListener(`a`, f); x.removeEventListener('a', f);", True),
    ("x?.addEventListener('a', f); x?.removeEventListener('a', f);", True),
    ("x.addEventListener('a', () => 1); x.removeEventListener('a', () => 1);", False),
    ("x.addEventListener('a', f.bind(y)); x.removeEventListener('a', f.bind(y));", False),
    ("const g = f.bind(y); x.addEventListener('a', g); x.removeEventListener('a', g);", True),
    ("x.addEventListener(name(), f); x.removeEventListener(name(), f);", True),
    ("x.addEventListener(name(1), f); x.removeEventListener(name(2), f);", False),
    ("const E = 'a'; x.addEventListener(E, f); x.removeEventListener(E, f);", True),
    ("x.addEventListener('a', f, true); x.removeEventListener('a', f, true);", True),
    ("const n = x.node; n.addEventListener('a', f); n.removeEventListener('a', f);", True),
    (
        "class C { a() { this.x.addEventListener('a', this.f); } b() { this.x.removeEventListener('a', this.f); } }",
        True,
    ),
    (
        "class C { a() { this.x.addEventListener('a', this.f); } b() { this.x.removeEventListener('a', this.g); } }",
        False,
    ),
    ("class C { a() { this.x.addEventListener('a', this); } b() { this.x.removeEventListener('a', this); } }", True),
    (
        "class C { a() { const { x } = this; x.addEventListener('a', f); }"
        " b() { this.x.removeEventListener('a', f); } }",
        True,
    ),
    ("function a(x) { x.addEventListener('a', f); } function b(x) { x.removeEventListener('a', f); }", False),
    ("es.forEach((e) => x.addEventListener(e, f)); es.forEach((e) => x.removeEventListener(e, f));", True),
    ("es.forEach((e) => x.addEventListener(e, f)); ds.forEach((e) => x.removeEventListener(e, f));", False),
]


@pytest.mark.parametrize(("code", "expected"), PAIRS)
def test_a_removal_matches_its_registration(code: str, expected: bool) -> None:
    assert is_removed(code) is expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("process.on('a', f); process.removeAllListeners();", True),
        ("process.on('a', f); process.removeAllListeners('a');", True),
        ("process.on('a', f); process.removeAllListeners('b');", False),
        ("process.on('a', f); other.removeAllListeners('a');", False),
    ],
)
def test_a_wholesale_removal(code: str, expected: bool) -> None:
    judge = judge_of("a.js", code)
    ((adder, added),) = calls_of(judge, "on")
    ((remover, removed),) = calls_of(judge, "removeAllListeners")
    token = judge.releases.register(adder, added)
    entry = resource("node:process.on")
    assert judge.releases.releases(removed, remover, entry, frozenset({token})) is expected


OPTIONS = [
    ("x.addEventListener('a', f, { once: true })", True),
    ("x.addEventListener('a', f, { once: false })", False),
    ("x.addEventListener('a', f, { signal })", True),
    ("x.addEventListener('a', f, { signal: controller.signal, passive: true })", True),
    ("x.addEventListener('a', f, { passive: true })", False),
    ("x.addEventListener('a', f, true)", False),
    ("x.addEventListener('a', f)", False),
]


@pytest.mark.parametrize(("code", "expected"), OPTIONS)
def test_options_that_end_a_registration(code: str, expected: bool) -> None:
    judge = judge_of("a.js", code)
    ((_, added),) = calls_of(judge, "addEventListener")
    assert judge.releases.ends_by_options(added, resource("dom:EventTarget.addEventListener")) is expected


QUIET = [
    ("a.js", "probe(console.log('x'))", True),
    ("a.js", "probe(unknown())", False),
    ("a.js", "probe(other.close())", True),
    ("a.js", "probe(x.on('a', f))", True),
    ("a.py", "probe(x.on('a', f))", False),
    ("a.py", "probe(print(1))", True),
    ("a.py", "import logging\nlog = logging.getLogger('a')\nprobe(log.info('x'))", True),
    ("a.py", "probe(int('x'))", False),
    ("a.py", "import csv\nprobe(csv.reader(x))", True),
]


@pytest.mark.parametrize(("path", "code", "expected"), QUIET)
def test_calls_after_which_no_error_path_begins(path: str, code: str, expected: bool) -> None:
    judge = judge_of(path, code)
    function, value = probed(judge)
    call = judge.names.origin(value, function)
    assert call is not None
    entry = resource("builtins.open" if path == "a.py" else "better-sqlite3.Database")
    assert judge.releases.never_throws(call, function, entry, frozenset({Place("handle", 0)})) is expected


USES = [
    ("import json\nprobe(json.load(f))", "borrows"),
    ("import contextlib\nprobe(contextlib.closing(f))", "wraps"),
    ("probe(sorted(f))", "copies"),
    ("import csv\nprobe(csv.reader(f))", "depends"),
    ("probe(unknown(f))", None),
    ("def print(x): pass\nprobe(print(f))", None),
]


@pytest.mark.parametrize(("code", "expected"), USES)
def test_what_a_known_function_does_with_a_handle(code: str, expected: str | None) -> None:
    judge = judge_of("a.py", code)
    ((function, probe),) = probes(judge)
    call = judge.names.origin(probe.args[0].value, function)
    assert call is not None
    assert judge.releases.use_by(call, function, resource("builtins.open")) == expected
