"""`/perf-scan` and the buttons, against the fake GitHub: who gets which answer, and what comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.workflows.lanes import REVIEW
from tests.bot.workflows.running import LEAK, install, jobs_run

if TYPE_CHECKING:
    from tests.bot.workflows.running import Service
    from tests.github import CommentHandle, FakeGitHub, PullHandle, RepositoryHandle


@pytest.fixture
def repository(github: FakeGitHub, service: Service) -> RepositoryHandle:
    repository = install(github, service)
    repository.set_role("tom", "triage")
    repository.set_role("rita", "read")
    return repository


@pytest.fixture
def pull(repository: RepositoryHandle, service: Service) -> PullHandle:
    pull = repository.open_pull_request("alice", "feature", files={"src/poll.js": LEAK})
    service.settle()
    return pull


def ask(service: Service, pull: PullHandle, login: str, command: str) -> tuple[CommentHandle, list[str]]:
    """Writes a command and waits: the comment, and the replies of the App that came of it."""
    before = {comment.id for comment in pull.comments_by(service.app.app)}
    comment = pull.comment(login, command)
    service.settle()
    return comment, [reply.body for reply in pull.comments_by(service.app.app) if reply.id not in before]


def reactions_of(comment: CommentHandle) -> set[str]:
    return {reaction.content for reaction in comment.reactions}


ANSWERED = {"eyes", "rocket"}
REFUSED = {"confused"}


@pytest.mark.parametrize(
    ("login", "command", "reactions", "says"),
    [
        ("alice", "/perf-scan", ANSWERED, "was scanned again: 1 leak introduced"),
        ("tom", "/perf-scan full", ANSWERED, "was scanned again"),
        ("rita", "/perf-scan", REFUSED, "needs triage access"),
        ("rita", "/perf-scan help", ANSWERED, "`/perf-scan explain ID`"),
        ("somebody", "/perf-scan help", ANSWERED, "`/perf-scan explain ID`"),
        ("rita", "/perf-scan config", ANSWERED, "In force here is the configuration of `main`"),
        ("rita", "/perf-scan budget", ANSWERED, "No budget was measured"),
        ("alice", "/perf-scan expain x", {"eyes", "confused"}, "Did you mean"),
        ("alice", "/perf-scan explain nothing", {"eyes", "confused"}, "No finding of this pull request"),
        ("alice", "/perf-scan pause", ANSWERED, "Paused"),
        ("tom", "/perf-scan pause", REFUSED, "needs write access"),
        ("alice", "/perf-scan fix", {"eyes", "confused"}, "not switched on"),
    ],
)
def test_an_answer(
    service: Service, pull: PullHandle, login: str, command: str, reactions: set[str], says: str
) -> None:
    comment, replies = ask(service, pull, login, command)
    (reply,) = replies
    assert says in reply
    assert reactions_of(comment) == reactions


@pytest.mark.parametrize(
    ("login", "text"),
    [
        ("alice", "What does /perf-scan do?"),
        ("alice", "> /perf-scan"),
        ("alice", "```\n/perf-scan\n```"),
        ("alice", "Thanks!\n\n/perf-scan"),
    ],
)
def test_what_is_no_command(service: Service, pull: PullHandle, login: str, text: str) -> None:
    comment, replies = ask(service, pull, login, text)
    assert replies == []
    assert reactions_of(comment) == set()


def test_an_edited_comment_asks_for_nothing(service: Service, pull: PullHandle) -> None:
    comment, _ = ask(service, pull, "alice", "Looks good.")
    comment.edit("alice", "/perf-scan")
    service.settle()
    assert reactions_of(comment) == set()


def test_a_finding_is_ignored_and_heard_of_again(service: Service, pull: PullHandle) -> None:
    fingerprint = finding_id(pull)
    _, (reply,) = ask(service, pull, "alice", f"/perf-scan ignore {fingerprint} The process ends with it")
    assert "**Silenced**" in reply
    (sticky,) = [comment for comment in pull.comments_by(service.app.app) if "key=pull/1/review" in comment.body]
    assert "introduces 1 leak" not in sticky.body
    _, (reply,) = ask(service, pull, "alice", f"/perf-scan unignore {fingerprint}")
    assert "heard of again" in reply
    (sticky,) = [comment for comment in pull.comments_by(service.app.app) if "key=pull/1/review" in comment.body]
    assert "introduces 1 leak" in sticky.body


def test_a_button_of_the_check(service: Service, repository: RepositoryHandle, pull: PullHandle) -> None:
    before = jobs_run(service.database, REVIEW)
    check = repository.check_runs(pull.head_sha, "stanch")[0]
    repository.press_button(check, "rescan", "rita")
    service.settle()
    assert jobs_run(service.database, REVIEW) == before
    repository.press_button(check, "rescan", "alice")
    service.settle()
    assert jobs_run(service.database, REVIEW) == before + 1


def finding_id(pull: PullHandle) -> str:
    """The id that the inline comment shows."""
    body = pull.threads[0].comments[0].body
    return body.partition("id=")[2].partition(" ")[0]
