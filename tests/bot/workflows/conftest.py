"""The service against the fake GitHub: a real door, a real database, a real worker."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.workflows import delivering
from tests.bot.postgres import database, migrated_database, postgres
from tests.bot.workflows.running import Service
from tests.github import FakeGitHub

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.database.embedded import EmbeddedPostgres
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


@pytest.fixture(scope="module")
def shared_service(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that the tests of a module share, each in repositories of its own; it waits less for further pushes."""
    folder = tmp_path_factory.mktemp("shared")
    with (
        pytest.MonkeyPatch.context() as patch,
        # What the tests of a module do together is more than an installation may in so short a time.
        FakeGitHub(folder / "github", hourly_limit=None) as github,
        migrated_database(postgres, folder) as database,
        Service(github, database, folder / "state", rate_limits="none") as running,
    ):
        patch.setattr(delivering, "PUSH_WINDOW", timedelta(seconds=1))
        yield running


@pytest.fixture
def shared(shared_service: Service) -> Iterator[Service]:
    """The shared service, with nothing left undone or out of order by the test before."""
    yield shared_service
    shared_service.github.faults.clear()
