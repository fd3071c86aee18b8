"""The flow of setup: a one-time link, a choice, GitHub, and back with a code that becomes the App's credentials.

What is remembered between the steps is remembered in this process only, as digests: a restart prints another link.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import structlog

from bot.github.errors import GitHubError
from bot.github.manifest import Size, manifest, registration_url
from bot.service.credentials import CredentialsError
from bot.service.parts import CredentialsStore
from bot.service.setup.choice import Choice
from bot.service.webhook import PATH as WEBHOOK_PATH
from bot.settings import GITHUB

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.github.models import Credentials

LINK_SECONDS: Final = 24 * 3600
STATE_SECONDS: Final = 3600
"""GitHub's code is worth something for an hour ("Registering a GitHub App from a manifest")."""
_MOST_STATES: Final = 20
_log = structlog.get_logger("stanch.setup")


class SetupError(Exception):
    """A step of setup failed; the message says what to do."""


class CredentialsKeeper(CredentialsStore, Protocol):
    """Where credentials are, and where new ones can be put."""

    def save(self, credentials: Credentials) -> None:
        """Keeps the credentials, whole or not at all.

        Raises:
            OSError: they cannot be written.
        """


class Convert(Protocol):
    """What exchanges a code for credentials: `bot.github.manifest.convert`."""

    def __call__(self, code: str, api_url: str, *, html_url: str | None = None) -> Credentials:
        """The credentials.

        Raises:
            GitHubError: GitHub did not take the code, or could not be reached.
        """


@dataclass(frozen=True)
class Pending:
    """A choice that is on its way through GitHub."""

    choice: Choice
    browser: bytes
    expires: float


@dataclass(frozen=True)
class Registered:
    """The App as it is registered now."""

    credentials: Credentials
    size: Size


@dataclass(frozen=True)
class Begun:
    """The form that the browser sends to GitHub, and what the browser has to bring back.

    Attributes:
        address: where the form goes.
        manifest: what is in it.
        browser: a random text for a cookie, so that only this browser can go on.
    """

    address: str
    manifest: Mapping[str, object]
    browser: str


class Setup:
    """The one-time link and what has begun with it.

    Args:
        store: where the credentials go; once it has some, setup is over.
        convert: exchanges GitHub's code for credentials.
        base_url: where the person's browser reaches the service.
        public_url: where GitHub reaches it, if that is known: the form's first proposal.
        github_url: the form's proposal of a GitHub.
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        store: CredentialsKeeper,
        convert: Convert,
        *,
        base_url: str,
        public_url: str | None,
        github_url: str,
        clock: Callable[[], float],
    ) -> None:
        self.base_url = base_url
        self._public_url = public_url
        self._github_url = github_url
        self._store = store
        self._convert = convert
        self._clock = clock
        self._link = b""
        self._link_expires = 0.0
        self._pending: dict[bytes, Pending] = {}
        self._lock = threading.Lock()

    def new_link(self) -> str:
        """A link to the setup page; any earlier one is dead with it."""
        token = secrets.token_urlsafe(32)
        self._link = _digest(token)
        self._link_expires = self._clock() + LINK_SECONDS
        return f"{self.base_url}/setup/{token}"

    @property
    def is_over(self) -> bool:
        """Whether there are credentials, even damaged ones: then nothing of setup answers any more."""
        try:
            return self._store.load() is not None
        except CredentialsError:
            return True

    def proposal(self) -> dict[str, str]:
        """What the form holds when it is opened."""
        elsewhere = self._github_url != GITHUB
        return {
            "size": Size.REVIEW,
            "owner": "person",
            "github": "elsewhere" if elsewhere else "github.com",
            "github_url": self._github_url if elsewhere else "",
            "webhook_url": f"{self._public_url}{WEBHOOK_PATH}" if self._public_url else "",
        }

    def is_alive(self, token: str) -> bool:
        """Whether this is the token of the link, and setup is still to be done."""
        in_time = self._clock() < self._link_expires
        return hmac.compare_digest(_digest(token), self._link) and in_time and not self.is_over

    def begin(self, choice: Choice) -> Begun:
        """The way to GitHub for a choice. What has begun longest ago is forgotten where too much has begun."""
        state, browser = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        with self._lock:
            while len(self._pending) >= _MOST_STATES:
                del self._pending[next(iter(self._pending))]
            self._pending[_digest(state)] = Pending(choice, _digest(browser), self._clock() + STATE_SECONDS)
        made = manifest(
            choice.size,
            name=f"Stanch {choice.organisation or secrets.token_hex(3)}",
            homepage_url=choice.homepage_url,
            webhook_url=choice.webhook_url,
            redirect_url=f"{self.base_url}/setup/callback",
        )
        return Begun(registration_url(choice.github_url, state, choice.organisation), made, browser)

    def finish(self, code: str, state: str, browser: str) -> Registered:
        """Turns the code into credentials and keeps them; then the link is dead.

        Args:
            code: what GitHub sent back.
            state: what it was given by `begin`; it counts once.
            browser: what the browser was given by `begin`.

        Raises:
            SetupError: this is not the way back from a step that began here, or GitHub did not take the code.
        """
        with self._lock:
            pending = self._pending.pop(_digest(state), None)
            if pending is None or self._clock() >= pending.expires:
                raise SetupError("This step is over, or did not begin here. Open the setup link again.")
            if not hmac.compare_digest(_digest(browser), pending.browser):
                raise SetupError("This step began in another browser. Open the setup link again, in this one.")
            if self.is_over:
                raise SetupError("The App is registered already.")
            credentials = self._converted(pending.choice, code)
            self._keep(credentials)
            self._link = b""
            self._pending.clear()
            return Registered(credentials, pending.choice.size)

    def _converted(self, choice: Choice, code: str) -> Credentials:
        try:
            return self._convert(code, choice.api_url, html_url=choice.github_url)
        except GitHubError as error:
            _log.error("GitHub did not take the code", reason=str(error))
            raise SetupError(
                f"GitHub did not hand over the App's credentials. {error} If the App is registered, delete it on "
                "GitHub; then open the setup link again."
            ) from error

    def _keep(self, credentials: Credentials) -> None:
        try:
            self._store.save(credentials)
        except OSError as error:
            _log.error("the credentials cannot be written", exc_info=error)
            raise SetupError(
                f"The App {credentials.slug} is registered, but its credentials cannot be written: {error.strerror}. "
                "Mend that, delete the App on GitHub, and open the setup link again."
            ) from error


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
