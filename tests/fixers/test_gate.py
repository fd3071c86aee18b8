from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixers.engine import judge_file
from fixers.gate import may_acquire
from fixers.resources import gate, resources
from fixers.source import Language, Tables, language_of

if TYPE_CHECKING:
    from collections.abc import Callable

OPEN = [
    "open(p)",
    "f = open",
    "import builtins\nbuiltins.open(p)",
    "with open(p) as f, open(q) as g: pass",
    "with open(p).x as f: pass",
    "with open(p) if p else q as f: pass",
    "with open(a(b(c()))) as f: pass",
    "with f(open(p)) as g: pass",
    'with open("a) as b:") + open(p): pass',
    "with open(open(p).read()) as f: pass",
    "import sqlite3\nsqlite3.connect(p)",
    "import os, sqlite3\nsqlite3.connect(p)",
    "import os, \\\n  sqlite3 as s\ns.connect(p)",
    "from sqlite3 import (\n  Row,\n  connect,\n)\nconnect(p)",
    "from sqlite3 import Row, \\\n  connect as c\nc(p)",
    "import sqlite3\nwith sqlite3.connect(p) as c: pass",
    "import sqlite3\n(sqlite3\n  .connect(p))",
    "from pathlib import Path\nPath(p).open()",
    "if x: import tarfile; tarfile.open(p)",
    "from socket import socket\ns = socket()",
    "from socket import socket as s\nlog(s)",
    "from socket import socket\ndef f(make=socket): pass",
    "x: f = open(p)",
    "return open(p)",
    "f = open if x else g",
    "print open",
    "match open: pass",
    "f(x)\\\n  or open(p)",
    "f'{open}'",
    "f = (a, 'b', open, 'c')",
    "import sys, builtins as b\nb.open(p)",
    "from builtins import open as o\no(p)",
    "self.open = open",
    "f(open == g)",
    'x = """\n# the title""", open(p)',
    'f"""\n# {open(p)}\n"""',
    "x = '#', open(p)",
    "# the title\ropen(p)",
    "import gzip\nf(gzip.open, 'b')",
    "pool['open'](p)",
    '"""How to open it."""\nopen(p)',
    "from socket import socket\nx = a[0], socket",
    "from socket import socket\nfor make in [a, socket]: make()",
    "from socket import socket\nreturn[socket]",
]
SHUT = [
    "",
    "x = 1",
    "reopen(p); opened = 1; browser.reopen(p)",
    "with open(p) as f: pass",
    "async def f():\n  async with open(p) as f: pass",
    'with open(os.path.join(p, "a b"), encoding="utf-8") as f: pass',
    "with  open(\n  p,\n  'w',\n) as f : pass",
    "import gzip\nwith gzip.open(p) as f: pass",
    "import sqlite3",
    "sqlite3 = 1\nx.connect(sqlite3)",
    "from a import sqlite3x\nconnect(sqlite3)",
    "import socket\nsocket = x\nlog(socket)",
    "# the open one",
    '"""How to open it: open files are \'open\'."""',
    "def open(p): pass",
    "getattr(x, 'open')()",
    "patch('builtins.open', f)",
    "import gzip\npatch('gzip.open')\ngzip.open = f",
    "f(a)  # as open(p) does",
    "import gzip\nf()  # like gzip.open",
    "x.open = 1; f(open=g); def f(open=None): pass",
    "f('  open, then closed')",
    "from socket import socket",
    "from socket import (\n  AF_INET,\n  socket,\n)\ndef f(s: socket, t: socket = None, *u: socket) -> socket: pass",
    "from socket import socket\nclass A:\n  one: socket\n  two: socket | None = None\n",
    "from socket import socket\ndef f(a: Callable[[socket], None], b: dict[str, tuple[A, socket]] | None): pass",
    "from socket import socket\nx: list[\n  A | socket,\n] = made[socket]",
    "x = pool['open'] + len(pool['open'])",
    '"""How it works:\n\n    >>> x = fs.open(p)\n    >>> open(p)\n"""',
    "x = 'it (open) is', \"a.open\"",
    "open.cache_clear()",
    "import builtins\npatch.object(builtins, 'open')",
]
OPEN_JS = [
    "setInterval(f, 1)",
    "const later = window['setTimeout']",
    "import { Pool } from 'pg'; new Pool()",
    "const p = await import('node:child_process'); p.spawn(a)",
    "pool\n  // the first\n  .connect()",
    "pool?.['connect']()",
    "$(window).addEventListener('a', f)",
]
SHUT_JS = [
    "",
    "export const a = 1",
    "resetInterval(f); $setTimeout(f)",
    "connect(mapState)(View); socket.on",
    "emit('connect')",
    "import pg from 'pg'",
    "spawn(Pool)",
]


@pytest.mark.parametrize(
    ("tables", "text", "expected"),
    [
        *((Tables.PYTHON, text, True) for text in OPEN),
        *((Tables.PYTHON, text, False) for text in SHUT),
        *((Tables.JAVASCRIPT, text, True) for text in OPEN_JS),
        *((Tables.JAVASCRIPT, text, False) for text in SHUT_JS),
    ],
)
def test_what_opens_it(tables: Tables, text: str, expected: bool) -> None:
    assert may_acquire(tables, text.encode()) is expected


RESOURCES = {entry.id: entry for tables in Tables for entry in resources(tables)}
LEAKING = [(example.path, example.leaking) for entry in RESOURCES.values() for example in entry.leaking]
CLEAN = [(example.path, example.code) for entry in RESOURCES.values() for example in entry.clean]


def spaced(text: str) -> str:
    return text.replace(".", " .\n  ")


def with_tabs(text: str) -> str:
    return text.replace("(", "\t(").replace(" as ", "\tas  ")


@pytest.mark.parametrize("change", [str, spaced, with_tabs])
def test_it_keeps_nothing_out_that_would_be_found(change: Callable[[str], str]) -> None:
    found = 0
    for path, text in [*LEAKING, *CLEAN]:
        data = change(text).encode()
        for finding in judge_file(path, data).findings:
            # The words of a resource are its own affair: some hold a dot or a parenthesis.
            if any(word in data for word in RESOURCES[finding.resource_id].words):
                found += 1
                assert may_acquire(RESOURCES[finding.resource_id].tables, data), (path, text)
    assert found > len(LEAKING) / 2


def test_it_opens_only_where_one_of_the_listed_words_stands() -> None:
    for path, text in [*LEAKING, *CLEAN]:
        language = language_of(path) or Language.PYTHON
        if may_acquire(language.tables, text.encode()):
            assert gate(language.tables).search(text.encode()), (path, text)


@given(st.binary(), st.sampled_from([b"with open(", b"open", b"'", b'"', b"import sqlite3 ", b"\\", b".connect("]))
def test_it_answers_on_any_bytes(data: bytes, word: bytes) -> None:
    for tables in Tables:
        assert may_acquire(tables, data + word + data) in {True, False}


@pytest.mark.parametrize(
    "text",
    [
        b"with open(" * 50_000,
        b"import " * 50_000 + b"sqlite3 connect",
        b"from sqlite3 import (" + b"a," * 100_000,
        b"'''" + b"\nopen" * 50_000 + b"'''",
    ],
)
def test_its_work_is_linear(text: bytes) -> None:
    # Were it quadratic, this would take hours.
    assert may_acquire(Tables.PYTHON, text) in {True, False}
