"""Who we are to GitHub: the App by its private key, an installation by a token that can do what one job needs.

Tokens live in memory only, and end with the job.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol

import msgspec
from github.Auth import AppAuth

from bot.github.answers import Time
from bot.github.errors import Forbidden, GitHubError, NotFound, Unauthorized, Unprocessable
from bot.github.limits import Kind
from bot.github.refusals import permission_sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.github.api import Api
    from bot.github.clock import Clock
    from bot.github.governor import Governor
    from bot.github.models import Credentials

JWT_LIFETIME: Final = timedelta(minutes=5)
"""GitHub takes at most 10 minutes."""
CLOCK_SKEW: Final = timedelta(minutes=1)
"""How far our clock may be ahead of GitHub's."""
REFRESH_BEFORE: Final = timedelta(minutes=10)
"""A token with less time left is not used any more: a fetch that begins with it must be able to end."""

_NONE: Final = ("", datetime.min.replace(tzinfo=UTC) + JWT_LIFETIME)
_LEVELS: Final = ("none", "read", "write", "admin")


def can_sign(private_key: str) -> bool:
    """Whether a text is a private key that an App can sign with: RSA, as a PEM file without a password."""
    try:
        AppAuth.create_jwt_sign(private_key, "RS256")({})
    except Exception:  # whatever the libraries say of a key: their words may hold parts of it
        return False
    return True


class AppKey:
    """The App itself, which proves who it is by a JWT signed with its private key."""

    def __init__(self, credentials: Credentials, governor: Governor, clock: Clock) -> None:
        self.governor = governor
        self._app_id = credentials.app_id
        self._sign = AppAuth.create_jwt_sign(credentials.private_key, "RS256")
        self._clock = clock
        self._signed = _NONE

    def __repr__(self) -> str:
        return f"AppKey(app_id={self._app_id})"

    def authorization(self) -> str:
        """A JWT that is good for a minute at least, as a header's value.

        Raises:
            Unauthorized: the private key is none.
        """
        now = self._clock.now()
        value, until = self._signed
        if now >= until or now < until - JWT_LIFETIME:
            # Reading the key and signing takes tens of milliseconds, so that one JWT serves for a while.
            value = f"Bearer {self._sign_claims(now)}"
            self._signed = value, now + JWT_LIFETIME - CLOCK_SKEW
        return value

    def _sign_claims(self, now: datetime) -> str:
        claims = {
            "iat": int((now - CLOCK_SKEW).timestamp()),
            "exp": int((now + JWT_LIFETIME).timestamp()),
            "iss": str(self._app_id),
        }
        try:
            signed = self._sign(claims)
        except Exception:  # whatever the libraries say of a key: their words may hold parts of it
            message = f"The private key of App {self._app_id} cannot be read; it should be the PEM file from GitHub."
            raise Unauthorized(message) from None
        return signed.decode() if isinstance(signed, bytes) else signed

    def renew(self) -> bool:
        """A JWT that GitHub did not take is not used again, but another one now would be no better."""
        self._signed = _NONE
        return False


class Token(Protocol):
    """What stands in for an installation in one repository."""

    def value(self) -> str:
        """The token, good for ten minutes at least."""

    def revoke(self, api: Api) -> None:
        """Ends it, where it is ours to end."""


class GivenToken:
    """A token that somebody gave us, and that is theirs to end: a workflow's job has one."""

    def __init__(self, token: str, governor: Governor) -> None:
        self.governor = governor
        self._token = token

    def __repr__(self) -> str:
        return "GivenToken()"

    def value(self) -> str:
        """The token."""
        return self._token

    def authorization(self) -> str:
        """The token, as a header's value."""
        return f"Bearer {self._token}"

    def renew(self) -> bool:
        """There is no other one."""
        return False

    def revoke(self, api: Api) -> None:
        """Nothing: whoever gave it may go on with it."""


class _Minted(msgspec.Struct):
    token: str
    expires_at: Time


class _Granted(msgspec.Struct):
    permissions: dict[str, str] = {}


class InstallationToken:
    """An installation, by a token narrowed to a repository and permissions; minted when needed, and again in time."""

    def __init__(
        self,
        app: Api,
        governor: Governor,
        clock: Clock,
        installation_id: int,
        *,
        permissions: Mapping[str, str],
        repository_id: int | None = None,
    ) -> None:
        """`app`: the API in the name of the App; `repository_id` None: all repositories of the installation."""
        self.governor = governor
        self._app = app
        self._clock = clock
        self._installation_id = installation_id
        self._permissions = dict(permissions)
        self._repository_id = repository_id
        self._minted: _Minted | None = None

    def __repr__(self) -> str:
        return f"InstallationToken(installation_id={self._installation_id}, repository_id={self._repository_id})"

    def value(self) -> str:
        """A token that is good for ten minutes at least.

        Raises:
            Forbidden: a permission was not granted, or the installation is suspended.
            NotFound: the installation is gone, or the repository is no part of it any more.
            GitHubError: of another kind.
        """
        if self._minted is None or self._clock.now() >= self._minted.expires_at - REFRESH_BEFORE:
            self._minted = self._mint()
        return self._minted.token

    def authorization(self) -> str:
        """The token, as a header's value."""
        return f"Bearer {self.value()}"

    def renew(self) -> bool:
        """GitHub did not take the token; the next one will be another."""
        had_one, self._minted = self._minted is not None, None
        return had_one

    def revoke(self, api: Api) -> None:
        """Ends the token over the API that it is used for. What cannot be ended now ends within the hour."""
        if self._minted is not None:
            with suppress(GitHubError):
                api.send("DELETE", "/installation/token", object, kind=Kind.READ)
            self._minted = None

    def _mint(self) -> _Minted:
        path = f"/app/installations/{self._installation_id}/access_tokens"
        body: dict[str, object] = {"permissions": self._permissions}
        if self._repository_id is not None:
            body["repository_ids"] = [self._repository_id]
        try:
            # One token too many does no harm, so this POST may be repeated.
            return self._app.send("POST", path, _Minted, body, kind=Kind.READ, repeatable=True)
        except Unprocessable as refused:
            raise self._why_not(refused) from None

    def _why_not(self, refused: Unprocessable) -> GitHubError:
        """The reason of a refusal, which GitHub gives in one sentence for many."""
        granted = self._app.get(f"/app/installations/{self._installation_id}", _Granted).permissions
        missing = tuple(
            f"{name}: {level}" for name, level in sorted(self._permissions.items()) if not _covers(granted, name, level)
        )
        if missing:
            return Forbidden(permission_sentence(missing), missing)
        return NotFound(f"Installation {self._installation_id} has no repository {self._repository_id}: {refused}")


def _covers(granted: Mapping[str, str], name: str, level: str) -> bool:
    has = granted.get(name, "none")
    return level in _LEVELS and has in _LEVELS and _LEVELS.index(has) >= _LEVELS.index(level)
