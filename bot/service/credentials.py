"""The App's credentials: a file in the state folder that setup writes, or settings of the environment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import msgspec

from bot.atomic import replace_file
from bot.git import printable
from bot.github.auth import can_sign
from bot.github.models import Credentials

if TYPE_CHECKING:
    from pathlib import Path

    from bot.settings import Settings

FILE_NAME: Final = "credentials.json"
_MOST_BYTES: Final = 100_000


class CredentialsError(Exception):
    """There are credentials, and they cannot be used; the message says why and what to do."""


def credentials_store(settings: Settings) -> FileCredentials | GivenCredentials:
    """Where the credentials of this installation are: in the settings, where they name an App, else in its file.

    Raises:
        CredentialsError: the settings name a private key that cannot be read, or is none.
    """
    if settings.app_id is None or settings.private_key_file is None:
        return FileCredentials(settings.state_folder / FILE_NAME)
    private_key = _read(settings.private_key_file, "STANCH_PRIVATE_KEY_FILE").decode("utf-8", "replace")
    if not can_sign(private_key):
        where = f"STANCH_PRIVATE_KEY_FILE, {printable(settings.private_key_file)},"
        raise CredentialsError(f"{where} holds no private key; it should be the PEM file from GitHub.")
    return GivenCredentials(
        Credentials(
            app_id=settings.app_id,
            slug="",
            private_key=private_key,
            webhook_secrets=tuple(secret.get_secret_value() for secret in settings.webhook_secrets),
            api_url=settings.api_url,
            html_url=settings.github_url,
        )
    )


class GivenCredentials:
    """Credentials of the environment. Their slug is empty: GitHub knows it."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    def load(self) -> Credentials:
        """The credentials."""
        return self._credentials


class FileCredentials:
    """Credentials in a file, read anew when it changes, so that a new secret in it needs no restart.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, ...] = ()
        self._credentials: Credentials | None = None

    def load(self) -> Credentials | None:
        """The credentials now; None when there is no file.

        Raises:
            CredentialsError: the file cannot be used.
        """
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise CredentialsError(f"{printable(self.path)}: {error.strerror}.") from None
        seen = (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)
        if seen != self._seen or self._credentials is None:
            self._credentials = _decoded(_read(self.path, printable(self.path)), printable(self.path))
            self._seen = seen
        return self._credentials

    def save(self, credentials: Credentials) -> None:
        """Keeps the credentials in one step, readable for this user alone.

        Raises:
            OSError: they cannot be written.
        """
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        data = msgspec.json.format(msgspec.json.encode(credentials), indent=2) + b"\n"
        replace_file(self.path, data, mode=0o600)


def _decoded(data: bytes, where: str) -> Credentials:
    try:
        credentials = msgspec.json.decode(data, type=Credentials)
    except msgspec.MsgspecError as error:
        # Its message names fields and types, never values.
        raise CredentialsError(f"{where} is damaged: {error}. Restore it, or move it away and set up anew.") from None
    if not credentials.webhook_secrets or not all(credentials.webhook_secrets):
        raise CredentialsError(f"{where} holds no webhook secret.")
    if not can_sign(credentials.private_key):
        raise CredentialsError(
            f"{where} holds no private key that can sign. Make a new one on the App's page on GitHub, and put its text "
            "in the place of `private_key`."
        )
    return credentials


def _read(path: Path, name: str) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            return file.read(_MOST_BYTES)
    except OSError as error:
        raise CredentialsError(f"{name} cannot be read: {error.strerror}.") from None
