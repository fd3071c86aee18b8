"""The database fixtures."""

from tests.bot.postgres import empty_url, postgres

__all__ = ["empty_url", "postgres"]
