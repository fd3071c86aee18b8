"""Handles of effects, components and composables."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixers.judging import Row, check, rows


@pytest.mark.parametrize("row", rows(Path(__file__).parent / "scopes"), ids=str)
def test_a_program(row: Row) -> None:
    check(row)
