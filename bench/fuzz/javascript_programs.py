"""Generated JavaScript, TypeScript, TSX and Vue: functions, classes, effects and servers that acquire and release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from bench.fuzz.choices import indented, laid_out, one_line_each

if TYPE_CHECKING:
    from bench.fuzz.choices import Choices


class Acquisition(NamedTuple):
    """How a thing is opened, used and released; `@` stands for the handle. Without a handle, `acquire` is all."""

    header: str
    acquire: str
    release: str
    uses: tuple[str, ...]
    has_handle: bool = True


ACQUISITIONS: Final = (
    Acquisition("", "setInterval(work, 1000)", "clearInterval(@)", ("@.unref()", "work(@)")),
    Acquisition("", "setInterval(() => {\n\twork(text);\n}, 1000)", "clearInterval(@)", ("@.refresh()",)),
    Acquisition("", "setTimeout(() => work(`a\n  ${text}`), text)", "clearTimeout(@)", ("work(@)",)),
    Acquisition("", "requestAnimationFrame(work)", "cancelAnimationFrame(@)", ("work(@)",)),
    Acquisition(
        "", "window.addEventListener('resize', work)", "window.removeEventListener('resize', work)", ("work(1)",), False
    ),
    Acquisition(
        "",
        "document.addEventListener('keydown', (event) => work(event.key, text), true)",
        "document.removeEventListener('keydown', work, true)",
        ("work(2)",),
        False,
    ),
    Acquisition("", "process.on('SIGTERM', work)", "process.off('SIGTERM', work)", ("work(3)",), False),
    Acquisition("", "new WebSocket(path)", "@.close()", ("@.send(text)", "@.onmessage = work")),
    Acquisition("", "new ResizeObserver(work)", "@.disconnect()", ("@.observe(path)",)),
    Acquisition("", "new EventSource(path)", "@.close()", ("@.onmessage = work",)),
    Acquisition("", "new Worker(path)", "@.terminate()", ("@.postMessage(text)",)),
    Acquisition("", "URL.createObjectURL(path)", "URL.revokeObjectURL(@)", ("work(@)",)),
    Acquisition("import fs from 'node:fs';", "fs.openSync(path, 'r')", "fs.closeSync(@)", ("fs.readSync(@, text)",)),
    Acquisition("import fs from 'fs';", "fs.createWriteStream(path)", "@.end()", ("@.write(text)",)),
    Acquisition("import { open } from 'fs/promises';", "await open(path)", "await @.close()", ("await @.read()",)),
    Acquisition(
        "import { Pool } from 'pg';\nconst pool = new Pool();",
        "await pool.connect()",
        "@.release()",
        ("await @.query(text)", "const { rows } = await @.query(`select\n  ${text}`)"),
    ),
    Acquisition(
        "import Database from 'better-sqlite3';", "new Database(path)", "@.close()", ("@.exec(text)", "@.prepare(text)")
    ),
    Acquisition("import net from 'node:net';", "net.connect(path)", "@.destroy()", ("@.on('data', work)",)),
    Acquisition("import { source$ } from './source';", "source$.subscribe(work)", "@.unsubscribe()", ("work(@)",)),
)
FILLERS: Final = (
    "",
    "// a comment, not at the end",
    "/* over\n   two lines */",
    "const { x, ...rest } = work(path), [y = 1, , ...z] = text;",
    "text = `first\n    second ${work(`inner\n  line`)}`;",
    "work(/a[/]b/g, text / 2, path?.x?.[0] ?? 'ünïcode 🌊');",
    "const later = async () => { await work(text); };",
    "label: for (;;) { if (text) break label; else continue label; }",
    "path.forEach((x) => work(x, text));",
    "void work(path).then((x) => x, work).finally(work);",
    "for (const x of path) work(x);",
    "if (text) work(path); else text = 0;",
    "while (text--) work(text)",
    "do work(); while (text)",
    "text ||= path, work(text)",
    ";[1, 2].map(work)",
    "var self = this;",
    "delete path.x, text++;",
)
TYPED: Final = (
    "const y = work(path as unknown as string)!;",
    "let z: Array<{ a: number }> = [];",
    "enum Kind { One = 1 }",
    "type Pair<A, B = A> = [A, B];",
    "interface Handle { close(): void }",
    "const f = <T,>(x: T): x is T => !!x;",
)
ENDS: Final = (
    "return x;",
    "return;",
    "throw new Error(text);",
    "return work(text)",
    "return () => work();",
    "return {",
)
HEADS: Final = (
    "if (text) {",
    "for (const x of path) {",
    "for (let i = 0; i < 3; i++) {",
    "while (work(text)) {",
    "for (const key in path) {",
    "{",
    "switch (text) { case 1:",
)
TEARDOWNS: Final = ("close", "stop", "dispose", "disconnectedCallback", "componentWillUnmount", "ngOnDestroy", "work")
STARTS: Final = ("constructor", "connectedCallback", "componentDidMount", "ngOnInit", "start")


def javascript_program(choices: Choices, suffix: str) -> bytes:
    """A program of a few functions, classes, components and handlers around one to three kinds of acquisition.

    Args:
        choices: what decides.
        suffix: of the file: `.js`, `.ts`, `.tsx` or `.vue`.
    """
    program = _Program(choices, typed=suffix in {".ts", ".tsx"})
    lines = program.vue_lines() if suffix == ".vue" else program.lines(elements=suffix == ".tsx")
    data = laid_out(lines, choices)
    return data.replace(b";\n", b"\n") if choices.holds(0.1) else data


class _Program:
    def __init__(self, choices: Choices, *, typed: bool) -> None:
        self._choices = choices
        self._typed = typed
        self._kinds = choices.some_of(ACQUISITIONS, 3)
        self._names = 0
        self._open: list[tuple[str, Acquisition]] = []

    def lines(self, *, elements: bool = False) -> list[str]:
        choices = self._choices
        lines = ["import { useEffect, useRef } from 'react';"] if choices.holds(0.6) else []
        lines += self._headers()
        for _ in range(choices.between(1, 3)):
            part = choices.weighted(
                ((self._function, 6), (self._class, 3), (self._component, 4), (self._handler, 1), (self._module, 1))
            )
            lines += ["", *(self._component(elements=elements) if part == self._component else part())]
        return lines

    def vue_lines(self) -> list[str]:
        choices = self._choices
        lines = ["<template>", "\t<p v-if=\"text > 1\" @click='work'>{{ text < 2 && `a` }}</p>", "</template>", ""]
        if choices.holds(0.5):
            script = ["import { onMounted, onUnmounted, ref } from 'vue';", *self._headers()]
            script += ["const text = ref(0), path = ref(null);", *self._suite(1, awaits=False)]
            script += self._hook("onMounted", self._suite(1, awaits=False))
            if choices.holds(0.5):
                script += self._hook("onUnmounted", self._releases(awaits=False))
            return [*lines, "<script setup>", *script, "</script>"]
        script = [*self._headers(), "export default {"]
        self._open = [("this.handle", choices.one_of(self._kinds))]
        (name, kind) = self._open[0]
        opened = self._sync(f"{name} = {kind.acquire};" if kind.has_handle else f"{kind.acquire};")
        script += indented(
            ["data() { return { handle: null }; },", "mounted() {", *indented(one_line_each([opened])), "},"]
        )
        if choices.holds(0.5):
            script += indented(["beforeUnmount() {", *indented(self._releases(awaits=False)), "},"])
        return [*lines, "<script>", *script, "};", "</script>", "<style>a { b: c }</style>"]

    def _headers(self) -> list[str]:
        headers = [kind.header for kind in self._kinds if kind.header and self._choices.holds(0.95)]
        return one_line_each(list(dict.fromkeys(headers)))

    def _module(self) -> list[str]:
        self._open = []
        return self._suite(1, awaits=False)

    def _function(self) -> list[str]:
        choices = self._choices
        awaits = choices.holds(0.4)
        self._names += 1
        self._open = []
        word = "async " if awaits else ""
        parameters = "path: string, text?: any" if self._typed else "path, text = {}"
        head = choices.one_of(
            (
                f"export {word}function function{self._names}({parameters}) {{",
                f"const function{self._names} = {word}({parameters}) => {{",
                f"{word}function* function{self._names}({parameters}) {{",
                f"module.exports.function{self._names} = {word}function ({parameters}) {{",
            )
        )
        body = self._suite(choices.between(0, 3), awaits=awaits)
        if choices.holds(0.6):
            body += self._releases(awaits=awaits)
        if choices.holds(0.4):
            end = choices.one_of(ENDS)
            body += (
                ["return {", "\tstop() {", *indented(indented(self._releases(awaits=False))), "\t},", "};"]
                if (end.endswith("{"))
                else [end]
            )
        return [head, *indented(one_line_each(body)), choices.one_of(("}", "};"))]

    def _class(self) -> list[str]:
        choices = self._choices
        self._names += 1
        base = choices.one_of(("", "", " extends HTMLElement", " extends React.Component", " extends EventEmitter"))
        field = choices.one_of(("this.handle", "this.#handle", "this._handle"))
        kind = choices.one_of(self._kinds)
        start = choices.one_of(STARTS)
        opened = self._sync(f"{field} = {kind.acquire};" if kind.has_handle else f"{kind.acquire};")
        head = ["super();"] if base and start == "constructor" else []
        lines = [f"export class Class{self._names}{base} {{"]
        lines += indented(["#handle = null;"]) if "#" in field else []
        lines += indented([f"{start}(path) {{", *indented(one_line_each([*head, opened])), "}"])
        if choices.holds(0.6):
            self._open = [(field, kind)] if choices.holds(0.5) else []
            lines += [
                "",
                *indented([f"{choices.one_of(TEARDOWNS)}() {{", *indented(self._releases(awaits=False)), "}"]),
            ]
        if choices.holds(0.5):
            self._open = [(field, kind)]
            lines += ["", *indented(["async run(text) {", *indented(self._suite(1, awaits=True)), "}"])]
        return [*lines, "}"]

    def _component(self, *, elements: bool = False) -> list[str]:
        choices = self._choices
        self._names += 1
        self._open = []
        lines = ["const ref = useRef(null);"] if choices.holds(0.5) else []
        for _ in range(choices.between(1, 2)):
            self._open = []
            body = self._suite(1, awaits=False)
            if choices.holds(0.5):
                body += ["return () => {", *indented(self._releases(awaits=False)), "};"]
            lines += self._hook("useEffect", body, ", []")
        lines += ["return <p onClick={() => work(1)}>{text} &amp; {'a'}</p>;"] if elements else ["return null;"]
        return [
            f"export function Component{self._names}({{ path, text, work }}) {{",
            *indented(one_line_each(lines)),
            "}",
        ]

    def _handler(self) -> list[str]:
        self._open = []
        head = self._choices.one_of(
            (
                "app.get('/', async (req, res) => {",
                "server.on('connection', async (socket) => {",
                "test('a', async () => {",
            )
        )
        return [head, *indented(self._suite(1, awaits=True)), "});"]

    def _hook(self, name: str, body: list[str], rest: str = "") -> list[str]:
        return [f"{name}(() => {{", *indented(one_line_each(body)), f"}}{rest});"]

    def _suite(self, depth: int, *, awaits: bool) -> list[str]:
        """Lines of a block. What it opens stays known to what follows, so that releases and uses find it."""
        choices = self._choices
        lines: list[str] = []
        for _ in range(choices.between(1, 4)):
            part = choices.weighted((("acquire", 4), ("use", 4), ("release", 2), ("filler", 3), ("block", depth * 3)))
            if part == "acquire":
                lines.append(self._acquire(awaits=awaits))
            elif part == "use" and self._open:
                lines.append(self._use(awaits=awaits))
            elif part == "release":
                lines += self._releases(awaits=awaits)
            elif part == "block":
                lines += self._block(depth - 1, awaits=awaits)
            else:
                lines.append(choices.one_of((*FILLERS, *TYPED) if self._typed else FILLERS))
        return one_line_each(lines)

    def _acquire(self, *, awaits: bool) -> str:
        choices = self._choices
        kind = choices.one_of(self._kinds)
        acquire = kind.acquire if awaits else self._sync(kind.acquire)
        self._names += 1
        if not kind.has_handle:
            self._open.append(("", kind))
            return f"{acquire};"
        name = choices.weighted(((f"handle{self._names}", 8), ("ref.current", 2), ("state.handle", 1)))
        form = choices.weighted((("const", 12), ("drop", 2), ("store", 1), ("give", 1), ("using", 1), ("chain", 1)))
        if form == "drop":
            return f"{acquire};"
        if form == "store":
            return choices.one_of((f"state.push({acquire});", f"state.set(path, {acquire});"))
        if form == "give":
            return f"return {acquire};"
        if form == "chain":
            return f"({acquire}).on('error', work);"
        self._open.append((name, kind))
        word = "" if "." in name else choices.one_of(("let ", "var ")) if form != "const" else "const "
        return f"{word}{name} = {acquire};{choices.weighted((('', 9), (' // opened', 1)))}"

    def _use(self, *, awaits: bool) -> str:
        name, kind = self._choices.one_of(self._open)
        use = self._choices.one_of(kind.uses).replace("@", name)
        use = use if awaits else self._sync(use)
        if use.startswith("const") or " = " in use:
            return f"{use};"
        return self._choices.one_of((f"{use};", f"text = {use};", f"work({use});", f"if ({use}) work(4);"))

    def _releases(self, *, awaits: bool) -> list[str]:
        chosen = self._choices.some_of(self._open, 2) if self._open else []
        lines: list[str] = []
        for name, kind in dict(chosen).items():
            release = kind.release.replace("@", name)
            release = release if awaits else self._sync(release)
            guard = name and self._choices.holds(0.15)
            lines.append(f"if ({name}) {release};" if guard else f"{release};")
        return lines

    def _block(self, depth: int, *, awaits: bool) -> list[str]:
        choices = self._choices
        inner = self._suite(depth, awaits=awaits)
        kind = choices.weighted((("head", 5), ("try", 5), ("then", 1), ("callback", 1)))
        if kind == "try":
            clause = choices.one_of(("} catch (error) {", "} finally {", "} catch {"))
            last = self._releases(awaits=awaits) if choices.holds(0.5) else self._suite(0, awaits=awaits)
            return ["try {", *indented(inner), clause, *indented(last), "}"]
        if kind == "then":
            return ["work(path).then((x) => {", *indented(self._suite(depth, awaits=False)), "}).catch(work);"]
        if kind == "callback":
            return [
                "await " * awaits + "new Promise((resolve) => {",
                *indented(self._suite(depth, awaits=False)),
                "});",
            ]
        head = choices.one_of(HEADS)
        lines = [head, *indented(inner), "}"]
        if head.startswith("if") and choices.holds(0.3):
            lines[-1] = "} else {"
            lines += [*indented(self._suite(depth, awaits=awaits)), "}"]
        return lines

    def _sync(self, text: str) -> str:
        return text.replace("await ", "")
