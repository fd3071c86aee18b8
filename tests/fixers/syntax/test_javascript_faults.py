"""Files that are damaged, foreign, huge or hostile: what they cost, and that lowering ends quickly without an error."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fixers.facts import EXIT_KIND, Call, Derived, FileFacts, operands
from fixers.source import Language, Source, Span
from fixers.syntax.javascript import lower
from tests.fixers.syntax.javascript_facts import constructs, facts_of

LANGUAGES = [language for language in Language if language is not Language.PYTHON]


def _codes(facts: FileFacts) -> list[str]:
    return [str(skipped.code) for skipped in facts.skipped]


def test_a_fault_costs_the_function_around_it() -> None:
    facts = facts_of(
        "function f() {\n  x = = 1;\n}\nfunction g() { a(); }\nclass A {\n  m() { if ( }\n  n() { b(); }\n}\n"
    )
    whole = {function.name: function.whole for function in facts.functions}
    assert whole == {"": True, "f": False, "g": True, "m": False, "n": True}
    assert [skipped.detail for skipped in facts.skipped] == [
        "line 2: syntax the grammar does not know; function 'f' is not judged",
        "line 6: syntax the grammar does not know; function 'm' is not judged",
    ]


def test_a_fault_at_the_top_costs_the_module_body() -> None:
    facts = facts_of("let = ;;; const\nfunction g() { a(); }\n")
    assert [(function.name, function.whole) for function in facts.functions] == [("", False), ("g", True)]
    assert _codes(facts) == ["syntax"]


def test_a_fault_does_not_cost_the_functions_that_it_holds() -> None:
    facts = facts_of("function f() { a(); }\nfunction g( {\n}\nfunction h() { b(); }\n")
    whole = {function.name: function.whole for function in facts.functions}
    assert (whole[""], whole["f"]) == (False, True)
    assert facts.skipped[0].detail.endswith("the code outside of functions is not judged")


def test_a_fault_within_a_fault_costs_its_function() -> None:
    facts = facts_of("} } )\nfunction f() { const = ; a(); }\nfunction g() { b(); }\n}")
    whole = {function.name: function.whole for function in facts.functions}
    assert whole == {"": False, "f": False, "g": True}


TYPES_ONLY = [
    "interface A<out B = unknown, in C> { b: B }\nf();",
    "export type * from 'a';\nf();",
    "type A<const B> = B;\nf();",
]


@pytest.mark.parametrize("code", TYPES_ONLY)
def test_a_fault_among_types_costs_nothing(code: str) -> None:
    facts = facts_of(code, Language.TYPESCRIPT)
    assert facts.skipped == []
    assert facts.functions[0].whole


def test_flow_is_read_as_typescript() -> None:
    facts = facts_of("// @flow\nimport type { A } from 'a';\nfunction f(a: A, b: ?string): void { a.g(); }\n")
    assert [(param.name, param.type) for param in facts.functions[1].params] == [("a", "A"), ("b", "?string")]
    assert facts.functions[1].whole


SCRIPTS = [
    (Language.VUE, "<script>a()</script><template><script>b()</script></template>", ["a", "b"]),
    (Language.VUE, "<template lang='pug'>\np(v-if='a < b')\n</template>\n<script lang=ts>a<B>()</script>", ["a"]),
    (Language.VUE, "<template>{{ x <y && z }}</template><script>a()</script>", ["a"]),
    (Language.VUE, "<script setup lang='coffee'>a()</script>", []),
    (Language.VUE, "<script src='./a.js'></script>", []),
    (Language.SVELTE, "<script module>a()</script><script>b()</script>{#if x < 3}<p>{y}{/if}", ["a", "b"]),
    (Language.SVELTE, "<script context='module' lang='ts'>a<B>()</script>", ["a"]),
    (Language.HTML, "<p>1<br><script>a()</script><SCRIPT type='module'>b()</SCRIPT>", ["a", "b"]),
    (Language.HTML, "<script type='text/template'>a()</script><script type='application/json'>{}</script>", []),
    (Language.HTML, "<script src=a.js>a()</script><script></script>", []),
    (Language.HTML, "é<script>é()</script>", ["é"]),
]


@pytest.mark.parametrize(("language", "code", "names"), SCRIPTS)
def test_scripts_are_found_where_they_stand(language: Language, code: str, names: list[str]) -> None:
    data = code.encode()
    facts = facts_of(data, language)
    calls = [op for function in facts.functions for op in function.ops() if isinstance(op, Call)]
    assert [data[call.callee_span.start : call.callee_span.end].decode() for call in calls] == names
    assert facts.skipped == []


def test_a_comment_of_the_template_is_a_pragma() -> None:
    facts = facts_of("<!-- stanch-ignore a/b: c -->\n<script>// stanch-ignore d/e: f\n</script>", Language.HTML)
    assert [pragma.text for pragma in facts.pragmas] == ["stanch-ignore a/b: c", "stanch-ignore d/e: f"]


ENCODINGS = [
    b"\xef\xbb\xbff(x)\n",
    b"#!/usr/bin/env node\nf(x)\n",
    b"// \xe9\xff\nf('\xff')\n",
    "// été\nf('日本')\n".encode(),
    b"f(x)\r\ng\r\n",
]


@pytest.mark.parametrize("data", ENCODINGS)
def test_encodings(data: bytes) -> None:
    facts = facts_of(data)
    (call,) = [op for op in facts.functions[0].ops() if isinstance(op, Call)]
    assert data[call.span.start : call.span.end].startswith(b"f(")
    assert data[call.span.start : call.span.end].endswith(b")")


LONG = [
    ("operators", "x = " + " + ".join(["a"] * 30_000)),
    ("calls", "x = " + "a" + ".b()" * 30_000),
    ("members", "x = " + "a" + ".b" * 30_000),
    ("elements", "x = [" + "1," * 100_000 + "]"),
    ("statements", "a();" * 30_000),
    ("assignments", "a = " * 5_000 + "b"),
    ("sequence", "x = (" + ",".join(["a()"] * 30_000) + ")"),
    ("blocks with a name of their own", "{ let a = 1; }" * 10_000),
    ("prototype methods", "function A() {}" + "A.prototype.b = function () {};" * 10_000),
    ("else if", "if (a) b();" + "else if (a) b();" * 1_000),
    ("conditional", "x = " + "a ? b() : " * 1_000 + "c"),
    ("and", "x = " + "a() && " * 1_000 + "b"),
    ("pragmas", "/* stanch-ignore a/b: c */" * 20_000),
    ("one name", "a" * 1_000_000),
    ("one name of a prototype", "a.prototype; " + "b" * 1_000_000),
]


@pytest.mark.parametrize("code", [pytest.param(code, id=name) for name, code in LONG])
def test_what_is_long_is_lowered(code: str) -> None:
    start = process_time()
    facts = facts_of(code.encode())
    assert process_time() - start < 15
    assert facts.skipped == []


def test_a_long_sum_is_flat() -> None:
    facts = facts_of("x = " + " + ".join(["a"] * 30_000))
    (assignment,) = facts.functions[0].blocks[0].ops
    (value,) = operands(assignment)
    assert isinstance(value, Derived)
    assert len(value.parts) == 30_000


DEEP = [
    ("brackets", "[" * 100_000 + "]" * 100_000, "too-deep"),
    ("open brackets", "[" * 100_000, "syntax"),
    ("closing brackets", "]" * 100_000, "syntax"),
    ("brackets within the limit of a tree", "[" * 5_000 + "]" * 5_000, "too-deep"),
    ("negations", "!" * 5_000 + "a", "too-deep"),
    ("objects", "x = " + "{a:" * 3_000 + "1" + "}" * 3_000, "too-deep"),
    ("calls", "f(" * 3_000 + ")" * 3_000, "too-deep"),
    ("elements", "x = " + "<a>" * 3_000 + "</a>" * 3_000, "too-deep"),
    ("ifs", "if (a) {" * 3_000 + "}" * 3_000, "too-deep"),
    ("tries", "try {" * 1_000 + "a();" + "} finally { b(); }" * 1_000, "too-deep"),
    ("using", "{ using a = b;" * 1_000 + "}" * 1_000, "too-deep"),
    ("functions", "function f() {" * 3_000 + "}" * 3_000, "too-deep"),
    ("arrows", "a => " * 5_000 + "a", "too-deep"),
    ("classes", "class A { x = " * 1_000 + "1" + "}" * 1_000, "too-deep"),
    ("patterns", "const " + "{a:" * 3_000 + "b" + "}" * 3_000 + " = c", "too-deep"),
    ("else if without end", "if (a) b();" + "else if (a) b();" * 30_000, "too-deep"),
    ("conditions without end", "x = " + " && ".join(["a()"] * 30_000), "limit"),
    ("cases without end", "switch (a) {" + "case b: c();" * 5_000 + "}", "limit"),
    ("finally in finally", "function* f() {" + "try { yield a(); } finally {" * 9 + "b();" + "}" * 9 + "}", "limit"),
]


@pytest.mark.parametrize(("code", "expected"), [pytest.param(code, code_, id=name) for name, code, code_ in DEEP])
def test_what_is_deep_costs_a_function_or_the_file(code: str, expected: str) -> None:
    start = process_time()
    facts = facts_of(code.encode())
    assert process_time() - start < 15
    assert set(_codes(facts)) == {expected}
    assert not all(function.whole for function in facts.functions)


def test_a_file_that_is_too_deep_has_no_facts() -> None:
    facts = facts_of("a(); " + "[" * 100_000 + "]" * 100_000)
    assert [list(function.ops()) for function in facts.functions] == [[]]
    assert facts.skipped[0].detail == "nested deeper than 10000 levels"


def test_the_copies_of_a_large_finally_body_are_bounded() -> None:
    code = "function f() {" + "try { a(); } finally {" * 6 + f"x = [{'1,' * 20_000}];" + "}" * 7
    start = process_time()
    facts = facts_of(code.encode())
    assert process_time() - start < 15
    assert _codes(facts) == ["limit"]


NESTINGS = [
    "(%s)", "[%s]", "f(%s)", "a.b(%s)", "{a: %s}", "`${%s}`", "!%s", "a + %s", "%s + a", "a && %s", "%s || a",
    "a ? %s : b", "new A(%s)", "<a>{%s}</a>", "<a b={%s} />", "() => %s", "function () { %s; }", "class { x = %s; }",
    "f(...%s)", "await %s", "a = %s", "[a, b] = %s", "a ||= %s", "a?.[%s]", "() => { using a = %s; }",
    "async () => { try { %s } catch { b } finally { c() } }", "() => { if (%s) { a() } else b }",
    "() => { for (const a of %s) { b } }", "() => { switch (%s) { case a: b } }", "() => { l: while (%s) { break l } }",
]  # fmt: skip


@given(st.lists(st.sampled_from(NESTINGS), max_size=60), st.sampled_from(LANGUAGES[:3]))
def test_any_nesting_is_lowered_or_told(nestings: list[str], language: Language) -> None:
    code = "a"
    for nesting in nestings:
        code = nesting.replace("%s", code)
    facts = facts_of(f"x = {code};".encode(), language)
    _assert_well_formed(facts, len(code) + 5)


TOKENS = [
    "a", "b", "=", "=>", "(", ")", "[", "]", "{", "}", ".", "?.", ",", ";", ":", "?", "+", "&&", "...", "`", "${",
    "'", "/", "function", "class", "async", "await", "yield", "for", "of", "if", "else", "try", "catch",
    "finally", "return", "throw", "switch", "case", "break", "new", "this", "import", "export", "default", "from",
    "const", "let", "var", "static", "get", "using", "<", ">", "</", "/>", "<script>", "</script>", "prototype",
    "exports", "require", "'m'", "@", "#x", "*",
]  # fmt: skip


@given(st.lists(st.sampled_from(TOKENS), max_size=60).map(" ".join), st.sampled_from(LANGUAGES))
def test_any_tokens_are_lowered(code: str, language: Language) -> None:
    _assert_well_formed(facts_of(code.encode(), language), len(code.encode()))


@given(st.binary(max_size=200), st.sampled_from(LANGUAGES))
@example(b"", Language.JAVASCRIPT)
@example(b"\xff\xfea\x00(\x00)\x00", Language.TSX)
@example(b"<script>\xff</script>", Language.VUE)
def test_any_bytes_are_lowered(data: bytes, language: Language) -> None:
    _assert_well_formed(lower(Source("m", data, language)), len(data))


@given(st.data())
def test_any_damage_to_real_code_is_lowered(data: st.DataObject) -> None:
    case = data.draw(st.sampled_from(constructs()))
    text = case.code.encode()
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 20)))
    damaged = text[:start] + data.draw(st.sampled_from([b"", b"(", b"}", b"\xff", b"<"])) + text[end:]
    _assert_well_formed(lower(Source("m", damaged, case.language)), len(damaged))


def _assert_well_formed(facts: FileFacts, size: int) -> None:
    """Every position lies within the file, every number names something that exists."""
    whole = Span(0, size)
    spans = [span for function in facts.functions for span in (function.span, function.body, function.name_span)]
    spans += [
        span for class_ in facts.classes for span in (class_.span, class_.body, *(m.span for m in class_.members))
    ]
    spans += [item.span for items in (facts.imports, facts.exports, facts.pragmas) for item in items]
    spans += [op.span for function in facts.functions for op in function.ops()]
    assert all(whole.contains(span) and span.start <= span.end for span in spans)
    for index, function in enumerate(facts.functions):
        assert function.parent is None if index == 0 else function.parent is not None and function.parent < index
        for block in function.blocks:
            for target in (*block.next, block.throw, block.cancel, block.close):
                assert target in EXIT_KIND or 0 <= target < len(function.blocks)
        assert function.whole or facts.skipped
