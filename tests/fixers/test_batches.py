"""Fixes that are checked together: which meet, and which of them is the culprit."""

from __future__ import annotations

import pytest

from fixers import batches
from fixers.batches import Attempt, attempts, edits_of, first_batch, sifted
from fixers.engine import FileResult, scan_file
from fixers.fixes.edits import apply
from fixers.mending import mend_file
from tests.bot.leaks import POLLER

EFFECTS = """\
import { useEffect } from 'react';

export function A({ load }) {
  useEffect(() => {
    setInterval(load, 1000);
  }, [load]);
  useEffect(() => {
    setInterval(load, 2000);
  }, [load]);
}

export function B({ load }) {
  useEffect(() => {
    setInterval(load, 3000);
  }, [load]);
}
"""
CLOSING = """\
import sqlite3


def one(path):
    connection = sqlite3.connect(path)
    return connection.execute("select 1").fetchone()[0]


def two(path):
    connection = sqlite3.connect(path)
    return connection.execute("select 2").fetchone()[0]
"""


def written(path: str, code: str) -> tuple[bytes, FileResult, list[Attempt]]:
    data = code.encode()
    before = scan_file(path, data)
    return data, before, attempts(path, data, before.findings)


def test_fixes_in_one_outermost_function_meet() -> None:
    _, _, made = written("a.jsx", EFFECTS)
    assert [attempt.finding.line for attempt in made] == [5, 8, 14]
    assert [attempt.finding.line for attempt in first_batch(made)] == [5, 14]


def test_what_is_inserted_after_the_last_line_of_a_function_meets_what_is_in_it() -> None:
    code = (
        "import requests\n\n\nclass Reader:\n    def run(self, paths):\n        one = requests.Session()\n"
        "        for path in paths:\n            one.get(path)\n            two = requests.Session()\n"
        "\n    def other(self):\n        pass\n"
    )
    _, _, made = written("a.py", code)
    assert [attempt.finding.line for attempt in made] == [6, 9]
    assert len(first_batch(made)) == 1
    mended = mend_file("a.py", code.encode(), lambda _: True)
    assert len(mended.fixed) == 2
    assert scan_file("a.py", mended.data).findings == []


def test_fixes_that_add_one_import_share_it() -> None:
    data, _, made = written("a.py", CLOSING)
    assert len(made) == len(first_batch(made)) == 2
    fixed = apply(data, edits_of(made)).decode()
    assert fixed.count("import closing") == 1
    assert fixed.count("with closing(") == 2


def test_what_lies_outside_of_functions_meets() -> None:
    code = POLLER.replace("  close() {\n    this.source.close();\n  }\n", "")
    outside = Attempt(written("a.js", POLLER)[2][0].finding, regions=frozenset({-1}))
    assert "close" not in code
    assert first_batch([outside, outside._replace(regions=frozenset({-1, 3}))]) == [outside]


@pytest.mark.parametrize("culprits", [set(), {0}, {11}, {3, 4}, set(range(0, 12, 2)), set(range(12))])
def test_culprits_are_found_and_the_rest_is_accepted(culprits: set[int], monkeypatch: pytest.MonkeyPatch) -> None:
    code = "".join(POLLER.replace("Poller", f"Poller{number}") for number in range(12))
    data, before, made = written("a.js", code)
    wrong = {made[number].finding for number in culprits}
    monkeypatch.setattr(batches, "refusal", lambda _d, _e, _b, mended, _r: "no" if wrong & set(mended) else None)
    accepted, refused = sifted(made, data, before, lambda _: before)
    assert {attempt.finding for attempt in refused} == wrong
    assert {attempt.refused for attempt in refused} <= {"no"}
    assert [attempt.finding for attempt in accepted] == [a.finding for a in made if a.finding not in wrong]


def test_nothing_to_sift() -> None:
    before = scan_file("a.js", b"")
    assert sifted([], b"", before, lambda _: before) == ([], [])


def test_many_findings_of_a_file_cost_few_scans(monkeypatch: pytest.MonkeyPatch) -> None:
    scans = []

    def counted(path: str, data: bytes) -> FileResult:
        scans.append(path)
        return scan_file(path, data)

    monkeypatch.setattr("fixers.rescans.scan_file", counted)
    code = "".join(POLLER.replace("Poller", f"Poller{number}") for number in range(60))
    mended = mend_file("a.js", code.encode(), lambda _: True)
    assert (len(mended.fixed), len(scans)) == (60, 2)


def test_names_that_two_fixes_make_are_different() -> None:
    mended = mend_file("a.jsx", EFFECTS.encode(), lambda _: True)
    assert len(mended.fixed) == 3
    assert scan_file("a.jsx", mended.data).findings == []
