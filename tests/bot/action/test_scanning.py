"""Branches scanned by the Action: the check that never fails, code scanning, and the gate of the workflow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.bot.action.jobs import WRITE
from tests.bot.workflows.running import LEAK

if TYPE_CHECKING:
    from tests.bot.action.jobs import Workflow

LEAKS: Final = {"src/poll.js": LEAK}
UPLOAD: Final = {**WRITE, "security_events": "write"}


def test_code_scanning_gets_the_whole_tree(jobs: Workflow) -> None:
    head = jobs.repository.push(LEAKS)
    jobs.on_branch("push", head, permissions=UPLOAD, sarif="true", key="web")
    (upload,) = jobs.repository.sarif_uploads
    assert (upload.commit_sha, upload.ref) == (head, "refs/heads/main")
    (run,) = upload.sarif["runs"]
    assert run["automationDetails"]["id"] == "stanch/web/"
    assert len(run["results"]) == 1
    assert run["results"][0]["partialFingerprints"]


@pytest.mark.parametrize(
    ("sarif", "ref", "permissions"),
    [("false", "refs/heads/main", UPLOAD), ("true", "refs/tags/v1", UPLOAD), ("true", "refs/heads/main", WRITE)],
    ids=["not wanted", "a tag", "not permitted"],
)
def test_what_is_not_uploaded(jobs: Workflow, sarif: str, ref: str, permissions: dict[str, str]) -> None:
    head = jobs.repository.push(LEAKS)
    done = jobs.on_branch("push", head, ref, permissions, sarif=sarif)
    assert done.code == 0
    assert jobs.repository.sarif_uploads == []
    assert ("security-events: write" in done.log) == (permissions is WRITE)
    assert [run.conclusion for run in jobs.repository.check_runs(head)] == ["neutral"]


@pytest.mark.parametrize(("fail_on", "conclusion"), [("", "neutral"), ("leak", "failure"), ("none", "neutral")])
def test_the_job_fails_where_its_workflow_says_so(jobs: Workflow, fail_on: str, conclusion: str) -> None:
    head = jobs.repository.push({**LEAKS, ".github/stanch.yml": "version: 1\ngate:\n  fail-on: leak\n"})
    done = jobs.on_branch("push", head, fail_on=fail_on)
    assert done.outputs["conclusion"] == conclusion
    assert [run.conclusion for run in jobs.repository.check_runs(head)] == ["neutral"]


def test_a_push_can_be_compared_with_a_branch(jobs: Workflow) -> None:
    jobs.repository.push(LEAKS)
    jobs.repository.create_branch("feature")
    head = jobs.repository.push({"src/beat.js": LEAK.replace("Poller", "Heart")}, "feature")
    done = jobs.on_branch("push", head, "refs/heads/feature", base="main")
    assert done.outputs["leaks"] == "1"
    assert "src/beat.js" in done.summary
    done = jobs.on_branch("push", head, "refs/heads/feature", base="nowhere")
    assert "no such revision" in done.log


def test_a_branch_that_was_deleted(jobs: Workflow) -> None:
    done = jobs.on_branch("push", "0" * 40)
    assert done.outputs["conclusion"] == "skipped"


def test_a_queue_passes_on_the_answer(jobs: Workflow) -> None:
    pull = jobs.repository.open_pull_request("alice", files=LEAKS)
    jobs.on_pull_request(pull, fail_on="leak")
    branch, head = jobs.repository.merge_queue(pull)
    done = jobs.on_queue(branch, head)
    assert done.outputs["conclusion"] == "failure"
    assert [run.conclusion for run in jobs.repository.check_runs(head)] == ["failure"]


@pytest.mark.parametrize("event", ["pull_request_target", "release", ""])
def test_other_events(jobs: Workflow, event: str) -> None:
    done = jobs.run(jobs.variables(event, {}))
    assert done.code == 2
    assert "::error::The event" in done.log


@pytest.mark.parametrize("payload", [{}, {"pull_request": {"number": "x"}}, []])
def test_an_event_that_is_none(jobs: Workflow, payload: object) -> None:
    done = jobs.run(jobs.variables("pull_request", payload))
    assert done.code == 2
    assert "not what GitHub sends" in done.log
