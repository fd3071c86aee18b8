"""Whose pull request it is, what may be seen of the repository, and what has happened: one table for the Action.

The same table for the App is tests/bot/workflows/test_matrix.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pytest

from tests.bot.action.jobs import READ, WRITE, workflow
from tests.bot.workflows.running import LEAK
from tests.github.state import Kind

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bot.action.jobs import Done, Workflow
    from tests.github import FakeGitHub, PullHandle

LEAKS: Final = {"src/poll.js": LEAK}
ORIGINS: Final = ("same repository", "fork", "Dependabot")
VISIBILITIES: Final = ("public", "private")


@dataclass(frozen=True)
class Ends:
    """How a cell ends.

    Attributes:
        comments: of ours on the pull request, answers to commands apart.
        check: the conclusion of our check on the commit; None: there is none.
        threads: inline comments.
        annotations: workflow commands at a file.
        replies: answers to commands.
    """

    comments: int
    check: str | None
    threads: int = 0
    annotations: int = 0
    replies: int = 0


WRITTEN: Final = Ends(comments=1, check="neutral", threads=1)
SHOWN: Final = Ends(comments=0, check=None, annotations=1)
"""What a job may show whose token reads only."""

PULL_REQUESTS: Final = {
    ("same repository", "pull_request"): WRITTEN,
    ("fork", "pull_request"): SHOWN,
    ("Dependabot", "pull_request"): SHOWN,
    # What the first workflow could do itself is not done again.
    ("same repository", "workflow_run"): WRITTEN,
    ("fork", "workflow_run"): WRITTEN,
    ("Dependabot", "workflow_run"): WRITTEN,
    ("same repository", "issue_comment"): Ends(comments=1, check="neutral", threads=1, replies=1),
    ("fork", "issue_comment"): Ends(comments=1, check="neutral", threads=1, replies=1),
    ("Dependabot", "issue_comment"): Ends(comments=1, check="neutral", threads=1, replies=1),
    ("same repository", "merge_group"): Ends(comments=1, check="neutral", threads=1),
    ("fork", "merge_group"): Ends(comments=0, check="neutral", annotations=0),
    ("Dependabot", "merge_group"): Ends(comments=0, check="neutral", annotations=0),
}


@pytest.mark.parametrize("visibility", VISIBILITIES)
@pytest.mark.parametrize(("origin", "event"), PULL_REQUESTS)
def test_a_pull_request(github: FakeGitHub, tmp_path: Path, origin: str, event: str, visibility: str) -> None:
    jobs = repository(github, tmp_path, visibility)
    pull = opened(jobs, origin)
    done = jobs.on_pull_request(pull, WRITE if origin == "same repository" else READ)
    head = pull.head_sha
    match event:
        case "workflow_run":
            done = jobs.on_workflow_run(head)
        case "issue_comment":
            done = jobs.on_comment(pull, pull.comment("alice", "/perf-scan"))
        case "merge_group":
            branch, head = jobs.repository.merge_queue(pull)
            done = jobs.on_queue(branch, head)
    assert done.code == 0, done.log
    assert ended(jobs, pull, head, done) == PULL_REQUESTS[origin, event], done.log
    assert done.summary.startswith("## Stanch")


@pytest.mark.parametrize("permissions", [WRITE, READ], ids=["may write", "may read"])
@pytest.mark.parametrize("visibility", VISIBILITIES)
@pytest.mark.parametrize("event", ["push", "schedule", "workflow_dispatch"])
def test_a_branch(github: FakeGitHub, tmp_path: Path, event: str, visibility: str, permissions: dict[str, str]) -> None:
    jobs = repository(github, tmp_path, visibility)
    head = jobs.repository.push(LEAKS)
    done = jobs.on_branch(event, head, permissions=permissions)
    checks = jobs.repository.check_runs(head)
    assert done.code == 0, done.log
    assert [(run.name, run.conclusion) for run in checks] == (
        [("stanch repository", "neutral")] if permissions is WRITE else []
    )
    assert (done.outputs["conclusion"], done.outputs["leaks"]) == ("neutral", "1")
    assert "1 leak" in done.summary


def repository(github: FakeGitHub, folder: Path, visibility: str) -> Workflow:
    """A repository with a workflow, in which alice may write and bob may do what everybody may."""
    made = github.create_repository("octo/app", files={"src/poll.js": "export {};\n"}, private=visibility == "private")
    made.set_role("alice", "write")
    made.set_role("bob", "read")
    return workflow(github, made, folder / "jobs")


def opened(jobs: Workflow, origin: str) -> PullHandle:
    """A pull request that leaks."""
    match origin:
        case "fork":
            return jobs.repository.open_pull_request("bob", files=LEAKS, fork=True)
        case "Dependabot":
            jobs.github.world.account("dependabot[bot]", Kind.BOT)
            return jobs.repository.open_pull_request("dependabot[bot]", "dependabot/npm/left-pad", files=LEAKS)
        case _:
            return jobs.repository.open_pull_request("alice", files=LEAKS)


def ended(jobs: Workflow, pull: PullHandle, head: str, done: Done) -> Ends:
    """How it ended."""
    comments = pull.comments_by(jobs.app)
    replies = [comment for comment in comments if "key=reply/" in comment.body]
    checks = [run for run in jobs.repository.check_runs(head, "stanch") if run.app is jobs.app]
    assert all(run.status == "completed" for run in checks)
    return Ends(
        comments=len(comments) - len(replies),
        check=checks[0].conclusion if checks else None,
        threads=len(pull.threads),
        annotations=len(done.annotations),
        replies=len(replies),
    )
