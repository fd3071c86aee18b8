"""action.yml, run as GitHub runs it: the real steps, the real sandbox, the fake GitHub."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import msgspec
from ruamel.yaml import YAML

from bot.decisions.budgets import CHECK_NAME, parse_budgets
from tests.bot.action.jobs import READ
from tests.bot.decisions import states
from tests.bot.workflows.running import LEAK
from tests.runner.machine import ROOT, machine, path_without_python

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bot.action.jobs import Workflow
    from tests.runner.machine import Machine


def test_a_leak_in_a_pull_request(jobs: Workflow, runner: Machine) -> None:
    pull = jobs.repository.open_pull_request("alice", files={"src/poll.js": LEAK})
    token = jobs.token()
    run = runner.run(jobs.job("pull_request", jobs.payload(pull)), fail_on="leak", token=token)
    assert run.conclusion == "failure", run.log
    assert token not in run.log
    assert [step.name for step in run.steps if step.outcome == "failure"] == ["Apply the gate"]
    assert run.outputs["conclusion"] == "failure"
    assert run.outputs["leaks"] == "1"
    assert len(pull.comments_by(jobs.app)) == 1
    assert "report.json" in runner.uploads.artifacts["stanch"]
    assert "1 leak introduced" in run.summary
    assert runner.python.runs == 0


def test_without_a_python_one_is_set_up(jobs: Workflow, runner: Machine, tmp_path: Path) -> None:
    pull = jobs.repository.open_pull_request("alice", files={"src/poll.js": "export const n = 1;\n"})
    path = path_without_python(tmp_path / "bin")
    run = runner.run(jobs.job("pull_request", jobs.payload(pull), env={"PATH": path}))
    assert run.conclusion == "success", run.log
    assert runner.python.runs == 1
    assert run.outputs["conclusion"] == "success"


def test_a_wrong_input_fails_the_job_with_a_sentence(jobs: Workflow, runner: Machine) -> None:
    pull = jobs.repository.open_pull_request("alice", files={"src/poll.js": LEAK})
    run = runner.run(jobs.job("pull_request", jobs.payload(pull)), fail_on="leek")
    assert run.conclusion == "failure"
    assert [item.message for item in run.annotations if "fail-on" in item.message] == [
        "The input `fail-on` is `leek`; it can be `leak`, `shutdown`, `advice`, `none`."
    ]
    assert pull.comments_by(jobs.app) == []


def test_what_a_fork_has_measured_is_posted_by_the_next_workflow(
    jobs: Workflow, runner: Machine, tmp_path: Path
) -> None:
    pull = jobs.repository.open_pull_request("bob", files={"src/poll.js": "export const n = 1;\n"}, fork=True)
    measured = states.budgets(states.GROWING, commit=pull.head_sha)
    file = tmp_path / "measured.json"
    file.write_bytes(msgspec.json.encode(measured))
    run = runner.run(jobs.job("pull_request", jobs.payload(pull), READ), budgets=str(file))
    assert run.conclusion == "success", run.log
    assert jobs.repository.check_runs(pull.head_sha) == []
    poster = machine(tmp_path / "poster", runner.uploads.artifacts)
    ended = {"id": 7, "head_sha": pull.head_sha, "event": "pull_request"}
    run = poster.run(jobs.job("workflow_run", {"action": "completed", "workflow_run": ended}))
    assert run.conclusion == "success", run.log
    (check,) = jobs.repository.check_runs(pull.head_sha, CHECK_NAME)
    assert parse_budgets(check.text or "") == measured


def test_a_job_that_is_cancelled_tells_the_scan(tmp_path: Path) -> None:
    """The runner's signals reach the shell of a step, and nothing that it has started."""
    steps = YAML(typ="safe").load((ROOT / "action.yml").read_text("utf-8"))["runs"]["steps"]
    (script,) = (step["run"] for step in steps if step.get("id") == "scan")
    scan = tmp_path / "scan"
    scan.write_text("#!/bin/bash\ntrap 'kill $!; echo told; exit' TERM\nsleep 60 >/dev/null &\necho ready\nwait\n")
    scan.chmod(0o755)
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    environment = {**os.environ, "STANCH_INSTALLED": str(scan)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as shell:
        assert shell.stdout is not None
        assert shell.stdout.readline() == "ready\n"
        shell.terminate()
        assert shell.communicate(timeout=30)[0] == "told\n"
