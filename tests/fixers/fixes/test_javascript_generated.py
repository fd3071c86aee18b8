"""Fixes of generated programs: whatever surrounds a leak, its fix is accepted, stays, and leaves every other byte."""

from __future__ import annotations

from textwrap import indent

from hypothesis import given, settings
from hypothesis import strategies as st

from fixers.findings import FixKind
from fixers.fixes.edits import apply
from tests.fixers.fixes.javascript_mending import is_silent, mended, proposals
from tests.js_parser import syntax_errors

LEAKS = (
    "setInterval(tick, 1000);",
    "const id = setInterval(tick, 1000);",
    "if (props.on) {\n  setInterval(tick, 1000);\n}",
    "window.addEventListener('resize', tick);",
    "window.addEventListener('keydown', (event) => {\n  tick(event, `a\n b`);\n});",
    "const socket = new WebSocket(props.url);\nsocket.onmessage = tick;",
)
AROUND = (
    "tick();",
    "// a comment",
    "/* a comment\nover two lines */",
    "const text = `first\n    second ${tick(`inner\n  line`)}`;\nlog(text);",
    "for (const item of props.items) log(item);",
    "const label = 'ünïcode 🌊';\nlog(label);",
    "",
)
ENDS = ("", "return () => stop();", "return () => {\n  stop();\n};", "return function () { stop(); };")

_before = st.lists(st.sampled_from(AROUND), max_size=3)


@st.composite
def effects(draw: st.DrawFn) -> str:
    leaks = draw(st.lists(st.sampled_from(LEAKS), min_size=1, max_size=3, unique=True))
    parts: list[str] = []
    for number, leak in enumerate(leaks):
        names = [text.replace("text", f"text{number}").replace("label", f"label{number}") for text in draw(_before)]
        parts += [*names, leak]
    body = "\n".join([*parts, draw(st.sampled_from(ENDS))]).strip("\n")
    unit = draw(st.sampled_from(["  ", "    ", "\t"]))
    text = (
        "import { useEffect } from 'react';\n\n"
        "export function Live(props) {\n  const { tick, stop, log } = props;\n"
        f"  useEffect(() => {{\n{indent(body, '    ')}\n  }}, []);\n  return null;\n}}\n"
    )
    text = text.replace("  ", unit) if unit != "  " else text
    return text if draw(st.booleans()) else text.replace("\n", "\r\n")


@settings(max_examples=120)
@given(effects())
def test_an_effect_is_mended_for_good(text: str) -> None:
    data = text.encode()
    result = mended("src/Live.jsx", data)
    assert result.fixed
    assert is_silent("src/Live.jsx", result.data)
    ending = b"\r\n" if b"\r\n" in data else b"\n"
    assert result.data.count(b"\n") == result.data.count(ending)
    assert result.data.decode().count("`") == text.count("`")


@settings(max_examples=120)
@given(effects())
def test_each_fix_leaves_every_other_byte(text: str) -> None:
    data = text.encode()
    for item in proposals("src/Live.jsx", data):
        if item.kind is FixKind.NONE:
            continue
        edits = item.write()
        undone, position, shift = apply(data, edits), 0, 0
        for edit in edits:
            kept = data[position : edit.start_byte]
            assert undone[position + shift : edit.start_byte + shift] == kept
            shift += len(edit.text.encode()) - (edit.end_byte - edit.start_byte)
            position = edit.end_byte
        assert undone[position + shift :] == data[position:]


@settings(max_examples=6)
@given(st.lists(effects(), min_size=8, max_size=16))
def test_an_independent_parser_reads_what_is_mended(texts: list[str]) -> None:
    files = {f"{number}.jsx": mended("src/Live.jsx", text.encode()).data.decode() for number, text in enumerate(texts)}
    assert syntax_errors(files) == {}


QUERIES = (
    "const rows = db.prepare('select 1').all();",
    "db.exec(`create table t (\n  a\n)`);",
    "/* plain\n   text */",
    "// a comment",
    "if (flag) {\n  db.exec('delete from t');\n}",
    "",
)
TAILS = ("return 1;", "log('done');", "unlink(file);\nreturn flag;", "")


@st.composite
def functions(draw: st.DrawFn) -> str:
    body = ["const db = new Database(file);", *draw(st.lists(st.sampled_from(QUERIES), max_size=4, unique=True))]
    body += ["db.exec('vacuum');", "db.close();", draw(st.sampled_from(TAILS))]
    text = "\n".join(body).rstrip("\n")
    head = "import Database from 'better-sqlite3';\n\nexport function run(file, flag, log, unlink) {\n"
    whole = f"{head}{indent(text, '  ')}\n}}\n"
    return whole if draw(st.booleans()) else whole.replace("\n", "\r\n")


@settings(max_examples=80)
@given(functions())
def test_a_function_is_mended_for_good(text: str) -> None:
    result = mended("src/run.js", text.encode())
    assert len(result.fixed) == 1
    assert is_silent("src/run.js", result.data)
    assert result.data.count(b"finally") == 1
    assert result.data.count(b"db.close()") == 1
    assert result.data.count(b"\n") == result.data.count(b"\r\n" if "\r\n" in text else b"\n")


@given(st.binary(max_size=200), st.sampled_from(["a.js", "a.tsx", "a.vue", "a.svelte"]))
def test_no_bytes_make_a_proposal_fail(noise: bytes, path: str) -> None:
    for item in proposals(
        path, b"setInterval(f, 5);\nclass A { constructor() { setInterval(f, 5) } close() {}}\n" + noise
    ):
        assert isinstance(item.kind, FixKind)
