"""Findings in words: the titles of the programs in `sentences` are what is said of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixers.findings import Finding, Role, Verdict
from fixers.source import Tables, language_of
from tests.fixers.judging import Row, check, rows, scanned

ROWS = rows(Path(__file__).parent / "sentences")


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_the_sentence_of_a_finding(row: Row) -> None:
    check(row)
    (finding,) = scanned(row.path, row.code.encode()).findings
    assert finding.message == row.title


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_the_trail_of_a_finding(row: Row) -> None:
    (finding,) = scanned(row.path, row.code.encode()).findings
    first, *others = finding.trail
    assert (first.role, first.path, first.line, first.column) == (
        Role.ACQUIRE,
        finding.path,
        finding.line,
        finding.column,
    )
    assert len(set(finding.trail)) == len(finding.trail)
    assert all(step.role is not Role.ACQUIRE for step in others)
    assert all(1 <= step.line <= row.code.count("\n") + 1 for step in finding.trail)


@pytest.mark.parametrize("tables", list(Tables))
def test_every_verdict_of_this_engine_is_worded_in_both_languages(tables: Tables) -> None:
    verdicts = {
        finding.verdict
        for row in ROWS
        if (language := language_of(row.path)) is not None and language.tables is tables
        for finding in scanned(row.path, row.code.encode()).findings
    }
    assert verdicts >= {
        Verdict.NEVER_RELEASED,
        Verdict.NOT_RELEASED_ON_ERROR,
        Verdict.OVERWRITTEN_WHILE_OPEN,
        Verdict.FORGOTTEN_BY_TEARDOWN,
    }


def trail(code: str, path: str = "a.js") -> list[tuple[str, int, str]]:
    (finding,) = scanned(path, code).findings
    return [(step.role.value, step.line, step.text) for step in finding.trail]


def test_the_trail_says_where_a_release_was_looked_for() -> None:
    code = """
        export class C {
          constructor() {
            window.addEventListener('a', this.f);
          }
          close() {}
        }
    """
    assert trail(code) == [
        ("acquire", 3, "`addEventListener` adds a listener here"),
        ("looked-for", 5, "`window.removeEventListener('a', this.f)` in `close()` and what it calls"),
    ]


def test_the_trail_says_which_exits_miss_and_which_release() -> None:
    code = """
        def f(path):
            g = open(path)
            g.read()
            g.write()
            g.close()
    """
    assert trail(code, "a.py") == [
        ("acquire", 2, "`open` opens a file here, kept in `g`"),
        ("exit", 3, "when this fails, the function ends with the file open"),
        ("exit", 4, "when this fails, the function ends with the file open"),
        ("release", 5, "closed on another path"),
    ]


def test_a_release_in_finally_is_one_step() -> None:
    code = """
        async def f(path):
            g = open(path)
            try:
                await x()
            except ValueError:
                pass
            g.close()
    """
    assert [step for step in trail(code, "a.py") if step[0] == "release"] == [("release", 7, "closed on another path")]


def test_nothing_of_the_code_but_names_is_said() -> None:
    def secret_free(finding: Finding) -> bool:
        return not any("hunter2" in text for text in (finding.message, *(step.text for step in finding.trail)))

    code = "import psycopg\ndef f():\n    db = psycopg.connect('postgres://me:hunter2@host/db')\n    db.execute('x')\n"
    (finding,) = scanned("a.py", code).findings
    assert secret_free(finding)


def test_a_component_that_is_a_file_is_called_by_its_name() -> None:
    code = """
        <script>
          let timer;
          function debounce(run) {
            clearTimeout(timer);
            timer = setInterval(run, 100);
          }
        </script>
        <button on:click={() => debounce(() => {})} />
    """
    (finding,) = scanned("src/Debounce.svelte", code).findings
    assert finding.message == "`Debounce` leaves the interval in `timer` running when it unmounts."
    assert finding.owner.name == "Debounce"


def test_a_function_that_is_searched_for_is_not_repeated() -> None:
    code = """
        export class Keys {
          open() {
            window.addEventListener('keydown', (event) => {
              this.run(event);
            });
          }
          destroy() {}
        }
    """
    assert ("looked-for", 7, "`window.removeEventListener('keydown', …)` in `destroy()` and what it calls") in trail(
        code
    )


def test_a_release_by_the_acquisition_itself_is_no_other_path() -> None:
    code = """
        export class Poller {
          start() {
            this.timer = setInterval(() => clearInterval(this.timer), 1000);
          }
          close() {}
        }
    """
    assert [line for role, line, _ in trail(code) if role == "release"] == [2]
