"""Opening the database."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import text

from bot.database import engine
from bot.database.engine import open_database
from bot.database.errors import DatabaseError
from tests.bot.postgres import FAST

if TYPE_CHECKING:
    from bot.database.engine import Database


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("nonsense", "no address of a database"),
        ("postgresql://localhost:port/stanch", "no address of a database"),
        ("mysql://ada:hush@localhost/stanch", "begins with mysql://"),
        ("postgresql://ada:hush@localhost:1/stanch", "does not answer: .*Check DATABASE_URL"),
        ("postgres://ada:hush@/stanch?host=/nowhere", "does not answer: .*Check DATABASE_URL"),
    ],
)
def test_an_address_that_cannot_be_used_is_said_so_without_its_password(
    tmp_path: Path, url: str, sentence: str
) -> None:
    with pytest.raises(DatabaseError, match=sentence) as caught:
        open_database(tmp_path, url)
    assert "hush" not in str(caught.value)


def test_a_password_is_never_shown(database: Database, tmp_path: Path) -> None:
    opened = open_database(tmp_path, database.url.replace("postgres@", "postgres:hush@"))
    assert "hush" in opened.url
    assert "hush" not in repr(opened)
    assert "hush" not in repr(opened.engine)
    opened.close()


def test_a_server_that_is_too_old_is_said_so(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "OLDEST", 99)
    with pytest.raises(DatabaseError, match="is PostgreSQL 18; Stanch needs 99 or newer"):
        open_database(tmp_path, database.url)


def test_a_system_without_the_embedded_one_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bot.database.embedded", None)
    with pytest.raises(DatabaseError, match=r"no embedded PostgreSQL for this system .*set DATABASE_URL"):
        open_database(tmp_path)


def test_without_an_address_it_is_the_embedded_one() -> None:
    state = Path(tempfile.mkdtemp(prefix="stanch-"))
    opened = open_database(state, settings=FAST)
    with opened.begin() as connection:
        assert connection.execute(text("SHOW timezone")).scalar_one() == "UTC"
        assert connection.execute(text("SELECT current_database()")).scalar_one() == "stanch"
    opened.close()
    shutil.rmtree(state)


def test_connections_survive_a_restart_of_the_server(database: Database) -> None:
    with psycopg.connect(database.url, autocommit=True) as connection:
        end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
        assert connection.execute(end, [connection.info.dbname]).fetchall()
    with database.begin() as again:
        assert again.execute(text("SELECT 1")).scalar_one() == 1
