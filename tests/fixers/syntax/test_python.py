"""What Python code becomes as facts: each construct as text, then what surrounds the operations."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixers.facts import THIS, Arg, Call, Const, Derived, Import, Member, Place, Ref
from fixers.source import Span
from tests.fixers.facts_text import facts_text
from tests.fixers.syntax.python_facts import facts_of

_FOLDER = Path(__file__).parent / "python_constructs"


def _constructs() -> list[object]:
    """The cases of the folder: a title, code, what it becomes."""
    cases: list[object] = []
    for path in sorted(_FOLDER.glob("*.txt")):
        for case in path.read_text(encoding="utf-8").removeprefix("=== ").split("\n\n=== "):
            title, rest = case.split("\n", 1)
            code, expected = rest.split("\n---\n")
            cases.append(pytest.param(code + "\n", expected.strip("\n"), id=f"{path.stem}: {title}"))
    return cases


@pytest.mark.parametrize(("code", "expected"), _constructs())
def test_a_construct_becomes_operations(code: str, expected: str) -> None:
    facts = facts_of(code)
    text = facts_text(facts).strip("\n")
    if len(facts.functions) == 1:
        text = text.split("\n", 1)[1]
    assert text == expected
    assert facts.skipped == []


IMPORTS = [
    ("import a.b", ("a", 0), "a", "*"),
    ("import a.b as c", ("c", 0), "a.b", "*"),
    ("from x import y as z", ("z", 0), "x", "y"),
    ("from . import m", ("m", 0), ".", "m"),
    ("from ..a.b import (c,)", ("c", 0), "..a.b", "c"),
    ("from .x import *", ("*", 0), ".x", "*"),
    ("from __future__ import annotations", ("annotations", 0), "__future__", "annotations"),
    ("try:\n    import a\nexcept ImportError:\n    pass", ("a", 0), "a", "*"),
    ("if TYPE_CHECKING:\n    from a import b", ("b", 0), "a", "b"),
    ("def f():\n    import a", ("a", 1), "a", "*"),
    ("def f():\n    global a\n    import a", ("a", 0), "a", "*"),
]


@pytest.mark.parametrize(("code", "binding", "module", "name"), IMPORTS)
def test_an_import_binds_a_place(code: str, binding: tuple[str, int], module: str, name: str) -> None:
    (found,) = facts_of(code).imports
    assert (found.binding, found.module, found.name) == (Place(*binding), module, name)


def test_an_import_in_a_class_body_is_a_member_of_the_class() -> None:
    (found,) = facts_of("class C:\n    import a\n").imports
    assert found == Import(Place("C", 0, ("a",)), "a", "*", Span(20, 21))


def test_every_name_of_the_module_is_exported_and_a_star_passes_on() -> None:
    facts = facts_of(
        """
        import a.b
        from .x import *
        from .y import z as w
        v = 1
        def f():
            global g
            g = local = 2
        class C: pass
        """
    )
    exports = {item.exported: (item.value, item.module, item.name) for item in facts.exports}
    names = ["a", "w", "v", "f", "g", "C"]
    assert exports == {name: (Ref(Place(name, 0)), None, None) for name in names} | {"*": (None, ".x", "*")}


def test_parameters_have_kinds_types_and_defaults() -> None:
    (function,) = facts_of(
        "async def f(a, /, b: int = 3, *args: str, c: 'Pool | None' = None, **kw) -> dict[str,\n  int]: pass"
    ).functions[1:]
    assert [(param.name, param.kind, param.type, param.default) for param in function.params] == [
        ("a", "positional", None, None),
        ("b", "positional", "int", Const("number", "3")),
        ("args", "rest", "str", None),
        ("c", "keyword", "Pool | None", Const("null", "None")),
        ("kw", "keywords", None, None),
    ]
    assert (function.is_async, function.returns) == (True, "dict[str, int]")


def test_locals_have_their_written_types() -> None:
    facts = facts_of(
        """
        def f(p: Path, q):
            a: Pool = make()
            with open(p) as b: pass
            for c, *d in q: pass
            try: pass
            except E as e: pass
            import g
            (h := 1)
            def i(): pass
            global j
            j = 1
            match q:
                case {"k": l, **m}: pass
            return [n for n in q], [n for n in q]
        """
    )
    assert facts.functions[1].locals == {"p": "Path", "q": None, "a": "Pool"} | dict.fromkeys(
        ["b", "c", "d", "e", "g", "h", "i", "l", "m", "n", "n#2"]
    )


def test_members_of_a_class() -> None:
    facts = facts_of(
        """
        class C(Base, mixins.Other[int], metaclass=Meta):
            a: int = 0
            b: "Pool"
            c = d = 1
            class E: pass
            def __init__(self):
                self.pool: Pool = make()
            @staticmethod
            def s(): pass
            @classmethod
            def k(cls): pass
            @property
            def p(self) -> Pool: pass
            @p.setter
            def p(self, v): pass
            async def m(self): pass
        """
    )
    class_ = facts.classes[0]
    assert class_.bases == (Ref(Place("Base", -1)), Ref(Place("mixins", -1, ("Other", "[*]"))))
    assert [(item.name, item.kind, item.type, item.static) for item in class_.members] == [
        ("a", "field", "int", False),
        ("b", "field", "Pool", False),
        ("c", "field", None, True),
        ("d", "field", None, True),
        ("E", "field", None, True),
        ("__init__", "constructor", None, False),
        ("s", "method", None, True),
        ("k", "method", None, True),
        ("p", "getter", "Pool", False),
        ("p", "setter", None, False),
        ("m", "method", None, False),
        ("pool", "field", "Pool", False),
    ]
    kinds = {facts.functions[item.function].kind for item in class_.members if item.function is not None}
    assert kinds == {"constructor", "static", "method", "getter", "setter"}
    assert [function.class_ for function in facts.functions] == [None, 0, 1, 0, 0, 0, 0, 0, 0]


def test_a_finally_block_that_is_copied_adds_a_member_once() -> None:
    facts = facts_of("class C:\n    try: f()\n    finally:\n        def m(self): pass\n")
    assert [member.name for member in facts.classes[0].members] == ["m"]


def test_decorators_keep_what_they_are() -> None:
    facts = facts_of("@contextlib.contextmanager\n@app.on_event('startup', k=x)\ndef f(): pass\n@d\nclass C: pass\n")
    assert facts.functions[1].decorators == (
        Ref(Place("contextlib", -1, ("contextmanager",))),
        Derived((Ref(Place("app", -1, ("on_event",))), Const("string", "startup"), Ref(Place("x", -1)))),
    )
    assert facts.classes[0].decorators == (Ref(Place("d", -1)),)


def test_the_spans_of_a_call() -> None:
    code = "x = ( a . b )( c, k = d ) . e"
    (call,) = [op for op in facts_of(code).functions[0].ops() if isinstance(op, Call)]
    texts = [code[span.start : span.end] for span in (call.span, call.callee_span, call.args_span)]
    assert texts == ["( a . b )( c, k = d )", "( a . b )", "( c, k = d )"]
    assert call.args == (Arg(Ref(Place("c", -1))), Arg(Ref(Place("d", -1)), "k"))


STATEMENTS = [
    ("f()", True),
    ("(f())", True),
    ("await f()", True),
    ("x = f()", False),
    ("x = await f()", False),
    ("f() or g", False),
    ("return f()", False),
]


@pytest.mark.parametrize(("statement", "expected"), STATEMENTS)
def test_only_a_call_that_stands_alone_is_a_statement(statement: str, expected: bool) -> None:
    facts = facts_of(f"async def a():\n    {statement}\n")
    assert [op.statement for op in facts.functions[1].ops() if isinstance(op, Call)] == [expected]


def test_pragmas() -> None:
    facts = facts_of("# stanch-ignore a/b: why\nf()  #stanch-ignore c/d\n# another\ns = '# stanch-ignore e'\n")
    assert [(pragma.text, pragma.trailing) for pragma in facts.pragmas] == [
        ("stanch-ignore a/b: why", False),
        ("stanch-ignore c/d", True),
    ]
    assert facts.pragmas[1].span == Span(30, 48)


def test_a_byte_order_mark_is_no_code_before_a_pragma() -> None:
    (pragma,) = facts_of(b"\xef\xbb\xbf# stanch-ignore a/b: why\nf()\n").pragmas
    assert not pragma.trailing


def test_a_field_with_a_written_type_belongs_to_the_class_of_the_method() -> None:
    facts = facts_of("class C:\n    def f(this):\n        this.a: T\n        this.a.b: U = 1\n")
    assert facts.classes[0].members[1:] == (Member("a", "field", Span(34, 40), None, "T"),)
    assert [op.target for op in facts.functions[2].ops() if hasattr(op, "target")] == [Place("this", THIS, ("a", "b"))]
