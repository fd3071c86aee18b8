"""This machine: programs, disk, sandbox, database, and the file with the credentials."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Final

from bot.database.engine import open_database
from bot.database.errors import DatabaseError
from bot.database.migrations import schema_fault
from bot.git import printable
from bot.sandbox.means import Means
from bot.sandbox.parent import in_force
from bot.service.credentials import CredentialsError, FileCredentials, credentials_store
from bot.service.doctor.diagnosis import fail, ok, warn
from bot.settings import unknown_variables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from bot.github.models import Credentials
    from bot.sandbox.outcomes import Failure
    from bot.service.doctor.diagnosis import Diagnosis
    from bot.settings import Settings

OLDEST_GIT: Final = (2, 31)
LEAST_BYTES: Final = 500_000_000
ROOM_BYTES: Final = 5_000_000_000
NOT_SET_UP: Final = (
    "Run `stanch serve` and open the link that it prints; each start prints a new one until you are done."
)


def examine_machine(settings: Settings, environ: Mapping[str, str]) -> Iterator[Diagnosis]:
    """All that can be said without a network."""
    yield ok("python", f"Python {'.'.join(map(str, sys.version_info[:3]))}.")
    yield git_version(_git_answer())
    yield from (warn("settings", sentence, "Correct or remove it.") for sentence in unknown_variables(environ))
    yield from _state_folder(settings)
    yield sandbox(in_force(), is_required=settings.sandbox == "required")
    yield _database(settings)


def examine_credentials(settings: Settings) -> tuple[Credentials | None, list[Diagnosis]]:
    """The credentials, where they can be used, and what is to be said of them."""
    path = settings.private_key_file
    try:
        store = credentials_store(settings)
        path = store.path if isinstance(store, FileCredentials) else path
        credentials = store.load()
    except CredentialsError as error:
        return None, [fail("credentials", str(error), "Until then the service takes no delivery.")]
    if credentials is None or path is None:
        return None, [fail("credentials", "This service is not set up yet.", NOT_SET_UP)]
    found = f"The App with the id {credentials.app_id}, in {printable(path)}."
    return credentials, [ok("credentials", found), file_mode(path, path.stat(), os.geteuid())]


def git_version(answer: str | None) -> Diagnosis:
    """Whether git is there and new enough.

    Args:
        answer: what `git --version` prints; None when it cannot be run.
    """
    if answer is None:
        return fail("git", "git is not installed, or not on PATH.", "Install it: every scan reads from git.")
    match = re.search(r"\d+\.\d+(?:\.\d+)?", answer)
    number = tuple(map(int, match[0].split("."))) if match else (0, 0)
    if number < OLDEST_GIT:
        needed = ".".join(map(str, OLDEST_GIT))
        return fail("git", f"{answer.strip()}.", f"Install git {needed} or newer.")
    return ok("git", f"{answer.strip()}.")


def sandbox(found: Means | Failure, *, is_required: bool) -> Diagnosis:
    """Whether scans are kept from the network and from files that are none of their business."""
    if not isinstance(found, Means):
        return fail("sandbox", found.sentence, "Nothing can be scanned here; the sentence says why.")
    if not found.keeps_from_network:
        if is_required:
            return fail(
                "sandbox",
                found.sentence(),
                "The service does not start like this. Allow user namespaces or seccomp; or set "
                "STANCH_SANDBOX=if-available, if you trust everybody who can open a pull request.",
            )
        return warn("sandbox", found.sentence(), "Allow user namespaces or seccomp on this machine.")
    if not found.landlock:
        return warn("sandbox", found.sentence(), "Use a kernel with Landlock: Linux 5.13 or newer.")
    return ok("sandbox", found.sentence())


def disk(folder: Path, free: int) -> Diagnosis:
    """Whether there is room for the database and for fetched objects.

    Args:
        folder: where they are.
        free: bytes that are free there.
    """
    found = f"{free / 1e9:.1f} GB are free in {printable(folder)}."
    if free < LEAST_BYTES:
        return fail("disk", found, "Make room, or set STANCH_STATE_FOLDER to a larger disk.")
    if free < ROOM_BYTES:
        return warn("disk", found, "Make room, or set STANCH_OBJECT_STORE_LIMIT to less.")
    return ok("disk", found)


def file_mode(path: Path, status: os.stat_result, user: int) -> Diagnosis:
    """Whether only this user can read the file with the private key."""
    name = printable(path)
    mode = stat.S_IMODE(status.st_mode)
    # Kubernetes keeps a Secret as root's, and lets a pod's user read it by its group (`fsGroup`).
    if status.st_uid == 0 != user and mode & 0o077 == 0o040:
        return ok("key file", f"Only root and this user's group can read {name}.")
    if mode & 0o077:
        return fail("key file", f"{name} has the mode {mode:04o}: others can read it.", f"Run `chmod 600 {name}`.")
    if status.st_uid != user:
        return warn("key file", f"{name} belongs to another user.", f"Run `chown {user} {name}`.")
    return ok("key file", f"Only this user can read {name}.")


def _git_answer() -> str | None:
    try:
        done = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout


def _state_folder(settings: Settings) -> Iterator[Diagnosis]:
    folder = settings.state_folder
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        yield fail("state folder", f"{printable(folder)}: {error.strerror}.", "Set STANCH_STATE_FOLDER to a folder.")
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        yield fail("state folder", f"{printable(folder)} cannot be written to.", "Make it this user's own.")
        return
    yield ok("state folder", f"{printable(folder)} can be written to.")
    yield disk(folder, free)


def _database(settings: Settings) -> Diagnosis:
    url = settings.database_url
    kind = "The embedded PostgreSQL" if url is None else "The PostgreSQL of DATABASE_URL"
    try:
        opened = open_database(settings.state_folder, None if url is None else url.get_secret_value())
        with closing(opened), opened.begin() as connection:
            fault = schema_fault(connection)
    except DatabaseError as error:
        return fail("database", str(error), "Without it nothing is recorded and nothing is reviewed.")
    if fault is not None:
        return warn("database", fault, "`stanch serve` does so when it starts.")
    return ok("database", f"{kind} answers, and has this release's version.")
