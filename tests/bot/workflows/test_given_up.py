"""A command over which Stanch fails: whoever gave it is told, once, and nothing else is held up."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

import bot.acting
from bot.jobs.model import Kind
from bot.workflows import wiring
from tests.bot.workflows.running import LEAK, install, undone

if TYPE_CHECKING:
    from tests.bot.workflows.running import Service
    from tests.github import FakeGitHub, PullHandle, RepositoryHandle

SAYS = "Stanch failed over this, and has given it up. It failed with an error of its own (ValueError)."


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Failures are tried again at once; the fake's lists are never behind."""
    soon = timedelta(seconds=0.1)
    monkeypatch.setattr(wiring, "Kind", partial(Kind, backoff=(soon, soon)))
    monkeypatch.setattr(bot.acting, "SETTLING", timedelta(0))


@pytest.fixture
def repository(github: FakeGitHub, service: Service) -> RepositoryHandle:
    repository = install(github, service)
    repository.set_role("rita", "read")
    return repository


@pytest.fixture
def pull(repository: RepositoryHandle, service: Service) -> PullHandle:
    pull = repository.open_pull_request("alice", "feature", files={"src/poll.js": LEAK})
    service.settle()
    return pull


def crash(*_: object, **__: object) -> None:
    raise ValueError("a defect of our own")


def test_whoever_gave_a_command_is_told(
    service: Service, repository: RepositoryHandle, pull: PullHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.workflows.answering.judge", crash)
    written = pull.comment("alice", "/perf-scan ignore nothing It ends with the process")
    inline = pull.reply("alice", pull.threads[0], "/perf-scan explain nothing")
    (check,) = repository.check_runs(pull.head_sha, "stanch")
    repository.press_button(check, "fix", "alice")
    refused = pull.comment("rita", "/perf-scan ignore nothing It ends with the process")
    service.settle()
    replies = [comment.body for comment in pull.comments_by(service.app.app)]
    replies.append(inline.thread.comments[-1].body)
    said = sorted("again" in body.partition(SAYS)[2] for body in replies)
    # The sticky comment and the refusal say nothing of it.
    assert said == [False, False, True, True, True]
    assert len(inline.thread.comments) == 3
    reactions = [[reaction.content for reaction in comment.reactions] for comment in (written, inline, refused)]
    assert reactions == [["eyes", "confused"], ["eyes", "confused"], ["confused"]]
    assert undone(service.database) == 0


def test_what_cannot_be_told_is_put_aside(service: Service, pull: PullHandle, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("bot.workflows.answering.ignored_in", crash)
        command = pull.comment("alice", "/perf-scan help")
        service.settle()
    assert (undone(service.database), len(command.reactions)) == (0, 0)
    pull.comment("alice", "/perf-scan help")
    service.settle()
    assert len(pull.comments_by(service.app.app)) == 2
