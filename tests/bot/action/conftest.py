"""A fake GitHub whose repositories have workflows; the Action judges in this process, which is quicker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import bot.sandbox.jobs
from bot.sandbox.jobs import judge_inside
from bot.sandbox.means import Means
from tests.bot.action.jobs import Workflow, workflow
from tests.github import FakeGitHub

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bot.sandbox.wire import Call


@pytest.fixture
def github(tmp_path: Path) -> Iterator[FakeGitHub]:
    """A fake GitHub; a request that GitHub would not understand fails the test."""
    with FakeGitHub(tmp_path / "github", hourly_limit=1000) as fake:
        yield fake


@pytest.fixture(autouse=True)
def judged_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the sandbox does, in this process; tests/runner runs the real one."""

    def judge_here(call: Call, _stop: Callable[[], bool] | None = None) -> bytes:
        return judge_inside(call.payload, Means(namespaces=False, seccomp=True, landlock=0))

    monkeypatch.setattr(bot.sandbox.jobs, "run", judge_here)


@pytest.fixture
def jobs(github: FakeGitHub, tmp_path: Path) -> Workflow:
    """A repository in which alice may write, with a workflow that uses the Action."""
    repository = github.create_repository("octo/app", files={"src/poll.js": "export {};\n"})
    repository.set_role("alice", "write")
    return workflow(github, repository, tmp_path / "jobs")
