from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.changes import ChangedFile, Changes, compare
from bot.linemap import LineMap
from fixers.findings import Change, Confidence, Finding, Severity
from tests.bot.findings import BY_PRAGMA, finding

SAME = LineMap("")
DOWN = LineMap("@@ -0,0 +1,3 @@\n+1\n+2\n+3\n")
"""Three lines were put before all others."""
TENTH = LineMap("@@ -10 +10 @@\n-old\n+new\n")
"""The tenth line was replaced."""
OTHER = "bbbbbbbbbbbb"

Files = dict[str, ChangedFile]


def told(changes: Changes) -> tuple[list[tuple[str, int, str]], list[tuple[str, int]], list[tuple[str, int]]]:
    """What is brought, what is existing, and what is resolved."""
    return (
        [(item.path, item.line, str(item.change)) for item in changes.brought],
        [(item.path, item.line) for item in changes.existing],
        [(item.path, item.line) for item in changes.resolved],
    )


CASES: dict[str, tuple[list[Finding], list[Finding], Files, object]] = {
    "nothing": ([], [], {}, ([], [], [])),
    "unchanged file": ([finding()], [finding()], {}, ([], [("a.js", 1)], [])),
    "moved by lines above": (
        [finding(line=1)],
        [finding(line=4)],
        {"a.js": ChangedFile("a.js", DOWN)},
        ([], [("a.js", 4)], []),
    ),
    "new file": ([], [finding()], {"a.js": ChangedFile(None, SAME)}, ([("a.js", 1, "introduced")], [], [])),
    "new line": (
        [],
        [finding(line=10)],
        {"a.js": ChangedFile("a.js", TENTH)},
        ([("a.js", 10, "introduced")], [], []),
    ),
    "a new line within the expression": (
        [],
        [finding(line=9, end_line=11)],
        {"a.js": ChangedFile("a.js", TENTH)},
        ([("a.js", 9, "introduced")], [], []),
    ),
    "old line of a changed file": (
        [],
        [finding(line=7)],
        {"a.js": ChangedFile("a.js", TENTH)},
        ([("a.js", 7, "caused")], [], []),
    ),
    "old line of an untouched file": ([], [finding()], {}, ([("a.js", 1, "caused")], [], [])),
    "gone": ([finding()], [], {"a.js": ChangedFile("a.js", TENTH)}, ([], [], [("a.js", 1)])),
    "renamed file": (
        [finding("a.js")],
        [finding("b.js")],
        {"b.js": ChangedFile("a.js", SAME)},
        ([], [("b.js", 1)], []),
    ),
    "moved to another file": (
        [finding("a.js")],
        [finding("b.js", 10)],
        {"a.js": ChangedFile("a.js", TENTH), "b.js": ChangedFile("b.js", TENTH)},
        ([], [("b.js", 10)], []),
    ),
    "a copy whose original stays": (
        [finding("a.js")],
        [finding("a.js"), finding("b.js")],
        {"b.js": ChangedFile(None, SAME)},
        ([("b.js", 1, "introduced")], [("a.js", 1)], []),
    ),
    "the copy stands before the original": (
        [finding(line=1)],
        [finding(line=1), finding(line=4)],
        {"a.js": ChangedFile("a.js", DOWN)},
        ([("a.js", 1, "introduced")], [("a.js", 4)], []),
    ),
    "two become one": (
        [finding(line=1), finding(line=10)],
        [finding(line=1)],
        {"a.js": ChangedFile("a.js", TENTH)},
        ([], [("a.js", 1)], [("a.js", 10)]),
    ),
    "renamed function": (
        [finding(line=1)],
        [finding(line=4, fingerprint=OTHER)],
        {"a.js": ChangedFile("a.js", DOWN)},
        ([], [("a.js", 4)], []),
    ),
    "another resource at the same line": (
        [finding(line=1)],
        [finding(line=1, fingerprint=OTHER, resource_id="node:timers.setTimeout")],
        {},
        ([("a.js", 1, "caused")], [], [("a.js", 1)]),
    ),
    "renamed function in a renamed file": (
        [finding("a.js")],
        [finding("b.js", fingerprint=OTHER)],
        {"b.js": ChangedFile("a.js", SAME)},
        ([], [("b.js", 1)], []),
    ),
    "surer than before": (
        [finding(confidence=Confidence.MEDIUM)],
        [finding()],
        {},
        ([("a.js", 1, "caused")], [], []),
    ),
    "graver than before": (
        [finding(severity=Severity.SHUTDOWN)],
        [finding()],
        {},
        ([("a.js", 1, "caused")], [], []),
    ),
    "less sure than before": ([finding()], [finding(confidence=Confidence.LOW)], {}, ([], [("a.js", 1)], [])),
    "newly hidden by a pragma": (
        [finding()],
        [finding(suppressed=BY_PRAGMA)],
        {},
        ([("a.js", 1, "existing")], [], []),
    ),
    "hidden in both": (
        [finding(suppressed=BY_PRAGMA)],
        [finding(suppressed=BY_PRAGMA)],
        {},
        ([], [("a.js", 1)], []),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_findings_of_two_revisions_are_told_apart(name: str) -> None:
    base, head, files, expected = CASES[name]
    assert told(compare(base, head, files)) == expected


FINDINGS = st.lists(
    st.builds(
        finding,
        path=st.sampled_from(["a.js", "b.js", "c.js"]),
        line=st.integers(1, 5),
        fingerprint=st.sampled_from(["aaaaaaaaaaaa", OTHER]),
    ),
    max_size=8,
)


@given(FINDINGS, FINDINGS)
def test_every_finding_is_told_once(base: list[Finding], head: list[Finding]) -> None:
    files = {"b.js": ChangedFile("a.js", DOWN), "c.js": ChangedFile(None, SAME)}
    changes = compare(base, head, files)
    without_change = [msgspec.structs.replace(item, change=None) for item in (*changes.brought, *changes.existing)]
    assert sorted(map(repr, without_change)) == sorted(map(repr, head))
    assert len(changes.resolved) == len(base) - len(head) + len(changes.brought)
    assert all(item.change in (Change.INTRODUCED, Change.CAUSED) for item in changes.brought)


@given(FINDINGS)
def test_a_revision_brings_nothing_to_itself(findings: list[Finding]) -> None:
    changes = compare(findings, findings, {})
    assert (changes.brought, changes.resolved) == ((), ())
    assert list(changes.existing) == findings
