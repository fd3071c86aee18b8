"""The twelve shapes that decide whether facts carry, each leaking and clean; a title begins with its shape's number.

1 a React ref cleared by a second effect, 2 an async effect, 3 a custom hook that returns a disposer, 4 Vue's two
scripts and a composable, 5 Svelte's $effect, 6 an Angular field, 7 a class with handles in a Set, 8 a callback's error
branch, 9 the loser of a race, 10 a context manager, 11 an async generator closed early, 12 a class owned by another.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixers.judging import Row, check, rows

ROWS = rows(Path(__file__).parent / "shapes")


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_shape(row: Row) -> None:
    check(row)


@pytest.mark.parametrize("number", range(1, 13))
def test_every_shape_is_judged_leaking_and_clean(number: int) -> None:
    said = {bool(row.expected) for row in ROWS if row.title.startswith(f"{number} ")}
    assert said == {True, False}
