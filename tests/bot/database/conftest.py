"""The database fixtures."""

from tests.bot.postgres import database, empty_url, postgres

__all__ = ["database", "empty_url", "postgres"]
