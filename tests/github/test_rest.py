"""REST operations that have no rule of their own: contents, git objects, statuses, and what GitHub says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.github.conftest import POLL, Site

if TYPE_CHECKING:
    import httpx

REPO = "/repos/octo/app"


def test_contents(site: Site, client: httpx.Client) -> None:
    site.repository.push({"src/a b.ts": "x\n", "large.txt": "y" * 1_000_001, "link": ("link", "poll.ts")})
    listed = client.get(f"{REPO}/contents/src").json()
    assert [(one["type"], one["path"]) for one in listed] == [("file", "src/a b.ts")]
    raw = client.get(f"{REPO}/contents/src/a%20b.ts", headers={"Accept": "application/vnd.github.raw+json"})
    assert raw.content == b"x\n"
    assert client.get(f"{REPO}/contents/link").json()["target"] == "poll.ts"
    assert client.get(f"{REPO}/contents/large.txt").status_code == 403
    assert client.get(f"{REPO}/contents/nothing").status_code == 404
    assert client.get(f"{REPO}/contents/poll.ts", params={"ref": "nothing"}).status_code == 404
    entries = {one["name"]: one["type"] for one in client.get(f"{REPO}/contents/").json()}
    assert entries == {"large.txt": "file", "link": "symlink", "poll.ts": "file", "src": "dir"}


def test_git_objects(site: Site, client: httpx.Client) -> None:
    head = site.repository.head()
    commit = client.get(f"{REPO}/git/commits/{head}").json()
    tree = client.get(f"{REPO}/git/trees/{commit['tree']['sha']}", params={"recursive": "1"}).json()
    assert [(one["path"], one["size"]) for one in tree["tree"]] == [("poll.ts", len(POLL))]
    blob = client.get(f"{REPO}/git/blobs/{tree['tree'][0]['sha']}").json()
    assert blob["size"] == len(POLL)
    assert client.get(f"{REPO}/git/blobs/{head}").status_code == 404
    assert [one["ref"] for one in client.get(f"{REPO}/git/matching-refs/heads/ma").json()] == ["refs/heads/main"]
    assert client.get(f"{REPO}/commits/main", headers={"Accept": "application/vnd.github.sha"}).text == head
    assert client.get(f"{REPO}/commits/nothing").status_code == 422


def test_refs_are_pointed_with_care(site: Site, client: httpx.Client) -> None:
    first = site.repository.head()
    site.repository.push({"a": "b"})
    ref = {"ref": "refs/heads/fix", "sha": first}
    assert client.post(f"{REPO}/git/refs", json=ref).status_code == 201
    assert client.post(f"{REPO}/git/refs", json=ref).status_code == 422
    assert client.post(f"{REPO}/git/refs", json={"ref": "fix", "sha": first}).status_code == 422
    assert client.post(f"{REPO}/git/refs", json={"ref": "refs/heads/a..b", "sha": first}).status_code == 422
    assert client.patch(f"{REPO}/git/refs/heads/main", json={"sha": first}).status_code == 422
    assert client.patch(f"{REPO}/git/refs/heads/main", json={"sha": first, "force": True}).status_code == 200
    assert client.delete(f"{REPO}/git/refs/heads/main").status_code == 422
    assert client.delete(f"{REPO}/git/refs/heads/fix").status_code == 204
    assert site.repository.head() == first


def test_statuses(site: Site, client: httpx.Client) -> None:
    head = site.repository.head()
    for state in ("pending", "success"):
        assert client.post(f"{REPO}/statuses/{head}", json={"state": state, "context": "ci"}).status_code == 201
    assert [one["state"] for one in client.get(f"{REPO}/commits/main/statuses").json()] == ["success", "pending"]
    assert client.get(f"{REPO}/commits/main/status").json()["state"] == "success"


def test_what_it_says_of_itself(site: Site, client: httpx.Client) -> None:
    assert client.get("/meta").json()["verifiable_password_authentication"] is False
    rate = client.get("/rate_limit").json()["resources"]["core"]
    assert (rate["limit"], rate["used"]) == (5000, 1)
    site.github.world.account("alice")
    assert client.get("/users/alice").json()["type"] == "User"
    assert client.get("/users/stanch-review%5Bbot%5D").json()["type"] == "Bot"
    assert client.get("/apps/stanch-review").json()["id"] == site.app.id


def test_the_webhooks_address(site: Site) -> None:
    with site.app_client() as client:
        client.patch("/app/hook/config", json={"url": "http://127.0.0.1:9/webhook", "secret": "new"})
        assert client.get("/app/hook/config").json()["url"] == "http://127.0.0.1:9/webhook"
    assert (site.app.webhook_url, site.app.webhook_secret) == ("http://127.0.0.1:9/webhook", "new")


def test_labels(site: Site, client: httpx.Client) -> None:
    site.pull()
    assert client.post(f"{REPO}/labels", json={"name": "leak", "color": "ff0000"}).status_code == 201
    assert client.post(f"{REPO}/labels", json={"name": "Leak"}).status_code == 422
    assert client.get(f"{REPO}/labels/leak").json()["color"] == "ff0000"
    url = f"{REPO}/issues/1/labels"
    client.post(url, json={"labels": ["leak", "more"]})
    assert [one["name"] for one in client.put(url, json={"labels": ["more", "most"]}).json()] == ["more", "most"]
    assert [one["name"] for one in client.delete(f"{url}/most").json()] == ["more"]
    assert client.delete(f"{url}/most").status_code == 404


def test_reviewers(site: Site, client: httpx.Client) -> None:
    site.pull()
    url = f"{REPO}/pulls/1/requested_reviewers"
    assert client.post(url, json={"reviewers": ["alice"]}).status_code == 422
    assert client.post(url, json={"reviewers": ["bob"]}).status_code == 422
    site.repository.set_role("bob", "write")
    shown = client.post(url, json={"reviewers": ["bob"], "team_reviewers": ["reviewers"]}).json()
    assert [one["login"] for one in shown["requested_reviewers"]] == ["bob"]
    shown = client.request("DELETE", url, json={"reviewers": ["bob"]}).json()
    assert shown["requested_reviewers"] == []


def test_review_comments_are_edited_and_deleted(site: Site, client: httpx.Client) -> None:
    pull = site.pull()
    first = pull.review_comment("bob", "new.py", 1, "why?")
    answer = client.post(f"{REPO}/pulls/1/comments/{first.id}/replies", json={"body": "because"}).json()
    assert answer["in_reply_to_id"] == first.id
    # There are no replies to replies.
    assert client.post(f"{REPO}/pulls/1/comments/{answer['id']}/replies", json={"body": "x"}).status_code == 422
    url = f"{REPO}/pulls/comments/{answer['id']}"
    assert client.patch(url, json={"body": "so"}).json()["body"] == "so"
    assert client.get(url).json()["body"] == "so"
    assert client.delete(url).status_code == 204
    assert client.get(url).status_code == 404
    assert [comment.body for comment in pull.threads[0].comments] == ["why?"]


def test_reviews_are_read(site: Site, client: httpx.Client) -> None:
    site.pull()
    body = {"event": "COMMENT", "body": "See below.", "comments": [{"path": "new.py", "line": 1, "body": "x"}]}
    review = client.post(f"{REPO}/pulls/1/reviews", json=body).json()
    url = f"{REPO}/pulls/1/reviews/{review['id']}"
    assert client.get(url).json()["state"] == "COMMENTED"
    assert [one["body"] for one in client.get(f"{url}/comments").json()] == ["x"]
    assert client.post(f"{REPO}/pulls/1/reviews", json={"event": "COMMENT"}).status_code == 422


def test_suites_and_their_runs(site: Site, client: httpx.Client) -> None:
    head = site.pull().head_sha
    (suite,) = client.get(f"{REPO}/commits/{head}/check-suites").json()["check_suites"]
    assert (suite["status"], suite["head_branch"]) == ("queued", "feature")
    for name in ("one", "two", "one"):
        client.post(f"{REPO}/check-runs", json={"name": name, "head_sha": head, "status": "in_progress"})
    url = f"{REPO}/check-suites/{suite['id']}"
    assert client.get(url).json()["status"] == "in_progress"
    # Of each name the newest, unless all are asked for.
    assert client.get(f"{url}/check-runs").json()["total_count"] == 2
    assert client.get(f"{url}/check-runs", params={"filter": "all"}).json()["total_count"] == 3
    assert client.post(f"{url}/rerequest").status_code == 201
