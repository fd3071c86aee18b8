"""Files that are damaged, foreign, huge or hostile: what they cost, and that lowering ends quickly without an error."""

from __future__ import annotations

from time import process_time

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixers.facts import Call, FileFacts
from fixers.source import Language, Source
from fixers.syntax.python import lower
from tests.fixers.syntax.python_facts import facts_of


def _codes(facts: FileFacts) -> list[str]:
    return [str(skipped.code) for skipped in facts.skipped]


def test_a_fault_costs_the_function_around_it() -> None:
    facts = facts_of("def f():\n    x = = 1\n\ndef g():\n    def h(:\n        pass\n    return open(p)\n")
    whole = {function.name: function.whole for function in facts.functions}
    assert whole == {"": True, "f": False, "g": True, "h": False}
    assert [skipped.detail.split(":")[0] for skipped in facts.skipped] == ["line 2", "line 5"]
    calls = [function.name for function in facts.functions for op in function.ops() if isinstance(op, Call)]
    assert calls == ["g"]


def test_a_fault_does_not_cost_the_functions_that_it_holds() -> None:
    facts = facts_of("def f():\n    a()\n\ndef g(:\n    x = = 1\n\ndef h():\n    b()\n")
    whole = {function.name: function.whole for function in facts.functions}
    assert (whole[""], whole["f"], whole["g"]) == (False, True, False)
    assert facts.skipped[0].detail.endswith("; the code outside of functions is not judged")


PYTHON2 = [
    "print 'a'",
    "print >>f, a",
    "exec 'a' in b",
    "raise E, 'a'",
    "try: pass\nexcept E, e: pass",
    "a <> b",
    "`a`",
    "def f((a, b)): pass",
]


@pytest.mark.parametrize("code", PYTHON2)
def test_python_2_is_told_and_not_lowered(code: str) -> None:
    facts = facts_of(f"x = open(p)\n{code}\n")
    assert _codes(facts) == ["python2"]
    assert facts.skipped[0].detail.startswith("line ")
    assert [list(function.ops()) for function in facts.functions] == [[]]
    assert not facts.functions[0].whole


PYTHON3 = [
    "print('a')",
    "print",
    "print (a), b",
    "exec('a')",
    "raise E('a') from e",
    "try: pass\nexcept (E, e): pass",
    "try: pass\nexcept ValueError, OSError: pass",
    "s = '`<>`'",
    "type = match = case = 1",
    "match = type(x)",
]


@pytest.mark.parametrize("code", PYTHON3)
def test_python_3_is_not_taken_for_python_2(code: str) -> None:
    assert facts_of(code + "\n").skipped == []


ENCODINGS = [
    b"\xef\xbb\xbff(x)\n",
    b"# -*- coding: latin-1 -*-\n# \xe9t\xe9\nf('\xe9', \xe9=1)\n",
    "# été\nf('日本')\n".encode(),
    b"f(x)\r\ng\r\n",
]


@pytest.mark.parametrize("data", ENCODINGS)
def test_encodings(data: bytes) -> None:
    facts = facts_of(data)
    (call,) = [op for op in facts.functions[0].ops() if isinstance(op, Call)]
    assert data[call.span.start : call.span.end].startswith(b"f(")
    assert data[call.span.end - 1 :].startswith(b")")
    assert facts.skipped == []


def _in_function(opening: str, closing: str, core: str, levels: int) -> str:
    lines = [" " * level + opening for level in range(1, levels + 1)]
    lines.append(" " * (levels + 1) + core)
    lines.extend(" " * level + closing for level in range(levels, 0, -1) if closing)
    return "\n".join(["def f():", *lines, ""])


LONG = [
    ("operators", " + ".join(["a()"] * 30_000)),
    ("attributes", "a" + ".b" * 30_000),
    ("calls", "a" + "()" * 30_000),
    ("comparisons", " < ".join(["a"] * 30_000)),
    ("elements", "[" + "1," * 100_000 + "]"),
    ("strings", "'a' " * 30_000),
]


@pytest.mark.parametrize("code", [pytest.param(code, id=name) for name, code in LONG])
def test_what_is_long_is_lowered(code: str) -> None:
    start = process_time()
    facts = facts_of(code.encode())
    assert process_time() - start < 15
    assert facts.skipped == []


DEEP = [
    ("brackets", "[" * 100_000 + "]" * 100_000, "too-deep"),
    ("parentheses", "(" * 100_000 + ")" * 100_000, "too-deep"),
    ("open brackets", "[" * 100_000, "syntax"),
    ("closing brackets", ")" * 100_000, "syntax"),
    ("negations", "not " * 30_000 + "a", "too-deep"),
    ("powers", "a ** " * 30_000 + "a", "too-deep"),
    ("lists in a function", "def f(): return " + "[" * 500 + "]" * 500, "too-deep"),
    ("calls in a function", "def f(): return " + "g(" * 500 + ")" * 500, "too-deep"),
    ("comprehensions", "[a for a in " * 500 + "b" + "]" * 500, "too-deep"),
    ("lambdas", "lambda: " * 2_000 + "a", "too-deep"),
    ("blocks", _in_function("if a:", "", "g()", 500), "too-deep"),
    ("managers", _in_function("with a:", "", "return g()", 100), "too-deep"),
    ("finally", _in_function("try:", "finally: g()", "return g()", 60), "too-deep"),
    ("branches", "if a: f()\n" + "elif b: g()\n" * 10_000, "limit"),
    ("alternatives", " or ".join(["a"] * 30_000), "limit"),
]


@pytest.mark.parametrize(("code", "why"), [pytest.param(code, why, id=name) for name, code, why in DEEP])
def test_what_is_too_deep_or_too_large_is_told(code: str, why: str) -> None:
    start = process_time()
    facts = facts_of(code.encode())
    assert process_time() - start < 15
    assert set(_codes(facts)) == {why}


NESTED = [
    ("lists", "[" * 100 + "]" * 100),
    ("calls", "g(" * 100 + ")" * 100),
    ("blocks", _in_function("if a:", "", "g()", 90)),
    ("managers", _in_function("with a() as b:", "", "return g()", 30)),
    ("finally", _in_function("try:", "finally: g()", "return g()", 15)),
    ("functions", "\n".join(" " * level + "def f():" for level in range(90)) + " pass\n"),
    ("lambdas", "lambda: " * 90 + "a"),
]


@pytest.mark.parametrize("code", [pytest.param(code, id=name) for name, code in NESTED])
def test_what_is_nested_as_people_never_do_is_still_lowered(code: str) -> None:
    assert facts_of(code.encode()).skipped == []


_PIECES = st.sampled_from(
    [
        *"()[]{}:,.=*@\\\n#'\"",
        *(
            " ",
            "\n ",
            "\n    ",
            "\n        ",
            "x",
            "y",
            "self",
            "1",
            "'k'",
            "f'{",
            "}'",
            "é",
            "\t",
            "\r",
            "\0",
            "\ufeff",
        ),
        *(
            "def f(self):",
            "class C(B):",
            "async ",
            "await ",
            "yield ",
            "lambda x: ",
            "return ",
            "raise ",
            "del ",
            "not ",
        ),
        *("try:", "except E as e:", "except:", "finally:", "else:", "with open(x) as y:", "for x in y:", "while x:"),
        *("if x:", "elif x:", " if x else ", " is None ", " and ", " or ", "match x:", "case [x, *y] if x:", ":="),
        *(
            "import a.b as c",
            "from . import (",
            "global x",
            "nonlocal x",
            "assert ",
            "break",
            "continue",
            "pass",
            "print x",
        ),
        *("f(", "x.y", "x[", "**x", "x = ", "x: T = ", "x += ", "@d", "type ", "->", "`", "<>", "# stanch-ignore a"),
    ]
)


def _check(data: bytes) -> None:
    facts = lower(Source("m.py", data, Language.PYTHON))
    assert facts.functions[0].kind == "module"
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=FileFacts) == facts
    for index, function in enumerate(facts.functions):
        assert index == 0 or (function.parent is not None and function.parent < index)
        assert 0 <= function.span.start <= function.body.start <= function.body.end <= len(data)
        for block in function.blocks:
            ways = (*block.next, block.throw, block.cancel, block.close)
            assert all(-4 <= way < len(function.blocks) for way in ways)
        for op in function.ops():
            assert 0 <= op.span.start <= op.span.end <= len(data)
            if isinstance(op, Call):
                assert op.span.contains(op.callee_span)
                assert op.span.contains(op.args_span)


@settings(max_examples=300, deadline=None)
@given(st.lists(_PIECES, max_size=60).map("".join))
def test_pieces_of_python_in_any_order(code: str) -> None:
    _check(code.encode())


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    _check(data)


_OPENINGS = ["if a:", "with a() as b:", "try:", "for a in b:", "while a:", "def f():", "class C:"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(["if a:", "with a() as b:", "try:", "for a in b:", "while a:", "def f():", "class C:"]),
        max_size=60,
    ),
    st.integers(0, 200),
)
def test_any_nesting(openings: list[str], brackets: int) -> None:
    lines = [" " * level + opening for level, opening in enumerate(openings)]
    lines.append(" " * len(openings) + "return f(" + "[" * brackets + "g()" + "]" * brackets + ")")
    lines.extend(
        " " * level + "finally: h()" for level, opening in reversed(list(enumerate(openings))) if opening == "try:"
    )
    _check("\n".join(lines).encode())
