"""GitHub's faults and our own: whatever fails when, each thing is there once in the end."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

import bot.acting
import bot.workflows.context
from tests.bot.workflows.running import LEAK, install
from tests.github import Fault

if TYPE_CHECKING:
    from tests.bot.workflows.running import Service
    from tests.github import FakeGitHub

WRITES = {
    "the check is started": ("POST", "/repos/*/check-runs"),
    "inline comments": ("POST", "/repos/*/pulls/*/reviews"),
    "the comment": ("POST", "/repos/*/issues/*/comments"),
    "the check is finished": ("PATCH", "/repos/*/check-runs/*"),
}
FAULTS = [
    Fault.ERROR_BEFORE,
    Fault.ERROR_AFTER,
    Fault.DROP_BEFORE,
    Fault.DROP_AFTER,
    Fault.BAD_GATEWAY,
    Fault.FORBIDDEN_RETRY_AFTER,
]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fake's lists are never behind, and it is never away for long."""
    monkeypatch.setattr(bot.acting, "SETTLING", timedelta(0))
    monkeypatch.setattr(bot.workflows.context, "GITHUB_AWAY", timedelta(seconds=0.2))


@pytest.mark.parametrize("fault", FAULTS, ids=str)
@pytest.mark.parametrize("write", WRITES)
def test_a_write_that_fails(github: FakeGitHub, service: Service, write: str, fault: Fault) -> None:
    repository = install(github, service)
    service.settle()
    method, path = WRITES[write]
    github.faults.add(method, path, fault, seconds=1)
    pull = repository.open_pull_request("alice", "feature", files={"src/poll.js": LEAK})
    service.settle()
    assert len(pull.comments_by(service.app.app)) == 1
    assert len(pull.threads) == 1
    (check,) = repository.check_runs(pull.head_sha, "stanch")
    assert (check.status, check.conclusion, len(check.annotations)) == ("completed", "neutral", 0)


@pytest.mark.parametrize("fault", [Fault.ERROR_AFTER, Fault.DROP_AFTER], ids=str)
def test_an_answer_that_fails(github: FakeGitHub, service: Service, fault: Fault) -> None:
    repository = install(github, service)
    pull = repository.open_pull_request("alice", "feature", files={"src/other.js": "export {};\n"})
    service.settle()
    github.faults.add("POST", "/repos/*/issues/*/comments", fault)
    comment = pull.comment("alice", "/perf-scan help")
    service.settle()
    assert len(pull.comments_by(service.app.app)) == 1
    assert sorted(reaction.content for reaction in comment.reactions) == ["eyes", "rocket"]


def test_a_comment_that_somebody_deleted_stays_away(github: FakeGitHub, service: Service) -> None:
    repository = install(github, service)
    pull = repository.open_pull_request("alice", "feature", files={"src/poll.js": LEAK})
    service.settle()
    pull.comments_by(service.app.app)[0].delete("alice")
    pull.push({"src/other.js": "export {};\n"})
    service.settle()
    assert pull.comments_by(service.app.app) == []
    assert repository.check_runs(pull.head_sha, "stanch")[0].status == "completed"


def test_a_spoofed_comment_is_not_ours(github: FakeGitHub, service: Service) -> None:
    repository = install(github, service)
    pull = repository.open_pull_request("alice", "feature", files={"src/other.js": "export {};\n"})
    spoof = pull.comment("mallory", "<!-- stanch:v1 key=pull/1/review -->\n\nAll is well.")
    pull.push({"src/poll.js": LEAK})
    service.settle()
    assert spoof.body.endswith("All is well.")
    assert len(pull.comments_by(service.app.app)) == 1
