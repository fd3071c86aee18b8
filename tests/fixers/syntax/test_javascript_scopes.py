"""Which declaration a name means, and what a function captures."""

from __future__ import annotations

import pytest

from fixers.facts import GLOBAL, THIS, Call, Place, Ref
from fixers.source import Language
from tests.fixers.syntax.javascript_facts import facts_of

NAMES = [
    pytest.param("see(a);", "a", GLOBAL, id="not declared"),
    pytest.param("let a; see(a);", "a", 0, id="of the module"),
    pytest.param("let a; { let a; see(a); }", "a#2", 0, id="of a block"),
    pytest.param("let a; { let a; } see(a);", "a", 0, id="after a block"),
    pytest.param("{ let a; } { let a; see(a); }", "a#2", 0, id="of the second block"),
    pytest.param("see(a); { var a; }", "a", 0, id="var is hoisted"),
    pytest.param("if (b) for (var a in c); see(a);", "a", 0, id="var of a loop"),
    pytest.param("var a; { var a; see(a); }", "a", 0, id="var twice"),
    pytest.param("function f() { see(a); switch (b) { case 1: var a; } }", "a", 1, id="var in a switch"),
    pytest.param("function f() { { var a; } } see(a);", "a", GLOBAL, id="var stays in its function"),
    pytest.param("function f(a) { see(a); }", "a", 1, id="parameter"),
    pytest.param("function f(a) { var a; see(a); }", "a", 1, id="var and parameter"),
    pytest.param("function f({ b: [a = 1] }) { see(a); }", "a", 1, id="parameter taken apart"),
    pytest.param("function f(...[a]) { see(a); }", "a", 1, id="rest taken apart"),
    pytest.param("function f(a, b = see(a)) {}", "a", 1, id="within a default"),
    pytest.param("let a; function f() { see(a); }", "a", 0, id="of an outer function"),
    pytest.param("let a; function f() { see(a); let a; }", "a", 1, id="before its declaration"),
    pytest.param("try {} catch (a) { see(a); }", "a", 0, id="catch"),
    pytest.param("let a; try {} catch (a) {} see(a);", "a", 0, id="after catch"),
    pytest.param("let a; try {} catch ({ a }) { see(a); }", "a#2", 0, id="catch taken apart"),
    pytest.param("see(a); function a() {}", "a", 0, id="function"),
    pytest.param("{ function a() {} see(a); }", "a", 0, id="function of a block"),
    pytest.param("x = function a() { see(a); };", "a", 1, id="own name of a function expression"),
    pytest.param("x = function a() {}; see(a);", "a", GLOBAL, id="name of a function expression outside"),
    pytest.param("class a { m() { see(a); } }", "a", 0, id="class"),
    pytest.param("x = class a { m() { see(a); } };", "a", 0, id="own name of a class expression"),
    pytest.param("x = class a {}; see(a);", "a", GLOBAL, id="name of a class expression outside"),
    pytest.param("import a from 'a'; function f() { see(a); }", "a", 0, id="import"),
    pytest.param("import { b as a } from 'a'; see(a);", "a", 0, id="import under another name"),
    pytest.param("for (let a of b) see(a);", "a", 0, id="for of"),
    pytest.param("let a; for (let a = 0; see(a);) {}", "a#2", 0, id="for"),
    pytest.param("let a; for (let a = 0; ; ) {} see(a);", "a", 0, id="after for"),
    pytest.param("let a; switch (b) { case 1: let a; case 2: see(a); }", "a#2", 0, id="switch"),
    pytest.param("l: { let a; see(a); }", "a", 0, id="labelled block"),
    pytest.param("export const [a] = b; see(a);", "a", 0, id="exported"),
    pytest.param("using a = b; see(a);", "a", 0, id="using"),
    pytest.param("class A { static { let a; see(a); } }", "a", 1, id="static block"),
    pytest.param("let a; try { f(); } finally { let a; see(a); }", "a#2", 0, id="finally"),
]


@pytest.mark.parametrize(("code", "root", "scope"), NAMES)
def test_a_name_means_its_declaration(code: str, root: str, scope: int) -> None:
    assert set(_seen(code)) == {Place(root, scope)}


def _seen(code: str, language: Language = Language.JAVASCRIPT) -> list[Place]:
    """The places given to `see` in the code."""
    facts = facts_of(code, language)
    assert facts.skipped == []
    places = []
    for function in facts.functions:
        for op in function.ops():
            if isinstance(op, Call) and op.callee == Ref(Place("see", GLOBAL)):
                assert isinstance(op.args[0].value, Ref)
                places.append(op.args[0].value.place)
    assert places
    return places


THESE = [
    pytest.param("see(this);", 0, id="module"),
    pytest.param("function f() { see(this); }", 1, id="function"),
    pytest.param("function f() { x = () => see(this); }", 1, id="arrow in a function"),
    pytest.param("class A { m() { see(this); } }", THIS, id="method"),
    pytest.param("class A { constructor() { see(this); } }", THIS, id="constructor"),
    pytest.param("class A { a = see(this); }", THIS, id="field"),
    pytest.param("class A { a = () => see(this); }", THIS, id="arrow field"),
    pytest.param("class A { get a() { see(this); } }", THIS, id="getter"),
    pytest.param("class A { m() { f(() => { g(() => see(this)); }); } }", THIS, id="arrow in an arrow in a method"),
    pytest.param("class A { m() { f(function () { see(this); }); } }", 2, id="function in a method"),
    pytest.param("x = { m() { see(this); } };", THIS, id="method of an object"),
    pytest.param("x = { m: () => see(this) };", 0, id="arrow of an object"),
    pytest.param("function A() { see(this); } A.prototype.m = f;", THIS, id="constructor function"),
    pytest.param("function A() {} A.prototype.m = function () { see(this); };", THIS, id="method on a prototype"),
]


@pytest.mark.parametrize(("code", "scope"), THESE)
def test_this_means_the_instance_or_its_function(code: str, scope: int) -> None:
    assert _seen(code) == [Place("this", scope)]


def test_captures_pass_through_the_functions_between() -> None:
    facts = facts_of(
        """
        import a from "a";
        function f(b) {
          const c = 1;
          return () => { const d = () => a + b + c + e; };
        }
        """
    )
    by_name = {function.name or function.kind: function.captures for function in facts.functions}
    a, b, c = Place("a", 0), Place("b", 1), Place("c", 1)
    assert by_name == {"module": (), "f": (a,), "arrow": (a, b, c), "d": (a, b, c)}


def test_an_arrow_captures_the_this_of_its_function() -> None:
    facts = facts_of("function f() { return () => this.a; }")
    assert facts.functions[2].captures == (Place("this", 1),)


def test_imports_of_a_set_up_script_are_bindings_of_the_module() -> None:
    code = """
    <script>see(a); let b;</script>
    <script setup>import a from 'a'; see(a); const c = see(b); x = () => see(c);</script>
    """
    assert _seen(code, Language.VUE) == [Place("a", 0), Place("a", 0), Place("b", 0), Place("c", 1)]
