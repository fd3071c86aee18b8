"""The fixtures of these tests."""

from tests.bot.postgres import empty_url, postgres

__all__ = ["empty_url", "postgres"]
