"""A machine with Stanch's action on it, and a repository at the fake GitHub whose jobs it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.bot.action.jobs import workflow
from tests.github import FakeGitHub
from tests.runner.machine import machine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.bot.action.jobs import Workflow
    from tests.runner.machine import Machine


@pytest.fixture
def github(tmp_path: Path) -> Iterator[FakeGitHub]:
    """A fake GitHub."""
    with FakeGitHub(tmp_path / "github") as fake:
        yield fake


@pytest.fixture
def jobs(github: FakeGitHub, tmp_path: Path) -> Workflow:
    """A repository in which alice may write."""
    repository = github.create_repository("octo/app", files={"src/poll.js": "export {};\n"})
    repository.set_role("alice", "write")
    return workflow(github, repository, tmp_path / "work")


@pytest.fixture
def runner(tmp_path: Path) -> Machine:
    """A runner."""
    return machine(tmp_path / "runner")
