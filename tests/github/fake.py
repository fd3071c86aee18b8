"""`FakeGitHub`: a GitHub of one's own for a test, served on loopback; see the package's docstring for an example."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Self

from tests.github.api import Api
from tests.github.control.apps import AppHandle
from tests.github.control.repositories import RepositoryHandle
from tests.github.deliveries import Attempt, Deliveries
from tests.github.domain.installations import register_app
from tests.github.domain.repositories import create_repository, push_files
from tests.github.faults import Faults
from tests.github.git_http import GitHttp
from tests.github.graphql import GraphQL
from tests.github.limits import Limits
from tests.github.server import Request, Server
from tests.github.state import Account, Kind
from tests.github.web import Website
from tests.github.world import Addresses, World

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType

    from tests.github.git_store import Content


class FakeGitHub:
    """A fake GitHub; a context manager that serves while it is open.

    On exit it raises if a request was not as GitHub's description has it, or if the fake itself has failed.
    """

    def __init__(
        self,
        folder: Path,
        *,
        enterprise: bool = False,
        hourly_limit: int | None = 5000,
        content_per_minute: int | None = None,
        points_per_minute: int | None = None,
        webhook_workers: int = 1,
        stateless_tokens: bool = False,
        resolving_needs_contents: bool = True,
        seed: int = 0,
    ) -> None:
        """Prepare it.

        Args:
            folder: where the bare repositories lie; made if it is not there.
            enterprise: serve as GitHub Enterprise Server does: the API below `/api/v3`, GraphQL at `/api/graphql`.
            hourly_limit: requests an hour of an installation; None for no limit, as for the two that follow.
            content_per_minute: content an installation may create a minute; GitHub's own limit is 80.
            points_per_minute: points an installation may spend a minute; GitHub's own limit is 900.
            webhook_workers: how many webhooks are on their way at once; with one they stay in order.
            stateless_tokens: give out tokens in the newer, long format.
            resolving_needs_contents: an App that resolves review threads needs to write contents.
            seed: of the faults that happen with a probability.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.world = World(folder, stateless_tokens=stateless_tokens, enterprise=enterprise)
        self.violations: list[str] = []
        self.faults = Faults(seed)
        self.limits = Limits(self.world, hourly_limit, content_per_minute, points_per_minute)
        self.graphql = GraphQL(self.world, self.limits, self.violations, resolving_needs_contents)
        self._deliveries = Deliveries(self.world, self.faults, webhook_workers)
        self.world.emit = self._deliveries.emit
        self.world.redeliver = self._deliveries.redeliver
        self.world.ping = self._deliveries.ping
        self.world.attempts_of = self._deliveries.attempts_of
        self.world.rate_of = self.limits.rate
        api = Api(self.world, self.limits, self.violations)
        self.server = Server(api, self.graphql, GitHttp(self.world), Website(self.world), self.faults)

    def __enter__(self) -> Self:
        html = f"http://127.0.0.1:{self.server.start()}"
        api, graphql = (f"{html}/api/v3", f"{html}/api/graphql") if self.world.enterprise else (html, f"{html}/graphql")
        self.world.addresses = Addresses(api, html, graphql)
        self._deliveries.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._deliveries.stop()
        self.server.stop()
        refused = "Requests that GitHub would not understand:\n" + "\n".join(self.violations)
        if error is not None:
            if self.violations:
                error.add_note(refused)
            return
        if self.server.failures:
            raise AssertionError("The fake GitHub failed.") from self.server.failures[0]
        if self.violations:
            raise AssertionError(refused)

    @property
    def api_url(self) -> str:
        """The REST API."""
        return self.world.addresses.api

    @property
    def html_url(self) -> str:
        """The website, which is where git fetches from as well."""
        return self.world.addresses.html

    @property
    def graphql_url(self) -> str:
        """The GraphQL endpoint."""
        return self.world.addresses.graphql

    def register_app(
        self,
        permissions: Mapping[str, str],
        events: Iterable[str] = (),
        webhook_url: str | None = None,
        webhook_secret: str | None = "secret",
        *,
        slug: str = "stanch-review",
        owner: str = "octo",
    ) -> AppHandle:
        """Register an App.

        Raises:
            ValueError: an event needs a permission that the App does not ask for.
        """
        with self.world.lock:
            app = register_app(
                self.world,
                slug=slug,
                owner=self.organization(owner),
                permissions=permissions,
                events=events,
                webhook_url=webhook_url,
                webhook_secret=webhook_secret,
            )
        return AppHandle(self.world, app)

    def app(self, slug: str) -> AppHandle:
        """The App of this name, however it was registered.

        Raises:
            KeyError: there is none.
        """
        for app in self.world.apps.values():
            if app.slug == slug:
                return AppHandle(self.world, app)
        raise KeyError(f"No App is called {slug!r}.")

    def create_repository(
        self, full_name: str, files: Mapping[str, Content] | None = None, *, private: bool = False
    ) -> RepositoryHandle:
        """A repository of an organisation, with a first commit on `main`."""
        owner, name = full_name.split("/")
        with self.world.lock:
            actor = self.world.user("founder")
            repository = create_repository(self.world, self.organization(owner), name, actor, private=private)
            first = {"README.md": f"# {name}\n"} if files is None else files
            push_files(self.world, repository, actor, repository.default_branch, first, "First commit")
        return RepositoryHandle(self.world, repository)

    def repository(self, full_name: str) -> RepositoryHandle:
        """The repository of this name."""
        with self.world.lock:
            return RepositoryHandle(self.world, self.world.repository(full_name))

    def organization(self, login: str, members: Mapping[str, bool] | None = None) -> Account:
        """An organisation; `members` maps logins to whether the membership is public."""
        with self.world.lock:
            account = self.world.account(login, Kind.ORGANIZATION)
            account.members |= {name.lower(): public for name, public in (members or {}).items()}
            return account

    def now(self) -> datetime:
        """The time by its clock."""
        return self.world.now()

    def advance(self, seconds: float) -> None:
        """Set its clock forward: tokens expire, limits begin anew."""
        self.world.advance(seconds)

    @property
    def requests(self) -> list[Request]:
        """Every request that was answered, in the order of the answers."""
        return self.server.requests

    def count(self, method: str, path: str, status: int | None = None) -> int:
        """How many requests had this method (`*` for any), path (a glob) and status."""
        return sum(
            method in ("*", request.method) and fnmatchcase(request.path, path) and status in (None, request.status)
            for request in list(self.requests)
        )

    def forget_requests(self) -> None:
        """Begin the log of requests anew."""
        self.requests.clear()

    @property
    def deliveries(self) -> list[Attempt]:
        """Every webhook delivery, redeliveries too, in the order of happening."""
        return self._deliveries.log

    def settle(self, timeout: float = 30) -> None:
        """Wait until no webhook is on its way.

        Raises:
            TimeoutError: some still are after so many seconds.
        """
        if not self._deliveries.settle(timeout):
            raise TimeoutError(f"Webhooks are still on their way after {timeout} seconds.")

    def redeliver(self, attempt: Attempt) -> None:
        """Deliver an event once more, under the same GUID."""
        with self.world.lock:
            self._deliveries.redeliver(attempt)
