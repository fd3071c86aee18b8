"""The database fixtures."""

from tests.bot.postgres import database, postgres

__all__ = ["database", "postgres"]
