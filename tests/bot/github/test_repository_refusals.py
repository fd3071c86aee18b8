from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from bot.decisions.actions import Reaction, Subject
from bot.github.errors import Forbidden, GitHubError, Limited, Unavailable
from bot.github.limits import Priority
from tests.bot.github.places import Place, place
from tests.bot.github.samples import CODE, finished, inline
from tests.github import Fault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.github.repository import RepositoryClient
    from tests.github import PullHandle

LOST_ANSWERS = [Fault.ERROR_BEFORE, Fault.ERROR_AFTER, Fault.DROP_BEFORE, Fault.DROP_AFTER, Fault.BAD_GATEWAY]


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_no_annotation_is_sent_twice_or_lost(here: Place, client: RepositoryClient, pull: PullHandle, nth: int) -> None:
    for fault in LOST_ANSWERS:
        check_id = client.create_check(fault.name, pull.head_sha, "key")
        here.github.faults.add("PATCH", f"/repos/octo/app/check-runs/{check_id}", fault, nth=nth)
        client.update_check(check_id, finished(120))
        client.update_check(check_id, finished(120))
        (run,) = here.repository.check_runs(pull.head_sha, fault.name)
        assert [annotation["message"] for annotation in run.annotations] == [f"leak {n}" for n in range(120)]
        assert run.conclusion == "neutral"


POSTS: list[tuple[str, Callable[[RepositoryClient, PullHandle], object], Callable[[Place, PullHandle], int]]] = [
    (
        "/repos/octo/app/issues/*/comments",
        lambda client, pull: client.create_comment(pull.number, "hello"),
        lambda _, pull: len(pull.comments),
    ),
    (
        "/repos/octo/app/pulls/*/reviews",
        lambda client, pull: client.create_review(pull.number, pull.head_sha, [inline(1)]),
        lambda _, pull: len(pull.reviews),
    ),
    (
        "/repos/octo/app/pulls/*/comments",
        lambda client, pull: client.create_file_comment(pull.number, pull.head_sha, "src/poll.ts", "a leak"),
        lambda _, pull: len(pull.threads),
    ),
    (
        "/repos/octo/app/check-runs",
        lambda client, pull: client.create_check("stanch", pull.head_sha, "key"),
        lambda place, pull: len(place.repository.check_runs(pull.head_sha)),
    ),
]


@pytest.mark.parametrize(("path", "write", "written"), POSTS, ids=[path for path, *_ in POSTS])
def test_what_may_be_there_is_not_written_again(
    here: Place,
    client: RepositoryClient,
    pull: PullHandle,
    path: str,
    write: Callable[[RepositoryClient, PullHandle], object],
    written: Callable[[Place, PullHandle], int],
) -> None:
    for fault in LOST_ANSWERS:
        before = written(here, pull)
        here.github.forget_requests()
        here.github.faults.add("POST", path, fault)
        with pytest.raises(Unavailable) as caught:
            write(client, pull)
        assert caught.value.maybe_done
        assert written(here, pull) - before == int(fault in {Fault.ERROR_AFTER, Fault.DROP_AFTER})
        assert here.github.count("POST", path) == 1


def test_what_is_the_same_twice_is_tried_again(here: Place, client: RepositoryClient, pull: PullHandle) -> None:
    comment_id = client.create_comment(pull.number, "hello")
    for fault in LOST_ANSWERS:
        command = pull.comment("alice", "/perf-scan")
        for method, path in (("POST", "*/reactions"), ("PATCH", "*/issues/comments/*"), ("GET", "*/pulls/*")):
            here.github.faults.add(method, path, fault)
        client.react(Subject.ISSUE_COMMENT, command.id, Reaction.EYES)
        client.edit_comment(comment_id, f"after {fault}")
        assert client.pull_request(pull.number).number == pull.number
        assert [reaction.content for reaction in command.reactions] == ["eyes"]
        assert client.issue_comment(comment_id).body == f"after {fault}"


def test_while_github_does_not_say_the_answer_is_no_answer(here: Place, client: RepositoryClient) -> None:
    here.repository.set_role("alice", "admin")
    for fault in (Fault.ERROR_BEFORE, Fault.DROP_BEFORE, Fault.TOO_MANY):
        here.github.faults.add("GET", "*/permission", fault, times=3)
        with pytest.raises((Unavailable, Limited)):
            client.access("alice")


PERMISSION_OF: list[tuple[str, Callable[[RepositoryClient, PullHandle], object]]] = [
    ("checks: write", lambda client, pull: client.create_check("stanch", pull.head_sha, "key")),
    ("checks: read", lambda client, pull: [*client.check_runs(pull.head_sha)]),
    ("issues: write", lambda client, pull: client.create_comment(pull.number, "hello")),
    ("pull_requests: write", lambda client, pull: client.create_review(pull.number, pull.head_sha, [inline(1)])),
    (
        "security_events: write",
        lambda client, pull: client.upload_sarif(pull.head_sha, "refs/heads/feature", b"{}"),
    ),
]


def test_a_missing_permission_is_named(here: Place, pull: PullHandle) -> None:
    with here.client({"metadata": "read"}) as client:
        for needed, act in PERMISSION_OF:
            with pytest.raises(GitHubError) as caught:
                act(client, pull)
            assert isinstance(caught.value, Forbidden)
            assert needed in caught.value.missing
            assert f"lacks the permission {caught.value.missing[0]}" in str(caught.value)
            assert "needed for" in str(caught.value)


def test_the_limits_are_kept_whatever_is_asked(tmp_path: Path) -> None:
    with place(tmp_path / "github", hourly_limit=60) as here, ExitStack() as stack:
        pull = here.repository.open_pull_request("alice", "feature", files={"src/poll.ts": CODE})
        limited = 0
        for priority in (Priority.BACKGROUND, Priority.PERSON):
            client = stack.enter_context(here.client(priority=priority))
            for number in range(60):
                try:
                    client.create_comment(pull.number, f"{priority} {number}")
                except Limited as error:
                    limited += 1
                    assert error.not_before > here.github.now()
                    break
        written = [comment.body.split()[0] for comment in pull.comments]
        assert limited == 2
        assert written.count("background") >= 30
        assert written.count("person") >= 5
        assert not [request for request in here.github.requests if request.status in {403, 429}]
