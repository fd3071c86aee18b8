"""What names mean: Python's rules of scope, `self`, and what functions capture."""

from __future__ import annotations

import pytest

from fixers.facts import GLOBAL, THIS, Call, FileFacts, Place, Ref
from tests.fixers.syntax.python_facts import facts_of


def _uses(facts: FileFacts) -> dict[str, Place]:
    """The first argument of each call, by the callee's name: `use_a(x)` tells what x is."""
    return {
        op.callee.place.root: op.args[0].value.place
        for function in facts.functions
        for op in function.ops()
        if isinstance(op, Call) and isinstance(op.callee, Ref) and op.args and isinstance(op.args[0].value, Ref)
    }


NAMES = [
    ("unknown", "u(x)", Place("x", GLOBAL)),
    ("of the module, bound later", "def f(): u(x)\nx = 1", Place("x", 0)),
    ("local everywhere, once assigned", "x = 1\ndef f():\n    u(x)\n    x = 2", Place("x", 1)),
    ("local, once deleted", "def f():\n    u(x)\n    del x", Place("x", 1)),
    ("a parameter", "def f(x): u(x)", Place("x", 1)),
    ("of an outer function", "def f(x):\n    def g(): u(x)", Place("x", 1)),
    ("global", "def f():\n    global x\n    x = 1\n    u(x)", Place("x", 0)),
    ("global, seen from within", "def f():\n    global x\n    def g(): u(x)\nx = 1", Place("x", 0)),
    ("nonlocal", "def f(x):\n    def g():\n        nonlocal x\n        x = 1\n        u(x)", Place("x", 1)),
    ("of a class body", "class C:\n    x = 1\n    u(x)", Place("C", 0, ("x",))),
    ("of a class body, hidden from methods", "x = 1\nclass C:\n    x = 2\n    def f(self): u(x)", Place("x", 0)),
    ("of a class in a class", "class C:\n    class D:\n        x = 1\n        u(x)", Place("C", 0, ("D", "x"))),
    ("of a class in a function", "def f():\n    class D:\n        x = 1\n        u(x)", Place("D", 1, ("x",))),
    ("a default sees the class body", "class C:\n    x = 1\n    def f(self, a=u(x)): pass", Place("C", 0, ("x",))),
    ("a lambda's parameter", "u = lambda x: u(x)", Place("x", 1)),
    ("of a comprehension", "[u(x) for x in y]", Place("x", 0)),
    ("of a comprehension beside a local", "def f(x):\n    [u(x) for x in y]", Place("x#2", 1)),
    ("of the second comprehension", "def f():\n    [x for x in y]\n    [u(x) for x in y]", Place("x#2", 1)),
    ("after a comprehension", "def f(x):\n    [x for x in y]\n    u(x)", Place("x", 1)),
    ("the first iterable is outside", "def f(x):\n    [x for x in u(x)]", Place("x", 1)),
    ("a lambda in a comprehension", "def f(x):\n    [lambda: u(x) for x in y]", Place("x#2", 1)),
    ("a walrus in a comprehension", "def f():\n    [(x := y) for y in z]\n    u(x)", Place("x", 1)),
    ("a compatibility form", "ﬁ = 1\nu(fi)", Place("fi", 0)),
    ("self", "class C:\n    def f(self): u(self.x)", Place("self", THIS, ("x",))),
    ("self by another name", "class C:\n    def f(this, self): u(this)", Place("this", THIS)),
    ("cls", "class C:\n    @classmethod\n    def f(cls): u(cls.x)", Place("cls", THIS, ("x",))),
    ("no self in a static method", "class C:\n    @staticmethod\n    def f(x): u(x)", Place("x", 2)),
    ("no self in a function", "def f(self): u(self)", Place("self", 1)),
    ("self in a lambda", "class C:\n    def f(self): lambda: u(self)", Place("self", THIS)),
    ("self in a nested function", "class C:\n    def f(self):\n        def g(): u(self)", Place("self", THIS)),
    (
        "self of another class",
        "class C:\n    def f(self):\n        class D:\n            def g(me): u(self)",
        Place("self", 2),
    ),
    ("rest is no self", "class C:\n    def f(*x): u(x)", Place("x", 2)),
]


@pytest.mark.parametrize(("code", "place"), [pytest.param(code, place, id=name) for name, code, place in NAMES])
def test_a_name_is_a_place(code: str, place: Place) -> None:
    assert _uses(facts_of(code + "\n"))["u"] == place


def test_functions_capture_what_belongs_to_others_and_so_do_those_between() -> None:
    facts = facts_of(
        """
        m = 1
        class C:
            def f(self, a, b):
                def g(c):
                    return lambda: use(self, a, m, c)
                return b
        """
    )
    captures = {function.name or function.kind: set(function.captures) for function in facts.functions}
    outer = {Place("self", THIS), Place("a", 2), Place("m", 0)}
    assert captures["lambda"] == outer | {Place("c", 3)}
    assert captures["g"] == outer
    assert captures["f"] == {Place("m", 0)}
