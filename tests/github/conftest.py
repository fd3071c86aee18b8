"""A fake GitHub with one App on one repository, and a client that sends single requests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.github import FakeGitHub

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.github import AppHandle, InstallationHandle, PullHandle, RepositoryHandle

PERMISSIONS = {
    "checks": "write",
    "contents": "write",
    "issues": "write",
    "pull_requests": "write",
    "security_events": "write",
    "statuses": "write",
}
EVENTS = (
    "check_run",
    "check_suite",
    "issue_comment",
    "issues",
    "pull_request",
    "pull_request_review",
    "pull_request_review_comment",
    "pull_request_review_thread",
    "push",
    "repository",
)
POLL = "".join(f"line {number}\n" for number in range(1, 41))
VERSION = {"X-GitHub-Api-Version": "2022-11-28", "User-Agent": "test"}


@dataclass(repr=False)
class Heard:
    """What the App's webhook was sent."""

    events: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)

    def receive(self, headers: Mapping[str, str], body: bytes) -> int:
        """Take a delivery."""
        self.events.append((headers, body))
        return 202


@dataclass
class Site:
    """A fake GitHub with one App on one repository."""

    github: FakeGitHub
    app: AppHandle
    repository: RepositoryHandle
    installation: InstallationHandle
    heard: Heard

    def client(self, token: str | None = None, **options: Any) -> httpx.Client:
        """A client with an installation's token; by default with all its permissions."""
        credential = self.installation.token() if token is None else token
        headers = {**VERSION, "Authorization": f"Bearer {credential}", **options.pop("headers", {})}
        return httpx.Client(
            base_url=self.github.api_url, headers=headers, trust_env=False, verify=False, timeout=20, **options
        )

    def app_client(self) -> httpx.Client:
        """A client with the App's JWT."""
        return self.client(self.app.jwt())

    def pull(self, head: str = "feature", **options: Any) -> PullHandle:
        """A pull request that changes line 20 of `poll.ts` and adds a file."""
        files = {"poll.ts": POLL.replace("line 20\n", "new\nnewer\n"), "new.py": "x = 1\n"}
        return self.repository.open_pull_request("alice", head, files=files, **options)


@pytest.fixture
def github(tmp_path: Path) -> Iterator[FakeGitHub]:
    with FakeGitHub(tmp_path / "github") as fake:
        yield fake


@pytest.fixture
def site(github: FakeGitHub) -> Site:
    heard = Heard()
    app = github.register_app(PERMISSIONS, EVENTS)
    app.app.receiver = heard.receive
    repository = github.create_repository("octo/app", files={"poll.ts": POLL})
    installation = app.install(repository)
    github.settle()
    return Site(github, app, repository, installation, heard)


@pytest.fixture
def client(site: Site) -> Iterator[httpx.Client]:
    with site.client() as opened:
        yield opened
