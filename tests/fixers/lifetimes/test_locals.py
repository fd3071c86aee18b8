"""What a function keeps to itself: dropped, lost on an error, overwritten; or handed on, and then silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixers.judging import Row, check, rows


@pytest.mark.parametrize("row", rows(Path(__file__).parent / "locals"), ids=str)
def test_a_program(row: Row) -> None:
    check(row)
