"""A pull request of the repository's own, reviewed by the Action."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bot.workflows.running import LEAK, MENDED

if TYPE_CHECKING:
    from tests.bot.action.jobs import Workflow


def test_a_leak_has_a_comment_a_check_and_a_summary(jobs: Workflow) -> None:
    pull = jobs.repository.open_pull_request("alice", files={"src/poll.js": LEAK})
    done = jobs.on_pull_request(pull)
    assert done.code == 0, done.log
    (comment,) = pull.comments_by(jobs.app)
    assert "introduces 1 leak" in comment.body
    (check,) = jobs.repository.check_runs(pull.head_sha)
    assert (check.name, check.conclusion, check.status) == ("stanch", "neutral", "completed")
    assert done.outputs["conclusion"] == "neutral"
    assert (done.outputs["leaks"], done.outputs["fixable"]) == ("1", "1")
    assert "1 leak introduced" in done.summary
    assert done.result("report.json").startswith(b"{")
    assert len(pull.threads) == 1


def test_what_is_mended_is_told_in_the_same_comment(jobs: Workflow) -> None:
    pull = jobs.repository.open_pull_request("alice", files={"src/poll.js": LEAK})
    jobs.on_pull_request(pull)
    pull.push({"src/poll.js": MENDED})
    done = jobs.on_pull_request(pull)
    (comment,) = pull.comments_by(jobs.app)
    assert "No leaks" in comment.body
    assert done.outputs["conclusion"] == "success"
