"""A worker that is killed, or loses its job, between any two of its writes: everything is there once in the end."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

import pytest

from tests.bot.workflows import fix_happenings as happenings
from tests.bot.workflows.fix_lives import FixLife, FixRow, faults_of
from tests.bot.workflows.hand import Hand, a_hand
from tests.bot.workflows.traps import Fate, Trap, Traps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.database.embedded import EmbeddedPostgres

DRESSED: Final = "fix:\n  labels: [leak]\n  reviewers: [alice, nobody]\n"
CASES: Final = (
    # What happens, and after which of its steps the traps are set.
    (FixRow("opened", happenings.installed, "a open", config=DRESSED), 0),
    (FixRow("closed", happenings.closed, "a refused", 1), 1),
    (FixRow("merged", happenings.merged, "a merged"), 1),
    (FixRow("edited", happenings.edited_by_a_person, "a left", comments=1), 1),
    (FixRow("fixed elsewhere", happenings.fixed_elsewhere, "a obsolete", comments=1), 1),
    (FixRow("refreshed", happenings.base_moves_under_it, "a open"), 1),
)


@dataclass
class Worker:
    """A hand whose writes may be trapped."""

    hand: Hand
    traps: Traps


@pytest.fixture(scope="module")
def worker(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    """A worker that the tests of this module share, each with repositories of its own."""
    traps = Traps()
    with a_hand(postgres, tmp_path_factory.mktemp("crashes")) as hand, pytest.MonkeyPatch.context() as patch:
        traps.spring(patch)
        yield Worker(hand, traps)


@pytest.mark.parametrize(("row", "after"), CASES, ids=[row.name for row, _ in CASES])
def test_between_any_two_writes(worker: Worker, row: FixRow, after: int) -> None:
    before, all_writes = _writes(worker, row, after)
    assert all_writes > before
    wrong = []
    for fate in Fate:
        for at in range(1, all_writes - before + 1):
            life = FixLife(worker.hand, row.names, row.config, row.files)
            steps = row.happens(life)
            _go(worker.hand, steps, after)
            worker.traps.set[life.repository.full_name] = Trap(at, fate, partial(_another, worker.hand))
            for _ in steps:
                worker.hand.settle()
            worker.hand.settle()
            assert life.repository.full_name not in worker.traps.set, "the trap was never sprung"
            if fault := faults_of(life, row):
                wrong.append(f"{fate.value} write {at}: {fault}")
    assert not wrong, "\n".join(["", *wrong])


def _writes(worker: Worker, row: FixRow, after: int) -> tuple[int, int]:
    """How many writes there are until the traps are set, and in all, where nothing goes wrong."""
    life = FixLife(worker.hand, row.names, row.config, row.files)
    steps = row.happens(life)
    _go(worker.hand, steps, after)
    before = worker.traps.counted.get(life.repository.full_name, 0)
    for _ in steps:
        worker.hand.settle()
    worker.hand.settle()
    assert not faults_of(life, row)
    return before, worker.traps.counted[life.repository.full_name]


def _go(hand: Hand, steps: Iterator[None], count: int) -> None:
    for _ in range(count):
        next(steps)
        hand.settle()


def _another(hand: Hand) -> None:
    """Another worker takes the job over, and does it."""
    hand.take_over()
    hand.settle()
