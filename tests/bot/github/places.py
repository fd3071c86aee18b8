"""The App and one repository of the fake GitHub, with a client of ours for it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.github.client import App
from bot.github.limits import Priority
from tests.github import FakeGitHub

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from bot.github.models import RepositoryRef
    from bot.github.repository import RepositoryClient
    from tests.github import AppHandle, InstallationHandle, RepositoryHandle

PERMISSIONS = {
    "checks": "write",
    "contents": "write",
    "issues": "write",
    "metadata": "read",
    "pull_requests": "write",
    "security_events": "write",
}


class FakeClock:
    """The fake GitHub's time; sleeping sets it forward."""

    def __init__(self, github: FakeGitHub) -> None:
        self._github = github

    def now(self) -> datetime:
        return self._github.now()

    def sleep(self, seconds: float) -> None:
        self._github.advance(seconds)


@dataclass(frozen=True)
class Place:
    """A repository with the App installed in it."""

    github: FakeGitHub
    handle: AppHandle
    installation: InstallationHandle
    repository: RepositoryHandle
    app: App

    @property
    def ref(self) -> RepositoryRef:
        return self.installation.ref(self.repository)

    def client(
        self, permissions: Mapping[str, str] = PERMISSIONS, priority: Priority = Priority.PERSON
    ) -> RepositoryClient:
        return self.app.repository(self.ref, permissions, priority)


@contextmanager
def place(
    folder: Path,
    *,
    permissions: Mapping[str, str] = PERMISSIONS,
    enterprise: bool = False,
    resolving_needs_contents: bool = True,
    stateless_tokens: bool = False,
    hourly_limit: int | None = 5000,
) -> Iterator[Place]:
    """A place of one's own, with a client that lives by the fake GitHub's clock."""
    with FakeGitHub(
        folder,
        enterprise=enterprise,
        resolving_needs_contents=resolving_needs_contents,
        stateless_tokens=stateless_tokens,
        hourly_limit=hourly_limit,
        content_per_minute=80,
        points_per_minute=900,
    ) as github:
        handle = github.register_app(permissions)
        repository = github.create_repository("octo/app", {"src/poll.ts": "export {};\n"})
        installation = handle.install(repository)
        with App(handle.credentials, clock=FakeClock(github)) as app:
            yield Place(github, handle, installation, repository, app)
