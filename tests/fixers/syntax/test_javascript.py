"""What JavaScript and TypeScript become as facts: each construct as text, then what the text does not show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from fixers.facts import Call, Closure, Const, Derived, Export, FileFacts, Guard, Param, Place, Ref
from fixers.source import Language, Span
from tests.fixers.syntax.javascript_facts import constructs, described, facts_of

if TYPE_CHECKING:
    from tests.fixers.syntax.javascript_facts import Case


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in constructs()])
def test_a_construct_becomes_facts(case: Case) -> None:
    facts = facts_of(case.code, case.language)
    assert described(facts) == case.expected
    assert facts.skipped == []


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in constructs()])
def test_facts_survive_their_encoding(case: Case) -> None:
    facts = facts_of(case.code, case.language)
    assert msgspec.json.decode(msgspec.json.encode(facts), type=FileFacts) == facts


def test_a_class_owned_across_a_barrel_file() -> None:
    poller = facts_of("export class Poller { start() { this.t = setInterval(f, 5); } }", Language.TYPESCRIPT)
    barrel = facts_of(
        'export { Poller as default } from "./poller.js";\nexport * from "./others";', Language.TYPESCRIPT
    )
    owner = facts_of('import Poller from "./";\nclass App { p = new Poller(); }', Language.TYPESCRIPT)
    assert [(item.exported, item.value) for item in poller.exports] == [("Poller", Ref(Place("Poller", 0)))]
    assert [(item.exported, item.module, item.name) for item in barrel.exports] == [
        ("default", "./poller.js", "Poller"),
        ("*", "./others", "*"),
    ]
    assert [(item.binding, item.module, item.name) for item in owner.imports] == [(Place("Poller", 0), "./", "default")]
    (construction,) = [op for op in owner.functions[1].ops() if isinstance(op, Call)]
    assert construction.callee == Ref(Place("Poller", 0))


GUARDS = [
    ("x", "present", False, "absent", False),
    ("!x", "absent", False, "present", False),
    ("x == null", "absent", True, "present", True),
    ("x !== undefined", "present", True, "absent", True),
    ("typeof x === 'undefined'", "absent", True, "present", True),
    ("(x = y)", "present", False, "absent", False),
]


@pytest.mark.parametrize(("condition", "when_true", "strict_true", "when_false", "strict_false"), GUARDS)
def test_only_a_test_for_null_is_strict(
    condition: str, when_true: str, strict_true: bool, when_false: str, strict_false: bool
) -> None:
    guards = [op for op in facts_of(f"if ({condition}) f();").functions[0].ops() if isinstance(op, Guard)]
    assert {(guard.outcome, guard.strict) for guard in guards} == {
        (when_true, strict_true),
        (when_false, strict_false),
    }
    assert {guard.value for guard in guards} == {Ref(Place("x", -1))}


CALLS = [
    ("x = f(1, 2)", "f(1, 2)", "f", "(1, 2)"),
    ("new a.B", "new a.B", "a.B", ""),
    ("new B ( 1 )", "new B ( 1 )", "B", "( 1 )"),
    ("await a.b ()", "a.b ()", "a.b", "()"),
    ("a?.b?.(c)", "a?.b?.(c)", "a?.b", "(c)"),
    ("f`x`", "f`x`", "f", "`x`"),
    ("(function () {})()", "(function () {})()", "(function () {})", "()"),
    ("x = <b c='d'>é</b>", "<b c='d'>é</b>", "b", "<b c='d'>"),
    ('import("é")', 'import("é")', "import", '("é")'),
    ("/* é */ a.b.c(d)", "a.b.c(d)", "a.b.c", "(d)"),
]


@pytest.mark.parametrize(("code", "whole", "callee", "arguments"), CALLS)
def test_the_spans_of_a_call(code: str, whole: str, callee: str, arguments: str) -> None:
    data = code.encode()
    (call,) = [op for op in facts_of(data).functions[0].ops() if isinstance(op, Call)]
    spans = (call.span, call.callee_span, call.args_span)
    assert [data[span.start : span.end].decode() for span in spans] == [whole, callee, arguments]


FUNCTIONS = [
    ("function f(a) { g }", "function f(a) { g }", " g ", "f"),
    ("x = a => a.b", "a => a.b", "a.b", ""),
    ("x = { async m() {} }", "async m() {}", "", "m"),
    ("class A { static #p() { 1 } }", "static #p() { 1 }", " 1 ", "#p"),
]


@pytest.mark.parametrize(("code", "whole", "body", "name"), FUNCTIONS)
def test_the_spans_of_a_function(code: str, whole: str, body: str, name: str) -> None:
    (function,) = facts_of(code).functions[1:]
    spans = (function.span, function.body, function.name_span)
    assert [code[span.start : span.end] for span in spans] == [whole, body, name]
    assert function.expression_body == ("=>" in code)


def test_parameters_types_defaults_and_locals() -> None:
    facts = facts_of(
        """
        function f(
          this: Foo, a: Pool, b?: pg.Client | null, { c }: P = {}, d = 1, e = g(), ...h: Map<string, Foo>[]
        ): Promise<void> {
          let i: Socket = a, j = 2;
        }
        """,
        Language.TYPESCRIPT,
    )
    function = facts.functions[1]
    assert function.returns == "Promise"
    assert [(param.name, param.kind, param.type) for param in function.params] == [
        ("a", "positional", "Pool"),
        ("b", "positional", "pg.Client | null"),
        ("", "positional", "P"),
        ("d", "positional", None),
        ("e", "positional", None),
        ("h", "rest", "Map[]"),
    ]
    assert function.params[3] == Param("d", default=Const("number", "1"))
    assert function.params[4].default == Ref(Place("%0", -3))
    assert function.locals == {
        "a": "Pool",
        "b": "pg.Client | null",
        "c": None,
        "d": None,
        "e": None,
        "h": "Map[]",
        "i": "Socket",
        "j": None,
    }


def test_closures_in_copies_of_a_finally_body_are_one() -> None:
    facts = facts_of(
        """
        function f() {
          try { if (a) return b(); c(); } finally { const d = e; g(() => d, class { x = 1 }, { h() { this } }); }
        }
        """
    )
    calls = [op for op in facts.functions[1].ops() if isinstance(op, Call) and op.callee == Ref(Place("g", -1))]
    assert len(calls) == 3
    assert len({call.args for call in calls}) == 1
    assert isinstance(calls[0].args[0].value, Closure)
    assert [function.kind for function in facts.functions] == ["module", "function", "arrow", "initializer", "method"]
    assert facts.functions[2].captures == (Place("d", 1),)


def test_setters_and_getters_are_no_values_of_a_record() -> None:
    facts = facts_of("x = { get a() { return 1; }, set a(b) {} };")
    assert [function.kind for function in facts.functions[1:]] == ["getter", "setter"]
    (assignment,) = facts.functions[0].blocks[0].ops
    entries = assignment.value.entries  # type: ignore[union-attr]
    assert entries == (("a", Derived((Closure(1),))), ("a", Derived((Closure(2),))))


def test_an_export_span_is_that_of_its_name() -> None:
    code = "export const a = 1; export { a as b };"
    assert facts_of(code).exports == [
        Export("a", Span(13, 14), Ref(Place("a", 0))),
        Export("b", Span(29, 35), Ref(Place("a", 0))),
    ]


PRAGMAS = [
    ("f(); // stanch-ignore a/b: c", "stanch-ignore a/b: c", True),
    ("// stanch-ignore a/b: c\nf();", "stanch-ignore a/b: c", False),
    ("/* stanch-ignore a/b: c */ f();", "stanch-ignore a/b: c", False),
    ("f(); /** stanch-ignore a/b: c **/", "stanch-ignore a/b: c", True),
    ("x = <a>\n  {/* stanch-ignore a/b: c */}\n</a>;", "stanch-ignore a/b: c", False),
    ("x = <a>\n  <b/> {/* stanch-ignore a/b: c */}\n</a>;", "stanch-ignore a/b: c", True),
]


@pytest.mark.parametrize(("code", "text", "trailing"), PRAGMAS)
def test_pragmas(code: str, text: str, trailing: bool) -> None:
    (pragma,) = facts_of(code).pragmas
    assert (pragma.text, pragma.trailing) == (text, trailing)
    assert code[pragma.span.start : pragma.span.end].startswith(("//", "/*"))


def test_a_string_is_no_pragma() -> None:
    assert facts_of('f("// stanch-ignore a/b: c");').pragmas == []
