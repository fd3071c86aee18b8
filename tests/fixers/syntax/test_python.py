"""Each construct of Python as facts: a table of code and the operations it becomes."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.fixers.facts_text import function_text
from tests.fixers.syntax.python_facts import facts_of


VALUES = [
    (
        """
            t = open(p)
        """,
        """
            B0: -> normal
              %0 = open(p)
              let t = %0
        """,
    ),
    (
        """
            open(p).read()
        """,
        """
            B0: -> normal
              %0 = open(p)
              %1 = %0.read() ;
        """,
    ),
    (
        """
            x["k"] = y[0]
            z = x[i].w[-1]
        """,
        """
            B0: -> normal
              x.k = y[0]
              let z = x[*].w[*]
        """,
    ),
    (
        """
            x[1:3] = y[2:]
        """,
        """
            B0: -> normal
              x[*] = [y[*]]
        """,
    ),
    (
        """
            f(a, *b, k=c, **d)
        """,
        """
            B0: -> normal
              %0 = f(a, *b, k=c, **d) ;
        """,
    ),
    (
        """
            x = not a < b
        """,
        """
            B0: -> normal
              let x = from(a, b)
        """,
    ),
    (
        """
            s = f"{a}{b.c:>{w}}" "x"
        """,
        """
            B0: -> normal
              let s = from(a, b.c, w, 'x')
        """,
    ),
    (
        r"""
            s = "a\n" "b" b"\x41" r"\n"
        """,
        """
            B0: -> normal
              let s = 'a\nbA\\n'
        """,
    ),
    (
        """
            x = [1, *a], {"k": b, c: d, **e}, {1, 2}, None, True, ...
        """,
        """
            B0: -> normal
              let x = [[1, from(a)], {k: b, [*]: d, ...: from(e)}, [1, 2], None, True, from()]
        """,
    ),
    (
        """
            x = lambda a, b=f(): a
        """,
        """
            B0: -> normal
              %0 = f()
              let x = function 1
        """,
    ),
    (
        """
            (lambda: a)()
        """,
        """
            B0: -> normal
              %0 = function 1() ;
        """,
    ),
    (
        """
            (a or b).close()
        """,
        """
            B0: -> B1 B3
            B1: -> B2
              guard a present
            B2: -> normal
              %0 = (a.close or b.close)() ;
            B3: -> B4
              guard a absent
            B4: -> B2
        """,
    ),
    (
        """
            x = a + b * -c
        """,
        """
            B0: -> normal
              let x = from(a, b, c)
        """,
    ),
    (
        """
            x = super().f(g()(h))
        """,
        """
            B0: -> normal
              %0 = super()
              %1 = g()
              %2 = %1(h)
              %3 = %0.f(%2)
              let x = %3
        """,
    ),
]

TARGETS = [
    (
        """
            fd, path = mkstemp()
        """,
        """
            B0: -> normal
              %0 = mkstemp()
              let fd = %0[0]
              let path = %0[1]
        """,
    ),
    (
        """
            first, *rest = xs
        """,
        """
            B0: -> normal
              let first = xs[0]
              let rest = [xs[*]]
        """,
    ),
    (
        """
            a, (b, c) = x, y
        """,
        """
            B0: -> normal
              let a = x
              let b = y[0]
              let c = y[1]
        """,
    ),
    (
        """
            a, b = b, a
        """,
        """
            B0: -> normal
              %0 = a
              let a = b
              let b = %0
        """,
    ),
    (
        """
            a = b.c = open(p)
        """,
        """
            B0: -> normal
              %0 = open(p)
              let a = %0
              b.c = %0
        """,
    ),
    (
        """
            n += f()
        """,
        """
            B0: -> normal
              %0 = f()
              n op= %0
        """,
    ),
    (
        """
            x: int = f()
            y: str
        """,
        """
            B0: -> normal
              %0 = f()
              let x = %0
        """,
    ),
    (
        """
            del m[k], m.a, (n, o)
        """,
        """
            B0: -> normal
              delete m[*]
              delete m.a
              delete n
              delete o
        """,
    ),
    (
        """
            type X = int
            type(a).b = c
        """,
        """
            B0: -> normal
              %0 = type(a)
              %0.b = c
        """,
    ),
]

BRANCHES = [
    (
        """
            if (m := f()) and not m.closed:
                g(m)
        """,
        """
            B0: -> B1 B7
              %0 = f()
              let m = %0
            B1: -> B2
              guard m present
            B2: -> B3 B5
            B3: -> B4
              guard m.closed present
            B4: -> normal
            B5: -> B6
              guard m.closed absent
            B6: -> B4
              %1 = g(m) ;
            B7: -> B4
              guard m absent
        """,
    ),
    (
        """
            if a or b:
                f()
            elif c is None:
                g()
            else:
                h()
        """,
        """
            B0: -> B1 B4
            B1: -> B2
              guard a present
            B2: -> B3
              %0 = f() ;
            B3: -> normal
            B4: -> B5
              guard a absent
            B5: -> B6 B7
            B6: -> B2
              guard b present
            B7: -> B8
              guard b absent
            B8: -> B9 B11
            B9: -> B10
              guard c absent
            B10: -> B3
              %1 = g() ;
            B11: -> B12
              guard c present
            B12: -> B3
              %2 = h() ;
        """,
    ),
    (
        """
            if x is not None is y:
                f()
        """,
        """
            B0: -> B1 B2
            B1: -> B2
              %0 = f() ;
            B2: -> normal
        """,
    ),
    (
        """
            if None == x:
                f()
        """,
        """
            B0: -> B1 B4
            B1: -> B2
              guard x absent
            B2: -> B3
              %0 = f() ;
            B3: -> normal
            B4: -> B3
              guard x present
        """,
    ),
    (
        """
            x = a and b or c
        """,
        """
            B0: -> B1 B6
            B1: -> B2
              guard a present
            B2: -> B3
            B3: -> B4 B5
            B4: -> normal
              let x = (a or b or c)
            B5: -> B4
            B6: -> B3
              guard a absent
        """,
    ),
    (
        """
            x = a if b == 1 else c
        """,
        """
            B0: -> B1 B4
            B1: -> B2
              guard b equal 1
            B2: -> B3
            B3: -> normal
              let x = (a or c)
            B4: -> B5
              guard b different 1
            B5: -> B3
        """,
    ),
    (
        """
            assert a, f()
            g()
        """,
        """
            B0: -> B1 B3
            B1: -> B2
              guard a present
            B2: -> normal
              %1 = g() ;
            B3: -> B4
              guard a absent
            B4:
              %0 = f()
              throw AssertionError
        """,
    ),
    (
        """
            match x:
                case None:
                    f()
                case "a":
                    g()
                case [a, *b] if a:
                    h(b)
                case C(k=c) as whole:
                    i()
                case other:
                    j(other)
        """,
        """
            B0: -> B1 B5
            B1: -> B2
              guard x absent
            B2: -> B3
            B3: -> B4
              %0 = f() ;
            B4: -> normal
            B5: -> B6
              guard x present
            B6: -> B7 B10
            B7: -> B8
              guard x equal 'a'
            B8: -> B9
            B9: -> B4
              %1 = g() ;
            B10: -> B11
              guard x different 'a'
            B11: -> B12 B16
            B12: -> B13 B15
              let a = from(x)
              let b = from(x)
            B13: -> B14
              guard a present
            B14: -> B4
              %2 = h(b) ;
            B15: -> B16
              guard a absent
            B16: -> B17 B19
            B17: -> B18
              let c = from(x)
              let whole = x
            B18: -> B4
              %3 = i() ;
            B19: -> B20
            B20: -> B21
              let other = x
            B21: -> B4
              %4 = j(other) ;
        """,
    ),
]

LOOPS = [
    (
        """
            while True:
                if a:
                    break
                continue
        """,
        """
            B0: -> B1
            B1: -> B2
            B2: -> B3 B6
            B3: -> B4
              guard a present
            B4: -> B5
            B5: -> normal
            B6: -> B7
              guard a absent
            B7: -> B1
        """,
    ),
    (
        """
            while a != None:
                f()
            else:
                g()
        """,
        """
            B0: -> B1
            B1: -> B2 B4
            B2: -> B3
              guard a present
            B3: -> B1
              %0 = f() ;
            B4: -> B5
              guard a absent
            B5: -> B6
              %1 = g() ;
            B6: -> normal
        """,
    ),
    (
        """
            for k, v in d.items():
                f(k)
            else:
                g()
        """,
        """
            B0: -> B1
              %0 = d.items()
            B1: -> B2 B3
            B2: -> B1
              let k = %0[*][0]
              let v = %0[*][1]
              %1 = f(k) ;
            B3: -> B4
              %2 = g() ;
            B4: -> normal
        """,
    ),
    (
        """
            for x in xs[1:]:
                f(x)
        """,
        """
            B0: -> B1
            B1: -> B2 B3
            B2: -> B1
              let x = xs[*]
              %0 = f(x) ;
            B3: -> B4
            B4: -> normal
        """,
    ),
    (
        """
            for x in open(a), open(b):
                x.close()
        """,
        """
            B0: -> B1
              %0 = open(a)
              %1 = open(b)
            B1: -> B2 B3
            B2: -> B1
              let x = (%0 or %1)
              %2 = x.close() ;
            B3: -> B4
            B4: -> normal
        """,
    ),
    (
        """
            xs = [f(x) for x in ys if x for z in x]
        """,
        """
            B0: -> B1
            B1: -> B2 B8
            B2: -> B3 B7
              let x = ys[*]
            B3: -> B4
              guard x present
            B4: -> B5
            B5: -> B6 B1
            B6: -> B5
              let z = x[*]
              %0 = f(x)
            B7: -> B1
              guard x absent
            B8: -> normal
              let xs = [%0]
        """,
    ),
    (
        """
            d = {k: f(v) for k, v in xs}
        """,
        """
            B0: -> B1
            B1: -> B2 B3
            B2: -> B1
              let k = xs[*][0]
              let v = xs[*][1]
              %0 = f(v)
            B3: -> normal
              let d = {[*]: %0}
        """,
    ),
    (
        """
            g(x.close() for x in xs)
        """,
        """
            B0: -> B1
            B1: -> B2 B3
            B2: -> B1
              let x = xs[*]
              %0 = x.close()
            B3: -> normal
              %1 = g(from(xs, %0)) ;
        """,
    ),
]

EXITS = [
    (
        """
            with open(p) as f:
                g(f)
        """,
        """
            B0: -> B1
              %0 = open(p)
              %1 = enter %0
            B1: -> B2 throw B3
              let f = %1
              %2 = g(f) ;
            B2: -> normal
              exit %0
            B3: -> throw
              exit %0
        """,
    ),
    (
        """
            with a, b() as (c, d):
                e()
        """,
        """
            B0: -> B1
              %0 = enter a
            B1: -> B2 throw B6
              %1 = b()
              %2 = enter %1
            B2: -> B3 throw B5
              let c = %2[0]
              let d = %2[1]
              %3 = e() ;
            B3: -> B4
              exit %1
            B4: -> normal
              exit a
            B5: -> B6
              exit %1
            B6: -> throw
              exit a
        """,
    ),
    (
        """
            with (
                open(p) as f,
                lock,
            ):
                pass
        """,
        """
            B0: -> B1
              %0 = open(p)
              %1 = enter %0
            B1: -> B2 throw B5
              let f = %1
              %2 = enter lock
            B2: -> B3
            B3: -> B4
              exit lock
            B4: -> normal
              exit %0
            B5: -> throw
              exit %0
        """,
    ),
    (
        """
            for x in xs:
                with x:
                    break
        """,
        """
            B0: -> B1
            B1: -> B2 B6
            B2: -> B3
              let x = xs[*]
              %0 = enter x
            B3: -> B4
            B4: -> B5
              exit x
            B5: -> normal
            B6: -> B5
        """,
    ),
    (
        """
            try:
                a()
            except ValueError as e:
                b(e)
            except (OSError, Exception):
                c()
            else:
                d()
            finally:
                e()
        """,
        """
            B0: -> B1 throw B4
              %0 = a() ;
            B1: -> B2 throw B3
              %1 = d() ;
            B2: -> normal
              %5 = e() ;
            B3: -> throw
              %2 = e() ;
            B4: -> B5 B6
            B5: -> B2 throw B3
              let e = from()
              %3 = b(e) ;
            B6: -> B2 throw B3
              %4 = c() ;
        """,
    ),
    (
        """
            try:
                a()
            except:
                raise
        """,
        """
            B0: -> B1 throw B3
              %0 = a() ;
            B1: -> B2
            B2: -> normal
            B3:
              throw -
        """,
    ),
    (
        """
            try:
                a()
            except* OSError:
                b()
        """,
        """
            B0: -> B1 throw B3
              %0 = a() ;
            B1: -> B2
            B2: -> normal
            B3: -> B4 throw
            B4: -> B2
              %1 = b() ;
        """,
    ),
    (
        """
            raise E(a) from b
        """,
        """
            B0:
              %0 = E(a)
              throw %0
        """,
    ),
]


@pytest.mark.parametrize(("code", "expected"), [*VALUES, *TARGETS, *BRANCHES, *LOOPS, *EXITS])
def test_a_construct_becomes_operations(code: str, expected: str) -> None:
    facts = facts_of(code)
    assert function_text(facts.functions[0]) == dedent(expected).strip("\n")
    assert facts.skipped == []

