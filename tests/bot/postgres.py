"""A real PostgreSQL for tests: one server for the whole run, and a fresh migrated database for each test.

A folder's conftest.py imports the fixtures it needs:

    from tests.bot.postgres import database, postgres

    __all__ = ["database", "postgres"]

The first test that asks starts the server, under a second; a database is a copy of a template and takes some 50 ms.
"""

from __future__ import annotations

import shutil
import tempfile
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psycopg
import pytest

from bot.database.embedded import start
from bot.database.engine import open_database
from bot.database.migrations import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.database.embedded import EmbeddedPostgres
    from bot.database.engine import Database

FAST: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
"""What makes a server fast and its data worthless after a crash of the machine."""

_TEMPLATE: Final = "template"
_LOCK: Final = 1


@pytest.fixture(scope="session")
def postgres(testrun_uid: str) -> Iterator[EmbeddedPostgres]:
    """A running server, the same for all processes of the test run; it ends with the last of them."""
    # Not below pytest's own temporary folder, which lets no other user in, and whose path is too long for a socket.
    state = Path(tempfile.gettempdir()) / f"stanch-{testrun_uid[:12]}"
    server = start(state, FAST)
    try:
        _make_template(server)
        yield server
    finally:
        if server.close():
            shutil.rmtree(state, ignore_errors=True)


@pytest.fixture
def empty_url(postgres: EmbeddedPostgres) -> Iterator[str]:
    """The address of an empty database of the test's own."""
    with _new_database(postgres, "template0") as url:
        yield url


@pytest.fixture
def database(postgres: EmbeddedPostgres, tmp_path: Path) -> Iterator[Database]:
    """A migrated database of the test's own. Other processes reach it by its `url`."""
    with migrated_database(postgres, tmp_path) as opened:
        yield opened


@contextmanager
def migrated_database(server: EmbeddedPostgres, folder: Path) -> Iterator[Database]:
    """A migrated database for as long as the block lasts, for what several tests share."""
    with _new_database(server, _TEMPLATE) as url:
        opened = open_database(folder, url)
        yield opened
        opened.close()


@contextmanager
def _new_database(server: EmbeddedPostgres, template: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        yield server.url(name)
        # FORCE: a worker that was killed may not have been noticed yet.
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _make_template(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_TEMPLATE]).fetchone():
            return
        connection.execute("CREATE DATABASE being_made TEMPLATE template0")
        made = open_database(server.folder, server.url("being_made"))
        migrate(made)
        made.close()
        connection.execute(f"ALTER DATABASE being_made RENAME TO {_TEMPLATE}")
