"""The service against the fake GitHub: a real door, a real database, a real worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.bot.postgres import database, postgres
from tests.bot.workflows.running import Service
from tests.github import FakeGitHub

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.database.engine import Database

__all__ = ["database", "postgres"]


@pytest.fixture
def github(tmp_path: Path) -> Iterator[FakeGitHub]:
    """A fake GitHub; a request that GitHub would not understand fails the test."""
    with FakeGitHub(tmp_path / "github") as fake:
        yield fake


@pytest.fixture
def service(github: FakeGitHub, database: Database, tmp_path: Path) -> Iterator[Service]:
    """The service, its App registered and installed nowhere yet."""
    with Service(github, database, tmp_path / "state") as running:
        yield running
