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


def test_writes_that_fail(shared: Service) -> None:
    """Each way of failing for each write, in repositories of their own."""
    cases = [(name, fault, install(shared.github, shared)) for name in WRITES for fault in FAULTS]
    shared.settle()
    pulls = []
    for name, fault, repository in cases:
        method, path = WRITES[name]
        shared.github.faults.add(method, path.replace("*", repository.full_name, 1), fault, seconds=1)
        pulls.append(repository.open_pull_request("alice", "feature", files={"src/poll.js": LEAK}))
    shared.settle()
    wrong = []
    for (name, fault, repository), pull in zip(cases, pulls, strict=True):
        checks = [
            (check.status, check.conclusion, len(check.annotations))
            for check in repository.check_runs(pull.head_sha, "stanch")
        ]
        came = len(pull.comments_by(shared.app.app)), len(pull.threads), checks
        if came != (1, 1, [("completed", "neutral", 0)]):
            wrong.append(f"{name}, {fault.value}: {came}")
    assert not wrong, "\n".join(["", *wrong])


@pytest.mark.parametrize("fault", [Fault.ERROR_AFTER, Fault.DROP_AFTER], ids=str)
def test_an_answer_that_fails(shared: Service, fault: Fault) -> None:
    repository = install(shared.github, shared)
    pull = repository.open_pull_request("alice", "feature", files={"src/other.js": "export {};\n"})
    shared.settle()
    shared.github.faults.add("POST", "/repos/*/issues/*/comments", fault)
    comment = pull.comment("alice", "/perf-scan help")
    shared.settle()
    assert len(pull.comments_by(shared.app.app)) == 1
    assert sorted(reaction.content for reaction in comment.reactions) == ["eyes", "rocket"]


def test_a_comment_that_somebody_deleted_stays_away(shared: Service) -> None:
    repository = install(shared.github, shared)
    pull = repository.open_pull_request("alice", "feature", files={"src/poll.js": LEAK})
    shared.settle()
    pull.comments_by(shared.app.app)[0].delete("alice")
    pull.push({"src/other.js": "export {};\n"})
    shared.settle()
    assert pull.comments_by(shared.app.app) == []
    assert repository.check_runs(pull.head_sha, "stanch")[0].status == "completed"


def test_a_spoofed_comment_is_not_ours(shared: Service) -> None:
    repository = install(shared.github, shared)
    pull = repository.open_pull_request("alice", "feature", files={"src/other.js": "export {};\n"})
    spoof = pull.comment("mallory", "<!-- stanch:v1 key=pull/1/review -->\n\nAll is well.")
    pull.push({"src/poll.js": LEAK})
    shared.settle()
    assert spoof.body.endswith("All is well.")
    assert len(pull.comments_by(shared.app.app)) == 1
