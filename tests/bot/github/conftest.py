"""A scripted server and a fake GitHub, each with a client of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.bot.github.apis import api_at
from tests.bot.github.clocks import TestClock
from tests.bot.github.places import Place, place
from tests.bot.github.samples import CODE
from tests.bot.github.scripted import ScriptedGitHub

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.github.api import Api
    from bot.github.repository import RepositoryClient
    from tests.github import PullHandle


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def github() -> Iterator[ScriptedGitHub]:
    with ScriptedGitHub() as server:
        yield server


@pytest.fixture
def api(github: ScriptedGitHub, clock: TestClock) -> Api:
    return api_at(github.url, clock)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    with place(tmp_path / "github") as made:
        yield made


@pytest.fixture
def client(here: Place) -> Iterator[RepositoryClient]:
    with here.client() as made:
        yield made


@pytest.fixture
def pull(here: Place) -> PullHandle:
    return here.repository.open_pull_request("alice", "feature", files={"src/poll.ts": CODE}, title="Poll")
