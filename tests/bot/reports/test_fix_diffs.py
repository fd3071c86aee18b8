"""How a fix's diff is shown, and which lines it replaces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reports.fix_diffs import Replacement, replacement, shown_diff, shows_line
from tests.bot.reports.samples import unified_diff

BEFORE = "".join(f"line {number}\n" for number in range(1, 31))


def diff_to(after: str) -> str:
    return unified_diff("a.py", BEFORE, after)


def test_one_hunk_is_shown_without_any_header() -> None:
    shown = shown_diff(diff_to(BEFORE.replace("line 7\n", "line seven\n")), "a.py")
    assert shown.splitlines() == [
        " line 4", " line 5", " line 6", "-line 7", "+line seven", " line 8", " line 9", " line 10"
    ]  # fmt: skip


def test_several_hunks_keep_their_places() -> None:
    shown = shown_diff(diff_to(BEFORE.replace("line 7\n", "x\n").replace("line 27\n", "y\n")), "a.py")
    assert [line for line in shown.splitlines() if line.startswith("@@")] == ["@@ -4,7 +4,7 @@", "@@ -24,7 +24,7 @@"]


def test_another_file_keeps_its_name() -> None:
    assert "+++ b/a.py" in shown_diff(diff_to(BEFORE.replace("line 7\n", "")), "b.py")


@pytest.mark.parametrize(("line", "shown"), [(3, False), (4, True), (10, True), (11, False)])
def test_which_lines_a_diff_shows(line: int, shown: bool) -> None:
    assert shows_line(diff_to(BEFORE.replace("line 7\n", "")), "a.py", line) is shown


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (BEFORE.replace("line 7\n", "x\ny\n"), Replacement("a.py", 7, 7, ("x", "y"))),
        (BEFORE.replace("line 7\n", ""), Replacement("a.py", 7, 7, ())),
        (BEFORE.replace("line 7\n", "line 7\nnew\n"), Replacement("a.py", 7, 7, ("line 7", "new"))),
        ("new\n" + BEFORE, Replacement("a.py", 1, 1, ("new", "line 1"))),
        (BEFORE.replace("line 7\n", "x\n").replace("line 9\n", "y\n"), Replacement("a.py", 7, 9, ("x", "line 8", "y"))),
        (BEFORE.replace("line 7\n", "x\n").replace("line 27\n", "y\n"), None),
        (BEFORE.removesuffix("\n"), None),
    ],
)
def test_the_replaced_run_of_lines(after: str, expected: Replacement | None) -> None:
    assert replacement(diff_to(after)) == expected


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=12), st.lists(st.sampled_from("abc"), max_size=12))
def test_applying_the_replacement_gives_the_fixed_file(before: list[str], after: list[str]) -> None:
    run = replacement(unified_diff("a.py", "".join(f"{x}\n" for x in before), "".join(f"{x}\n" for x in after)))
    if run is not None:
        assert [*before[: run.first - 1], *run.lines, *before[run.last :]] == after
    else:
        assert before == after or len(before) + len(after) > 8
