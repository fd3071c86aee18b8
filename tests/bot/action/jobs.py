"""Jobs of workflows at the fake GitHub: their tokens, their events, and the step of the Action in this process."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bot.action.running import main
from bot.decisions.budgets import GITHUB_ACTIONS
from bot.github.clock import SystemClock
from tests.github.shapes.basics import repository_json
from tests.github.shapes.conversations import comment_json, issue_json, pull_json
from tests.runner.steps import Job

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tests.github import CommentHandle, FakeGitHub, InstallationHandle, IssueHandle, PullHandle, RepositoryHandle
    from tests.github.state import App

WRITE: Final = {"contents": "read", "pull_requests": "write", "checks": "write"}
"""What the example asks for."""
ALL: Final = {
    "contents": "write",
    "security_events": "write",
    "issues": "write",
    "pull_requests": "write",
    "checks": "write",
}
"""What a workflow may ask for, as far as the Action has a use for it."""
READ: Final = {"contents": "read", "pull_requests": "read", "checks": "read", "issues": "read"}
"""What a fork's job has at most."""


class QuickClock(SystemClock):
    """The machine's clock, whose time passes where somebody waits."""

    def __init__(self) -> None:
        self._slept = timedelta(0)

    def now(self) -> datetime:
        """The time."""
        return super().now() + self._slept

    def sleep(self, seconds: float) -> None:
        """Sets the clock forward."""
        self._slept += timedelta(seconds=seconds)


@dataclass
class Done:
    """What a job has left behind."""

    code: int
    log: str
    outputs: dict[str, str]
    summary: str
    folder: Path

    @property
    def annotations(self) -> list[str]:
        """The workflow commands that stand at a file."""
        return [line for line in self.log.splitlines() if line.startswith("::") and " file=" in line]

    def result(self, name: str) -> bytes:
        """A file of the artifact."""
        return (self.folder / name).read_bytes()


@dataclass
class Workflow:
    """A repository whose workflows use the Action."""

    github: FakeGitHub
    repository: RepositoryHandle
    folder: Path
    app: App
    installation: InstallationHandle
    count: int = 0

    def token(self, permissions: Mapping[str, str] = WRITE) -> str:
        """The token of a job with `permissions`."""
        return self.installation.token(dict(permissions), (self.repository,))

    def variables(
        self, name: str, payload: object, permissions: Mapping[str, str] = WRITE, **inputs: str
    ) -> dict[str, str]:
        """The environment of a job's step."""
        self.count += 1
        folder = self.folder / f"job-{self.count}"
        folder.mkdir(parents=True)
        (folder / "event.json").write_text(json.dumps(payload), "utf-8")
        return {
            "GITHUB_API_URL": self.github.api_url,
            "GITHUB_SERVER_URL": self.github.html_url,
            "GITHUB_REPOSITORY": self.repository.full_name,
            "GITHUB_REPOSITORY_ID": str(self.repository.id),
            "GITHUB_EVENT_NAME": name,
            "GITHUB_EVENT_PATH": str(folder / "event.json"),
            "GITHUB_OUTPUT": str(folder / "output"),
            "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
            "RUNNER_TEMP": str(folder),
            "INPUT_TOKEN": inputs.pop("token", "") or self.token(permissions),
            **{f"INPUT_{key.upper()}": value for key, value in inputs.items()},
        }

    def on_pull_request(self, pull: PullHandle, permissions: Mapping[str, str] = WRITE, **inputs: str) -> Done:
        """The job of a push to a pull request."""
        return self.run(self.variables("pull_request", self.payload(pull), permissions, **inputs))

    def on_comment(
        self, pull: IssueHandle, comment: CommentHandle, permissions: Mapping[str, str] = WRITE, **inputs: str
    ) -> Done:
        """The job of a comment."""
        world = self.github.world
        with world.lock:
            payload = {
                "action": "created",
                "issue": issue_json(world, pull.issue),
                "comment": comment_json(world, comment.comment),
            }
        return self.run(self.variables("issue_comment", payload, permissions, **inputs))

    def on_workflow_run(self, head: str, permissions: Mapping[str, str] = WRITE, **inputs: str) -> Done:
        """The job after the workflow of a pull request with this head."""
        return self.run(self.workflow_run_variables(head, permissions, **inputs))

    def workflow_run_variables(
        self, head: str, permissions: Mapping[str, str] = WRITE, **inputs: str
    ) -> dict[str, str]:
        """The environment of a job after the workflow of a pull request with this head."""
        payload = {"action": "completed", "workflow_run": {"id": 7, "head_sha": head, "event": "pull_request"}}
        return self.variables("workflow_run", payload, permissions, **inputs)

    def on_queue(self, branch: str, head: str, permissions: Mapping[str, str] = WRITE, **inputs: str) -> Done:
        """The job of a merge queue."""
        group = {"head_sha": head, "head_ref": f"refs/heads/{branch}", "base_ref": "refs/heads/main"}
        payload = {"action": "checks_requested", "merge_group": group}
        return self.run(self.variables("merge_group", payload, permissions, **inputs))

    def on_branch(
        self, name: str, head: str, ref: str = "refs/heads/main", permissions: Mapping[str, str] = WRITE, **inputs: str
    ) -> Done:
        """The job of a push, of a schedule, or of somebody who has started it."""
        variables = self.variables(name, {"ref": ref}, permissions, **inputs)
        return self.run({**variables, "GITHUB_SHA": head, "GITHUB_REF": ref})

    def payload(self, pull: PullHandle, action: str = "synchronize") -> dict[str, Any]:
        """What the event says."""
        world = self.github.world
        with world.lock:
            return {
                "action": action,
                "number": pull.number,
                "pull_request": pull_json(world, pull.pull),
                "repository": repository_json(world, self.repository.repository),
            }

    def job(
        self,
        name: str,
        payload: Mapping[str, Any],
        permissions: Mapping[str, str] = WRITE,
        *,
        env: Mapping[str, str] | None = None,
        github: Mapping[str, str] | None = None,
    ) -> Job:
        """A job for the runner of tests/runner."""
        context = {
            "api_url": self.github.api_url,
            "server_url": self.github.html_url,
            "repository": self.repository.full_name,
            "repository_id": str(self.repository.id),
            **(github or {}),
        }
        return Job(name, payload, context, self.token(permissions), env or {})

    def run(self, variables: Mapping[str, str]) -> Done:
        """Runs the step in this process."""
        log = io.StringIO()
        code = main(variables, log, clock=QuickClock())
        return done(code, log.getvalue(), variables)


def workflow(github: FakeGitHub, repository: RepositoryHandle, folder: Path) -> Workflow:
    """The repository with GitHub's own App in it, in whose name jobs write."""
    world = github.world
    if GITHUB_ACTIONS not in world.apps:
        made = github.register_app(ALL, slug="github-actions").app
        with world.lock:
            del world.apps[made.id]
            made.id = GITHUB_ACTIONS
            world.apps[made.id] = made
    handle = github.app("github-actions")
    return Workflow(github, repository, folder, handle.app, handle.install(repository))


def done(code: int, log: str, variables: Mapping[str, str]) -> Done:
    """What the files of a step say."""
    outputs = outputs_of(_text(variables["GITHUB_OUTPUT"]))
    folder = Path(outputs.get("results", variables["RUNNER_TEMP"]))
    return Done(code, log, outputs, _text(variables["GITHUB_STEP_SUMMARY"]), folder)


def outputs_of(text: str) -> dict[str, str]:
    """The outputs in a file that GITHUB_OUTPUT names."""
    outputs: dict[str, str] = {}
    lines = iter(text.split("\n"))
    for line in lines:
        name, heredoc, end = line.partition("<<")
        if heredoc:
            value = []
            for part in lines:
                if part == end:
                    break
                value.append(part)
            outputs[name] = "\n".join(value)
        elif "=" in line:
            key, _, given = line.partition("=")
            outputs[key] = given
    return outputs


def _text(file: str) -> str:
    return Path(file).read_text("utf-8") if Path(file).exists() else ""
