from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.diffs import file_diffs
from bot.git import Repository
from bot.linemap import LineMap
from tests.repos import Repo

if TYPE_CHECKING:
    from pathlib import Path

# Few different lines, so that versions share many; with everything that other tools take for the end of a line.
LINES = st.lists(
    st.sampled_from(["a", "b", "", " ", "-", "+", "@@ -1 +1 @@", "\\", "x\r", "y\x0c", "z\u2028", "\udcff"])
)


def hunks_of(old: list[str], new: list[str], context: int) -> str:
    lines = difflib.unified_diff([f"{line}\n" for line in old], [f"{line}\n" for line in new], n=context)
    return "".join(list(lines)[2:])


@pytest.mark.parametrize(
    ("hunks", "base_lines", "head_lines", "added", "shown"),
    [
        ("", [1, 9], [1, 9], set(), ()),
        ("@@ -0,0 +1,2 @@\n+x\n+y\n", [1, 2], [3, 4], {1, 2}, (range(1, 3),)),
        ("@@ -5,2 +4,0 @@\n-a\n-b\n", [4, 5, 6, 7], [4, None, None, 5], set(), (range(4, 4),)),
        ("@@ -2 +2 @@\n-a\n\\ No newline at end of file\n+b\n", [1, 2, 3], [1, None, 3], {2}, (range(2, 3),)),
        (
            "@@ -1,3 +1,4 @@\n a\n+x\n b\n c\n@@ -9,2 +10 @@\n-q\n r\n",
            [1, 2, 3, 8, 9, 10, 11],
            [1, 3, 4, 9, None, 10, 11],
            {2},
            (range(1, 5), range(10, 11)),
        ),
    ],
)
def test_hunks_move_lines(
    hunks: str, base_lines: list[int], head_lines: list[int | None], added: set[int], shown: tuple[range, ...]
) -> None:
    lines = LineMap(hunks)
    assert [lines.to_head(line) for line in base_lines] == head_lines
    assert lines.added == added
    assert lines.shown == shown


@pytest.mark.parametrize("text", ["@@ -1,5 +1,5 @@\n a\n", "@@ -1 +1 @@\n-a\n*b\n", "a\n"])
def test_what_is_no_diff_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not the hunks"):
        LineMap(text)


@given(old=LINES, new=LINES, context=st.integers(0, 4))
def test_the_map_agrees_with_difflib(old: list[str], new: list[str], context: int) -> None:
    lines = LineMap(hunks_of(old, new, context))
    matcher = difflib.SequenceMatcher(None, [f"{line}\n" for line in old], [f"{line}\n" for line in new])
    expected: dict[int, int | None] = dict.fromkeys(range(1, len(old) + 1))
    for at, to, length in matcher.get_matching_blocks():
        expected |= {at + offset + 1: to + offset + 1 for offset in range(length)}
    assert {line: lines.to_head(line) for line in expected} == expected
    assert lines.added == set(range(1, len(new) + 1)) - set(expected.values())
    assert lines.removed == {line for line, target in expected.items() if target is None}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(old=LINES, new=LINES, context=st.integers(0, 4), ends=st.tuples(st.booleans(), st.booleans()))
def test_the_map_of_git_s_own_diff_keeps_every_line_it_maps(
    tmp_path: Path, old: list[str], new: list[str], context: int, ends: tuple[bool, bool]
) -> None:
    texts = ["\n".join(lines) + ("\n" if end and lines else "") for lines, end in zip((old, new), ends, strict=True)]
    repo = Repo(tmp_path / "repo")
    base, head = (repo.commit({"a.js": text.encode("utf-8", "surrogateescape")}) for text in texts)
    diffs = file_diffs(Repository.open(repo.root), base, head, context=context)
    lines = LineMap(diffs[0].hunks if diffs else "")
    base_lines, head_lines = (text.split("\n")[: -1 if text.endswith("\n") or not text else None] for text in texts)
    pairs = [(line, lines.to_head(line)) for line in range(1, len(base_lines) + 1)]
    kept = [(line, target) for line, target in pairs if target is not None]
    assert [base_lines[line - 1] for line, _ in kept] == [head_lines[target - 1] for _, target in kept]
    targets = [target for _, target in kept]
    assert targets == sorted(set(targets))
    assert lines.added == set(range(1, len(head_lines) + 1)) - set(targets)
    assert all(line in set().union(*map(set, lines.shown)) for line in lines.added)
