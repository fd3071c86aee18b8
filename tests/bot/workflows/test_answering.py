"""`/perf-scan` and the buttons, against the fake GitHub: what is answered how, and what comes of it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

import bot.workflows.context
from bot.database import pull_requests
from bot.workflows.judging import judge
from bot.workflows.lanes import REVIEW
from tests.bot.workflows.running import LEAK, PATIENCE_SECONDS, install, jobs_run, wait_for
from tests.github import Fault
from tests.github.domain.reviews import delete_comment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.bot.workflows.running import Service
    from tests.github import CommentHandle, PullHandle, RepositoryHandle
    from tests.github.state import CheckSuite, ReviewComment

ANSWERED = "eyes rocket"
NOT_DONE = "eyes confused"
REFUSED = "confused"


@dataclass(frozen=True)
class Row:
    """A command, who gives it, the reactions to it, and what the one reply says; None for no reply."""

    login: str
    command: str
    reactions: str
    says: str | None


ROWS = [
    Row("alice", "/perf-scan", ANSWERED, "was scanned again: 1 leak introduced"),
    Row("alice", "  /PERF-SCAN  ", ANSWERED, "was scanned again"),
    Row("tom", "/perf-scan full", ANSWERED, "was scanned again"),
    Row("rita", "/perf-scan", REFUSED, "needs triage access"),
    Row("rita", "/perf-scan help", ANSWERED, "`/perf-scan explain ID`"),
    Row("somebody", "/perf-scan help", ANSWERED, "`/perf-scan explain ID`"),
    Row("rita", "/perf-scan config", ANSWERED, "In force here is the configuration of `main`"),
    Row("rita", "/perf-scan budget", ANSWERED, "No budget was measured"),
    Row("alice", "/perf-scan expain x", NOT_DONE, "Did you mean"),
    Row("alice", "/perf-scan explain nothing", NOT_DONE, "No finding of this pull request"),
    Row("alice", "/perf-scan ignore", NOT_DONE, "It does not say which finding"),
    Row("alice", "/perf-scan ignore nothing", NOT_DONE, "It gives no reason"),
    Row("alice", "/perf-scan unignore nothing", NOT_DONE, "was not silenced by command"),
    Row("alice", "/perf-scan pause", ANSWERED, "Paused"),
    Row("alice", "/perf-scan resume", ANSWERED, "Nothing is paused here"),
    Row("tom", "/perf-scan pause", REFUSED, "needs write access"),
    Row("alice", "/perf-scan fix", NOT_DONE, "not switched on"),
    Row("alice", "What does /perf-scan do?", "", None),
    Row("alice", "> /perf-scan", "", None),
    Row("alice", "```\n/perf-scan\n```", "", None),
    Row("alice", "    /perf-scan", "", None),
    Row("alice", "<!--\n/perf-scan\n-->", "", None),
    Row("alice", "Thanks!\n\n/perf-scan", "", None),
]


@pytest.fixture
def repository(shared: Service) -> RepositoryHandle:
    repository = install(shared.github, shared)
    repository.set_role("tom", "triage")
    repository.set_role("rita", "read")
    return repository


@pytest.fixture
def pull(repository: RepositoryHandle, shared: Service) -> PullHandle:
    return opened(shared, repository)


def opened(service: Service, repository: RepositoryHandle) -> PullHandle:
    pull = repository.open_pull_request("alice", "feature", files={"src/poll.js": LEAK})
    service.settle()
    return pull


def ask(service: Service, pull: PullHandle, login: str, command: str) -> tuple[CommentHandle, list[str]]:
    """Writes a command and waits: the comment, and the replies of the App that came of it."""
    before = {comment.id for comment in pull.comments_by(service.app.app)}
    comment = pull.comment(login, command)
    service.settle()
    return comment, [reply.body for reply in pull.comments_by(service.app.app) if reply.id not in before]


def reactions_of(comment: CommentHandle | ReviewComment) -> str:
    return " ".join(reaction.content for reaction in comment.reactions)


def sticky_of(service: Service, pull: PullHandle) -> str:
    key = f"key=pull/{pull.number}/review"
    (sticky,) = [comment.body for comment in pull.comments_by(service.app.app) if key in comment.body]
    return sticky


def test_answers(shared: Service, repository: RepositoryHandle) -> None:
    """Each on a pull request of its own, all at once."""
    pulls = [
        repository.open_pull_request("alice", f"feature-{number}", files={"src/poll.js": LEAK})
        for number in range(len(ROWS))
    ]
    shared.settle()
    comments = [pull.comment(row.login, row.command) for row, pull in zip(ROWS, pulls, strict=True)]
    shared.settle()
    wrong = []
    for row, pull, comment in zip(ROWS, pulls, comments, strict=True):
        replies = [reply.body for reply in pull.comments_by(shared.app.app)[1:]]
        came = reactions_of(comment), len(replies)
        is_said = row.says is None or (bool(replies) and row.says in replies[0])
        if came != (row.reactions, int(row.says is not None)) or not is_said:
            wrong.append(f"{row.command!r} of {row.login}: {came}, {replies}")
    assert not wrong, "\n".join(["", *wrong])


def test_the_second_refusal_of_a_day_is_a_reaction_only(shared: Service, pull: PullHandle) -> None:
    said = []
    for command in ("/perf-scan", "/perf-scan pause"):
        comment, replies = ask(shared, pull, "rita", command)
        assert reactions_of(comment) == REFUSED
        said.append(len(replies))
    inline = pull.review_comment("rita", "src/poll.js", 7, "/perf-scan")
    shared.settle()
    assert reactions_of(inline) == REFUSED
    assert len(inline.thread.comments) == 1
    _, others = ask(shared, pull, "tom", "/perf-scan pause")
    assert [*said, len(others)] == [1, 0, 1]


def test_a_further_refusal_reads_no_thread(shared: Service, pull: PullHandle) -> None:
    read = []
    for _ in range(2):
        shared.github.forget_requests()
        ask(shared, pull, "rita", "/perf-scan")
        read.append(shared.github.count("GET", "*/comments", 200))
    assert read == [1, 0]


def test_what_takes_a_scan_holds_up_nobody(
    shared: Service, repository: RepositoryHandle, pull: PullHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reads a public repository may have findings explained, as often as they like."""
    go = threading.Event()

    def held(*arguments: Any, **options: Any) -> object:
        assert go.wait(PATIENCE_SECONDS)
        return judge(*arguments, **options)

    monkeypatch.setattr("bot.workflows.answering.judge", held)
    asked = [pull.comment("somebody", "/perf-scan explain nothing") for _ in range(4)]
    wait_for(lambda: all(reactions_of(comment) == "eyes" for comment in asked))
    other = repository.open_pull_request("alice", "other", files={"src/poll.js": LEAK})
    helped = other.comment("somebody", "/perf-scan help")
    wait_for(lambda: reactions_of(helped) == ANSWERED and bool(other.threads))
    assert [reactions_of(comment) for comment in asked] == ["eyes"] * 4
    go.set()
    shared.settle()
    assert [reactions_of(comment) for comment in asked] == [NOT_DONE] * 4
    assert len(pull.comments_by(shared.app.app)) == 1 + len(asked)


def test_a_command_whose_commit_is_not_known_is_asked_for_again(shared: Service, pull: PullHandle) -> None:
    """Its author may push between a command and its answer."""
    with shared.database.begin() as connection:
        # Somebody has seen another head, whose push nobody has told of; the fake's clock is never ahead.
        pull_requests.want(
            connection, pull.repository.id, pull.number, "f" * 40, shared.github.now() + timedelta(hours=1)
        )
        pull_requests.want(connection, pull.repository.id, pull.number, "e" * 40)
    said = []
    for command in ("/perf-scan explain nothing", "/perf-scan help"):
        comment, replies = ask(shared, pull, "alice", command)
        said.append((reactions_of(comment), ["which commit" in reply for reply in replies]))
    assert said == [(NOT_DONE, [True]), (ANSWERED, [False])]


def test_an_edited_comment_asks_for_nothing(shared: Service, pull: PullHandle) -> None:
    comment, _ = ask(shared, pull, "alice", "Looks good.")
    comment.edit("alice", "/perf-scan")
    shared.settle()
    assert reactions_of(comment) == ""


@pytest.mark.parametrize("place", ["conversation", "thread"])
def test_a_comment_that_is_gone_when_it_is_read(shared: Service, pull: PullHandle, place: str) -> None:
    """It was a command all the same; nothing of it fails, and what was asked for is done."""
    shared.github.faults.add("EVENT", "*_comment.created", Fault.DELIVERY_DELAYED, seconds=0.5)
    before = jobs_run(shared.database, REVIEW)
    if place == "conversation":
        pull.comment("alice", "/perf-scan").delete("alice")
    else:
        comment = pull.review_comment("alice", "src/poll.js", 7, "/perf-scan")
        with shared.github.world.lock:
            delete_comment(shared.github.world, comment, shared.github.world.user("alice"))
    shared.settle()
    assert jobs_run(shared.database, REVIEW) == before + 1


def test_a_command_in_a_thread_is_answered_in_the_thread(shared: Service, pull: PullHandle) -> None:
    (ours,) = pull.threads
    theirs = pull.review_comment("alice", "src/poll.js", 7, "/perf-scan")
    answer = pull.reply("alice", ours, "/perf-scan help")
    shared.settle()
    assert "was scanned again: 1 leak introduced" in theirs.thread.comments[1].body
    assert "`/perf-scan explain ID`" in ours.comments[2].body
    assert (len(theirs.thread.comments), len(ours.comments)) == (2, 3)
    assert (reactions_of(theirs), reactions_of(answer)) == (ANSWERED, ANSWERED)
    assert len(pull.comments_by(shared.app.app)) == 1


@pytest.mark.parametrize("place", ["closed", "merged", "issue"])
def test_where_nothing_is_answered(shared: Service, repository: RepositoryHandle, pull: PullHandle, place: str) -> None:
    if place == "closed":
        pull.close()
    elif place == "merged":
        pull.merge()
    conversation = repository.open_issue("alice", "Slow") if place == "issue" else pull
    shared.settle()
    before = jobs_run(shared.database, REVIEW)
    comment = conversation.comment("alice", "/perf-scan")
    shared.settle()
    assert reactions_of(comment) == ""
    assert len(conversation.comments_by(shared.app.app)) == (0 if place == "issue" else 1)
    assert jobs_run(shared.database, REVIEW) == before


@pytest.mark.parametrize("fault", [Fault.NOT_FOUND, Fault.UNPROCESSABLE], ids=lambda fault: fault.name)
def test_a_permission_that_github_does_not_tell_is_none(shared: Service, pull: PullHandle, fault: Fault) -> None:
    path = f"/repos/{pull.repository.full_name}/collaborators/*/permission"
    shared.github.faults.add("GET", path, fault, times=None)
    before = jobs_run(shared.database, REVIEW)
    comment, replies = ask(shared, pull, "alice", "/perf-scan")
    assert (reactions_of(comment), len(replies), jobs_run(shared.database, REVIEW)) == (REFUSED, 1, before)


@pytest.mark.parametrize(
    "fault",
    [Fault.ERROR_BEFORE, Fault.BAD_GATEWAY, Fault.TOO_MANY, Fault.FORBIDDEN_RETRY_AFTER, Fault.DROP_BEFORE],
    ids=lambda fault: fault.name,
)
def test_a_permission_that_github_cannot_tell_now_is_asked_for_again(
    shared: Service, pull: PullHandle, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    monkeypatch.setattr(bot.workflows.context, "GITHUB_AWAY", timedelta(seconds=0.2))
    path = f"/repos/{pull.repository.full_name}/collaborators/*/permission"
    shared.github.faults.add("GET", path, fault, times=6, seconds=0.1)
    comment, replies = ask(shared, pull, "alice", "/perf-scan")
    assert (reactions_of(comment), len(replies)) == (ANSWERED, 1)


@pytest.mark.parametrize(
    "late", ["issue_comment", "pull_request.synchronize"], ids=["the comment comes late", "the push comes late"]
)
def test_a_push_between_a_command_and_its_handling(shared: Service, pull: PullHandle, late: str) -> None:
    """The commit is that of the time of the comment."""
    old = pull.head_sha
    shared.github.faults.add("EVENT", late, Fault.DELIVERY_DELAYED, seconds=2)
    comment = pull.comment("alice", "/perf-scan")
    # Times are told in whole seconds.
    wait_for(lambda: shared.github.now() > comment.created_at)
    new = pull.force_push({"src/poll.js": LEAK + "\n"})
    shared.settle()
    reply = pull.comments_by(shared.app.app)[1].body
    # It may have been scanned before the push came.
    answers = (
        f"`{old[:7]}` is no longer the newest; `{new[:7]}` is scanned by itself.",
        f"`{old[:7]}` was scanned again",
    )
    assert any(answer in reply for answer in answers), reply
    assert reactions_of(comment) == ANSWERED


def test_a_finding_is_ignored_and_heard_of_again(shared: Service, pull: PullHandle) -> None:
    fingerprint = finding_id(pull)
    _, (reply,) = ask(shared, pull, "alice", f"/perf-scan ignore {fingerprint} The process ends with it")
    assert "**Silenced**" in reply
    assert "introduces 1 leak" not in sticky_of(shared, pull)
    _, (reply,) = ask(shared, pull, "alice", f"/perf-scan unignore {fingerprint}")
    assert "heard of again" in reply
    assert "introduces 1 leak" in sticky_of(shared, pull)


def test_nothing_new_is_commented_while_it_is_paused(shared: Service, repository: RepositoryHandle) -> None:
    pull = repository.open_pull_request("alice", "quiet", files={"src/other.js": "export {};\n"})
    shared.settle()
    ask(shared, pull, "alice", "/perf-scan pause")
    pull.push({"src/poll.js": LEAK})
    shared.settle()
    assert (len(pull.comments_by(shared.app.app)), len(pull.threads)) == (1, 0)
    assert str(repository.check_runs(pull.head_sha, "stanch")[0].title).startswith("1 leak introduced")
    ask(shared, pull, "alice", "/perf-scan resume")
    assert "introduces 1 leak" in sticky_of(shared, pull)
    assert len(pull.threads) == 1


def test_a_rerun_of_the_check(shared: Service, repository: RepositoryHandle, pull: PullHandle) -> None:
    again: tuple[Callable[[], None], ...] = (
        lambda: repository.rerequest_check(repository.check_runs(pull.head_sha, "stanch")[0], "alice"),
        lambda: repository.rerequest_suite(suites_of(shared, repository, pull)[0], "alice"),
    )
    for press in again:
        before = jobs_run(shared.database, REVIEW)
        press()
        shared.settle()
        assert jobs_run(shared.database, REVIEW) == before + 1
    checks = repository.check_runs(pull.head_sha, "stanch")
    assert {check.status for check in checks} == {"completed"}


def suites_of(service: Service, repository: RepositoryHandle, pull: PullHandle) -> Sequence[CheckSuite]:
    return [suite for suite in repository.check_suites(pull.head_sha) if suite.app is service.app.app]


def finding_id(pull: PullHandle) -> str:
    """The id that the inline comment shows."""
    body = pull.threads[0].comments[0].body
    return body.partition("id=")[2].partition(" ")[0]
