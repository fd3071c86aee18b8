"""A small run of chaos: `make chaos` is the large one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.chaos.run import Plan, run

if TYPE_CHECKING:
    from pathlib import Path

EVENTS = 300


def test_nothing_is_lost_doubled_or_stale(empty_url: str, tmp_path: Path) -> None:
    result = run(Plan(events=EVENTS, seed=7, organisations=3, repositories=1, short=True), tmp_path, empty_url)
    assert result.verdict.broken == []
    assert result.events >= EVENTS
    assert result.kills > 0
    assert sum(result.faults.values()) > 0
    assert result.verdict.counted["checks"] > 0
