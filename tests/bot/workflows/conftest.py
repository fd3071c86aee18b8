"""The service against the fake GitHub: a real door, a real database, a real worker."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

import bot.judging  # jobs that begin at the same time would load it at the same time
import bot.sandbox.jobs
from bot.sandbox.jobs import judge_inside
from bot.sandbox.means import Means
from bot.workflows import delivering
from tests.bot.postgres import database, migrated_database, postgres
from tests.bot.workflows.running import Service
from tests.github import FakeGitHub

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bot.database.embedded import EmbeddedPostgres
    from bot.database.engine import Database
    from bot.sandbox.wire import Call

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
    """A service that the tests of a module share, each in repositories of its own.

    It is quicker than a real one: it waits less for further pushes, and judges without a process for each scan.
    """
    folder = tmp_path_factory.mktemp("shared")
    with (
        pytest.MonkeyPatch.context() as patch,
        # What the tests of a module do together is more than an installation may in so short a time.
        FakeGitHub(folder / "github", hourly_limit=None) as github,
        migrated_database(postgres, folder) as database,
        Service(github, database, folder / "state", rate_limits="none") as running,
    ):
        patch.setattr(delivering, "PUSH_WINDOW", timedelta(seconds=1))
        patch.setattr(bot.sandbox.jobs, "run", judge_here)
        yield running


def judge_here(call: Call, _stop: Callable[[], bool] | None = None) -> bytes:
    """What the sandbox does, in this process."""
    return judge_inside(call.payload, Means(namespaces=False, seccomp=True, landlock=0))


@pytest.fixture
def shared(shared_service: Service) -> Iterator[Service]:
    """The shared service, with nothing left undone or out of order by the test before."""
    yield shared_service
    shared_service.github.faults.clear()
