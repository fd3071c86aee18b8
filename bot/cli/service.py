"""What the commands of the service have in common: its libraries and settings, and its errors as sentences."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot.cli.exits import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.settings import Settings


@contextmanager
def service_libraries(command: str) -> Iterator[None]:
    """A block that imports libraries of the service.

    Raises:
        UsageError: one of them is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing in {"", "bot", "fixers"}:
            raise
        raise UsageError(
            f"`stanch {command}` needs {missing}, which is not installed; in the clone of Stanch, run `make service`, "
            "elsewhere install `stanch[service]`"
        ) from None


def settings_of_this_process() -> Settings:
    """The settings.

    Raises:
        UsageError: with a line for each that is not valid.
    """
    from bot.settings import SettingsError, load_settings  # noqa: PLC0415 - not without the extra

    try:
        return load_settings()
    except SettingsError as error:
        raise UsageError("the settings are not valid: " + str(error).replace(".\n", "\n")) from None


@contextmanager
def sentences() -> Iterator[None]:
    """A block in which errors of the service that a person can mend become one sentence.

    Raises:
        UsageError: in their place.
    """
    from bot.database.errors import DatabaseError  # noqa: PLC0415
    from bot.service.credentials import CredentialsError  # noqa: PLC0415
    from bot.service.running import ListenError  # noqa: PLC0415

    try:
        yield
    except (CredentialsError, DatabaseError, ListenError) as error:
        raise UsageError(str(error)) from None


def require_sandbox(settings: Settings) -> None:
    """Makes sure that scans are confined on this machine, unless the settings do without.

    Raises:
        UsageError: they are not.
    """
    from bot.sandbox.parent import in_force  # noqa: PLC0415
    from bot.service.doctor.machine import sandbox  # noqa: PLC0415

    found = sandbox(in_force(), is_required=settings.sandbox == "required")
    if found.state == "fail":
        raise UsageError(f"{found.found} {found.advice}")
