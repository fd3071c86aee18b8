"""GitHub's limits and rules, each once."""

from __future__ import annotations

import base64
import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.github import FakeGitHub
from tests.github.conftest import POLL, Site

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

REPO = "/repos/octo/app"
RUN: dict[str, Any] = {"name": "stanch", "status": "completed", "conclusion": "neutral"}
ANNOTATION = {"path": "a", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "m"}


def refused(site: Site, answer: httpx.Response) -> str:
    """Why the fake took a request for one that no client should send; it is forgotten."""
    assert answer.status_code == 422
    violations = site.github.violations
    text = "\n".join(violations)
    violations.clear()
    return text


def test_a_body_has_at_most_65536_characters(site: Site, client: httpx.Client) -> None:
    site.pull()
    assert client.post(f"{REPO}/issues/1/comments", json={"body": "ö" * 65_536}).status_code == 201
    answer = client.post(f"{REPO}/issues/1/comments", json={"body": "ö" * 65_537})
    assert answer.status_code == 422
    assert "is too long (maximum is 65536 characters)" in answer.json()["errors"][0]["message"]
    comment = site.repository.pull(1).comments[0]
    assert client.patch(f"{REPO}/issues/comments/{comment.id}", json={"body": "x" * 65_537}).status_code == 422


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"output": {"title": "t", "summary": "s", "annotations": [ANNOTATION] * 51}}, "annotations"),
        ({"actions": [{"label": "a", "description": "b", "identifier": str(n)} for n in range(4)]}, "actions"),
        ({"actions": [{"label": "a" * 21, "description": "b", "identifier": "c"}]}, "label"),
        ({"actions": [{"label": "a", "description": "b" * 41, "identifier": "c"}]}, "description"),
        ({"actions": [{"label": "a", "description": "b", "identifier": "c" * 21}]}, "identifier"),
        ({"output": {"title": "t", "summary": "s" * 65_536}}, "summary"),
        ({"conclusion": "fine"}, "conclusion"),
        ({"name": None}, "name"),
    ],
)
def test_a_check_run_that_no_client_should_send(
    site: Site, client: httpx.Client, change: dict[str, Any], fault: str
) -> None:
    answer = client.post(f"{REPO}/check-runs", json={**RUN, "head_sha": site.repository.head(), **change})
    assert fault in refused(site, answer)
    assert site.repository.check_runs(site.repository.head()) == []


@pytest.mark.parametrize(
    "change",
    [
        {"conclusion": None, "status": "completed"},
        {"output": {"title": "t", "summary": "s", "annotations": [{**ANNOTATION, "end_line": 2, "end_column": 1}]}},
        {"output": {"title": "t", "summary": "s", "annotations": [{**ANNOTATION, "start_line": 2}]}},
        {"head_sha": "0" * 40},
    ],
    ids=["no conclusion", "columns over two lines", "ends before it starts", "no such commit"],
)
def test_a_check_run_that_does_not_fit_together(site: Site, client: httpx.Client, change: dict[str, Any]) -> None:
    body = {**RUN, "head_sha": site.repository.head(), **change}
    body = {name: value for name, value in body.items() if value is not None}
    assert client.post(f"{REPO}/check-runs", json=body).status_code == 422


def test_annotations_of_updates_are_added(site: Site, client: httpx.Client) -> None:
    output = {"title": "t", "summary": "s", "annotations": [ANNOTATION] * 50}
    made = client.post(f"{REPO}/check-runs", json={**RUN, "head_sha": site.repository.head(), "output": output})
    url = f"{REPO}/check-runs/{made.json()['id']}"
    assert client.patch(url, json={"output": output}).json()["output"]["annotations_count"] == 100
    first = client.get(f"{url}/annotations", params={"per_page": 100})
    assert len(first.json()) == 100


def test_only_the_app_that_made_a_check_changes_it(site: Site, client: httpx.Client) -> None:
    other = site.github.register_app({"checks": "write"}, slug="other").install(site.repository)
    made = client.post(f"{REPO}/check-runs", json={**RUN, "head_sha": site.repository.head()}).json()
    with site.client(other.token()) as theirs:
        assert theirs.patch(f"{REPO}/check-runs/{made['id']}", json={"name": "x"}).status_code == 403


@pytest.mark.parametrize(
    ("comment", "stands"),
    [
        ({"path": "poll.ts", "line": 20}, True),
        ({"path": "poll.ts", "line": 24}, True),
        ({"path": "poll.ts", "line": 25}, False),
        ({"path": "poll.ts", "line": 20, "side": "LEFT"}, True),
        ({"path": "poll.ts", "line": 21, "start_line": 20}, True),
        ({"path": "poll.ts", "line": 20, "start_line": 20}, False),
        ({"path": "poll.ts", "line": 20, "start_line": 1}, False),
        ({"path": "new.py", "line": 1}, True),
        ({"path": "new.py", "line": 2}, False),
        ({"path": "README.md", "line": 1}, False),
    ],
)
def test_a_review_comment_stands_on_a_line_of_a_hunk(
    site: Site, client: httpx.Client, comment: dict[str, Any], stands: bool
) -> None:
    pull = site.pull()
    comments = [{"path": "new.py", "line": 1, "body": "good"}, {**comment, "body": "perhaps"}]
    answer = client.post(f"{REPO}/pulls/1/reviews", json={"event": "COMMENT", "comments": comments})
    if stands:
        assert answer.status_code == 200
        assert [thread.comments[0].body for thread in pull.threads] == ["good", "perhaps"]
    else:
        # All or nothing, and no word about which.
        assert answer.status_code == 422
        assert answer.json()["errors"] == ["Line could not be resolved"]
        assert pull.threads == []
        assert pull.reviews == []


def test_a_comment_on_a_whole_file(site: Site, client: httpx.Client) -> None:
    pull = site.pull()
    body = {"path": "poll.ts", "subject_type": "file", "body": "hm", "commit_id": pull.head_sha}
    answer = client.post(f"{REPO}/pulls/1/comments", json=body)
    assert answer.status_code == 201
    assert answer.json()["subject_type"] == "file"
    assert answer.json()["line"] is None


def test_a_single_comment_names_what_is_wrong(site: Site, client: httpx.Client) -> None:
    pull = site.pull()
    body = {"path": "poll.ts", "line": 40, "body": "hm", "commit_id": pull.head_sha}
    answer = client.post(f"{REPO}/pulls/1/comments", json=body)
    assert answer.status_code == 422
    assert "must be part of the diff" in answer.json()["errors"][0]["message"]


def test_one_reaction_of_a_kind(site: Site, client: httpx.Client) -> None:
    comment = site.pull().comment("alice", "hello")
    url = f"{REPO}/issues/comments/{comment.id}/reactions"
    assert [client.post(url, json={"content": "eyes"}).status_code for _ in range(2)] == [201, 200]
    assert [reaction.content for reaction in comment.reactions] == ["eyes"]
    made = client.get(url).json()[0]["id"]
    assert client.delete(f"{url}/{made}").status_code == 204
    assert comment.reactions == []


def test_lists_come_in_pages(site: Site, client: httpx.Client) -> None:
    pull = site.pull()
    for number in range(105):
        pull.comment("alice", str(number))
    url = f"{REPO}/issues/1/comments"
    assert len(client.get(url).json()) == 30
    first = client.get(url, params={"per_page": 100})
    assert len(first.json()) == 100
    assert first.links["next"]["url"] == first.links["last"]["url"]
    second = client.get(first.links["next"]["url"])
    assert [comment["body"] for comment in second.json()] == ["100", "101", "102", "103", "104"]
    assert "next" not in second.links


def test_what_has_not_changed_is_304_and_free(site: Site, client: httpx.Client) -> None:
    first = client.get(REPO)
    before = client.get(f"{REPO}/branches").headers["X-RateLimit-Remaining"]
    again = client.get(REPO, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.content == b""
    after = client.get(f"{REPO}/branches").headers["X-RateLimit-Remaining"]
    assert int(before) - int(after) == 1
    site.repository.push({"a": "b"})
    assert client.get(f"{REPO}/branches", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_a_renamed_repository_redirects(site: Site, client: httpx.Client) -> None:
    site.pull()
    site.repository.rename("application")
    answer = client.get(f"{REPO}/pulls/1", params={"per_page": 1} | {})
    assert answer.status_code == 301
    assert answer.headers["Location"] == f"{site.github.api_url}/repositories/{site.repository.id}/pulls/1?per_page=1"
    followed = client.get(f"{REPO}/issues/1/comments", follow_redirects=True)
    assert followed.status_code == 200
    assert client.post(f"{REPO}/issues/1/comments", json={"body": "x"}).status_code == 307
    assert client.get("/repos/octo/application").json()["id"] == site.repository.id


def test_an_archived_repository_is_only_read(site: Site, client: httpx.Client) -> None:
    site.pull()
    site.repository.archive()
    assert client.get(f"{REPO}/pulls/1").status_code == 200
    answer = client.post(f"{REPO}/issues/1/comments", json={"body": "x"})
    assert answer.status_code == 403
    assert "archived" in answer.json()["message"]


def test_a_deleted_repository_is_gone(site: Site, client: httpx.Client) -> None:
    site.repository.delete()
    assert client.get(REPO).status_code == 404


def test_a_request_without_an_api_version_is_noted(site: Site, client: httpx.Client) -> None:
    del client.headers["X-GitHub-Api-Version"]
    assert client.get(REPO).status_code == 200
    assert site.github.violations == ["GET /repos/octo/app: no X-GitHub-Api-Version header"]
    site.github.violations.clear()
    assert client.get(REPO, headers={"X-GitHub-Api-Version": "2000-01-01"}).status_code == 400
    site.github.violations.clear()


def test_an_operation_that_is_not_known_is_noted(site: Site, client: httpx.Client) -> None:
    assert client.get(f"{REPO}/nonsense").status_code == 404
    assert client.delete(f"{REPO}/issues/1").status_code == 405
    assert len(site.github.violations) == 2
    site.github.violations.clear()


def test_leaving_with_violations_raises(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="no such thing"), FakeGitHub(tmp_path) as github:
        github.violations.append("no such thing")


def test_the_failure_of_a_test_is_not_hidden_by_violations(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="mine") as raised, FakeGitHub(tmp_path) as github:
        github.violations.append("no such thing")
        raise ValueError("mine")
    assert "no such thing" in raised.value.__notes__[0]


def test_sarif_is_packed(site: Site, client: httpx.Client) -> None:
    head = site.repository.head()
    sarif = {"version": "2.1.0", "runs": []}
    packed = base64.b64encode(gzip.compress(json.dumps(sarif).encode())).decode()
    body = {"commit_sha": head, "ref": "refs/heads/main", "sarif": packed}
    answer = client.post(f"{REPO}/code-scanning/sarifs", json=body)
    assert answer.status_code == 202
    assert site.repository.sarif_uploads[0].sarif == sarif
    status = client.get(f"{REPO}/code-scanning/sarifs/{answer.json()['id']}")
    assert status.json()["processing_status"] == "complete"
    plain = base64.b64encode(b"{}").decode()
    assert client.post(f"{REPO}/code-scanning/sarifs", json={**body, "sarif": plain}).status_code == 400


@pytest.mark.parametrize(
    ("role", "custom", "expected"),
    [
        ("none", None, ("read", "read", False, False)),
        ("triage", None, ("read", "triage", True, False)),
        ("read", "watcher", ("read", "watcher", False, False)),
        ("triage", "helper", ("read", "helper", True, False)),
        ("write", None, ("write", "write", True, True)),
        ("maintain", None, ("write", "maintain", True, True)),
        ("admin", None, ("admin", "admin", True, True)),
    ],
)
def test_the_permission_endpoint(
    site: Site, client: httpx.Client, role: str, custom: str | None, expected: tuple[str, str, bool, bool]
) -> None:
    site.repository.set_role("carol", role, custom=custom)
    answer = client.get(f"{REPO}/collaborators/carol/permission").json()
    can = answer["user"]["permissions"]
    assert (answer["permission"], answer["role_name"], can["triage"], can["push"]) == expected


def test_nobody_reads_a_private_repository_without_a_role(site: Site, client: httpx.Client) -> None:
    site.repository.make_private()
    site.repository.set_role("carol", "none")
    assert client.get(f"{REPO}/collaborators/carol/permission").json()["permission"] == "none"
    assert client.get(f"{REPO}/collaborators/nobody-at-all/permission").status_code == 404


def test_a_member_who_hides_it_is_called_a_contributor(site: Site, client: httpx.Client) -> None:
    site.github.organization("octo", {"dora": False, "emil": True})
    pull = site.pull()
    for login in ("dora", "emil", "frank", "octo"):
        pull.comment(login, "hello")
    shown = client.get(f"{REPO}/issues/1/comments").json()
    assert [one["author_association"] for one in shown] == ["CONTRIBUTOR", "MEMBER", "NONE", "OWNER"]


def test_a_diff_of_too_many_files_is_refused(site: Site, client: httpx.Client) -> None:
    files = {f"src/{number}.ts": "x\n" for number in range(301)}
    site.repository.open_pull_request("alice", "many", files=files)
    assert client.get(f"{REPO}/pulls/1", headers={"Accept": "application/vnd.github.diff"}).status_code == 406
    assert client.get(f"{REPO}/pulls/1").json()["changed_files"] == 301
    assert len(client.get(f"{REPO}/compare/main...many").json()["files"]) == 300
    page = client.get(f"{REPO}/pulls/1/files", params={"per_page": 100, "page": 4})
    assert len(page.json()) == 1


def test_past_20000_lines_in_an_answer_patches_are_missing(site: Site, client: httpx.Client) -> None:
    files = {f"{number}.txt": f"{number}\n" * 8000 for number in range(4)}
    site.repository.open_pull_request("alice", "long", files=files)
    shown = client.get(f"{REPO}/pulls/1/files").json()
    assert [("patch" in one, one["changes"]) for one in shown] == [(True, 8000), (True, 8000), (False, 0), (False, 0)]
    alone = client.get(f"{REPO}/pulls/1/files", params={"per_page": 1, "page": 3}).json()
    assert "patch" in alone[0]


def test_files_of_every_kind(site: Site, client: httpx.Client) -> None:
    site.repository.push({"old.ts": POLL, "gone.txt": "x\n", "bin": b"\0\1"})
    changes: Any = {
        "old.ts": None,
        "moved.ts": POLL + "more\n",
        "gone.txt": None,
        "bin": b"\0\2",
        'we"ird\nname.txt': "x",
        "link": ("link", "/etc/passwd"),
        "run": ("executable", "#!/bin/sh\n"),
    }
    pull = site.repository.open_pull_request("alice", "kinds", files=changes)
    shown = {one["filename"]: one for one in client.get(f"{REPO}/pulls/1/files").json()}
    assert {path: one["status"] for path, one in shown.items()} == {
        "bin": "modified",
        "gone.txt": "removed",
        "link": "added",
        "moved.ts": "renamed",
        "run": "added",
        'we"ird\nname.txt': "added",
    }
    assert "patch" not in shown["bin"]
    assert shown["moved.ts"]["previous_filename"] == "old.ts"
    assert shown['we"ird\nname.txt']["patch"] == "@@ -0,0 +1 @@\n+x\n\\ No newline at end of file"
    assert pull.files[0].mode == "100644"
