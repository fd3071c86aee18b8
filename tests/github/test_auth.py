"""Who may do what: JWTs, installation tokens and their permissions."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.github import FakeGitHub
from tests.github.auth import key_pair
from tests.github.conftest import VERSION, Site

if TYPE_CHECKING:
    from pathlib import Path
REPO = "/repos/octo/app"


def test_a_jwt_is_the_app(site: Site) -> None:
    with site.app_client() as client:
        assert client.get("/app").json()["slug"] == "stanch-review"
        assert [one["id"] for one in client.get("/app/installations").json()] == [site.installation.id]
        assert client.get(f"/app/installations/{site.installation.id}").json()["app_slug"] == "stanch-review"
        assert client.get(f"{REPO}/installation").json()["id"] == site.installation.id
        assert client.get("/orgs/octo/installation").json()["id"] == site.installation.id
        assert client.get("/orgs/acme/installation").status_code == 404


@pytest.mark.parametrize(
    "claims",
    [{"seconds": -1}, {"seconds": 700}, {"iss": "12345"}, {"iat": 4_000_000_000}],
    ids=["expired", "valid for too long", "another App", "from the future"],
)
def test_a_jwt_that_is_not_valid(site: Site, claims: dict[str, Any]) -> None:
    with site.client(site.app.jwt(**claims)) as client:
        assert client.get("/app").status_code == 401


def test_a_jwt_signed_with_another_key(site: Site) -> None:
    site.app.app.private_key, _ = key_pair(99)
    with site.app_client() as client:
        assert client.get("/app").status_code == 401


@pytest.mark.parametrize("credential", ["ghs_" + "x" * 36, "nonsense"])
def test_a_token_that_nobody_gave(site: Site, credential: str) -> None:
    with site.client(credential) as client:
        assert client.get(REPO).status_code == 401


def test_a_token_for_everything(site: Site) -> None:
    with site.app_client() as client:
        made = client.post(f"/app/installations/{site.installation.id}/access_tokens")
    assert made.status_code == 201
    assert re.fullmatch(r"ghs_[A-Za-z0-9]{36}", made.json()["token"])
    assert made.json()["permissions"]["checks"] == "write"
    with site.client(made.json()["token"]) as client:
        assert client.get("/installation/repositories").json()["total_count"] == 1


def test_a_narrow_token(site: Site) -> None:
    other = site.github.create_repository("octo/other", private=True)
    site.installation.add(other)
    asked = {"repository_ids": [site.repository.id], "permissions": {"checks": "write"}}
    with site.app_client() as client:
        made = client.post(f"/app/installations/{site.installation.id}/access_tokens", json=asked).json()
    assert made["permissions"] == {"metadata": "read", "checks": "write"}
    assert [one["full_name"] for one in made["repositories"]] == ["octo/app"]
    site.pull()
    with site.client(made["token"]) as client:
        assert client.get("/repos/octo/other").status_code == 404
        answer = client.post(f"{REPO}/issues/1/comments", json={"body": "x"})
        assert answer.status_code == 403
        assert answer.json()["message"] == "Resource not accessible by integration"
        assert answer.headers["X-Accepted-GitHub-Permissions"] == "issues=write; pull_requests=write"


@pytest.mark.parametrize(
    "asked", [{"permissions": {"administration": "write"}}, {"repository_ids": [1]}], ids=["permission", "repository"]
)
def test_a_token_for_more_than_was_granted(site: Site, asked: dict[str, Any]) -> None:
    with site.app_client() as client:
        answer = client.post(f"/app/installations/{site.installation.id}/access_tokens", json=asked)
    assert answer.status_code == 422


def test_what_is_public_is_read_with_any_token_but_not_written(site: Site) -> None:
    site.github.create_repository("acme/public")
    with site.client() as client:
        assert client.get("/repos/acme/public").status_code == 200
        assert client.post("/repos/acme/public/issues", json={"title": "x"}).status_code == 403


def test_a_comment_on_an_issue_needs_the_permission_for_issues(site: Site) -> None:
    site.pull()
    site.repository.open_issue("eve", "Broken")
    with site.client(site.installation.token({"pull_requests": "write", "issues": "read"})) as client:
        assert client.post(f"{REPO}/issues/1/comments", json={"body": "x"}).status_code == 201
        assert client.post(f"{REPO}/issues/2/comments", json={"body": "x"}).status_code == 403
        assert client.get(f"{REPO}/issues/2/comments").status_code == 200


def test_a_token_ends_after_an_hour_or_when_it_is_revoked(site: Site) -> None:
    with site.client() as client, site.client() as other:
        assert other.delete("/installation/token").status_code == 204
        assert other.get(REPO).status_code == 401
        site.github.advance(3590)
        assert client.get(REPO).status_code == 200
        site.github.advance(11)
        assert client.get(REPO).status_code == 401


def test_a_suspended_installation(site: Site, client: httpx.Client) -> None:
    site.installation.suspend()
    answer = client.get(REPO)
    assert (answer.status_code, answer.json()["message"]) == (403, "This installation has been suspended")
    site.installation.unsuspend()
    assert client.get(REPO).status_code == 200
    site.installation.delete()
    assert client.get(REPO).status_code == 401


def test_permissions_stay_as_they_were_until_somebody_accepts(site: Site) -> None:
    site.app.ask_for({"checks": "read"})
    assert site.installation.installation.permissions["checks"] == "write"
    site.installation.accept_permissions()
    assert site.installation.installation.permissions == {"metadata": "read", "checks": "read"}


def test_the_long_format_of_tokens(site: Site) -> None:
    with site.app_client() as client:
        url = f"/app/installations/{site.installation.id}/access_tokens"
        token = client.post(url, headers={"X-GitHub-Stateless-S2S-Token": "enabled"}).json()["token"]
    assert re.fullmatch(rf"ghs_{site.app.id}_[A-Za-z0-9._]{{400,}}", token)
    with site.client(token) as client:
        assert client.get(REPO).status_code == 200


def test_an_enterprise_server_has_its_api_elsewhere(tmp_path: Path) -> None:
    with FakeGitHub(tmp_path, enterprise=True) as github:
        app = github.register_app({"contents": "read"})
        repository = github.create_repository("octo/app")
        headers = {**VERSION, "Authorization": f"Bearer {app.install(repository).token()}"}
        with httpx.Client(headers=headers, trust_env=False, verify=False) as client:
            answer = client.get(f"{github.html_url}/api/v3/repos/octo/app")
            assert answer.json()["url"] == f"{github.html_url}/api/v3/repos/octo/app"
            assert answer.json()["clone_url"] == f"{github.html_url}/octo/app.git"
            assert answer.headers["X-GitHub-Enterprise-Version"]
            assert client.get(f"{github.html_url}/repos/octo/app").status_code == 404
            query = {"query": "{ viewer { login } }"}
            shown = client.post(f"{github.html_url}/api/graphql", json=query).json()
            assert shown["data"]["viewer"]["login"] == "stanch-review[bot]"


def test_an_event_needs_a_permission(github: FakeGitHub) -> None:
    with pytest.raises(ValueError, match="needs the permission issues"):
        github.register_app({"pull_requests": "write"}, ["issue_comment"])


MANIFEST = {
    "url": "https://example.org",
    "name": "Stanch Review",
    "redirect_url": "http://127.0.0.1:9/callback",
    "hook_attributes": {"url": "http://127.0.0.1:9/webhook"},
    "default_permissions": {"checks": "write"},
    "default_events": ["check_run"],
}


def test_the_manifest_flow(github: FakeGitHub) -> None:
    with httpx.Client(headers=VERSION, trust_env=False, verify=False) as client:
        form = {"manifest": json.dumps(MANIFEST), "state": "abc"}
        back = client.post(f"{github.html_url}/organizations/octo/settings/apps/new", data=form)
        assert back.status_code == 302
        place = httpx.URL(back.headers["Location"])
        assert (place.path, place.params["state"]) == ("/callback", "abc")
        url = f"{github.api_url}/app-manifests/{place.params['code']}/conversions"
        made = client.post(url)
        assert made.status_code == 201
        assert made.json()["slug"] == "stanch-review"
        assert made.json()["pem"] == github.app("stanch-review").private_key
        # The code is good for once.
        assert client.post(url).status_code == 404


def test_a_manifest_that_contradicts_itself(github: FakeGitHub) -> None:
    with httpx.Client(headers=VERSION, trust_env=False, verify=False) as client:
        form = {"manifest": json.dumps({**MANIFEST, "default_events": ["issue_comment"]})}
        back = client.post(f"{github.html_url}/settings/apps/new", data=form)
        code = httpx.URL(back.headers["Location"]).params["code"]
        assert client.post(f"{github.api_url}/app-manifests/{code}/conversions").status_code == 422
