"""The default branch, merge queues, and what reaches us without a delivery."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.workflows import lanes
from tests.bot.workflows.running import LEAK, MENDED, install
from tests.github import Fault

if TYPE_CHECKING:
    from tests.bot.workflows.running import Service
    from tests.github import FakeGitHub


def test_a_push_to_the_default_branch_ends_in_a_check(github: FakeGitHub, service: Service) -> None:
    repository = install(github, service)
    repository.push({"src/poll.js": LEAK})
    service.settle()
    (check,) = repository.check_runs(repository.head(), "stanch repository")
    assert (check.status, check.conclusion) == ("completed", "neutral")
    assert check.title == "1 leak, 1 with a safe fix"
    repository.push({"src/poll.js": MENDED})
    service.settle()
    (check,) = repository.check_runs(repository.head(), "stanch repository")
    assert (check.conclusion, check.title) == ("success", "No leaks, -1 since the last scan")


def test_a_merge_queue_gets_the_answer_of_its_pull_request(github: FakeGitHub, service: Service) -> None:
    repository = install(github, service)
    pull = repository.open_pull_request("alice", "feature", files={"src/poll.js": MENDED})
    service.settle()
    _, sha = repository.merge_queue(pull)
    service.settle()
    (check,) = repository.check_runs(sha, "stanch")
    assert (check.status, check.conclusion) == ("completed", "success")


def test_a_lost_delivery_is_asked_for_again(github: FakeGitHub, service: Service) -> None:
    repository = install(github, service)
    service.settle()
    github.faults.add("EVENT", "pull_request", Fault.DELIVERY_LOST)
    pull = repository.open_pull_request("alice", "feature", files={"src/poll.js": LEAK})
    service.settle()
    assert pull.comments_by(service.app.app) == []
    service.submit(lanes.SWEEP)
    service.settle()
    assert len(pull.comments_by(service.app.app)) == 1


def test_a_pull_request_that_nobody_told_of_is_found(github: FakeGitHub, service: Service) -> None:
    repository = install(github, service)
    service.settle()
    service.app.webhook_url = None
    pull = repository.open_pull_request("alice", "feature", files={"src/poll.js": LEAK})
    service.submit(lanes.RECONCILE)
    service.settle()
    assert len(pull.comments_by(service.app.app)) == 1
