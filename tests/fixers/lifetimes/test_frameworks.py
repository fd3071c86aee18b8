"""Components of frameworks that are objects of options or classes: Vue, React, Angular, custom elements."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixers.judging import Row, check, rows


@pytest.mark.parametrize("row", rows(Path(__file__).parent / "frameworks"), ids=str)
def test_a_program(row: Row) -> None:
    check(row)
