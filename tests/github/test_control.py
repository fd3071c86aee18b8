"""What tests do on the fake: pull requests through their life, issues, several clients at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.github import FakeGitHub
from tests.github.answers import Refusal
from tests.github.conftest import POLL, Site

if TYPE_CHECKING:
    import httpx

REPO = "/repos/octo/app"


def test_a_pull_request_lives(site: Site, client: httpx.Client) -> None:
    pull = site.pull(draft=True, title="Poll less")
    shown = client.get(f"{REPO}/pulls/1").json()
    assert (shown["title"], shown["draft"], shown["state"], shown["user"]["login"]) == (
        "Poll less",
        True,
        "open",
        "alice",
    )
    first = pull.head_sha
    pull.push({"new.py": "y = 2\n"})
    assert site.repository.git("rev-parse", "feature^") == first
    pull.force_push({"new.py": "z = 3\n"})
    assert site.repository.git("rev-parse", "feature^") == site.repository.head()
    assert [change.path for change in pull.files] == ["new.py"]
    site.repository.push({"poll.ts": POLL + "last\n"})
    pull.rebase()
    assert site.repository.git("rev-parse", "feature^") == site.repository.head()
    assert [change.path for change in pull.files] == ["new.py"]
    pull.mark_ready()
    pull.close("bob")
    assert client.get(f"{REPO}/issues/1").json()["closed_by"]["login"] == "bob"
    assert client.get(f"{REPO}/pulls").json() == []
    pull.reopen()
    merged = pull.merge("bob", method="squash")
    assert (pull.is_merged, pull.state, site.repository.head()) == (True, "closed", merged)
    assert site.repository.git("show", "main:new.py") == "z = 3"
    assert client.get(f"{REPO}/pulls/1").json()["merged_by"]["login"] == "bob"


def test_names_of_branches_change(site: Site, client: httpx.Client) -> None:
    pull = site.pull()
    pull.rename_head("better")
    site.repository.rename_branch("main", "trunk")
    shown = client.get(f"{REPO}/pulls/1").json()
    assert (shown["head"]["ref"], shown["base"]["ref"], shown["state"]) == ("better", "trunk", "open")
    assert client.get(REPO).json()["default_branch"] == "trunk"
    pull.push({"a": "b"})
    assert pull.head_sha == site.repository.head("better")


def test_a_closed_pull_request_and_its_branch(site: Site) -> None:
    pull = site.pull()
    pull.close()
    later = site.repository.push({"a": "b"}, "feature")
    assert pull.head_sha != later
    pull.reopen()
    assert pull.head_sha == later == site.repository.git("rev-parse", "refs/pull/1/head")
    pull.close()
    site.repository.push({"a": "c"}, "feature", onto=site.repository.head())
    with pytest.raises(Refusal):
        pull.reopen()


def test_conflicts(site: Site, client: httpx.Client) -> None:
    pull = site.pull()
    site.repository.push({"poll.ts": "something else\n"})
    pull.pull.is_mergeability_unknown = True
    assert client.get(f"{REPO}/pulls/1").json()["mergeable"] is None
    pull.pull.is_mergeability_unknown = False
    shown = client.get(f"{REPO}/pulls/1").json()
    assert (shown["mergeable"], shown["mergeable_state"]) == (False, "dirty")
    with pytest.raises(Refusal):
        pull.merge()


def test_the_base_is_where_it_was_at_the_last_push(site: Site, client: httpx.Client) -> None:
    pull = site.pull()
    before = site.repository.head()
    after = site.repository.push({"other": "x\n"})
    assert client.get(f"{REPO}/pulls/1").json()["base"]["sha"] == before
    compared = client.get(f"{REPO}/compare/main...{pull.head_sha}").json()
    assert (compared["merge_base_commit"]["sha"], compared["status"]) == (before, "diverged")
    assert [one["filename"] for one in compared["files"]] == ["new.py", "poll.ts"]
    pull.push({"new.py": "\n"})
    assert client.get(f"{REPO}/pulls/1").json()["base"]["sha"] == after


def test_a_pull_request_of_3000_files(site: Site, client: httpx.Client) -> None:
    site.repository.open_pull_request("alice", "huge", files={f"{n}.txt": "x\n" for n in range(3001)})
    last = client.get(f"{REPO}/pulls/1/files", params={"per_page": 100, "page": 30})
    assert (len(last.json()), "next" in last.links) == (100, False)
    assert client.get(f"{REPO}/pulls/1").json()["changed_files"] == 3001


@pytest.mark.parametrize("case", ["no branch", "no base", "nothing new", "twice"])
def test_a_pull_request_that_cannot_be(site: Site, client: httpx.Client, case: str) -> None:
    site.repository.create_branch("same")
    site.pull()
    body = {"title": "x", "head": "feature", "base": "main"}
    body |= {"no branch": {"head": "nothing"}, "no base": {"base": "nothing"}, "nothing new": {"head": "same"}}.get(
        case, {}
    )
    assert client.post(f"{REPO}/pulls", json=body).status_code == 422


def test_boxes_of_an_issue(site: Site, client: httpx.Client) -> None:
    issue = site.repository.open_issue("alice", "Leaks", "- [ ] one")
    issue.edit("bob", body="- [x] one")
    site.github.settle()
    edited = site.github.deliveries[-1].payload
    assert (edited["action"], edited["changes"]["body"]["from"]) == ("edited", "- [ ] one")
    assert edited["sender"]["login"] == "bob"
    answer = client.patch(f"{REPO}/issues/1", json={"state": "closed", "state_reason": "not_planned"})
    assert answer.json()["state_reason"] == "not_planned"
    assert issue.state == "closed"
    assert client.get(f"{REPO}/issues/1/comments").json() == []


def test_a_locked_conversation(site: Site, client: httpx.Client) -> None:
    pull = site.pull()
    pull.lock()
    assert client.post(f"{REPO}/issues/1/comments", json={"body": "x"}).status_code == 403


def test_several_clients_at_once(site: Site) -> None:
    site.pull()

    def work(number: int) -> int:
        with site.client() as client:
            made = client.post(f"{REPO}/issues/1/comments", json={"body": str(number)})
            client.post(f"{REPO}/issues/comments/{made.json()['id']}/reactions", json={"content": "eyes"})
            return client.get(f"{REPO}/pulls/1").status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(work, range(40))) == {200}
    comments = site.repository.pull(1).comments
    assert sorted(int(comment.body) for comment in comments) == list(range(40))
    assert all(len(comment.reactions) == 1 for comment in comments)
    assert len({comment.id for comment in comments}) == 40


def test_two_fakes_are_apart(site: Site, tmp_path_factory: pytest.TempPathFactory) -> None:
    with FakeGitHub(tmp_path_factory.mktemp("other")) as other, site.client() as client:
        assert other.api_url != site.github.api_url
        assert client.get(f"{other.api_url}{REPO}").status_code == 401
        assert len(site.github.requests) == 0
