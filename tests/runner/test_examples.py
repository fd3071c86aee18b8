"""The example workflows, each run for the events that it names, with a token that may what it says and no more."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from ruamel.yaml import YAML

from tests.bot.action.jobs import READ
from tests.bot.workflows.running import LEAK
from tests.github.shapes.conversations import comment_json, issue_json
from tests.runner.expressions import Scope, as_text, condition, interpolate

if TYPE_CHECKING:
    from tests.bot.action.jobs import Workflow
    from tests.github import PullHandle
    from tests.runner.machine import Machine
    from tests.runner.steps import Job, Run

EXAMPLES: Final = Path(__file__).resolve().parent.parent.parent / "examples" / "workflows"
LEAKS: Final = {"packages/api/poll.js": LEAK, "packages/web/beat.js": LEAK.replace("Poller", "Heart")}
CASES: Final = (
    ("stanch.yml", "pull_request"),
    ("stanch.yml", "merge_group"),
    ("forks.yml", "workflow_run"),
    ("commands.yml", "issue_comment"),
    ("default-branch.yml", "push"),
    ("monorepo.yml", "pull_request"),
)

AS_A_PUSH: Final = {("default-branch.yml", "schedule"), ("default-branch.yml", "workflow_dispatch")}
"""What differs from a push in nothing that a workflow says; tests/bot/action/test_matrix.py has these events."""


@pytest.mark.parametrize(("name", "event"), CASES)
def test_an_example(jobs: Workflow, runner: Machine, name: str, event: str) -> None:
    is_fork = event == "workflow_run"
    pull = jobs.repository.open_pull_request("bob" if is_fork else "alice", files=LEAKS, fork=is_fork)
    head, payload, context = happened(jobs, pull, event)
    runs = run_all(jobs, runner, name, event, payload, context)
    assert [run.conclusion for run in runs] == ["failure" if name == "monorepo.yml" else "success"] * len(runs)
    checks = jobs.repository.check_runs(head)
    assert all(run.status == "completed" for run in checks)
    assert checks
    written = len(pull.comments_by(jobs.app))
    assert written == {"merge_group": 0, "issue_comment": 2, "pull_request": len(runs), "workflow_run": 1}.get(event, 0)
    assert len(jobs.repository.sarif_uploads) == (name == "default-branch.yml")
    assert all("GitHub refused" not in run.log for run in runs)


def test_every_event_of_every_example_is_tried() -> None:
    named = {
        (file.name, event)
        for file in EXAMPLES.glob("*.yml")
        for event in events(YAML(typ="safe").load(file.read_text()))
    }
    assert named == {*CASES, *AS_A_PUSH}


def test_the_first_one_is_short() -> None:
    assert len((EXAMPLES / "stanch.yml").read_text().splitlines()) <= 10


def events(workflow: Any) -> list[str]:
    on = workflow["on"]
    return [on] if isinstance(on, str) else [*on]


def happened(jobs: Workflow, pull: PullHandle, event: str) -> tuple[str, dict[str, Any], dict[str, str]]:
    """The commit that it is about, the event's file, and what else the job knows."""
    match event:
        case "merge_group":
            branch, head = jobs.repository.merge_queue(pull)
            group = {"head_sha": head, "head_ref": f"refs/heads/{branch}"}
            return head, {"action": "checks_requested", "merge_group": group}, {}
        case "workflow_run":
            ended = {"id": 7, "head_sha": pull.head_sha, "event": "pull_request"}
            return pull.head_sha, {"action": "completed", "workflow_run": ended}, {}
        case "issue_comment":
            comment = pull.comment("alice", "/perf-scan")
            shown = {"issue": issue_json(jobs.github.world, pull.issue)}
            shown |= {"comment": comment_json(jobs.github.world, comment.comment)}
            return pull.head_sha, {"action": "created", **shown}, {}
        case "push" | "schedule" | "workflow_dispatch":
            head = jobs.repository.push(LEAKS)
            return head, {}, {"sha": head, "ref": "refs/heads/main"}
        case _:
            return pull.head_sha, jobs.payload(pull), {}


def run_all(
    jobs: Workflow, runner: Machine, name: str, event: str, payload: dict[str, Any], context: dict[str, str]
) -> list[Run]:
    """Runs the job of a workflow, for each entry of its matrix."""
    workflow = YAML(typ="safe").load((EXAMPLES / name).read_text("utf-8"))
    (job,) = workflow["jobs"].values()
    (step,) = job["steps"]
    permissions = {key.replace("-", "_"): level for key, level in job["permissions"].items() if key != "actions"}
    runs = []
    for entry in job.get("strategy", {}).get("matrix", {}).get("include", [{}]):
        github = {"event": payload, "event_name": event}
        scope = Scope({"github": github, "matrix": entry}, {"success": lambda: True})
        assert condition(str(job.get("if", "success()")), scope)
        given = {
            key.replace("-", "_"): interpolate(as_text(value), scope) for key, value in step.get("with", {}).items()
        }
        runs.append(runner.run(jobs.job(event, payload, permissions, github=context), **given))
    return runs


def test_a_fork_s_own_job_passes(jobs: Workflow, runner: Machine) -> None:
    pull = jobs.repository.open_pull_request("bob", files=LEAKS, fork=True)
    job: Job = jobs.job("pull_request", jobs.payload(pull), READ)
    run = runner.run(replace(job, env={"ACT": "1"}))
    assert run.conclusion == "success"
    assert {item.properties.get("file") for item in run.annotations} == set(LEAKS)
    assert "2 leaks" in run.summary
