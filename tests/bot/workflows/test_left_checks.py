"""Check runs that a job began and could not end: the next job ends them, and then leaves them alone."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

import bot.acting
import bot.workflows.context
from bot.database import checks
from bot.database.tables import NOW, OPEN_CHECKS
from bot.jobs.model import Kind
from bot.workflows import wiring
from bot.workflows.lanes import BRANCH, REVIEW, SWEEP
from tests.bot.workflows.running import LEAK, MENDED, install, jobs_run
from tests.github import Fault

if TYPE_CHECKING:
    from tests.bot.workflows.running import Service
    from tests.github import FakeGitHub

PATH = "src/poll.js"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Failures are tried again soon; the fake's lists are never behind."""
    soon = timedelta(seconds=0.5)
    monkeypatch.setattr(wiring, "Kind", partial(Kind, backoff=(soon, soon)))
    monkeypatch.setattr(bot.acting, "SETTLING", timedelta(0))
    monkeypatch.setattr(bot.workflows.context, "GITHUB_AWAY", soon)


def open_checks(service: Service) -> list[str]:
    with service.database.begin() as connection:
        return list(connection.execute(select(OPEN_CHECKS.c.key)).scalars())


@pytest.mark.parametrize("fault", [Fault.ERROR_AFTER, Fault.ERROR_BEFORE], ids=["made", "not made"])
def test_a_check_whose_start_was_not_answered_ends_after_a_push(
    github: FakeGitHub, service: Service, fault: Fault
) -> None:
    repository = install(github, service)
    pull = repository.open_pull_request("alice", "feature", files={PATH: MENDED})
    service.settle()
    github.faults.add("POST", "/repos/*/check-runs", fault)
    first = pull.push({PATH: LEAK})
    # The job has failed and waits when the next push comes.
    pull.push({PATH: MENDED})
    service.settle()
    runs = list(repository.repository.check_runs.values())
    assert {run.status for run in runs} == {"completed"}
    assert len(repository.check_runs(first)) <= 1
    assert open_checks(service) == []


@pytest.mark.parametrize("fault", [Fault.ERROR_AFTER, Fault.ERROR_BEFORE], ids=["made", "not made"])
def test_a_check_of_the_branch_whose_start_was_not_answered_ends_after_a_push(
    github: FakeGitHub, service: Service, fault: Fault
) -> None:
    repository = install(github, service)
    github.faults.add("POST", "/repos/*/check-runs", fault)
    repository.push({PATH: LEAK})
    repository.push({PATH: MENDED})
    service.settle()
    runs = list(repository.repository.check_runs.values())
    assert {run.status for run in runs} == {"completed"}
    assert open_checks(service) == []


@pytest.mark.parametrize("kind", [REVIEW, BRANCH])
def test_a_check_that_ended_unheard_is_not_taken_up_for_ever(github: FakeGitHub, service: Service, kind: str) -> None:
    repository = install(github, service)
    pull = repository.open_pull_request("alice", "feature", files={PATH: LEAK})
    repository.push({"README.md": "# App\n"})
    service.settle()
    number = pull.number if kind == REVIEW else None
    (run,) = repository.check_runs(pull.head_sha) if kind == REVIEW else repository.check_runs(repository.head())
    with service.database.begin() as connection:
        # As after a crash between GitHub's answer and the note of it.
        checks.started(connection, repository.id, run.id, run.head_sha, run.external_id, number)
        connection.execute(update(OPEN_CHECKS).values(started_at=NOW - timedelta(minutes=30)))
    for _ in range(2):
        service.submit(SWEEP)
        service.settle()
    assert open_checks(service) == []
    assert jobs_run(service.database, kind) == 2
