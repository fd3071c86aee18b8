"""`stanch-ignore` comments: what they cover, and which of them cover nothing."""

from __future__ import annotations

import pytest

from fixers.suppression import rule_matches
from tests.fixers.judging import scanned

RULES = [
    ("timer/never-released", "timer/never-released", True),
    ("timer/*", "timer/never-released", True),
    ("timer", "timer/never-released", True),
    ("*", "timer/never-released", True),
    ("*/never-released", "timer/never-released", True),
    ("timer/forgotten-by-teardown", "timer/never-released", False),
    ("listener", "timer/never-released", False),
    ("time", "timer/never-released", False),
    ("never-released", "timer/never-released", False),
]


@pytest.mark.parametrize(("pattern", "rule", "expected"), RULES)
def test_a_rule_pattern(pattern: str, rule: str, expected: bool) -> None:
    assert rule_matches(pattern, rule) is expected


COVERED = [
    (
        "a line comment above",
        "a.js",
        """
        export function f(run) {
          // stanch-ignore timer/never-released: the page owns it
          setInterval(run, 1);
        }
        """,
    ),
    (
        "a line comment behind",
        "a.js",
        """
        export function f(run) {
          setInterval(run, 1); // stanch-ignore timer/never-released: the page owns it
        }
        """,
    ),
    (
        "a block comment above",
        "a.ts",
        """
        export function f(run: () => void) {
          /* stanch-ignore timer/never-released: the page owns it */
          setInterval(run, 1);
        }
        """,
    ),
    (
        "a block comment of several lines",
        "a.js",
        """
        export function f(run) {
          /*
           * stanch-ignore timer/never-released: the page
           * owns it
           */
          setInterval(run, 1);
        }
        """,
    ),
    (
        "a block comment before code on its line",
        "a.js",
        """
        export function f(run) {
          const a = 1; /* stanch-ignore timer/never-released: the page owns it */ setInterval(run, a);
        }
        """,
    ),
    (
        "blank lines and other comments between",
        "a.js",
        """
        export function f(run) {
          // stanch-ignore timer/never-released: the page owns it

          // beats
          /* each
             second */
          setInterval(run, 1);
        }
        """,
    ),
    (
        "before a private field",
        "a.js",
        """
        export class F {
          // stanch-ignore timer: the page owns it
          #timer = setInterval(() => this.run(), 1);
          run() {}
        }
        """,
    ),
    (
        "before code behind a comment of its line",
        "a.js",
        """
        export function f(run) {
          // stanch-ignore timer: the page owns it
          /* beats */ setInterval(run, 1);
        }
        """,
    ),
    (
        "several rules",
        "a.js",
        """
        export function f(run) {
          // stanch-ignore listener, timer/never-released: the page owns it
          setInterval(run, 1);
        }
        """,
    ),
    (
        "a family",
        "a.js",
        """
        export function f(run) {
          // stanch-ignore timer: the page owns it
          setInterval(run, 1);
        }
        """,
    ),
    (
        "every rule",
        "a.js",
        """
        export function f(run) {
          // stanch-ignore *: the page owns it
          setInterval(run, 1);
        }
        """,
    ),
    (
        "a comment in JSX",
        "a.jsx",
        """
        export function F({ run }) {
          return (
            <p>
              {/* stanch-ignore timer: the page owns it */}
              <b onClick={() => { setInterval(run, 1); }} />
            </p>
          );
        }
        """,
    ),
    (
        "Python above",
        "a.py",
        """
        def f(path):
            # stanch-ignore file/never-released: the page owns it
            return open(path).read()
        """,
    ),
    (
        "Python behind",
        "a.py",
        """
        def f(path):
            return open(path).read()  # stanch-ignore file: the page owns it
        """,
    ),
    (
        "the script of a Vue file",
        "a.vue",
        """
        <script setup>
        // stanch-ignore timer: the page owns it
        setInterval(() => 1, 1);
        </script>
        """,
    ),
]


@pytest.mark.parametrize(("path", "code"), [row[1:] for row in COVERED], ids=[row[0] for row in COVERED])
def test_a_comment_covers_a_finding(path: str, code: str) -> None:
    result = scanned(path, code)
    (finding,) = result.findings
    assert finding.suppressed is not None
    assert (finding.suppressed.by, finding.suppressed.until) == ("pragma", None)
    assert finding.suppressed.reason.replace(" * ", " ") == "the page owns it"
    assert result.unused_pragmas == []


UNCOVERED = [
    ("no reason", "// stanch-ignore timer/never-released", 2),
    ("an empty reason", "// stanch-ignore timer/never-released:   ", 2),
    ("no rule", "// stanch-ignore: the page owns it", 2),
    ("another rule", "// stanch-ignore listener/never-released: the page owns it", 2),
    ("another verdict", "// stanch-ignore timer/added-per-call: the page owns it", 2),
]


@pytest.mark.parametrize(("comment", "line"), [row[1:] for row in UNCOVERED], ids=[row[0] for row in UNCOVERED])
def test_a_comment_covers_nothing_and_is_unused(comment: str, line: int) -> None:
    result = scanned("a.js", f"export function f(run) {{\n  {comment}\n  setInterval(run, 1);\n}}\n")
    (finding,) = result.findings
    assert finding.suppressed is None
    assert result.unused_pragmas == [line]


def test_a_comment_covers_one_line_only() -> None:
    result = scanned(
        "a.js",
        """
        export function f(run) {
          // stanch-ignore timer: the page owns it
          setInterval(run, 1);
          setInterval(run, 2);
        }
        """,
    )
    assert [finding.suppressed is not None for finding in result.findings] == [True, False]


def test_a_comment_behind_code_does_not_cover_the_next_line() -> None:
    result = scanned(
        "a.js",
        """
        export function f(run) {
          run(); // stanch-ignore timer: the page owns it
          setInterval(run, 1);
        }
        """,
    )
    assert [finding.suppressed for finding in result.findings] == [None]
    assert result.unused_pragmas == [2]


def test_one_comment_covers_several_findings_of_its_line() -> None:
    result = scanned(
        "a.py",
        """
        def f(one, other):
            # stanch-ignore file: read once
            return open(one).read() + open(other).read()
        """,
    )
    assert [finding.suppressed is not None for finding in result.findings] == [True, True]
    assert result.unused_pragmas == []


def test_comments_that_cover_nothing_are_reported_by_line() -> None:
    result = scanned(
        "a.js",
        """
        // stanch-ignore timer: nothing here
        export const a = 1;
        export const b = setInterval; // stanch-ignore timer: nor here
        """,
    )
    assert result.findings == []
    assert result.unused_pragmas == [1, 3]


def test_the_words_in_a_string_are_no_comment() -> None:
    result = scanned(
        "a.js",
        """
        export function f(run) {
          setInterval(run, '// stanch-ignore timer: no');
        }
        """,
    )
    assert [finding.suppressed for finding in result.findings] == [None]
    assert result.unused_pragmas == []
