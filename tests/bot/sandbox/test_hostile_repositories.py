"""Hostile repositories, each judged in the sandbox: nothing runs, nothing leaks, and each ends with a sentence."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from bot.judged import Grouping, Judged, encode
from bot.sandbox.jobs import Change, judge
from bot.sandbox.limits import Limits
from bot.sandbox.outcomes import Failure
from tests.bot.hostile import MARK
from tests.bot.leaks import POLLER
from tests.bot.sandbox.hostile_cases import CASES, SECRET, Case, Place, names_of_cases
from tests.repos import Repo

if TYPE_CHECKING:
    from pathlib import Path

LIMITS = Limits(seconds=100, cpu_seconds=60, memory_bytes=1_500_000_000, address_bytes=2_000_000_000, processes=32)


def told(outcome: Judged | Failure) -> str:
    """The sentences for people."""
    if isinstance(outcome, Failure):
        return outcome.sentence
    faults = [*outcome.faults, *(outcome.proposal.faults if outcome.proposal else ())]
    return "\n".join([*(fault.message for fault in faults), *(entry.detail for entry in outcome.report.skipped)])


@pytest.mark.parametrize("case", CASES, ids=names_of_cases())
def test_it_ends_with_a_sentence(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANCH_SECRET", SECRET)
    repo = Repo(tmp_path / "repo")
    repo.commit({"README.md": "hello\n", "early.js": POLLER, **dict(case.base)})
    repo.branch("topic")
    repo.commit({"late.js": POLLER.replace("Poller", "Watcher")})
    case.make(Place(repo, tmp_path / MARK))
    # What the commits of the test itself have set off.
    (tmp_path / MARK).unlink(missing_ok=True)
    base, head = repo.git("rev-parse", "main"), repo.git("rev-parse", "topic")
    # As in the object store, where nothing is checked out.
    repo.git("symbolic-ref", "HEAD", "refs/heads/nothing")
    (repo.root / ".git" / "index").unlink()
    change = Change(
        git_dir=str(repo.root / ".git"),
        base=base,
        head=head,
        today=date(2026, 3, 4),
        groups=Grouping(),
    )
    outcome = judge(change, limits=LIMITS)
    assert not (tmp_path / MARK).exists()
    assert case.says in told(outcome)
    if isinstance(outcome, Failure):
        assert not case.found, outcome
        assert outcome.sentence.endswith(".") and str(tmp_path) not in outcome.sentence
        return
    data = encode(outcome)
    assert SECRET.encode() not in data and b"root:x:0" not in data and str(tmp_path).encode() not in data
    found = {finding.path for finding in outcome.report.findings}
    assert ("late.js" in found) is case.found
    if case.skipped is not None:
        assert tuple(f"{entry.path}: {entry.code}" for entry in outcome.report.skipped) == case.skipped
