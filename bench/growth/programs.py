"""Programs that grow in one dimension each: what the cost of judging a file is held against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable


class Dimension(NamedTuple):
    """Something of which a file may hold many; `program` writes a file with so many of it."""

    name: str
    path: str
    program: Callable[[int], str]


def _each(text: str, count: int, between: str = "") -> str:
    """A text so many times, each with its number in the place of `§`."""
    return between.join(text.replace("§", str(number)) for number in range(count))


def _around(before: str, text: str, after: str) -> Callable[[int], str]:
    return lambda count: before + _each(text, count) + after


def _nested(before: str, opening: str, inner: str, closing: str, after: str = "") -> Callable[[int], str]:
    """Openings, something in the middle, and as many closings."""
    return lambda count: before + _each(opening, count) + inner + closing * count + after


def _indented(header: str, inner: str, before: str = "", after: str = "") -> Callable[[int], str]:
    """Python blocks, each within the one before it."""
    return lambda count: (
        before
        + "".join(f"{' ' * number}{header.replace('§', str(number))}\n" for number in range(count))
        + f"{' ' * count}{inner}\n"
        + after
    )


def _one_line(text: str) -> Callable[[int], str]:
    """One long line, and empty ones, so that the file does not count as minified."""
    return lambda count: _each(text, count) + "\n" * (len(text) * count // 200 + 1)


_SCRIPTS: Final = {
    "pragmas": _around("", "// stanch-ignore timer: needed §\nsetInterval(f§, 5)\n", ""),
    "trailing pragmas": _around("", "setInterval(f§, 5) // stanch-ignore timer: needed §\n", ""),
    "pragmas before one line": _around("", "// stanch-ignore timer: needed §\n", "setInterval(f, 5)\n"),
    "block comments before one line": _around("", "/* stanch-ignore timer: needed § */\n", "setInterval(f, 5)\n"),
    "comments": _around("setInterval(f, 5)\n", "// setInterval §\n/* setInterval § */\n", ""),
    "strings": _around("setInterval(f, 5)\nconst a = [", "'setInterval(§)',\n", "]\n"),
    "leaks in the module": _around("", "setInterval(f§, 5)\n", ""),
    "leaks in one function": _around("export function run() {\n", "const t§ = setInterval(f, 5)\n", "}\n"),
    "released in one function": _around(
        "export function run() {\n", "const t§ = setInterval(f, 5)\nclearInterval(t§)\n", "}\n"
    ),
    "leaking functions": _around("", "export function run§() {\nconst t = setInterval(f, 5)\n}\n", ""),
    "functions that call the next": _around(
        "", "function run§() { const t = setInterval(f§, 5); return run§x(t) }\nfunction run§x(t) { use(t) }\n", ""
    ),
    "a chain of functions": lambda count: (
        "export function start() { const t = setInterval(g, 5); f0(t) }\n"
        + "".join(f"function f{number}(t) {{ f{number + 1}(t) }}\n" for number in range(count))
    ),
    "closures of one function": _around(
        "export function run() {\nlet t = setInterval(f, 5)\n", "on(() => use(t, §))\n", "}\n"
    ),
    "leaking closures of one function": _around(
        "export function run() {\n", "on(() => { const t = setInterval(f§, 5) })\n", "}\n"
    ),
    "closures over many handles": _around(
        "export function run() {\n", "let t§ = setInterval(f, 5)\non(() => clearInterval(t§))\n", "}\n"
    ),
    "functions of an object": _around("const o = {\n", "m§() { this.t§ = setInterval(f, 5) },\n", "}\n"),
    "classes": _around("", "class A§ { start() { this.t = setInterval(f, 5) } stop() { } }\n", ""),
    "a ladder of classes": lambda count: (
        "class A0 { start() { this.t = setInterval(f, 5) } destroy() { } }\n"
        + "".join(f"class A{n + 1} extends A{n} {{ go{n}() {{ this.t = setInterval(f, 5) }} }}\n" for n in range(count))
    ),
    "subclasses of one class": _around(
        "class A { start() { this.t = setInterval(f, 5); this.go() } go() { } destroy() { this.go() } }\n",
        "class B§ extends A { go() { this.t = setInterval(f, 5) } }\n",
        "",
    ),
    "methods of a class": _around(
        "class A {\n", "m§() { return this.m§() }\n", "start() { this.t = setInterval(f, 5) }\n}\n"
    ),
    "methods that leak": _around("class A {\n", "m§() { this.t§ = setInterval(f, 5) }\n", "destroy() { }\n}\n"),
    "methods with a release": _around(
        "class A {\n", "m§() { this.t§ = setInterval(f, 5) }\nn§() { clearInterval(this.t§) }\n", "destroy() { }\n}\n"
    ),
    "methods on one field": _around("class A {\n", "m§() { this.t = setInterval(f§, 5) }\n", "destroy() { }\n}\n"),
    "fields": _around("class A {\n", "t§ = setInterval(f, 5)\n", "destroy() { }\n}\n"),
    "fields of a constructor": _around(
        "class A {\nconstructor() {\n", "this.t§ = setInterval(f, 5)\n", "}\ndestroy() { this.end() }\nend() { }\n}\n"
    ),
    "fields with a teardown": lambda count: (
        "class A {\nconstructor() {\n"
        + _each("this.t§ = setInterval(f, 5)\n", count)
        + "}\ndestroy() {\n"
        + _each("clearInterval(this.t§)\n", count)
        + "}\n}\n"
    ),
    "imports": _around("", "import { a§ } from 'm§'\n", "setInterval(a0, 5)\n"),
    "imported classes": _around("", "import { A§ } from 'm§'\nconst a§ = new A§(setInterval(f, 5))\n", ""),
    "requires": _around("", "const a§ = require('m§')\n", "setInterval(a0, 5)\n"),
    "exports": _around("", "export const a§ = () => setInterval(f, 5)\n", ""),
    "parameters": _around("export function run(", "a§, ", "b) { const t = setInterval(b, 5) }\n"),
    "arguments": _around("const t = setInterval(f, 5)\nuse(", "a§, ", "t)\n"),
    "arguments that are functions": _around("setInterval(f, 5", ", () => a§()", ")\n"),
    "one long line": _one_line("const t§ = setInterval(f, 5);"),
    "elements in elements": _nested("const a = () => { setInterval(f, 5); return ", "<b>", "x", "</b>", " }\n"),
    "elements": _around(
        "const A = () => { setInterval(f, 5); return <a>", "<b onClick={() => g(§)}>x</b>\n", "</a> }\n"
    ),
    "attributes": _around("const A = () => { setInterval(f, 5); return <a ", "b§={c§}\n", "/> }\n"),
    "union types": _around("setInterval(f, 5)\ntype A = 'x'\n", "| 'a§'\n", "\nlet a: A = 'x'\n"),
    "union of a field": _around("class A { t: X\n", "| T§\n", "\nstart() { this.t = setInterval(f, 5) } }\n"),
    "decorators": _around("", "@d§(() => x)\n", "class A { start() { this.t = setInterval(f, 5) } }\n"),
    "decorators of a method": _around("class A {\n", "@d§(() => x)\n", "start() { this.t = setInterval(f, 5) } }\n"),
    "try in try": _nested(
        "function run() { const t = setInterval(f, 5);\n", "try { a§();\n", "b();\n", "} finally { c(); }\n", "}\n"
    ),
    "catch in catch": _nested(
        "function run() { const t = setInterval(f, 5);\n", "try { a§() } catch (e) {\n", "b();\n", "}\n", "}\n"
    ),
    "try after try": _around(
        "function run() { const t = setInterval(f, 5);\n", "try { a§() } finally { b() }\n", "clearInterval(t) }\n"
    ),
    "returns in a try": _around(
        "function run() { const t = setInterval(f, 5);\ntry {\n",
        "if (a§()) return b§\n",
        "} finally { clearInterval(t) } }\n",
    ),
    "else if": _around(
        "function run() { const t = setInterval(f, 5);\n",
        "if (a === §) { b() } else\n",
        "{ c() } clearInterval(t) }\n",
    ),
    "if after if": _around(
        "function run() { const t = setInterval(f, 5);\n", "if (a§) { b() }\n", "clearInterval(t) }\n"
    ),
    "if after if, tested twice": _around(
        "function run() { const t = setInterval(f, 5);\n",
        "if (a§) { b() } if (!a§) { c() } if (a§) { d() }\n",
        "clearInterval(t) }\n",
    ),
    "if in if": _nested("function run() { const t = setInterval(f, 5);\n", "if (a§) {\n", "b()", "}\n", "}\n"),
    "leaks in if": _around("function run() {\n", "if (a§) { t = setInterval(f, 5) }\n", "}\n"),
    "switch cases": _around(
        "function run() { const t = setInterval(f, 5);\nswitch (a) {\n",
        "case §: b(); break\n",
        "} clearInterval(t) }\n",
    ),
    "switch cases that leak": _around(
        "function run() {\nswitch (a) {\n", "case §: { const t = setInterval(f, 5); break }\n", "} }\n"
    ),
    "loops": _around("function run() {\n", "for (const a of b) { setInterval(a, §) }\n", "}\n"),
    "loops in loops": _nested("function run() {\n", "for (const a§ of b) {\n", "setInterval(f, 5)\n", "}\n", "}\n"),
    "functions in functions": _nested("", "function f§() {\n", "const t = setInterval(f, 5)\n", "}\n"),
    "arrows in arrows": _nested("const a = ", "(b§) => ", "setInterval(f, 5)", ""),
    "calls in calls": _nested("const a = setInterval(() => ", "f§(", "x", ")", ", 5)\n"),
    "brackets": _nested("setInterval(f, 5); const a = ", "[", "", "]", "\n"),
    "braces": _nested("setInterval(f, 5); const a = ", "{b: ", "c", "}", "\n"),
    "a sum": _around("setInterval(f, 5); const a = 0\n", "+ b§\n", "\n"),
    "a condition": _around("setInterval(f, 5); const a = 0\n", "|| b§\n", "\n"),
    "a conditional expression": _around("setInterval(f, 5); const a = \n", "b§ ? c :\n", "0\n"),
    "a chain of calls": _around("setInterval(f, 5); const a = b\n", ".c()\n", "\n"),
    "a chain of calls with functions": _around("setInterval(f, 5); const a = b\n", ".then(() => c§())\n", "\n"),
    "a chain on a handle": _around("const a = new WebSocket(u)\n", ".on('a', g§)\n", "\n"),
    "a chain of members": _around("setInterval(f, 5); const a = b\n", ".c§\n", "\n"),
    "template parts": _around("setInterval(f, 5); const a = `", "${b§}\n", "`\n"),
    "listeners on one target": _around("export function run() {\n", "window.addEventListener('a§', f§)\n", "}\n"),
    "listeners in a class": _around(
        "class A {\nstart() {\n", "window.addEventListener('a§', this.f§)\n", "}\ndestroy() { }\n}\n"
    ),
    "listeners and their removals": lambda count: (
        "class A {\nstart() {\n"
        + _each("window.addEventListener('a§', this.f§)\n", count)
        + "}\ndestroy() {\n"
        + _each("window.removeEventListener('a§', this.f§)\n", count)
        + "}\n}\n"
    ),
    "methods with a listener": _around(
        "class A {\n", "m§() { window.addEventListener('a§', this.f§) }\n", "destroy() { }\n}\n"
    ),
    "aliases": lambda count: (
        "function run() { const t0 = setInterval(f, 5)\n"
        + "".join(f"const t{number + 1} = t{number}\n" for number in range(count))
        + f"clearInterval(t{count}) }}\n"
    ),
    "aliases of the module": lambda count: (
        "const t0 = setInterval(f, 5)\n" + "".join(f"const t{number + 1} = t{number}\n" for number in range(count))
    ),
    "names of one handle": _around("function run() { const t = setInterval(f, 5)\n", "const t§ = t\n", "}\n"),
    "assignments of one name": _around("let t\nfunction run() {\n", "t = setInterval(f§, 5)\n", "}\n"),
    "assignments of functions to one name": _around("let t\n", "t = () => setInterval(f§, 5)\n", "t()\n"),
    "effects of a component": _around(
        "import { useEffect } from 'react'\nexport function A() {\n",
        "useEffect(() => { setInterval(f§, 5) }, [])\n",
        "}\n",
    ),
    "cleanups of a component": _around(
        "import { useEffect } from 'react'\nexport function A() {\n",
        "useEffect(() => { const t = setInterval(f§, 5); return () => clearInterval(t) }, [])\n",
        "}\n",
    ),
    "handles of a component": _around(
        "import { useEffect, useRef } from 'react'\nexport function A() {\n",
        "const t§ = useRef()\nuseEffect(() => { t§.current = setInterval(f, 5); return () => { b§() } }, [])\n",
        "}\n",
    ),
    "leaks of an effect": _around(
        "import { useEffect } from 'react'\nexport function A() {\nuseEffect(() => {\n",
        "const t§ = setInterval(f, 5)\n",
        "return () => { b() } }, [])\n}\n",
    ),
    "handlers of a component": _around(
        "import { useEffect, useRef } from 'react'\nexport function A() {\nconst t = useRef()\n",
        "const h§ = () => { t.current = setTimeout(f, §) }\n",
        "return <b/> }\n",
    ),
    "components": _around(
        "import { useEffect } from 'react'\n",
        "export function A§() { useEffect(() => { setInterval(f, 5) }, []) }\n",
        "",
    ),
    "handlers per request": _around("", "app.get('/§', (req, res) => { process.on('a', () => res.end()) })\n", ""),
}

_VUE: Final = {
    "options": _around(
        "<script>\nexport default { methods: {\n", "m§() { this.t§ = setInterval(this.f, 5) },\n", "}, }\n</script>\n"
    ),
    "options with a teardown": lambda count: (
        "<script>\nexport default { methods: {\n"
        + _each("m§() { this.t§ = setInterval(this.f, 5) },\n", count)
        + "}, beforeDestroy() {\n"
        + _each("clearInterval(this.t§)\n", count)
        + "} }\n</script>\n"
    ),
    "watchers": _around(
        "<script setup>\nimport { watch, onUnmounted } from 'vue'\n",
        "watch(a§, () => { b§ = setInterval(f, 5) })\nonUnmounted(() => { c§() })\n",
        "</script>\n",
    ),
    "elements of a template": _around(
        "<template>\n", "<b @click='f'>x</b>\n", "</template>\n<script setup>\nsetInterval(f, 5)\n</script>\n"
    ),
    "scripts": _around("", "<script>\nsetInterval(f§, 5)\n</script>\n", ""),
}

_PYTHON: Final = {
    "pragmas": _around("", "# stanch-ignore file: needed §\nopen(p§)\n", ""),
    "pragmas before one line": _around("", "# stanch-ignore file: needed §\n", "f = open(p)\n"),
    "leaks in the module": _around("", "f§ = open(p§)\n", ""),
    "leaks in one function": _around("def run():\n", "    f§ = open(p§)\n    f§.read()\n", ""),
    "released in one function": _around("def run():\n", "    f§ = open(p§)\n    f§.read()\n    f§.close()\n", ""),
    "leaking functions": _around("", "def run§():\n    f = open(p)\n    return f.read()\n", ""),
    "a chain of functions": lambda count: (
        "def start():\n    f0(open(p))\n"
        + "".join(f"def f{number}(f):\n    f{number + 1}(f)\n" for number in range(count))
    ),
    "classes": _around(
        "", "class A§:\n    def start(self):\n        self.f = open(p)\n    def close(self):\n        pass\n", ""
    ),
    "a ladder of classes": lambda count: (
        "class A0:\n    def start(self):\n        self.f = open(p)\n    def close(self):\n        pass\n"
        + "".join(f"class A{n + 1}(A{n}):\n    def go(self):\n        self.f = open(p)\n" for n in range(count))
    ),
    "methods of a class": _around(
        "class A:\n", "    def m§(self):\n        self.f§ = open(p)\n", "    def close(self):\n        pass\n"
    ),
    "methods with a release": _around(
        "class A:\n",
        "    def m§(self):\n        self.f§ = open(p)\n    def n§(self):\n        self.f§.close()\n",
        "    def close(self):\n        pass\n",
    ),
    "fields of a constructor": _around(
        "class A:\n    def __init__(self):\n", "        self.f§ = open(p)\n", "    def close(self):\n        pass\n"
    ),
    "fields with a teardown": lambda count: (
        "class A:\n    def __init__(self):\n"
        + _each("        self.f§ = open(p)\n", count)
        + "    def close(self):\n"
        + _each("        self.f§.close()\n", count)
    ),
    "imports": _around("", "import m§\n", "f = open(p)\n"),
    "imported names": _around("from m import (\n", "    a§,\n", ")\nf = open(p)\n"),
    "star imports": _around("", "from m§ import *\n", "f = open(p)\n"),
    "parameters": _around("def run(", "a§, ", "b):\n    f = open(b)\n"),
    "typed parameters": _around("def run(", "a§: int | None = None, ", "b=0):\n    f = open(b)\n"),
    "arguments": _around("f = open(p)\nuse(", "a§, ", "f)\n"),
    "keywords": _around("f = open(p)\nuse(", "a§=b§, ", "f=f)\n"),
    "a call with a long dict": _around("f = open(p)\nuse({", "'a§': b§,\n", "'f': f})\n"),
    "one long line": _one_line("f§ = open(p);"),
    "union types": _around("f = open(p)\na: 'int' = (int\n", "| A§\n", ")\n"),
    "decorators": _around("", "@d§(a)\n", "def run():\n    f = open(p)\n"),
    "try in try": lambda count: (
        "def run():\n f = open(p)\n"
        + "".join(f"{' ' * (n + 1)}try:\n{' ' * (n + 2)}a{n}()\n" for n in range(count))
        + "".join(f"{' ' * (n + 1)}finally:\n{' ' * (n + 2)}b{n}()\n" for n in reversed(range(count)))
    ),
    "try after try": _around(
        "def run():\n    f = open(p)\n",
        "    try:\n        a§()\n    except ValueError:\n        b()\n    finally:\n        c()\n",
        "    f.close()\n",
    ),
    "except clauses": _around(
        "def run():\n    f = open(p)\n    try:\n        a()\n", "    except E§:\n        b()\n", "    f.close()\n"
    ),
    "returns in a try": _around(
        "def run():\n    f = open(p)\n    try:\n", "        if a§(): return §\n", "    finally:\n        f.close()\n"
    ),
    "with in with": _indented("with open(p§) as f§:", "pass"),
    "items of a with": _around("with (\n", "    open(p§) as f§,\n", "):\n    pass\n"),
    "with after with": _around("def run():\n", "    with open(p§) as f§:\n        f§.read()\n", ""),
    "returns in a with": _around("def run():\n  with open(p) as f:\n", "    if a§(): return §\n", ""),
    "stacks": _around(
        "from contextlib import ExitStack\ndef run():\n  with ExitStack() as s:\n",
        "    s.enter_context(open(p§))\n",
        "",
    ),
    "elif": _around("def run():\n  f = open(p)\n  if x: pass\n", "  elif a == §: b()\n", "  f.close()\n"),
    "if after if": _around("def run():\n  f = open(p)\n", "  if a§: b()\n", "  f.close()\n"),
    "if in if": _indented("if a§:", "f.close()", "f = open(p)\n"),
    "cases": _around("def run():\n  f = open(p)\n  match a:\n", "    case §: b()\n", "  f.close()\n"),
    "loops": _around("def run():\n", "  for a in b: f = open(a§)\n", ""),
    "functions in functions": _indented("def f§():", "f = open(p)"),
    "closures of one function": _around("def run():\n  f = open(p)\n", "  on(lambda: use(f, §))\n", ""),
    "comprehensions": _around("", "a§ = [open(p) for p in q]\n", ""),
    "comprehension in comprehension": _nested("f = open(p)\na = ", "[", "b", " for b in c]", "\n"),
    "clauses of a comprehension": _around("a = [open(p)\n", "for b§ in c§ if d§\n", "]\n"),
    "brackets": _nested("f = open(p); a = ", "[", "", "]", "\n"),
    "braces": _nested("f = open(p); a = ", "{b: ", "c", "}", "\n"),
    "calls in calls": _nested("f = open(p); a = ", "b§(", "f", ")", "\n"),
    "a sum": _around("f = open(p); a = (0\n", "+ b§\n", ")\n"),
    "a condition": _around("f = open(p); a = (0\n", "or b§\n", ")\n"),
    "a conditional expression": _around("f = open(p); a = (\n", "d if b§ else\n", "0)\n"),
    "a chain of calls": _around("f = open(p); a = (b\n", ".c()\n", ")\n"),
    "a chain of members": _around("f = open(p); a = (b\n", ".c§\n", ")\n"),
    "string parts": _around("f = open(p); a = (\n", "f'{b§} x'\n", ")\n"),
    "strings": _around("f = open(p); a = [\n", "'open(§)',\n", "]\n"),
    "comments": _around("f = open(p)\n", "# open §\n", ""),
    "aliases": lambda count: (
        "def run():\n  f0 = open(p)\n"
        + "".join(f"  f{number + 1} = f{number}\n" for number in range(count))
        + f"  f{count}.close()\n"
    ),
    "names of one handle": _around("def run():\n  f = open(p)\n", "  f§ = f\n", ""),
    "targets of one assignment": _around("def run():\n  a = open(p)\n", "  b§ = \\\n", "  a\n"),
    "assignments of one name": _around("def run():\n", "  f = open(p§)\n", ""),
    "global names": _around("def run():\n", "  global f§\n  f§ = open(p)\n", ""),
    "tasks": _around("import asyncio\nasync def run():\n", "  asyncio.create_task(f§())\n", ""),
    "awaits": _around("async def run():\n  f = open(p)\n", "  await a§()\n", "  f.close()\n"),
    "yields": _around("def run():\n  f = open(p)\n", "  yield a§\n", "  f.close()\n"),
}

DIMENSIONS: Final = tuple(
    Dimension(name, path, program)
    for path, programs in (("grown.tsx", _SCRIPTS), ("grown.vue", _VUE), ("grown.py", _PYTHON))
    for name, program in programs.items()
)
"""Every dimension; each file acquires something, so that the gate lets it in."""
