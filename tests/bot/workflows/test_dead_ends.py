"""What cannot be done, or not now: it ends, it holds up nothing else, and the next thing asked for is done."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

import bot.acting
import bot.workflows.context
from bot.checkout import CheckoutError, CheckoutFault
from bot.database import installations, pull_requests
from bot.database.tables import DELIVERIES, NOW, OPEN_CHECKS, PULL_REQUESTS
from bot.jobs.model import Kind
from bot.jobs.queue import Queue
from bot.object_store import StoreError
from bot.workflows import judging, wiring
from bot.workflows.lanes import DELIVERY, RECONCILE, REVIEW, SWEEP, submit_review
from bot.workflows.wiring import OBJECTS
from tests.bot.workflows.running import LEAK, MENDED, install, jobs_run, undone, wait_for
from tests.github import Fault

if TYPE_CHECKING:
    from tests.bot.workflows.running import Service
    from tests.github import FakeGitHub

CLEAN = {"src/other.js": "export {};\n"}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Failures are tried again at once; the fake's lists are never behind."""
    soon = timedelta(seconds=0.1)
    monkeypatch.setattr(wiring, "Kind", partial(Kind, backoff=(soon, soon)))
    monkeypatch.setattr(bot.acting, "SETTLING", timedelta(0))
    monkeypatch.setattr(bot.workflows.context, "GITHUB_AWAY", soon)


def later(service: Service) -> None:
    """Half an hour passes for what is kept of deliveries, checks and pull requests."""
    ago = NOW - timedelta(minutes=30)
    with service.database.begin() as connection:
        connection.execute(update(DELIVERIES).values(received_at=ago))
        connection.execute(update(OPEN_CHECKS).values(started_at=ago))
        connection.execute(update(PULL_REQUESTS).values(updated_at=ago))


def crash(*_: object, **__: object) -> None:
    raise ValueError("a defect of our own")


def test_a_push_is_reviewed_after_one_that_was_given_up(
    github: FakeGitHub, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = install(github, service)
    with monkeypatch.context() as broken:
        broken.setattr("bot.workflows.reviewing.judge", crash)
        pull = repository.open_pull_request("alice", "feature", files=CLEAN)
        service.settle()
    (check,) = repository.check_runs(pull.head_sha, "stanch")
    assert (check.status, check.conclusion, check.actions[0]["identifier"]) == ("completed", "neutral", "rescan")
    pull.push({"src/poll.js": LEAK})
    service.settle()
    (check,) = repository.check_runs(pull.head_sha, "stanch")
    assert str(check.title).startswith("1 leak introduced")


def test_the_branch_is_scanned_after_a_push_that_was_given_up(
    github: FakeGitHub, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = install(github, service)
    with monkeypatch.context() as broken:
        broken.setattr("bot.workflows.scanning.judge", crash)
        repository.push(CLEAN)
        service.settle()
    head = repository.push({"src/poll.js": LEAK})
    service.settle()
    assert [check.status for check in repository.check_runs(head)] == ["completed"]
    assert "1 leak" in str(repository.check_runs(head)[0].title)


@pytest.mark.parametrize(
    ("method", "path", "fault"),
    [
        ("GET", "/repos/*/compare/*", Fault.NOT_FOUND),
        ("GET", "/repos/*/issues/*/comments", Fault.NOT_FOUND),
        ("POST", "/graphql", Fault.NOT_FOUND),
    ],
    ids=["no merge base", "comments refused", "threads refused"],
)
def test_a_review_that_may_not_read_ends_its_check(
    github: FakeGitHub, service: Service, method: str, path: str, fault: Fault
) -> None:
    repository = install(github, service)
    github.faults.add(method, path, fault, times=100)
    pull = repository.open_pull_request("alice", "feature", files={"src/poll.js": LEAK})
    service.settle()
    (check,) = repository.check_runs(pull.head_sha, "stanch")
    assert (check.status, check.conclusion) == ("completed", "neutral")


@pytest.mark.parametrize(
    ("refused", "lines", "told_in_full"),
    [(["reviews"], [None], 0), (["reviews", "comments"], [], 1)],
    ids=["its line", "its line and its file"],
)
def test_a_comment_that_github_does_not_take_is_made_elsewhere(
    github: FakeGitHub, service: Service, refused: list[str], lines: list[int | None], told_in_full: int
) -> None:
    repository = install(github, service)
    for part in refused:
        github.faults.add("POST", f"/repos/*/pulls/*/{part}", Fault.UNPROCESSABLE, times=100)
    pull = repository.open_pull_request("alice", "feature", files={"src/poll.js": LEAK})
    service.settle()
    assert [thread.line for thread in pull.threads] == lines
    (sticky,) = pull.comments_by(service.app.app)
    assert sticky.body.count("#### ") == told_in_full
    (check,) = repository.check_runs(pull.head_sha, "stanch")
    assert check.status == "completed"
    # What has a thread gets no other, and it ends with the leak; the App may not resolve it, so it says so.
    github.faults.clear()
    pull.push({"src/poll.js": MENDED})
    service.settle()
    assert ["**Resolved** in" in thread.comments[0].body for thread in pull.threads] == [True] * len(lines)


def test_a_store_that_cannot_be_used_ends_the_check(
    github: FakeGitHub, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StoreError("/var/lib/stanch/objects cannot be used (No space left on device).")

    monkeypatch.setattr(judging, "judge_fetched", full)
    repository = install(github, service)
    pull = repository.open_pull_request("alice", "feature", files={"src/poll.js": LEAK})
    service.settle()
    (check,) = repository.check_runs(pull.head_sha, "stanch")
    assert (check.status, check.conclusion) == ("completed", "neutral")
    assert "cannot be used" in str(check.summary)
    assert "/var/lib" not in str(check.summary)


@pytest.mark.parametrize("end", ["closed", "given up", "reviewed"])
def test_what_has_ended_is_not_taken_up_again(
    github: FakeGitHub, service: Service, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    repository = install(github, service)
    if end == "given up":
        monkeypatch.setattr("bot.workflows.reviewing.judge", crash)
    pull = repository.open_pull_request("alice", "feature", files=CLEAN)
    if end == "closed":
        pull.close()
    service.settle()
    later(service)
    before = jobs_run(service.database, REVIEW)
    service.submit(SWEEP)
    service.settle()
    assert jobs_run(service.database, REVIEW) == before


def test_a_command_where_nothing_can_be_read_is_put_aside(github: FakeGitHub, service: Service) -> None:
    repository = install(github, service)
    pull = repository.open_pull_request("alice", "feature", files=CLEAN)
    service.settle()
    github.faults.add("GET", "/repos/*/pulls/*", Fault.NOT_FOUND, times=100)
    before = jobs_run(service.database, DELIVERY)
    pull.comment("alice", "/perf-scan help")
    wait_for(lambda: jobs_run(service.database, DELIVERY) > before)
    service.settle()
    assert undone(service.database) == 0


def test_a_key_that_github_does_not_take_loses_nothing(github: FakeGitHub, service: Service) -> None:
    repository = install(github, service)
    service.settle()
    github.faults.add("POST", "/app/installations/*/access_tokens", Fault.UNAUTHORIZED, times=12)
    pull = repository.open_pull_request("alice", "feature", files={"src/poll.js": LEAK})
    service.settle()
    (check,) = repository.check_runs(pull.head_sha, "stanch")
    assert str(check.title).startswith("1 leak introduced")


def test_one_repository_out_of_reach_does_not_hide_the_others(github: FakeGitHub, service: Service) -> None:
    first = install(github, service)
    second = github.create_repository("zebra/app", files={"src/poll.js": "export {};\n"})
    second.set_role("alice", "write")
    service.app.install(second)
    service.settle()
    service.app.webhook_url, url = None, service.app.webhook_url
    pull = second.open_pull_request("alice", "feature", files={"src/poll.js": LEAK})
    github.settle()
    service.app.webhook_url = url
    for path in (f"/repos/{first.full_name}/pulls", "/installation/repositories"):
        github.faults.add("GET", path, Fault.NOT_FOUND)
    service.submit(RECONCILE)
    service.settle()
    (check,) = second.check_runs(pull.head_sha, "stanch")
    assert str(check.title).startswith("1 leak introduced")


def test_a_command_in_an_answer_within_a_thread_is_answered_there(github: FakeGitHub, service: Service) -> None:
    repository = install(github, service)
    pull = repository.open_pull_request("alice", "feature", files={"src/poll.js": LEAK})
    service.settle()
    (thread,) = pull.threads
    pull.reply("alice", thread, "/perf-scan help")
    service.settle()
    assert len(thread.comments) == 3
    assert "`/perf-scan explain ID`" in thread.comments[-1].body


def test_a_merge_queue_gets_its_check_though_nothing_is_known(github: FakeGitHub, service: Service) -> None:
    repository = install(github, service)
    pull = repository.open_pull_request("alice", "feature", files=CLEAN)
    service.settle()
    github.faults.add("GET", f"/repos/*/pulls/{pull.number}", Fault.NOT_FOUND, times=100)
    _, head = repository.merge_queue(pull)
    service.settle()
    assert [check.status for check in repository.check_runs(head, "stanch")] == ["completed"]


def test_what_is_known_of_a_pull_request_that_was_given_up(
    github: FakeGitHub, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = install(github, service)
    monkeypatch.setattr("bot.workflows.reviewing.judge", crash)
    pull = repository.open_pull_request("alice", "feature", files=CLEAN)
    service.settle()
    with service.database.begin() as connection:
        assert pull_requests.behind(connection, timedelta(0)) == []
        assert pull_requests.recall(connection, repository.id, pull.number).reviewed_head == pull.head_sha


def test_a_check_ends_though_git_stays_out_of_reach(
    github: FakeGitHub, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = install(github, service)
    with monkeypatch.context() as away:
        away.setattr(judging, "judge_fetched", out_of_reach)
        pull = repository.open_pull_request("alice", "feature", files={"src/poll.js": LEAK})
        wait_for(lambda: [check.status for check in repository.check_runs(pull.head_sha, "stanch")] == ["in_progress"])
        later(service)
        service.settle()
    (check,) = repository.check_runs(pull.head_sha, "stanch")
    assert (check.status, check.conclusion) == ("completed", "neutral")
    later(service)
    service.submit(SWEEP)
    service.settle()
    check = max(repository.check_runs(pull.head_sha, "stanch"), key=lambda run: run.id)
    assert str(check.title).startswith("1 leak introduced")


def out_of_reach(*_: object, **__: object) -> None:
    raise CheckoutError(CheckoutFault.UNAVAILABLE, "GitHub could not be reached to fetch the commit.")


def test_a_repository_whose_new_name_was_not_heard_of(github: FakeGitHub, service: Service) -> None:
    repository = install(github, service)
    pull = repository.open_pull_request("alice", "feature", files={"src/poll.js": LEAK})
    head = pull.head_sha
    service.settle()
    with service.database.begin() as connection:
        old = installations.find_repository(connection, repository.id)
    assert old is not None
    repository.rename("other")
    service.settle()
    shutil.rmtree(service.state / OBJECTS)
    with service.database.begin() as connection:
        installations.save_repository(connection, old)
    submit_review(Queue(service.database), repository.id, pull.number, head, revive=True)
    service.settle()
    with service.database.begin() as connection:
        assert installations.find_repository(connection, repository.id) == replace(old, full_name="octo/other")
    assert {str(check.title) for check in repository.check_runs(head, "stanch")} == {
        "1 leak introduced, 1 with a safe fix"
    }
