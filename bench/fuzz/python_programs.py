"""Generated Python: functions, coroutines, generators and classes that acquire, use, lose and release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from bench.fuzz.choices import indented, laid_out, one_line_each

if TYPE_CHECKING:
    from bench.fuzz.choices import Choices


class Acquisition(NamedTuple):
    """How a thing is opened, used and released; `@` stands for the handle."""

    header: str
    acquire: str
    release: str
    uses: tuple[str, ...]


ACQUISITIONS: Final = (
    Acquisition("", "open(path)", "@.close()", ("@.read()", "@.readline()", "list(@)", "@.name")),
    Acquisition("", "open(path, 'w', encoding='utf-8')", "@.close()", ("@.write(text)", "print(text, file=@)")),
    Acquisition("import io", "io.open(path, mode)", "@.close()", ("@.read(1)", "@.fileno()")),
    Acquisition("import os", "os.open(path, os.O_RDONLY)", "os.close(@)", ("os.read(@, 1)", "os.fstat(@)")),
    Acquisition("import socket", "socket.create_connection(path)", "@.close()", ("@.recv(1)", "@.sendall(text)")),
    Acquisition("import socket", "socket.socket()", "@.close()", ("@.settimeout(5)", "@.connect(path)")),
    Acquisition("import sqlite3", "sqlite3.connect(path)", "@.close()", ("@.execute(text)", "@.cursor().fetchall()")),
    Acquisition("import psycopg2", "psycopg2.connect(path)", "@.close()", ("@.commit()", "@.cursor()")),
    Acquisition("import subprocess", "subprocess.Popen([path])", "@.wait()", ("@.communicate()", "@.stdout.read()")),
    Acquisition("import tempfile", "tempfile.NamedTemporaryFile()", "@.close()", ("@.write(text)", "@.name")),
    Acquisition("import shutil, tempfile", "tempfile.mkdtemp()", "shutil.rmtree(@)", ("work(@)", "os.listdir(@)")),
    Acquisition("import threading", "threading.Timer(5, work)", "@.cancel()", ("@.start()", "@.name")),
    Acquisition(
        "from concurrent.futures import ThreadPoolExecutor",
        "ThreadPoolExecutor(2)",
        "@.shutdown()",
        ("@.submit(work, path)", "list(@.map(work, path))"),
    ),
    Acquisition("import requests", "requests.Session()", "@.close()", ("@.get(path)", "@.get(path).json()")),
    Acquisition("import httpx", "httpx.Client(timeout=5)", "@.close()", ("@.get(path)", "@.headers.update(text)")),
    Acquisition("import aiohttp", "aiohttp.ClientSession()", "await @.close()", ("await @.get(path)", "@.headers")),
    Acquisition("import asyncio", "asyncio.create_task(work(path))", "@.cancel()", ("await @", "@.done()")),
    Acquisition("import urllib.request", "urllib.request.urlopen(path)", "@.close()", ("@.read()", "work(@)")),
)
FILLERS: Final = (
    "",
    "# a comment, not at the end",
    "text = f'{path!r:>{len(text)}} {text}'",
    "text = '''a\n  b''' 'c'",
    "work(\n\t\tpath,  # why\n\t)",
    "x = [work(y) for y in path if y]",
    "x, *rest = work(path); text = rest",
    "x = (y := work(text))",
    "lock = lambda y, *z: work(y)",
    "assert path, text",
    "del text",
    "x: int = len(text)",
    "x = work(path) if text else None",
    "print('ünïcode 🌊', text)",
)
ENDS: Final = ("return x", "return", "raise ValueError(path)", "return work(text)", "yield x", "sys.exit(1)")
HEADS: Final = (
    "if text:",
    "for x in path:",
    "while work(text):",
    "with lock:",
    "with lock as x, lock:",
    "if (\n\t\ttext\n\t):",
)
HANDLERS: Final = (
    ("except OSError:",),
    ("except (KeyError, OSError) as error:",),
    ("except Exception:", "else:"),
    ("finally:",),
    ("except KeyError:", "finally:"),
)
DECORATORS: Final = (
    "@property",
    "@staticmethod",
    "@contextlib.contextmanager",
    "@pytest.fixture",
    "@app.get('/')",
    "@work(1)",
)
TEARDOWNS: Final = ("close", "stop", "__exit__", "__del__", "shutdown", "aclose", "tearDown", "work")


def python_program(choices: Choices) -> bytes:
    """A program of a few functions and classes around one to three kinds of acquisition."""
    return laid_out(_Program(choices).lines(), choices)


class _Program:
    def __init__(self, choices: Choices) -> None:
        self._choices = choices
        self._kinds = choices.some_of(ACQUISITIONS, 3)
        self._names = 0
        self._open: list[tuple[str, Acquisition]] = []

    def lines(self) -> list[str]:
        lines = ["from __future__ import annotations"] if self._choices.holds(0.2) else []
        if self._choices.holds(0.5):
            lines.insert(0, '"""A module."""')
        lines += [kind.header for kind in self._kinds if kind.header and self._choices.holds(0.95)]
        for _ in range(self._choices.between(1, 3)):
            part = self._choices.weighted(((self._function, 6), (self._class, 3), (self._suite_of_module, 1)))
            lines += ["", "", *part()]
        return lines

    def _suite_of_module(self) -> list[str]:
        self._open = []
        suite = self._suite(1, in_loop=False, awaits=False)
        return ["if __name__ == '__main__':", *indented(suite)] if self._choices.holds(0.5) else suite

    def _function(self, first: str = "") -> list[str]:
        choices = self._choices
        awaits = choices.holds(0.25)
        self._names += 1
        self._open = []
        lines = [choices.one_of(DECORATORS)] if choices.holds(0.15) else []
        parameters = ", ".join(part for part in (first, "path, text=None, *, work: object = print") if part)
        head = f"{'async ' if awaits else ''}def function{self._names}({parameters}){choices.one_of(('', ' -> int'))}:"
        body = ['"""What it does."""'] if choices.holds(0.2) else []
        body += self._suite(choices.between(0, 3), in_loop=False, awaits=awaits)
        if choices.holds(0.6):
            body += self._releases(awaits=awaits)
        if choices.holds(0.5):
            body += [choices.one_of(ENDS)]
        if len(body) == 1 and choices.holds(0.3) and "\n" not in body[0]:
            return [*lines, f"{head} {body[0]}"]
        return [*lines, head, *indented(one_line_each(body))]

    def _class(self) -> list[str]:
        choices = self._choices
        self._names += 1
        base = choices.weighted((("", 4), ("(Base)", 1), ("(unittest.TestCase)", 1), ("(threading.Thread)", 1)))
        lines = [f"class Class{self._names}{base}:"]
        fields = [(f"self.{name}", choices.one_of(self._kinds)) for name in ("_one", "two")][: choices.between(1, 2)]
        start = [f"{field} = {kind.acquire}" for field, kind in fields]
        lines += indented(
            [f"def {choices.one_of(('__init__', 'setUp', 'start'))}(self, path, text):", *indented(start)]
        )
        if choices.holds(0.6):
            self._open = fields
            lines += ["", *indented(self._method(choices.one_of(TEARDOWNS), self._releases(awaits=False)))]
        if choices.holds(0.5):
            self._open = fields
            lines += ["", *indented(self._method("run", self._suite(1, in_loop=False, awaits=False)))]
        if choices.holds(0.3):
            lines += ["", *indented(self._function("self"))]
        return lines

    def _method(self, name: str, body: list[str]) -> list[str]:
        return [f"def {name}(self, path=None, *args):", *indented(one_line_each(body or ["pass"]))]

    def _suite(self, depth: int, *, in_loop: bool, awaits: bool) -> list[str]:
        """Lines of a suite. What it opens stays known to what follows, so that releases and uses find it."""
        choices = self._choices
        lines: list[str] = []
        for _ in range(choices.between(1, 4)):
            part = choices.weighted(
                (("acquire", 4), ("use", 4), ("release", 2), ("filler", 3), ("compound", depth * 3))
            )
            if part == "acquire":
                lines += self._acquire(depth, in_loop=in_loop, awaits=awaits)
            elif part == "use" and self._open:
                lines.append(self._use(awaits=awaits))
            elif part == "release":
                lines += self._releases(awaits=awaits)
            elif part == "compound":
                lines += self._compound(depth - 1, in_loop=in_loop, awaits=awaits)
            else:
                lines.append(choices.one_of(FILLERS))
        if in_loop and choices.holds(0.2):
            lines.append(choices.one_of(("break", "continue")))
        return [
            *one_line_each(lines),
            *(["pass"] if all(not line or line.lstrip().startswith("#") for line in lines) else []),
        ]

    def _acquire(self, depth: int, *, in_loop: bool, awaits: bool) -> list[str]:
        choices = self._choices
        kind = choices.one_of(self._kinds)
        self._names += 1
        name = choices.weighted(((f"handle{self._names}", 6), ("handle", 2), (f"state.handle{self._names}", 1)))
        form = choices.weighted((("assign", 12), ("with", 2), ("drop", 1), ("chain", 2), ("store", 1), ("give", 1)))
        if form == "with" and depth:
            self._open.append((name, kind))
            inner = self._suite(depth - 1, in_loop=in_loop, awaits=awaits)
            return [f"{'async ' if awaits else ''}with {kind.acquire} as {name}:", *indented(inner)]
        if form == "drop":
            return [kind.acquire]
        if form == "chain":
            return [f"x = {choices.one_of(kind.uses).replace('await ', '').replace('@', kind.acquire)}"]
        if form == "store":
            return [choices.one_of((f"state.append({kind.acquire})", f"state[path] = {kind.acquire}"))]
        if form == "give":
            return [f"return {kind.acquire}"]
        self._open.append((name, kind))
        return [f"{name} = {kind.acquire}{choices.weighted((('', 9), ('  # opened', 1)))}"]

    def _use(self, *, awaits: bool) -> str:
        name, kind = self._choices.one_of(self._open)
        use = _awaited(self._choices.one_of(kind.uses).replace("@", name), awaits=awaits)
        return self._choices.one_of((use, f"x = {use}", f"work({use})", f"text = text or {use}", f"work({name})"))

    def _releases(self, *, awaits: bool) -> list[str]:
        chosen = self._choices.some_of(self._open, 2) if self._open else []
        lines: list[str] = []
        for name, kind in dict(chosen).items():
            release = _awaited(kind.release.replace("@", name), awaits=awaits)
            guard = self._choices.holds(0.15)
            lines += [f"if {name} is not None:", f"\t{release}"] if guard else [release]
        return lines

    def _compound(self, depth: int, *, in_loop: bool, awaits: bool) -> list[str]:
        choices = self._choices
        kind = choices.weighted((("head", 5), ("try", 5), ("match", 1), ("def", 1)))
        if kind == "try":
            lines = ["try:", *indented(self._suite(depth, in_loop=in_loop, awaits=awaits))]
            for clause in choices.one_of(HANDLERS):
                inner = self._releases(awaits=awaits) if choices.holds(0.5) else []
                lines += [clause, *indented(inner or self._suite(0, in_loop=False, awaits=awaits))]
            return lines
        if kind == "match":
            inner = self._suite(depth, in_loop=in_loop, awaits=awaits)
            return ["match text:", "\tcase [x, *_] if x:", *indented(indented(inner)), "\tcase _:", "\t\tpass"]
        if kind == "def":
            return ["def inner(path, text):", *indented(self._suite(depth, in_loop=False, awaits=False))]
        head = choices.one_of(HEADS)
        loops = head.startswith(("for", "while"))
        lines = [*head.split("\n"), *indented(self._suite(depth, in_loop=in_loop or loops, awaits=awaits))]
        if not head.startswith("with") and choices.holds(0.3):
            lines += ["else:", *indented(self._suite(depth, in_loop=in_loop, awaits=awaits))]
        return lines


def _awaited(expression: str, *, awaits: bool) -> str:
    return expression if awaits else expression.removeprefix("await ")
