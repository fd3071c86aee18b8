"""Webhooks: signed, only those that were subscribed to, logged, delivered again on request."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from tests.github import FakeGitHub, Fault
from tests.github.conftest import EVENTS, PERMISSIONS, POLL, Heard, Site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def heard(site: Site) -> list[tuple[str, str | None]]:
    """The events and actions that arrived, in order."""
    site.github.settle()
    found = []
    for headers, body in site.heard.events:
        found.append((headers["X-GitHub-Event"], json.loads(body).get("action")))
    site.heard.events.clear()
    return found


def test_a_delivery_is_signed_and_named(site: Site) -> None:
    site.pull()
    site.github.settle()
    headers, body = site.heard.events[-1]
    expected = hmac.new(b"secret", body, hashlib.sha256).hexdigest()
    assert headers["X-Hub-Signature-256"] == f"sha256={expected}"
    assert headers["User-Agent"].startswith("GitHub-Hookshot/")
    assert headers["X-GitHub-Hook-Installation-Target-ID"] == str(site.app.id)
    assert UUID(headers["X-GitHub-Delivery"]).version == 4
    payload = json.loads(body)
    assert headers["X-GitHub-Event"] == "pull_request"
    assert payload["action"] == "opened"
    assert payload["installation"]["id"] == site.installation.id
    assert payload["repository"]["full_name"] == "octo/app"
    assert payload["organization"]["login"] == "octo"
    assert payload["sender"]["login"] == "alice"
    assert payload["pull_request"]["head"]["sha"] == site.repository.pull(1).head_sha


def test_installing_and_opening(site: Site) -> None:
    site.pull()
    assert heard(site) == [
        ("installation", "created"),
        ("push", None),
        ("check_suite", "requested"),
        ("pull_request", "opened"),
    ]


@pytest.mark.parametrize(
    ("step", "events"),
    [
        ("push", [("push", None), ("check_suite", "requested"), ("pull_request", "synchronize")]),
        ("force_push", [("push", None), ("check_suite", "requested"), ("pull_request", "synchronize")]),
        ("rebase", [("push", None), ("check_suite", "requested"), ("pull_request", "synchronize")]),
        ("close", [("pull_request", "closed")]),
        ("draft", [("pull_request", "converted_to_draft"), ("pull_request", "ready_for_review")]),
        ("retarget", [("pull_request", "edited")]),
        ("rename the branch", []),
        ("title", [("pull_request", "edited")]),
        ("comment", [("issue_comment", "created"), ("issue_comment", "edited"), ("issue_comment", "deleted")]),
        ("thread", [("pull_request_review_comment", "created"), ("pull_request_review", "submitted")]),
        ("tick", [("issues", "opened"), ("issues", "edited")]),
        ("rename", [("repository", "renamed")]),
        ("archive", [("repository", "archived")]),
        ("delete the branch", [("push", None), ("pull_request", "closed")]),
    ],
)
def test_what_people_do_is_told(site: Site, step: str, events: list[tuple[str, str | None]]) -> None:
    pull = site.pull()
    if step == "rebase":
        site.repository.push({"other.txt": "x\n"})
    site.repository.create_branch("release")
    heard(site)
    match step:
        case "push":
            pull.push({"new.py": "y\n"})
        case "force_push":
            pull.force_push({"new.py": "y\n"})
        case "rebase":
            pull.rebase()
        case "close":
            pull.close()
        case "draft":
            pull.convert_to_draft()
            pull.mark_ready()
        case "retarget":
            pull.retarget("release")
        case "rename the branch":
            pull.rename_head("other")
        case "title":
            pull.edit(title="Better")
        case "comment":
            comment = pull.comment("bob", "x")
            comment.edit("bob", "y")
            comment.delete("bob")
        case "thread":
            pull.review_comment("bob", "new.py", 1, "why?")
        case "tick":
            site.repository.open_issue("eve", "List", "- [ ] one").edit("eve", body="- [x] one")
        case "rename":
            site.repository.rename("application")
        case "archive":
            site.repository.archive()
        case "delete the branch":
            site.repository.delete_branch("feature")
    assert heard(site) == events


def test_the_bots_own_comments_are_told_too(site: Site) -> None:
    site.pull()
    heard(site)
    with site.client() as client:
        client.post("/repos/octo/app/issues/1/comments", json={"body": "x"})
    assert heard(site) == [("issue_comment", "created")]
    assert site.github.deliveries[-1].payload["sender"]["type"] == "Bot"
    assert site.github.deliveries[-1].payload["comment"]["performed_via_github_app"]["id"] == site.app.id


def test_a_check_is_told_to_its_app(site: Site) -> None:
    pull = site.pull()
    other = site.github.register_app({"checks": "write"}, slug="other")
    others = Heard()
    other.app.receiver = others.receive
    other.install(site.repository)
    heard(site)
    button = {"label": "Again", "description": "Scan again", "identifier": "rescan"}
    body = {"name": "stanch", "head_sha": pull.head_sha, "status": "in_progress", "actions": [button]}
    with site.client() as client:
        made = client.post("/repos/octo/app/check-runs", json=body).json()
        run = site.repository.check_runs(pull.head_sha)[0]
        with pytest.raises(ValueError, match="no button"):
            site.repository.press_button(run, "rescan", "bob")
        client.patch(f"/repos/octo/app/check-runs/{made['id']}", json={"conclusion": "neutral"})
    site.repository.press_button(run, "rescan", "bob")
    site.repository.rerequest_check(run, "bob")
    site.repository.rerequest_suite(run.suite, "bob")
    assert heard(site) == [
        ("check_run", "created"),
        ("check_run", "completed"),
        ("check_suite", "completed"),
        ("check_run", "requested_action"),
        ("check_run", "rerequested"),
        ("check_suite", "rerequested"),
    ]
    pressed = next(one for one in site.github.deliveries if one.action == "requested_action").payload
    assert pressed["requested_action"] == {"identifier": "rescan"}
    assert pressed["sender"]["login"] == "bob"
    assert [headers["X-GitHub-Event"] for headers, _ in others.events] == ["installation"]


def test_only_what_was_subscribed_to_is_told(github: FakeGitHub) -> None:
    app = github.register_app({"pull_requests": "write"}, ["pull_request"])
    told = Heard()
    app.app.receiver = told.receive
    repository = github.create_repository("octo/app")
    app.install(repository)
    repository.open_pull_request("alice", "feature", files={"a": "b"}).comment("alice", "x")
    github.create_repository("octo/unwatched").open_pull_request("alice", "feature", files={"a": "b"})
    github.settle()
    assert [headers["X-GitHub-Event"] for headers, _ in told.events] == ["installation", "pull_request"]


def test_a_merge_queue_branch_asks_for_checks(site: Site) -> None:
    pull = site.pull()
    heard(site)
    branch, sha = site.repository.merge_queue(pull)
    assert heard(site) == [("push", None), ("check_suite", "requested")]
    suite = site.github.deliveries[-1].payload["check_suite"]
    assert (suite["head_branch"], suite["head_sha"]) == (branch, sha)
    assert branch.startswith("gh-readonly-queue/main/pr-1-")


def test_a_fork_is_not_named_in_the_check_of_its_head(site: Site) -> None:
    pull = site.pull(fork=True)
    body = {"name": "stanch", "head_sha": pull.head_sha}
    with site.client() as client:
        assert client.post("/repos/octo/app/check-runs", json=body).json()["pull_requests"] == []
        assert client.get("/repos/octo/app/pulls/1").json()["head"]["repo"]["fork"] is True
        site.repository.fork("alice").delete()
        assert client.get("/repos/octo/app/pulls/1").json()["head"]["repo"] is None


class _Hook(BaseHTTPRequestHandler):
    """A webhook over HTTP; what it answers is set by the test."""

    answers: dict[str, tuple[int, dict[str, str]]]
    seen: list[tuple[str, str]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append((self.path, self.headers["X-GitHub-Delivery"]))
        assert json.loads(body)
        status, headers = self.answers.get(self.path, (202, {}))
        self.send_response(status)
        for name, value in {**headers, "Content-Length": "0"}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def hook() -> Iterator[tuple[str, type[_Hook]]]:
    handler = type("Hook", (_Hook,), {"answers": {}, "seen": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", handler
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_failed_delivery_is_found_and_sent_again(site: Site, hook: tuple[str, type[_Hook]]) -> None:
    url, handler = hook
    site.app.app.receiver = None
    site.app.webhook_url = f"{url}/webhook?x=1"
    handler.answers["/webhook?x=1"] = (503, {})
    pull = site.pull()
    site.github.settle()
    failed = len(handler.seen)
    handler.answers.clear()
    pull.comment("alice", "x")
    site.github.settle()
    with site.app_client() as client:
        listed = client.get("/app/hook/deliveries", params={"status": "failure"}).json()
        assert Counter(one["event"] for one in listed) == {"push": 1, "check_suite": 1, "pull_request": 1}
        assert {one["status_code"] for one in listed} == {503}
        assert client.post(f"/app/hook/deliveries/{listed[0]['id']}/attempts").status_code == 202
        site.github.settle()
        again = client.get("/app/hook/deliveries").json()[0]
        whole = client.get(f"/app/hook/deliveries/{again['id']}").json()
    assert (again["guid"], again["redelivery"], again["status"]) == (listed[0]["guid"], True, "OK")
    assert whole["request"]["payload"]["action"] == "opened"
    assert [guid for _, guid in handler.seen].count(again["guid"]) == 2
    assert len(handler.seen) == failed + 2


def test_a_redirect_is_not_followed(site: Site, hook: tuple[str, type[_Hook]]) -> None:
    url, handler = hook
    site.app.app.receiver = None
    site.app.webhook_url = f"{url}/old"
    handler.answers["/old"] = (302, {"Location": f"{url}/new"})
    site.repository.push({"a": "b"})
    site.github.settle()
    assert {path for path, _ in handler.seen} == {"/old"}
    assert site.github.deliveries[-1].status == "Invalid HTTP Response: 302"


def test_nobody_at_the_address(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    site.app.app.receiver = None
    site.app.webhook_url = f"http://127.0.0.1:{port}/webhook"
    site.repository.push({"a": "b"})
    site.github.settle()
    assert site.github.deliveries[-1].status == "failed to connect to host"


def test_the_log_has_pages_and_forgets_after_three_days(site: Site) -> None:
    for number in range(5):
        site.repository.push({"a": str(number)})
    site.github.settle()
    ids = []
    with site.app_client() as client:
        url: str | None = "/app/hook/deliveries?per_page=3"
        while url:
            page = client.get(url)
            ids += [one["id"] for one in page.json()]
            url = page.links.get("next", {}).get("url")
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == len(site.github.deliveries)
    site.github.advance(3 * 24 * 3600 + 60)
    with site.app_client() as client:
        assert client.get("/app/hook/deliveries").json() == []


def test_webhooks_get_lost_doubled_late_and_out_of_order(site: Site) -> None:
    pull = site.pull()
    heard(site)
    faults = site.github.faults
    faults.add("EVENT", "issue_comment.created", Fault.DELIVERY_LOST)
    faults.add("EVENT", "issue_comment", Fault.DELIVERY_REORDERED, nth=1)
    faults.add("EVENT", "issue_comment", Fault.DELIVERY_TWICE, nth=2)
    comments = [pull.comment("alice", str(number)) for number in range(4)]
    site.github.settle()
    bodies = [json.loads(body)["comment"]["body"] for _, body in site.heard.events]
    assert bodies == ["2", "2", "1", "3"]
    lost = next(one for one in site.github.deliveries if one.status_code == 502)
    assert lost.payload["comment"]["id"] == comments[0].id
    site.heard.events.clear()
    faults.add("EVENT", "*", Fault.DELIVERY_DELAYED, seconds=0.5)
    pull.comment("alice", "late")
    pull.comment("alice", "soon")
    site.github.settle()
    assert [json.loads(body)["comment"]["body"] for _, body in site.heard.events] == ["soon", "late"]


def test_an_enterprise_server_says_which_one_it_is(tmp_path: Path) -> None:
    with FakeGitHub(tmp_path, enterprise=True) as github:
        app = github.register_app(PERMISSIONS, EVENTS)
        told = Heard()
        app.app.receiver = told.receive
        app.install(github.create_repository("octo/app", files={"a": POLL}))
        github.settle()
        ((headers, _),) = told.events
        assert headers["X-GitHub-Enterprise-Host"] == github.html_url.removeprefix("http://")


def test_suspended_and_removed_repositories_are_silent(site: Site) -> None:
    site.installation.suspend()
    site.repository.push({"a": "1"})
    site.installation.unsuspend()
    site.installation.remove(site.repository)
    site.repository.push({"a": "2"})
    site.installation.add(site.repository)
    site.repository.transfer("acme")
    site.installation.delete()
    assert heard(site) == [
        ("installation", "created"),
        ("installation", "suspend"),
        ("installation", "unsuspend"),
        ("installation_repositories", "removed"),
        ("installation_repositories", "added"),
        ("installation_repositories", "removed"),
        ("installation", "deleted"),
    ]


def test_ping_is_the_first_word(site: Site) -> None:
    site.app.ping()
    assert heard(site)[-1] == ("ping", None)
