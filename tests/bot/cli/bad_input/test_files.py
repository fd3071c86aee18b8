"""Files that cannot be judged, or only in part: what is said of them, and what of them is judged all the same."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.bot.leaks import POLLER

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bot.cli.conftest import Stanch

SECOND = POLLER.replace("Poller", "Watcher")
READ = "def read(path):\n    return open(path).read()\n"
AGAIN = READ.replace("read(path):", "again(path):")
LARGE = 50_000_000


class Row(NamedTuple):
    """A file; the lines of the findings in it; what is said; the exit codes without and with `--strict`."""

    name: str
    path: str
    data: str | bytes
    lines: list[int]
    said: str = ""
    code: int = 0
    strict: int = 0


def _nested(leak: str, opening: str, closing: str, levels: int) -> str:
    return f"{leak}x = " + f"{opening}\n" * levels + f"{closing}\n" * levels


def _terms(leak: str, start: str, term: str, end: str) -> str:
    return leak + start + f"\n {term}" * 30_000 + end


DEEP = "too-deep, nested"
UNKNOWN = "syntax that the grammar does not know; "
UNKNOWN_JS = "syntax the grammar does not know; "
OUTSIDE = "the code outside of functions is not judged"

ROWS = [
    Row("empty JavaScript", "a.js", "", []),
    Row("empty Python", "a.py", "", []),
    Row("binary", "a.js", POLLER + "'\0'", [], "not looked at: binary, holds NUL bytes"),
    Row("minified", "a.js", "setInterval(f,1);" * 1000, [], "not looked at: minified, mean line above 300 bytes"),
    Row("generated", "a.js", "// @generated\n" + POLLER, [], "not looked at: generated, marked '@generated'"),
    Row("50 MB", "a.js", POLLER + "LARGE", [], "too-large, more than 2000000 bytes", 0, 3),
    Row("UTF-16", "a.js", POLLER.encode("utf-16"), [], "its encoding is UTF-16, which is not read; save it", 0, 3),
    Row("UTF-16 BE", "a.py", READ.encode("utf-16-be").join([b"\xfe\xff", b""]), [], "save it as UTF-8", 0, 3),
    Row("Latin-1 JavaScript", "a.js", b"// \xe9\n" + POLLER.encode(), [5]),
    Row("Latin-1 Python", "a.py", b"# coding: latin-1\n# \xe9\n" + READ.encode(), [4]),
    Row("Latin-1 undeclared", "a.py", b"# \xe9\n" + READ.encode(), [3]),
    Row("byte-order mark, JavaScript", "a.js", b"\xef\xbb\xbf" + POLLER.encode(), [4]),
    Row("byte-order mark, Python", "a.py", b"\xef\xbb\xbf" + READ.encode(), [2]),
    Row("CRLF, JavaScript", "a.js", POLLER.replace("\n", "\r\n"), [4]),
    Row("CRLF, Python", "a.py", READ.replace("\n", "\r\n"), [2]),
    Row("mixed endings, JavaScript", "a.js", POLLER.replace("\n", "\r\n", 3), [4]),
    Row("mixed endings, Python", "a.py", READ + AGAIN.replace("\n", "\r\n"), [2, 4]),
    Row("100,000 brackets, JavaScript", "a.js", _nested(POLLER, "[", "]", 100_000), [], DEEP, 0, 3),
    Row("100,000 brackets, Python", "a.py", _nested(READ, "[", "]", 100_000), [], DEEP, 0, 3),
    Row("30,000 terms, JavaScript", "a.js", _terms(POLLER, "x = 1", "+ a", ";"), [4]),
    Row("30,000 terms, Python", "a.py", _terms(READ, "x = (1", "+ a", ")\n"), [2]),
    Row(
        "30,000 conditions, JavaScript",
        "a.js",
        _terms(POLLER, "function g() { return a", "&& a()", "; }"),
        [4],
        "limit, line 11: too many branches; function 'g' is not judged",
        3,
        3,
    ),
    Row(
        "30,000 conditions, Python",
        "a.py",
        _terms(READ, "def g(): return (a", "or a()", ")\n"),
        [2],
        "limit, line 3: too many branches; `g` is not judged",
        3,
        3,
    ),
    Row(
        "a syntax error in a function, JavaScript",
        "a.js",
        f"{POLLER}function g() {{ const = ; }}\n{SECOND}",
        [4, 15],
        f"syntax, line 11: {UNKNOWN_JS}function 'g' is not judged",
        0,
        3,
    ),
    Row(
        "a syntax error in a function, Python",
        "a.py",
        f"{READ}def g():\n    x = = 1\n{AGAIN}",
        [2, 6],
        f"syntax, line 4: {UNKNOWN}`g` is not judged",
        0,
        3,
    ),
    Row("an open bracket", "a.js", f"{POLLER}x = [1, 2\n", [4], f"syntax, line 11: {UNKNOWN_JS}{OUTSIDE}", 0, 3),
    Row("an open string", "a.py", f"{READ}'open\n{AGAIN}", [2, 5], f"syntax, line 3: {UNKNOWN}{OUTSIDE}", 0, 3),
    Row("a conflict", "a.py", f"{READ}<<<<<<< HEAD\n{AGAIN}=======\n>>>>>>> topic\n", [2, 5], UNKNOWN, 0, 3),
    Row("export type *", "a.ts", f"export type * from './x';\n{POLLER}", [5]),
    Row("in and out", "a.ts", f"export interface Box<in out T> {{ held: T }}\n{POLLER}", [5]),
    Row("for using", "a.ts", f"export function g(y) {{ for (using x of y) {{ x.a(); }} }}\n{POLLER}", [5]),
    Row("Flow", "a.js", f"// @flow\nimport type {{ A }} from 'a';\ntype P = {{| +a: ?A |}};\n{POLLER}", [7]),
    Row(
        "Flow that no grammar knows",
        "a.js",
        f"// @flow\nexport opaque type ID = string;\n{POLLER}",
        [6],
        f"syntax, line 2: {UNKNOWN_JS}{OUTSIDE}",
        0,
        3,
    ),
    Row("Python 2", "a.py", f"print 'two'\n{READ}", [], "python2, line 1: a print statement", 0, 3),
    Row("Python 3.14", "a.py", f"type X[T] = list[T]\n{READ}try:\n    g()\nexcept A, B:\n    pass\n", [3]),
]


MENDED = [row for row in ROWS if not row.strict or len(row.data) < 50_000]
"""Without the long ones of which only a part is judged: they cost seconds."""


@pytest.fixture
def row(request: pytest.FixtureRequest, tmp_path: Path) -> Row:
    """A bad file in the folder `files`, beside a good one."""
    found: Row = request.param
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "beside.js").write_text(POLLER)
    data = found.data.encode() if isinstance(found.data, str) else found.data
    file = folder / found.path
    file.write_bytes(data.removesuffix(b"LARGE"))
    if data.endswith(b"LARGE"):
        os.truncate(file, LARGE)
    return found


@pytest.mark.parametrize("row", ROWS, indirect=True, ids=lambda row: row.name)
def test_what_is_said_and_what_is_judged(stanch: Stanch, tmp_path: Path, row: Row) -> None:
    folder = tmp_path / "files"
    report = stanch(folder, "scan", "--format", "json", ".").report
    places = [(finding["path"], finding["line"]) for finding in report["findings"]]
    assert places == [*((row.path, line) for line in row.lines), ("beside.js", 4)]
    assert report["complete"] is (row.strict == 0)
    done = stanch(folder, "scan", "--fail-on", "none", row.path)
    assert done.code == row.code
    assert row.said in done.text + done.err
    assert bool(row.said) is ("Incomplete" in done.text or "not looked at" in done.err)
    assert stanch(folder, "scan", "--strict", "--fail-on", "none", row.path).code == row.strict
    assert stanch(folder, "scan", row.path).code == (1 if row.lines else row.code)


@pytest.mark.parametrize("row", MENDED, indirect=True, ids=lambda row: row.name)
def test_fixes_change_what_they_must_and_nothing_else(stanch: Stanch, tmp_path: Path, row: Row) -> None:
    file = tmp_path / "files" / row.path
    before = file.read_bytes()
    done = stanch(file.parent, "fix", "--write", row.path)
    assert done.code == 0, done.err
    assert stanch(file.parent, "scan", row.path, "--format", "json").report["findings"] == []
    after = file.read_bytes()
    assert (after == before) is (not row.lines)
    kept = [line for number, line in enumerate(before.splitlines(keepends=True), 1) if number not in row.lines]
    written = iter(after.splitlines(keepends=True))
    assert all(line in written for line in kept), "a line is gone, or stands elsewhere"
