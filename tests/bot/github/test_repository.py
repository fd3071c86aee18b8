from __future__ import annotations

import base64
import gzip
import json
from typing import TYPE_CHECKING

import pytest

from bot.decisions.actions import Reaction, Subject
from bot.github.errors import Forbidden, NotFound, Unprocessable
from bot.github.limits import Priority
from bot.github.models import Access, Account
from tests.bot.github.places import PERMISSIONS, Place, place
from tests.bot.github.samples import CODE, finished, inline

if TYPE_CHECKING:
    from pathlib import Path

    from bot.github.repository import RepositoryClient
    from tests.github import PullHandle


def test_a_pull_request_as_it_is(here: Place, client: RepositoryClient, pull: PullHandle) -> None:
    seen = client.pull_request(pull.number)
    assert (seen.number, seen.title, seen.author.login) == (pull.number, "Poll", "alice")
    assert (seen.head.ref, seen.head.sha, seen.base.ref) == ("feature", pull.head_sha, "main")
    assert (seen.is_open, seen.is_draft, seen.is_merged, seen.from_fork) == (True, False, False, False)
    pull.merge()
    seen = client.pull_request(pull.number)
    assert (seen.is_open, seen.is_merged) == (False, True)
    fork = here.repository.open_pull_request("bob", "fix", files={"a.py": "1\n"}, fork=True, draft=True)
    seen = client.pull_request(fork.number)
    assert (seen.from_fork, seen.is_draft) == (True, True)


def test_what_is_asked_again_is_free_while_it_is_the_same(
    here: Place, client: RepositoryClient, pull: PullHandle
) -> None:
    client.pull_request(pull.number)
    client.pull_request(pull.number)
    path = f"/repos/octo/app/pulls/{pull.number}"
    assert here.github.count("GET", path, status=304) == 1
    pull.push({"src/poll.ts": "export {};\n\n"})
    assert client.pull_request(pull.number).head.sha == pull.head_sha


def test_pull_requests_are_found_by_their_head(here: Place, client: RepositoryClient, pull: PullHandle) -> None:
    fork = here.repository.open_pull_request("bob", "fix", files={"b.py": "1\n"}, fork=True)
    closed = here.repository.open_pull_request("bob", "old", files={"c.py": "1\n"})
    closed.close()
    assert {seen.number for seen in client.open_pull_requests()} == {pull.number, fork.number}
    for each in (pull, fork):
        assert [seen.number for seen in client.pull_requests_with_head(each.head_sha)] == [each.number]
    for sha in (closed.head_sha, "0" * 40):
        assert client.pull_requests_with_head(sha) == ()


def test_the_merge_base_is_where_they_part(here: Place, client: RepositoryClient, pull: PullHandle) -> None:
    base = here.repository.head()
    here.repository.push({"other.py": "1\n"})
    assert client.compare_base(here.repository.head(), pull.head_sha) == base
    fork = here.repository.open_pull_request("bob", "fix", files={"b.py": "1\n"}, fork=True)
    assert client.compare_base(here.repository.head(), fork.head_sha) == here.repository.head()
    with pytest.raises(NotFound):
        client.compare_base(here.repository.head(), "0" * 40)


def test_the_default_branch(here: Place, client: RepositoryClient) -> None:
    here.repository.rename_branch("main", "release/v1#2")
    assert client.default_branch() == ("release/v1#2", here.repository.head())


def test_all_pages_of_files_and_comments_are_read(here: Place, client: RepositoryClient, pull: PullHandle) -> None:
    pull.push({f"many/{number}.py": f"{number}\n" for number in range(230)})
    files = [*client.changed_files(pull.number)]
    assert len({file.path for file in files}) == 231
    assert all(file.patch and file.previous_path is None for file in files)
    for number in range(120):
        pull.comment("alice", f"remark {number}")
    assert [comment.body for comment in client.issue_comments(pull.number)] == [f"remark {n}" for n in range(120)]
    assert here.github.count("GET", f"/repos/octo/app/issues/{pull.number}/comments") == 2


def test_a_comment_is_ours(here: Place, client: RepositoryClient, pull: PullHandle) -> None:
    comment_id = client.create_comment(pull.number, "one leak")
    comment = client.issue_comment(comment_id)
    assert (comment.app_id, comment.body) == (here.handle.id, "one leak")
    assert comment.author == Account(here.handle.account.id, f"{here.handle.slug}[bot]", is_bot=True)
    client.edit_comment(comment_id, "no leak")
    assert [each.body for each in pull.comments] == ["no leak"]
    stranger = pull.comment("alice", "hm")
    assert client.issue_comment(stranger.id).app_id is None
    stranger.delete("alice")
    with pytest.raises(NotFound):
        client.issue_comment(stranger.id)


def test_a_review_is_all_or_nothing(client: RepositoryClient, pull: PullHandle) -> None:
    with pytest.raises(Unprocessable):
        client.create_review(pull.number, pull.head_sha, [inline(1), inline(99)])
    assert pull.threads == []
    client.create_review(pull.number, pull.head_sha, [inline(1, "first"), inline(1, "second")])
    assert [thread.line for thread in pull.threads] == [1, 1]
    client.create_file_comment(pull.number, pull.head_sha, "src/poll.ts", "third")
    assert [comment.body for comment in client.review_comments(pull.number)] == ["first", "second", "third"]


def test_threads_of_ours(here: Place, client: RepositoryClient, pull: PullHandle) -> None:
    client.create_review(pull.number, pull.head_sha, [inline(1)])
    comment_id = pull.threads[0].comments[0].id
    pull.review_comment("alice", "src/poll.ts", 1, "a leak")
    (thread,) = client.review_threads(pull.number)
    assert (thread.comment_id, thread.path, thread.line, thread.body) == (comment_id, "src/poll.ts", 1, "a leak")
    assert (thread.is_resolved, thread.is_outdated, thread.is_answered) == (False, False, False)
    client.reply_in_thread(pull.number, comment_id, "explained")
    (thread,) = client.review_threads(pull.number)
    assert not thread.is_answered
    pull.reply("alice", pull.threads[0], "thanks")
    client.edit_review_comment(comment_id, "no leak any more")
    client.resolve_thread(thread.node_id)
    (thread,) = client.review_threads(pull.number)
    assert (thread.is_answered, thread.is_resolved, thread.body) == (True, True, "no leak any more")
    replies = [comment.in_reply_to for comment in client.review_comments(pull.number)]
    assert replies.count(comment_id) == 2
    assert here.github.violations == []


def test_a_user_called_like_us_is_not_us(client: RepositoryClient, here: Place, pull: PullHandle) -> None:
    pull.review_comment(here.handle.slug, "src/poll.ts", 1, "a leak")
    assert [*client.review_threads(pull.number)] == []


def test_resolving_may_be_forbidden(here: Place, pull: PullHandle) -> None:
    with here.client({"pull_requests": "write"}) as client:
        client.create_review(pull.number, pull.head_sha, [inline(1)])
        (thread,) = client.review_threads(pull.number)
        with pytest.raises(Forbidden, match="resolve a thread"):
            client.resolve_thread(thread.node_id)


def test_more_threads_than_a_page_holds(here: Place, client: RepositoryClient, pull: PullHandle) -> None:
    client.create_review(pull.number, pull.head_sha, [inline(1, "first")])
    for _ in range(120):
        pull.review_comment("alice", "src/poll.ts", 1, "hm")
    client.create_review(pull.number, pull.head_sha, [inline(1, "last")])
    assert [thread.body for thread in client.review_threads(pull.number)] == ["first", "last"]
    assert here.github.count("POST", "/graphql") == 2


def test_a_check_from_start_to_end(here: Place, client: RepositoryClient, pull: PullHandle) -> None:
    check_id = client.create_check("stanch", pull.head_sha, "key-1")
    (state,) = client.check_runs(pull.head_sha, "stanch")
    assert (state.id, state.status, state.external_id, state.app_id) == (
        check_id,
        "in_progress",
        "key-1",
        here.handle.id,
    )
    client.update_check(check_id, finished(), "key-2")
    client.create_check("other", pull.head_sha, "key-3", finished(1))
    (state,) = client.check_runs(pull.head_sha, "stanch")
    assert (state.status, state.conclusion, state.external_id) == ("completed", "neutral", "key-2")
    assert (state.title, state.summary, state.annotations) == ("1 leak introduced", "one leak", 0)
    assert {state.name: state.annotations for state in client.check_runs(pull.head_sha)} == {"stanch": 0, "other": 1}
    assert [action["identifier"] for action in here.repository.check_runs(pull.head_sha)[0].actions] == ["rescan"]


@pytest.mark.parametrize("started", [True, False])
def test_annotations_go_in_batches(here: Place, client: RepositoryClient, pull: PullHandle, started: bool) -> None:
    for number in (1, 50, 51, 100, 120):
        name = f"stanch {number}"
        if started:
            client.update_check(client.create_check(name, pull.head_sha, "key"), finished(number))
        else:
            client.create_check(name, pull.head_sha, "key", finished(number))
        (run,) = here.repository.check_runs(pull.head_sha, name)
        assert (run.status, run.conclusion) == ("completed", "neutral")
        assert [annotation["message"] for annotation in run.annotations] == [f"leak {n}" for n in range(number)]


def test_reactions(client: RepositoryClient, pull: PullHandle) -> None:
    command = pull.comment("alice", "/perf-scan")
    review_comment = pull.review_comment("alice", "src/poll.ts", 1, "/perf-scan explain x")
    for reaction in (Reaction.EYES, Reaction.EYES, Reaction.ROCKET):
        client.react(Subject.ISSUE_COMMENT, command.id, reaction)
    client.react(Subject.REVIEW_COMMENT, review_comment.id, Reaction.CONFUSED)
    assert [reaction.content for reaction in command.reactions] == ["eyes", "rocket"]
    assert [reaction.content for reaction in review_comment.reactions] == ["confused"]


ROLES = [
    ("none", None, Access.READ),  # the repository is public
    ("read", None, Access.READ),
    ("triage", None, Access.TRIAGE),
    ("write", None, Access.WRITE),
    ("maintain", None, Access.WRITE),
    ("admin", None, Access.ADMIN),
    ("triage", "helper", Access.TRIAGE),
    ("write", "security", Access.WRITE),
    ("read", "triage-lookalike", Access.READ),
]


def test_what_somebody_may_do(here: Place, client: RepositoryClient) -> None:
    for number, (role, custom, _) in enumerate(ROLES):
        here.repository.set_role(f"person-{number}", role, custom=custom)
    assert [client.access(f"person-{number}") for number in range(len(ROLES))] == [expected for *_, expected in ROLES]


def test_who_is_not_known_may_do_nothing(here: Place, client: RepositoryClient) -> None:
    here.repository.set_role("alice", "admin")
    for login in ("nobody-at-all", "..", "", "a/b", "alice\n", "ALICE%2f"):
        assert client.access(login) is Access.NONE
    assert client.access("alice", account_id=10**6) is Access.NONE
    private = here.github.create_repository("octo/secret", private=True)
    here.installation.add(private)
    with here.app.repository(here.installation.ref(private), {"metadata": "read"}, Priority.PERSON) as other:
        assert other.access("alice") is Access.NONE


def test_a_report_for_code_scanning(here: Place, client: RepositoryClient) -> None:
    sarif = json.dumps({"version": "2.1.0", "runs": []}).encode()
    assert client.upload_sarif(here.repository.head(), "refs/heads/main", sarif)
    (request,) = [each for each in here.github.requests if each.path.endswith("/sarifs")]
    assert isinstance(request.body, dict)
    assert gzip.decompress(base64.b64decode(request.body["sarif"])) == sarif
    assert len(here.repository.sarif_uploads) == 1


def test_a_renamed_repository_goes_on_under_its_old_name(here: Place, pull: PullHandle) -> None:
    ref = here.ref
    here.repository.rename("renamed")
    with here.app.repository(ref, PERMISSIONS, Priority.PERSON) as client:
        assert client.pull_request(pull.number).number == pull.number
        client.create_comment(pull.number, "hello")
        assert [comment.body for comment in client.issue_comments(pull.number)] == ["hello"]


def test_the_token_does_nothing_elsewhere_and_ends_with_the_job(here: Place, pull: PullHandle) -> None:
    other = here.github.create_repository("octo/other", private=True)
    here.installation.add(other)
    with here.client() as client:
        token = client.token()
        assert token.startswith("ghs_")
        assert client.pull_request(pull.number)
    assert here.github.count("DELETE", "/installation/token", status=204) == 1
    with here.client() as client, pytest.raises(NotFound):
        client._path = "/repos/octo/other"  # a mistake of ours, which the token must not serve
        client.default_branch()


@pytest.mark.parametrize("stateless", [True, False])
@pytest.mark.parametrize("enterprise", [True, False])
def test_both_kinds_of_github_and_of_tokens(tmp_path: Path, enterprise: bool, stateless: bool) -> None:
    with place(tmp_path / "github", enterprise=enterprise, stateless_tokens=stateless) as here:
        pull = here.repository.open_pull_request("alice", "feature", files={"src/poll.ts": CODE})
        for number in range(101):
            pull.comment("alice", str(number))
        with here.client() as client:
            assert len(client.token()) > (200 if stateless else 39)
            assert len([*client.issue_comments(pull.number)]) == 101
            assert [*client.review_threads(pull.number)] == []
            assert client.clone_url() == here.repository.clone_url


def test_a_long_job_gets_a_fresh_token(here: Place, client: RepositoryClient, pull: PullHandle) -> None:
    first = client.token()
    client.pull_request(pull.number)
    here.github.advance(3590)
    client.create_comment(pull.number, "late")
    assert client.token() != first
