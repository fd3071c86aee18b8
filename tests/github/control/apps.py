"""Handles of Apps and installations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jwt

from bot.github.models import Credentials, RepositoryRef
from tests.github.auth import new_token
from tests.github.control.repositories import RepositoryHandle
from tests.github.domain import installations
from tests.github.state import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.github.state import Account, App, Installation
    from tests.github.world import World


@dataclass
class AppHandle:
    """An App, as its owner has it."""

    world: World
    app: App

    @property
    def id(self) -> int:
        """The App's id."""
        return self.app.id

    @property
    def slug(self) -> str:
        """The App's name in addresses; its bot is called `slug[bot]`."""
        return self.app.slug

    @property
    def account(self) -> Account:
        """The App's bot account."""
        return self.app.bot

    @property
    def private_key(self) -> str:
        """The private key, as PEM."""
        return self.app.private_key

    @property
    def webhook_url(self) -> str | None:
        """Where its webhooks go."""
        return self.app.webhook_url

    @webhook_url.setter
    def webhook_url(self, url: str | None) -> None:
        self.app.webhook_url = url

    @property
    def webhook_secret(self) -> str | None:
        """What webhooks are signed with."""
        return self.app.webhook_secret

    @webhook_secret.setter
    def webhook_secret(self, secret: str | None) -> None:
        self.app.webhook_secret = secret

    @property
    def credentials(self) -> Credentials:
        """What the bot needs to be this App."""
        secrets = (self.app.webhook_secret,) if self.app.webhook_secret else ()
        addresses = self.world.addresses
        return Credentials(self.id, self.slug, self.private_key, secrets, addresses.api, addresses.html)

    def jwt(self, *, seconds: float = 300, **claims: Any) -> str:
        """A JWT of the App that is valid for so many seconds."""
        now = int(self.world.timestamp())
        payload = {"iat": now - 60, "exp": now + int(seconds), "iss": str(self.id), **claims}
        return jwt.encode(payload, self.private_key, algorithm="RS256")

    def install(
        self, *where: RepositoryHandle | str, permissions: Mapping[str, str] | None = None
    ) -> InstallationHandle:
        """Install the App: on some repositories of one owner, or (given a login) on all of somebody's."""
        with self.world.lock:
            chosen = [one.repository for one in where if isinstance(one, RepositoryHandle)]
            if chosen:
                account = chosen[0].owner
                assert all(one.owner is account for one in chosen), "an installation belongs to one account"
            else:
                (login,) = where
                account = self.world.account(str(login), Kind.ORGANIZATION)
            actor = self.world.user("founder")
            made = installations.install(self.world, self.app, account, chosen or None, permissions, actor)
        return InstallationHandle(self.world, made)

    def ping(self) -> None:
        """Have a ping sent to the webhook, as GitHub does when it is set."""
        with self.world.lock:
            self.world.ping(self.app)

    def ask_for(self, permissions: Mapping[str, str], events: tuple[str, ...] | None = None) -> None:
        """Ask for other permissions; installations keep theirs until somebody accepts."""
        with self.world.lock:
            self.app.permissions = {"metadata": "read", **permissions}
            self.app.events = self.app.events if events is None else events


@dataclass
class InstallationHandle:
    """An installation, as an administrator of the account has it."""

    world: World
    installation: Installation

    @property
    def id(self) -> int:
        """The installation's id."""
        return self.installation.id

    def ref(self, repository: RepositoryHandle) -> RepositoryRef:
        """A repository of it, in the bot's words."""
        return RepositoryRef(self.id, repository.id, repository.full_name)

    def token(
        self, permissions: Mapping[str, str] | None = None, repositories: tuple[RepositoryHandle, ...] | None = None
    ) -> str:
        """A fresh access token, perhaps narrowed."""
        ids = None if repositories is None else frozenset(one.id for one in repositories)
        with self.world.lock:
            return new_token(self.world, self.installation, permissions, ids).value

    def suspend(self, by: str = "founder") -> None:
        """Suspend it: its tokens do nothing, its webhooks stop."""
        with self.world.lock:
            installations.set_suspended(self.world, self.installation, self.world.user(by), suspended=True)

    def unsuspend(self, by: str = "founder") -> None:
        """Let it work again."""
        with self.world.lock:
            installations.set_suspended(self.world, self.installation, self.world.user(by), suspended=False)

    def delete(self, by: str = "founder") -> None:
        """Uninstall the App."""
        with self.world.lock:
            installations.uninstall(self.world, self.installation, self.world.user(by))

    def add(self, repository: RepositoryHandle, by: str = "founder") -> None:
        """Give it a repository more."""
        with self.world.lock:
            installations.add_repository(self.world, self.installation, repository.repository, self.world.user(by))

    def remove(self, repository: RepositoryHandle, by: str = "founder") -> None:
        """Take a repository from it."""
        with self.world.lock:
            installations.remove_repository(self.world, self.installation, repository.repository, self.world.user(by))

    def accept_permissions(self, permissions: Mapping[str, str] | None = None, by: str = "founder") -> None:
        """Accept what the App asks for now, or exactly these permissions."""
        app = self.installation.app
        with self.world.lock:
            wanted = app.permissions if permissions is None else permissions
            actor = self.world.user(by)
            installations.accept_permissions(self.world, self.installation, wanted, app.events, actor)
