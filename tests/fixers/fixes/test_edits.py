"""Byte edits: applied, told apart, and found again between two texts."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixers.findings import Edit
from fixers.fixes.edits import apply, between, overlap


def edit(start: int, end: int, text: str) -> Edit:
    return Edit(path="a.js", start_byte=start, end_byte=end, text=text)


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([], b"abcdef"),
        ([edit(0, 0, "x")], b"xabcdef"),
        ([edit(6, 6, "x")], b"abcdefx"),
        ([edit(1, 3, "")], b"adef"),
        ([edit(1, 3, "\u00e9")], b"a\xc3\xa9def"),
        ([edit(4, 5, "y"), edit(0, 1, "x")], b"xbcdyf"),
        ([edit(1, 2, "x"), edit(2, 3, "y")], b"axydef"),
        ([edit(2, 2, "x"), edit(2, 2, "y")], b"abxycdef"),
        ([edit(0, 6, "\udcff")], b"\xff"),
    ],
)
def test_edits_are_applied_in_byte_order(edits: list[Edit], expected: bytes) -> None:
    assert apply(b"abcdef", edits) == expected


@pytest.mark.parametrize(
    "edits",
    [
        [edit(0, 3, "x"), edit(2, 4, "y")],
        [edit(0, 3, "x"), edit(0, 3, "x")],
        [edit(0, 3, "x"), edit(1, 1, "y")],
        [edit(5, 7, "x")],
        [edit(7, 7, "x")],
        [edit(3, 2, "x")],
        [edit(-1, 2, "x")],
    ],
)
def test_edits_that_overlap_or_leave_the_file_are_refused(edits: list[Edit]) -> None:
    with pytest.raises(ValueError, match="overlap or leave the file at byte"):
        apply(b"abcdef", edits)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((0, 2), (3, 4), False),
        ((0, 2), (2, 4), True),
        ((0, 2), (1, 1), True),
        ((2, 2), (2, 2), True),
        ((2, 2), (3, 3), False),
    ],
)
def test_fixes_that_touch_the_same_bytes_overlap(one: tuple[int, int], other: tuple[int, int], expected: bool) -> None:
    first, second = [edit(*one, "x")], [edit(*other, "y")]
    assert overlap(first, second) is expected
    assert overlap(second, first) is expected
    assert not overlap(first, [])


TEXTS = st.lists(st.sampled_from(["a\n", "b\n", "\u00e9\r\n", "\n", "c", "\t\U0001f600\n"]), max_size=12).map("".join)


@given(TEXTS, TEXTS)
def test_edits_between_two_texts_turn_one_into_the_other(before: str, after: str) -> None:
    edits = between("a.py", before.encode(), after.encode())
    assert apply(before.encode(), edits) == after.encode()
    assert (edits == ()) is (before == after)
    assert all(one.end_byte <= other.start_byte for one, other in pairwise(edits))


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_bytes_that_are_not_utf8_survive(before: bytes, after: bytes) -> None:
    assert apply(before, between("a.py", before, after)) == after


@given(TEXTS)
def test_one_changed_line_is_one_small_edit(rest: str) -> None:
    before, after = f"old\n{rest}".encode(), f"new\n{rest}".encode()
    (only,) = between("a.py", before, after)
    assert (only.start_byte, only.end_byte, only.text) == (0, 4, "new\n")
