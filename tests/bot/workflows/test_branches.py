"""The default branch, merge queues, and what reaches us without a delivery."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.config import CONFIG_PATH
from bot.database import installations
from bot.github.manifest import PERMISSIONS, Size
from bot.workflows import lanes
from tests.bot.workflows.running import LEAK, MENDED, install
from tests.github import Fault

if TYPE_CHECKING:
    from tests.bot.workflows.running import Service
    from tests.github import FakeGitHub, RepositoryHandle
    from tests.github.state import CheckRun

POLL = "src/poll.js"


def checks_of(repository: RepositoryHandle, sha: str | None = None) -> list[CheckRun]:
    return repository.check_runs(sha or repository.head(), "stanch repository")


def test_a_push_to_the_default_branch_ends_in_a_check(shared: Service) -> None:
    repository = install(shared.github, shared)
    repository.push({POLL: LEAK})
    shared.settle()
    (check,) = checks_of(repository)
    assert (check.status, check.conclusion) == ("completed", "neutral")
    assert check.title == "1 leak, 1 with a safe fix"
    assert repository.sarif_uploads == []
    repository.push({POLL: MENDED})
    shared.settle()
    (check,) = checks_of(repository)
    assert (check.conclusion, check.title) == ("success", "No leaks, -1 since the last scan")


def test_code_scanning_gets_a_report_where_it_is_granted(shared: Service) -> None:
    repository = shared.github.create_repository("octo/scanned", files={POLL: "export {};\n"})
    shared.app.install(repository, permissions={**PERMISSIONS[Size.REVIEW], "security_events": "write"})
    head = repository.push({POLL: LEAK})
    shared.settle()
    (upload,) = repository.sarif_uploads
    assert (upload.commit_sha, upload.ref) == (head, "refs/heads/main")
    assert [found["ruleId"] for found in upload.sarif["runs"][0]["results"]] == ["timer/forgotten-by-teardown"]
    assert [check.conclusion for check in checks_of(repository)] == ["neutral"]


def test_a_default_branch_that_is_force_pushed(shared: Service) -> None:
    repository = install(shared.github, shared)
    first = repository.head()
    old = repository.push({POLL: LEAK})
    shared.settle()
    repository.push({POLL: MENDED}, onto=first)
    shared.settle()
    (check,) = checks_of(repository)
    assert (check.conclusion, check.title) == ("success", "No leaks, -1 since the last scan")
    assert [check.status for check in checks_of(repository, old)] == ["completed"]


def test_a_default_branch_with_another_name_is_scanned(shared: Service) -> None:
    repository = install(shared.github, shared, {POLL: LEAK})
    shared.settle()
    repository.rename_branch("main", "trunk")
    shared.settle()
    assert [check.conclusion for check in checks_of(repository)] == ["neutral"]


def test_each_night_the_default_branch_is_scanned(shared: Service) -> None:
    """Two nights with nothing new end in one check each, all of them completed."""
    repository = install(shared.github, shared, {POLL: LEAK})
    shared.settle()
    assert checks_of(repository) == []
    shared.submit(lanes.NIGHTLY)
    shared.settle()
    assert [check.conclusion for check in checks_of(repository)] == ["neutral"]
    shared.submit(lanes.NIGHTLY)
    shared.settle()
    checks = checks_of(repository)
    assert {(check.status, check.conclusion) for check in checks} == {("completed", "neutral")}
    assert len(checks) <= 2


def test_all_checks_of_the_default_branch_are_run_again(shared: Service) -> None:
    repository = install(shared.github, shared)
    head = repository.push({POLL: LEAK})
    shared.settle()
    (first,) = checks_of(repository, head)
    repository.rerequest_suite(first.suite, "alice")
    shared.settle()
    again = checks_of(repository, head)
    assert {(check.status, check.conclusion) for check in again} == {("completed", "neutral")}
    assert max(check.id for check in again) > first.id


@pytest.mark.parametrize(
    ("gate", "code", "conclusion"),
    [("none", MENDED, "success"), ("none", LEAK, "neutral"), ("leak", LEAK, "failure")],
    ids=["clean", "leaks", "fails"],
)
def test_a_merge_queue_gets_the_answer_of_its_pull_request(
    shared: Service, gate: str, code: str, conclusion: str
) -> None:
    repository = install(shared.github, shared, {CONFIG_PATH: f"gate:\n  fail-on: {gate}\n"})
    pull = repository.open_pull_request("alice", "feature", files={POLL: code})
    shared.settle()
    _, sha = repository.merge_queue(pull)
    shared.settle()
    (check,) = repository.check_runs(sha, "stanch")
    assert (check.status, check.conclusion) == ("completed", conclusion)


def test_a_lost_delivery_is_asked_for_again(shared: Service) -> None:
    repository = install(shared.github, shared)
    shared.settle()
    shared.github.faults.add("EVENT", "pull_request", Fault.DELIVERY_LOST)
    pull = repository.open_pull_request("alice", "feature", files={POLL: LEAK})
    shared.settle()
    assert pull.comments_by(shared.app.app) == []
    shared.submit(lanes.SWEEP)
    shared.settle()
    assert len(pull.comments_by(shared.app.app)) == 1


def test_a_pull_request_that_nobody_told_of_is_found(shared: Service) -> None:
    repository = install(shared.github, shared)
    shared.settle()
    url, shared.app.webhook_url = shared.app.webhook_url, None
    pull = repository.open_pull_request("alice", "feature", files={POLL: LEAK})
    shared.app.webhook_url = url
    shared.submit(lanes.RECONCILE)
    shared.settle()
    assert len(pull.comments_by(shared.app.app)) == 1


def test_a_delivery_from_before_a_rename_does_not_bring_the_old_name_back(github: FakeGitHub, service: Service) -> None:
    repository = install(github, service)
    service.settle()
    github.faults.add("EVENT", "push", Fault.DELIVERY_LOST)
    repository.create_branch("release")
    repository.rename("application")
    service.settle()
    service.submit(lanes.SWEEP)
    service.settle()
    assert [attempt.status for attempt in github.deliveries if attempt.event == "push"][-1] == "OK"
    with service.database.begin() as connection:
        known = installations.find_repository(connection, repository.id)
    assert known is not None
    assert known.full_name == "octo/application"
