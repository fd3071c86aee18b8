"""Pull requests from opening to closing, against the fake GitHub: each ends in the right state."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.bot.workflows.running import LEAK, MENDED, install

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bot.workflows.running import Service
    from tests.github import FakeGitHub, PullHandle, RepositoryHandle
    from tests.github.state import Thread

LEAKS = {"src/poll.js": LEAK}
CLEAN = {"src/poll.js": MENDED}


@dataclass(frozen=True)
class Row:
    """What happens to a pull request, and how it ends.

    `title`: what the comment begins with, None for no comment; `conclusion`: of the newest check on the head;
    `open_threads`: inline comments that are not done with.
    """

    name: str
    happens: Callable[[RepositoryHandle, Service], PullHandle]
    title: str | None
    conclusion: str
    open_threads: int


def opened(repository: RepositoryHandle, _service: Service, *, draft: bool = False, fork: bool = False) -> PullHandle:
    return repository.open_pull_request("alice", "feature", files=LEAKS, draft=draft, fork=fork)


def clean(repository: RepositoryHandle, _service: Service) -> PullHandle:
    return repository.open_pull_request("alice", "feature", files=CLEAN)


def mended(repository: RepositoryHandle, service: Service) -> PullHandle:
    pull = opened(repository, service)
    service.settle()
    pull.push(CLEAN)
    return pull


def pushed_before_it_was_read(repository: RepositoryHandle, service: Service) -> PullHandle:
    pull = opened(repository, service)
    for number in range(5):
        pull.push({"src/other.js": f"export const n = {number};\n"})
    return pull


def force_pushed(repository: RepositoryHandle, service: Service) -> PullHandle:
    pull = opened(repository, service)
    service.settle()
    pull.force_push(CLEAN)
    return pull


def rebased(repository: RepositoryHandle, service: Service) -> PullHandle:
    pull = opened(repository, service)
    service.settle()
    repository.push({"README.md": "# App\n"})
    pull.rebase()
    return pull


def renamed_file(repository: RepositoryHandle, service: Service) -> PullHandle:
    pull = opened(repository, service)
    service.settle()
    pull.push({"src/poll.js": None, "src/poller.js": LEAK})
    return pull


def closed(repository: RepositoryHandle, service: Service) -> PullHandle:
    pull = opened(repository, service)
    service.settle()
    pull.close()
    return pull


def reopened(repository: RepositoryHandle, service: Service) -> PullHandle:
    pull = closed(repository, service)
    service.settle()
    pull.reopen()
    return pull


def made_ready(repository: RepositoryHandle, service: Service) -> PullHandle:
    pull = opened(repository, service, draft=True)
    service.settle()
    pull.mark_ready()
    return pull


def retargeted(repository: RepositoryHandle, service: Service) -> PullHandle:
    """The new base has the leak already, and the head was made from it."""
    repository.push(LEAKS)
    repository.create_branch("release")
    repository.push({"src/poll.js": MENDED})
    pull = opened(repository, service)
    service.settle()
    pull.retarget("release")
    return pull


def moved_lines(repository: RepositoryHandle, service: Service) -> PullHandle:
    pull = opened(repository, service)
    service.settle()
    pull.push({"src/poll.js": f"// A poller.\n\n{LEAK}"})
    return pull


def renamed_repository(repository: RepositoryHandle, service: Service) -> PullHandle:
    pull = opened(repository, service)
    service.settle()
    repository.rename("application")
    pull.push(CLEAN)
    return pull


ONE = "This pull request introduces 1 leak"
NONE = "No leaks: what was reported here is gone"

OF_THE_APP = {"/app", "/app/hook/deliveries"}
"""What the service asks for on its own, whatever the reviews."""

ROWS = [
    Row("opened with a leak", opened, ONE, "neutral", 1),
    Row("opened without one", clean, None, "success", 0),
    Row("mended by a push", mended, NONE, "success", 0),
    Row("pushed to five times at once", pushed_before_it_was_read, ONE, "neutral", 1),
    Row("force-pushed", force_pushed, NONE, "success", 0),
    Row("rebased onto a newer base", rebased, ONE, "neutral", 1),
    Row("its file renamed", renamed_file, ONE, "neutral", 1),
    Row("its leak moved to other lines", moved_lines, ONE, "neutral", 1),
    Row("closed", closed, ONE, "neutral", 1),
    Row("closed and reopened", reopened, ONE, "neutral", 1),
    Row("a draft", lambda repository, service: opened(repository, service, draft=True), None, "neutral", 0),
    Row("a draft made ready", made_ready, ONE, "neutral", 1),
    Row("from a fork", lambda repository, service: opened(repository, service, fork=True), ONE, "neutral", 1),
    Row("onto another base that has the leak", retargeted, NONE, "success", 0),
    Row("in a repository that is renamed", renamed_repository, NONE, "success", 0),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_how_a_pull_request_ends(github: FakeGitHub, service: Service, row: Row) -> None:
    repository = install(github, service)
    pull = row.happens(repository, service)
    service.settle()
    comments = pull.comments_by(service.app.app)
    assert [title_of(comment.body) for comment in comments] == ([] if row.title is None else [row.title])
    checks = repository.check_runs(pull.head_sha, "stanch")
    assert [check.status for check in checks] == ["completed"] * len(checks)
    assert checks[0].conclusion == row.conclusion
    assert sum(not is_done(thread) for thread in pull.threads) == row.open_threads


def is_done(thread: Thread) -> bool:
    """Resolved, or said to be: a Review App may not resolve."""
    return thread.is_resolved or "done" in thread.comments[0].body.partition("\n")[2]


def title_of(body: str) -> str:
    """What a comment says first, without its markup and what follows."""
    line = next(line for line in body.splitlines() if line and not line.startswith("<!--"))
    return re.split(r"[;.]", line.removeprefix("### ").replace("**", ""))[0]


def test_how_many_requests_a_review_takes(github: FakeGitHub, service: Service) -> None:
    repository = install(github, service)
    github.forget_requests()
    opened(repository, service)
    service.settle()
    of_review = [item for item in github.requests if ".git" not in item.path and item.path not in OF_THE_APP]
    assert 8 <= len(of_review) <= 15, [f"{item.method} {item.path}" for item in of_review]
