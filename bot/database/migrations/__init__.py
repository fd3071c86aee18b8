"""The schema and its versions: one command brings any database to the version that this release needs.

A revision is a module in `versions`. Procrastinate's own schema is part of them, so that one version speaks for both:
when Procrastinate changes its schema, the next revision runs its migrations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, select

from bot.database.errors import DatabaseError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.database.engine import Database

# Any number that nobody else's advisory locks in this database use.
_LOCK: Final = 7_351_820_462


def migrate(database: Database) -> None:
    """Brings the schema to this release's version, all of it or nothing; one process at a time does so.

    Raises:
        DatabaseError: the schema is a newer release's.
    """
    with database.begin() as connection:
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        config = _config()
        config.attributes["connection"] = connection
        _refuse_newer(_version(connection), config)
        command.upgrade(config, "head")


def schema_fault(connection: Connection) -> str | None:
    """A sentence on what is wrong with the schema's version; None when this release can work with it."""
    found, needed = _version(connection), ScriptDirectory.from_config(_config()).get_current_head()
    if found == needed:
        return None
    return f"The database's schema has version {found or 'none'}, and this release needs {needed}; run its migrations."


def _version(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "bot.database:migrations")
    return config


def _refuse_newer(found: str | None, config: Config) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise DatabaseError(
            f"The database's schema has version {found}, which this release does not know: a newer one made it. "
            f"Use that release, or restore the database from before."
        )
