"""The App on GitHub: its own affairs, and the repositories where it is installed."""

from __future__ import annotations

import threading
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from bot.github import answers
from bot.github.api import Api
from bot.github.auth import AppKey, InstallationToken
from bot.github.clock import SystemClock
from bot.github.errors import NotFound, Unauthorized
from bot.github.governor import Governor
from bot.github.limits import APP, MemoryLimitStore, Priority
from bot.github.models import AppIdentity, AppRegistration
from bot.github.repository import RepositoryClient
from bot.github.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime, timedelta
    from types import TracebackType
    from typing import Self

    from bot.github.clock import Clock
    from bot.github.limits import LimitStore, Rules
    from bot.github.models import Credentials, Delivery, Installation, RepositoryRef


class App:
    """The App. May be shared by threads; the clients of repositories that it gives may not.

    Every method raises GitHubError, of the kind that tells what can be done about it (bot.github.errors).
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        limits: LimitStore | None = None,
        rules: Rules | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Connects to nothing yet.

        Args:
            credentials: who we are.
            limits: where rate limits are kept; shared by all workers. None: in this process only.
            rules: the limits besides those that GitHub's headers tell; None: those of github.com.
            clock: None: the machine's.
        """
        self._credentials = credentials
        self._limits = limits or MemoryLimitStore()
        self._rules = rules
        self._clock = clock or SystemClock()
        governor = Governor(self._limits, self._clock, APP, Priority.PERSON, rules)
        self._key = AppKey(credentials, governor, self._clock)
        self._transport = Transport(credentials.api_url)
        self._api = Api(self._transport, self._key, self._clock)
        self._lock = threading.Lock()
        self._identity: AppIdentity | None = None

    def __repr__(self) -> str:
        return f"App({self._credentials!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def calls(self) -> int:
        """How many requests were made in the App's own name, those for jobs apart."""
        return self._transport.calls

    def close(self) -> None:
        """Closes the connection."""
        self._transport.close()

    def identity(self) -> AppIdentity:
        """Who we are, as GitHub says; asked once."""
        with self._lock:
            if self._identity is None:
                app = self._api.get("/app", answers.AppAnswer)
                self._identity = AppIdentity(app.id, app.slug)
            return self._identity

    def registration(self) -> AppRegistration:
        """The App as GitHub has it registered now."""
        app = self._api.get("/app", answers.AppAnswer)
        try:
            url = self._api.get("/app/hook/config", answers.HookConfig).url
        except NotFound:
            url = None
        identity = AppIdentity(app.id, app.slug)
        return AppRegistration(identity, app.name, app.permissions, tuple(app.events), url or None)

    def clock_skew(self) -> timedelta | None:
        """How far this machine's clock is ahead of GitHub's, to about a second; None where GitHub does not say."""
        # A clock that is wrong makes GitHub refuse our key; it tells the time all the same.
        with suppress(Unauthorized):
            self._api.get("/app", answers.AppAnswer)
        date = self._transport.date
        try:
            return None if date is None else self._clock.now() - parsedate_to_datetime(date)
        except (TypeError, ValueError):
            return None

    def installations(self) -> Iterator[Installation]:
        """Where the App is installed."""
        for page in self._api.pages("/app/installations", list[answers.InstallationPart]):
            yield from map(answers.installation, page)

    def installation(self, installation_id: int) -> Installation:
        """One installation, with the permissions granted there."""
        part = self._api.get(f"/app/installations/{installation_id}", answers.InstallationPart)
        return answers.installation(part)

    def repositories_of(self, installation_id: int) -> Iterator[RepositoryRef]:
        """The repositories of an installation."""
        transport = Transport(self._credentials.api_url)
        token = self._token(transport, installation_id, None, {"metadata": "read"}, Priority.BACKGROUND)
        api = Api(transport, token, self._clock)
        try:
            for page in api.pages("/installation/repositories", answers.RepositoryPage):
                for part in page.repositories:
                    yield answers.repository_ref(part, installation_id)
        finally:
            token.revoke(api)
            transport.close()

    def repository(
        self, ref: RepositoryRef, permissions: Mapping[str, str], priority: Priority = Priority.BACKGROUND
    ) -> RepositoryClient:
        """A client for one job in one repository; close it when the job ends.

        Args:
            ref: the repository.
            permissions: what the job needs, as `name: level`; its token can do nothing else.
            priority: `Priority.PERSON` where somebody waits for an answer.
        """
        transport = Transport(self._credentials.api_url)
        token = self._token(transport, ref.installation_id, ref.repository_id, permissions, priority)
        return RepositoryClient(
            ref,
            api=Api(transport, token, self._clock),
            token=token,
            transport=transport,
            html_url=self._credentials.html_url,
            identity=self.identity,
        )

    def deliveries(self, since: datetime) -> Iterator[Delivery]:
        """The webhook deliveries of the time since, newest first; GitHub knows those of three days."""
        for page in self._api.pages("/app/hook/deliveries", list[answers.DeliveryPart], most=None):
            for delivery in map(answers.delivery, page):
                if delivery.delivered_at < since:
                    return
                yield delivery

    def redeliver(self, delivery_id: int) -> None:
        """Has GitHub send a delivery again, with the same GUID."""
        self._api.send("POST", f"/app/hook/deliveries/{delivery_id}/attempts", object)

    def _token(
        self,
        transport: Transport,
        installation_id: int,
        repository_id: int | None,
        permissions: Mapping[str, str],
        priority: Priority,
    ) -> InstallationToken:
        governor = Governor(self._limits, self._clock, installation_id, priority, self._rules)
        return InstallationToken(
            Api(transport, self._key, self._clock),
            governor,
            self._clock,
            installation_id,
            permissions=permissions,
            repository_id=repository_id,
        )
