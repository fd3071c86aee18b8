"""The connection to the database: the embedded PostgreSQL by default, or the one that DATABASE_URL names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from bot.database.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sqlalchemy import URL, Connection, Engine

    from bot.database.embedded import EmbeddedPostgres

OLDEST: Final = 14
"""The oldest major version of PostgreSQL that is supported; older ones get no fixes any more."""
CONNECTIONS: Final = 20
"""How many connections a process has at most, beside the few of its worker."""

# As many as a worker's threads use at once, its jobs and its steps: each one beyond these is a process that the server
# begins and ends for a moment's work, which the door on the same machine waits for.
_KEPT_OPEN: Final = 10
_DRIVERS: Final = frozenset({"postgresql", "postgres", "postgresql+psycopg"})


@dataclass(frozen=True)
class Database:
    """An open database. `url` is its address as libpq reads it; it may hold a password, so it is never shown."""

    engine: Engine
    url: str
    embedded: EmbeddedPostgres | None = None

    def __repr__(self) -> str:
        return f"Database({self.engine.url!r})"

    def begin(self) -> AbstractContextManager[Connection]:
        """A transaction: committed at the end of the block, rolled back when it raises."""
        return self.engine.begin()

    def close(self) -> None:
        """Closes the connections; stops the embedded server where nobody else uses it."""
        self.engine.dispose()
        if self.embedded is not None:
            self.embedded.close()


def open_database(state: Path, url: str | None = None, *, settings: Mapping[str, str] | None = None) -> Database:
    """Opens the database, without looking at what is in it: see `migrations`.

    Args:
        state: the state folder, in which the embedded PostgreSQL lives.
        url: the address of another PostgreSQL (`DATABASE_URL`); with it, none is started.
        settings: see `embedded.start`.

    Raises:
        DatabaseError: the address is none, or nothing that can be used answers there; see also `embedded.start`.
    """
    if url is not None:
        return _checked(_connect(_parsed(url)))
    # Loaded only here: its programs are not there for every system.
    try:
        from bot.database.embedded import start  # noqa: PLC0415
    except ImportError as error:
        raise DatabaseError(
            f"There is no embedded PostgreSQL for this system ({error}); set DATABASE_URL to one of your own."
        ) from None
    server = start(state, settings)
    return _checked(_connect(_parsed(server.url()), server))


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise DatabaseError(
            "DATABASE_URL is no address of a database; write it as postgresql://user:password@host/database."
        ) from None
    if parsed.drivername not in _DRIVERS:
        raise DatabaseError(
            f"DATABASE_URL begins with {parsed.drivername}://; Stanch needs PostgreSQL: postgresql://user:password@host/database."
        )
    return parsed.set(drivername="postgresql+psycopg")


def _connect(url: URL, embedded: EmbeddedPostgres | None = None) -> Database:
    engine = create_engine(
        url,
        pool_size=_KEPT_OPEN,
        max_overflow=CONNECTIONS - _KEPT_OPEN,
        # After a restart of the server, the pool's connections are dead.
        pool_pre_ping=True,
        connect_args={"connect_timeout": 10, "application_name": "stanch", "options": "-c timezone=UTC"},
    )
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return Database(engine, plain, embedded)


def _checked(database: Database) -> Database:
    try:
        with database.begin() as connection:
            version = int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10_000
    except (OperationalError, DBAPIError) as error:
        database.close()
        reason = str(error.orig).strip().splitlines()
        raise DatabaseError(
            f"The database {database.engine.url!r} does not answer: {reason[0] if reason else 'no reason given'}. "
            f"Check DATABASE_URL and that PostgreSQL runs."
        ) from None
    if version < OLDEST:
        database.close()
        raise DatabaseError(
            f"The database {database.engine.url!r} is PostgreSQL {version}; Stanch needs {OLDEST} or newer."
        )
    return database
