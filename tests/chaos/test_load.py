"""A little load: `make load` is more, and looks at the times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.chaos.load import load

if TYPE_CHECKING:
    from pathlib import Path


def test_nothing_is_lost(empty_url: str, tmp_path: Path) -> None:
    result = load(tmp_path, empty_url, seconds=10, rate=50, pulls=8)
    assert result.sent == 500
    assert result.lost == []
    assert result.reviews >= 8
