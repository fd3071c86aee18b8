"""Each check that has begun ends, whatever GitHub refuses or does not answer, and on the commit that was tried."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest
from sqlalchemy import select, update

from bot.database import pull_requests
from bot.database.tables import DELIVERIES, NOW, OPEN_CHECKS, PULL_REQUESTS
from bot.github.clock import SystemClock
from bot.jobs import runs
from bot.jobs.lease import Lease
from bot.workflows import lanes, reviewing, scanning
from tests.bot.workflows.hand import a_hand
from tests.bot.workflows.running import LEAK, jobs_run
from tests.github import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.database.embedded import EmbeddedPostgres
    from tests.bot.workflows.hand import Hand
    from tests.github import RepositoryHandle

PATH: Final = "src/poll.js"
UNTOLD: Final = "The result cannot be shown"
UNSCANNED: Final = "This commit could not be scanned"
CHECKS: Final = "/repos/*/check-runs"
REASON: Final = "It failed with an error of its own."


@pytest.fixture
def hand(postgres: EmbeddedPostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hand]:
    """A hand for which GitHub has been away for long enough, always; it does not review nor scan by itself."""
    monkeypatch.setattr(SystemClock, "sleep", lambda *_: None)
    for workflow in (reviewing, scanning):
        monkeypatch.setattr(workflow, "PATIENCE", timedelta(0))
    with a_hand(postgres, tmp_path) as hand:
        yield hand


@pytest.fixture
def busy(hand: Hand) -> Iterator[Hand]:
    """A hand that reviews and scans too."""
    with hand.doing(lanes.REVIEW), hand.doing(lanes.BRANCH):
        yield hand


@pytest.fixture
def repository(hand: Hand) -> RepositoryHandle:
    repository = hand.github.create_repository("octo/app", files={PATH: "export {};\n"})
    repository.set_role("alice", "write")
    hand.app.install(repository)
    hand.settle()
    return repository


class Refusal(NamedTuple):
    """What GitHub refuses how often (None: always), and the checks that there are then: status and title."""

    verb: str
    path: str
    times: int | None
    checks: list[tuple[str, str | None]]


REFUSALS: Final = {
    "the result": Refusal("PATCH", f"{CHECKS}/*", 1, [("completed", UNTOLD)]),
    "whatever ends it": Refusal("PATCH", f"{CHECKS}/*", None, [("in_progress", None)]),
    "its start and the result": Refusal("POST", CHECKS, 2, [("completed", UNTOLD)]),
    "any check": Refusal("POST", CHECKS, None, []),
}


def shown(repository: RepositoryHandle, head: str) -> list[tuple[str, str | None]]:
    return [(check.status, check.title) for check in repository.check_runs(head)]


@pytest.mark.parametrize("name", REFUSALS)
def test_a_result_that_is_refused_is_not_tried_for_ever(busy: Hand, repository: RepositoryHandle, name: str) -> None:
    refusal = REFUSALS[name]
    busy.github.faults.add(refusal.verb, refusal.path, Fault.UNPROCESSABLE, times=refusal.times)
    pull = repository.open_pull_request("alice", "feature", files={PATH: LEAK})
    busy.settle()
    assert shown(repository, pull.head_sha) == refusal.checks
    before = jobs_run(busy.database, lanes.REVIEW)
    ago = NOW - timedelta(minutes=30)
    with busy.database.begin() as connection:
        assert connection.execute(select(OPEN_CHECKS)).all() == []
        connection.execute(update(DELIVERIES).values(received_at=ago))
        connection.execute(update(PULL_REQUESTS).values(updated_at=ago))
    with busy.doing(lanes.SWEEP):
        busy.queue.submit(lanes.SWEEP, "upkeep/sweep", {})
        busy.settle()
    assert jobs_run(busy.database, lanes.REVIEW) == before


def test_the_result_of_a_scan_that_is_refused_ends_without_it(busy: Hand, repository: RepositoryHandle) -> None:
    busy.github.faults.add("PATCH", f"{CHECKS}/*", Fault.UNPROCESSABLE)
    head = repository.push({PATH: LEAK})
    busy.settle()
    assert shown(repository, head) == [("completed", UNTOLD)]


@pytest.mark.parametrize(
    ("verb", "path"),
    [("POST", "/graphql"), ("GET", "/repos/*/issues/*/comments"), ("GET", "/repos/*/compare/*")],
    ids=["threads", "comments", "merge base"],
)
def test_a_check_ends_though_something_else_cannot_be_read(
    busy: Hand, repository: RepositoryHandle, verb: str, path: str
) -> None:
    busy.github.faults.add(verb, path, Fault.BAD_GATEWAY, times=None)
    pull = repository.open_pull_request("alice", "feature", files={PATH: LEAK})
    busy.settle()
    assert shown(repository, pull.head_sha) == [("completed", UNSCANNED)]
    with busy.database.begin() as connection:
        assert pull_requests.recall(connection, repository.id, pull.number).reviewed_head is None


def test_a_scan_ends_its_check_though_what_was_measured_cannot_be_read(
    busy: Hand, repository: RepositoryHandle
) -> None:
    # Before the first answer is there, no check has begun that could end.
    busy.github.faults.add("GET", "/repos/*/commits/*/check-runs", Fault.BAD_GATEWAY, nth=2, times=None)
    head = repository.push({PATH: LEAK})
    busy.settle()
    assert shown(repository, head) == [("completed", UNSCANNED)]


def give_up(hand: Hand, kind: str) -> None:
    """Begins the next job of a kind, and gives it up."""
    with hand.doing(kind):
        run = hand.claim()
        assert run is not None
        assert run.job.kind == kind
        gave_up = hand.kinds[kind].gave_up
        assert gave_up is not None
        outcome = gave_up(run.job, Lease(hand.database, run.job, run.fence), REASON)
        with hand.database.begin() as connection:
            runs.settle(connection, replace(run, giving_up=REASON), hand.kinds[kind], outcome)


@pytest.mark.parametrize("fault", [Fault.BAD_GATEWAY, Fault.NOT_FOUND])
def test_a_review_that_is_given_up_ends_its_check_though_threads_cannot_be_read(
    hand: Hand, repository: RepositoryHandle, fault: Fault
) -> None:
    pull = repository.open_pull_request("alice", "feature", files={PATH: LEAK})
    hand.settle()
    hand.github.faults.add("POST", "/graphql", fault, times=None)
    give_up(hand, lanes.REVIEW)
    (check,) = repository.check_runs(pull.head_sha)
    assert (check.status, check.title, REASON in str(check.summary)) == ("completed", UNSCANNED, True)


def test_a_head_that_nobody_has_tried_is_not_given_up_with_an_older_one(
    hand: Hand, repository: RepositoryHandle
) -> None:
    pull = repository.open_pull_request("alice", "feature", files={"src/other.js": "export {};\n"})
    hand.settle()
    hand.github.faults.add("EVENT", "pull_request.synchronize", Fault.DELIVERY_LOST)
    pull.push({PATH: LEAK})
    hand.settle()
    give_up(hand, lanes.REVIEW)
    assert shown(repository, pull.head_sha) == []
    with hand.doing(lanes.REVIEW):
        hand.settle()
    assert shown(repository, pull.head_sha) == [("completed", "1 leak introduced, 1 with a safe fix")]


def test_a_commit_of_the_branch_that_nobody_has_tried_is_not_given_up_with_an_older_one(
    hand: Hand, repository: RepositoryHandle
) -> None:
    repository.push({"src/other.js": "export {};\n"})
    hand.settle()
    hand.github.faults.add("EVENT", "push", Fault.DELIVERY_LOST)
    head = repository.push({PATH: LEAK})
    hand.settle()
    give_up(hand, lanes.BRANCH)
    assert shown(repository, head) == []
    with hand.doing(lanes.BRANCH):
        hand.settle()
    ((status, title),) = shown(repository, head)
    assert (status, str(title).startswith("1 leak")) == ("completed", True)
