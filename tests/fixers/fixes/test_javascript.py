"""JavaScript fixes: tables of programs before and after, and what holds of every one of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixers.findings import FixKind
from fixers.fixes.edits import apply
from tests.fixers.fixes.javascript_mending import Row, is_silent, mended, proposals, rows, scripts_of
from tests.js_parser import syntax_errors

ROWS = rows(Path(__file__).parent / "javascript")
FIXED = [row for row in ROWS if row.kind is not FixKind.NONE]


@pytest.mark.parametrize("row", FIXED, ids=str)
def test_a_fix(row: Row) -> None:
    offered = proposals(row.path, row.before.encode())
    assert offered
    assert {item.kind for item in offered} == {row.kind}
    assert all(item.summary for item in offered)
    assert all(row.why in (item.why or "") for item in offered)
    assert all((item.why is None) == (row.kind is FixKind.SAFE) for item in offered)
    assert mended(row.path, row.before.encode()).data.decode() == row.after


@pytest.mark.parametrize("row", [row for row in ROWS if row.kind is FixKind.NONE], ids=str)
def test_no_fix(row: Row) -> None:
    offered = proposals(row.path, row.before.encode())
    assert offered
    assert {item.kind for item in offered} == {FixKind.NONE}
    assert all(row.why in (item.why or "") for item in offered)


@pytest.mark.parametrize("row", FIXED, ids=str)
def test_a_second_run_changes_nothing(row: Row) -> None:
    assert is_silent(row.path, row.after.encode())


@pytest.mark.parametrize("row", FIXED, ids=str)
def test_line_endings_are_the_files_own(row: Row) -> None:
    crlf = row.before.replace("\n", "\r\n").encode()
    assert mended(row.path, crlf).data.decode() == row.after.replace("\n", "\r\n")


@pytest.mark.parametrize("row", FIXED, ids=str)
def test_edits_are_in_order_and_leave_the_rest(row: Row) -> None:
    data = row.before.encode()
    for item in proposals(row.path, data):
        edits = item.write()
        assert list(edits) == sorted(edits, key=lambda edit: (edit.start_byte, edit.end_byte))
        patched = apply(data, edits)
        kept, position, written = b"", 0, 0
        for edit in edits:
            kept += data[position : edit.start_byte]
            position = edit.end_byte
            written += len(edit.text.encode())
        assert len(patched) == len(kept) + len(data[position:]) + written


def test_an_independent_parser_reads_every_result() -> None:
    texts = {
        f"{number}/{name}": text
        for number, row in enumerate(FIXED)
        for name, text in scripts_of(row.path, row.after).items()
    }
    assert syntax_errors({name.replace("/", "-", 1): text for name, text in texts.items()}) == {}
    assert len(texts) >= len(FIXED)


def test_what_was_built_is_mended_where_it_is_made_from() -> None:
    code = "export class P{constructor(){this.t=setInterval(()=>this.run(),1)}close(){this.closed=true}}"
    (plain,) = proposals("a.js", f"{code}\n".encode())
    (built,) = proposals("a.js", f"{code};{'f();' * 300}\n".encode())
    assert (plain.kind, built.kind) == (FixKind.SAFE, FixKind.SUGGESTED)
    assert "written by a person" in (built.why or "")
