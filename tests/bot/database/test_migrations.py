"""The schema and its versions."""

from __future__ import annotations

import threading
from importlib import resources
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from procrastinate.schema import SchemaManager
from sqlalchemy import text

from bot.database.engine import open_database
from bot.database.errors import DatabaseError
from bot.database.migrations import migrate, schema_fault
from bot.database.tables import METADATA

if TYPE_CHECKING:
    from pathlib import Path

    from bot.database.engine import Database


def test_the_tables_are_those_that_the_migrations_make(database: Database) -> None:
    with database.begin() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_name": lambda name, kind, _: kind != "table" or not str(name).startswith("procrastinate")},
        )
        assert compare_metadata(context, METADATA) == []


def test_two_that_migrate_at_once_do_it_once(empty_url: str, tmp_path: Path) -> None:
    opened = [open_database(tmp_path, empty_url) for _ in range(3)]
    with opened[0].begin() as connection:
        fault = schema_fault(connection)
    assert fault is not None
    assert "version none" in fault
    failures: list[BaseException] = []

    def run(database: Database) -> None:
        try:
            migrate(database)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=[database]) for database in opened]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    with opened[0].begin() as connection:
        assert schema_fault(connection) is None
    for database in opened:
        database.close()


def test_to_migrate_again_changes_nothing(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(text("INSERT INTO limits (installation_id, state) VALUES (1, '{}')"))
    migrate(database)
    with database.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM limits")).scalar_one() == 1


def test_a_newer_releases_schema_is_left_alone_with_a_sentence(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        fault = schema_fault(connection)
    assert fault is not None
    assert "version 9999" in fault
    with pytest.raises(DatabaseError, match="version 9999, which this release does not know"):
        migrate(database)


def test_procrastinates_schema_is_the_installed_ones() -> None:
    """When this fails, Procrastinate has changed its schema: add a revision that runs its migrations."""
    ours = (resources.files("bot.database.migrations") / "procrastinate_3_4.sql").read_text(encoding="utf-8")
    assert ours.endswith(SchemaManager.get_schema())
