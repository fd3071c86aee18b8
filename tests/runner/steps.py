"""The steps of a composite action, run one after the other in a job."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ruamel.yaml import YAML

from tests.runner.actions import UsedActionError
from tests.runner.commands import MAX_SUMMARY_BYTES, FileFormatError, Listener, key_values
from tests.runner.expressions import Scope, as_text, condition, interpolate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.runner.actions import UsedAction
    from tests.runner.commands import Annotation

_USES = re.compile(r"(?P<name>[\w.-]+/[\w.-]+(?:/[\w./-]+)?)@(?P<ref>[0-9a-f]{40})")
_SECONDS: Final = 300
_KEPT: Final = ("PATH", "HOME", "LANG")
_FILES: Final = ("GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STATE", "GITHUB_STEP_SUMMARY")


@dataclass(frozen=True)
class Job:
    """What a job is started with.

    Attributes:
        event: its name.
        payload: its file.
        github: the context `github` besides what follows from the others; `repository` for example.
        token: `github.token`.
        env: what the job has in its environment.
        os: `runner.os`.
    """

    event: str
    payload: Mapping[str, Any]
    github: Mapping[str, str] = field(default_factory=dict)
    token: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    os: str = "Linux"


@dataclass
class StepResult:
    """How a step ended: `success`, `failure` or `skipped`, before and after `continue-on-error`."""

    name: str
    outcome: str
    conclusion: str
    outputs: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass
class Run:
    """What a job has left behind."""

    conclusion: str
    outputs: dict[str, str]
    steps: list[StepResult]
    annotations: list[Annotation]
    dropped: int
    log: str
    summary: str
    folder: Path

    def step(self, name: str) -> StepResult:
        """The step of this name."""
        return next(step for step in self.steps if step.name == name)


class Runner:
    """A machine on which jobs run, each with a workspace and a temporary folder of its own."""

    def __init__(self, folder: Path, action: Path, actions: Mapping[str, UsedAction]) -> None:
        """Prepares.

        Args:
            folder: for jobs.
            action: where the composite action lies, whose `action.yml` is run.
            actions: what stands in for the actions that it uses, by `owner/name`.
        """
        self._folder = folder
        self._action = action
        self._actions = actions
        self._definition = YAML(typ="safe").load((action / "action.yml").read_text("utf-8"))
        self._count = 0

    def run(self, job: Job, **given: str) -> Run:
        """Runs the action; `given` are its inputs, with `_` for `-`."""
        self._count += 1
        folder = self._folder / f"job-{self._count}"
        running = _Running(self._definition, self._action, self._actions, job, folder)
        return running.run({name.replace("_", "-"): value for name, value in given.items()})


class _Running:
    def __init__(
        self, definition: Any, action: Path, actions: Mapping[str, UsedAction], job: Job, folder: Path
    ) -> None:
        self._definition = definition
        self._action = action
        self._actions = actions
        self._job = job
        self._folder = folder
        self._listener = Listener(masks=[job.token] if job.token else [])
        self._results: list[StepResult] = []
        self._steps: dict[str, dict[str, Any]] = {}
        self._summary = ""
        folder.mkdir(parents=True)
        # Every job of a runner finds them in the same places, and empty.
        self._workspace, self._temporary = folder.parent / "workspace", folder.parent / "temp"
        for made in (self._workspace, self._temporary):
            shutil.rmtree(made, ignore_errors=True)
            made.mkdir()
        (folder / "event.json").write_text(json.dumps(job.payload), "utf-8")
        self._github: dict[str, Any] = {
            "action_path": str(action),
            "event": job.payload,
            "event_name": job.event,
            "event_path": str(folder / "event.json"),
            "workspace": str(self._workspace),
            **job.github,
        }
        self._env = {name: os.environ[name] for name in _KEPT if name in os.environ}
        self._env |= {f"GITHUB_{name.upper()}": value for name, value in self._github.items() if name != "event"}
        self._env |= {"RUNNER_TEMP": str(self._temporary), "RUNNER_OS": job.os, "GITHUB_ACTIONS": "true", "CI": "true"}
        self._env |= dict(job.env)

    def run(self, given: Mapping[str, str]) -> Run:
        known = self._definition["inputs"]
        assert set(given) <= set(known), f"unexpected inputs {set(given) - set(known)}"
        scope = self._scope({})
        inputs = {name: interpolate(as_text(part.get("default")), scope) for name, part in known.items()}
        inputs |= given
        for number, step in enumerate(self._definition["runs"]["steps"]):
            self._take(step, number, inputs)
        succeeded = self._succeeded()
        for used in self._actions.values():
            used.after_job(succeeded=succeeded)
        scope = self._scope(inputs)
        listener = self._listener
        return Run(
            conclusion="success" if succeeded else "failure",
            outputs={name: interpolate(part["value"], scope) for name, part in self._definition["outputs"].items()},
            steps=self._results,
            annotations=listener.annotations,
            dropped=listener.dropped,
            log="\n".join(listener.lines),
            summary=self._summary,
            folder=self._folder,
        )

    def _take(self, step: Mapping[str, Any], number: int, inputs: Mapping[str, str]) -> None:
        name = step.get("name", f"step {number}")
        scope = self._scope(inputs)
        if not condition(str(step.get("if", "success()")), scope):
            result = StepResult(name, "skipped", "skipped")
        else:
            begun = time.monotonic()
            result = self._uses(step, name, scope) if "uses" in step else self._runs(step, name, scope, number)
            result.seconds = time.monotonic() - begun
        self._results.append(result)
        if "id" in step:
            self._steps[step["id"]] = {
                "outputs": result.outputs,
                "outcome": result.outcome,
                "conclusion": result.conclusion,
            }

    def _uses(self, step: Mapping[str, Any], name: str, scope: Scope) -> StepResult:
        uses = _USES.fullmatch(step["uses"])
        assert uses, f"{step['uses']} is not pinned by a whole commit id"
        used = self._actions[uses["name"]]
        given = {key: interpolate(as_text(value), scope) for key, value in step.get("with", {}).items()}
        assert set(given) <= used.inputs, f"{uses['name']} does not know {set(given) - used.inputs}"
        self._listener.begin_step()
        try:
            return StepResult(name, "success", "success", used.run(given))
        except UsedActionError as error:
            self._listener.hear(f"::error::{error}")
            return _failed(step, name)

    def _runs(self, step: Mapping[str, Any], name: str, scope: Scope, number: int) -> StepResult:
        assert step.get("shell") == "bash", "the steps of a composite action name their shell"
        script = self._folder / f"step-{number}.sh"
        script.write_text(interpolate(step["run"], scope), "utf-8")
        files = {variable: self._folder / f"step-{number}-{variable.lower()}" for variable in _FILES}
        for file in files.values():
            file.touch()
        env = {key: interpolate(as_text(value), scope) for key, value in step.get("env", {}).items()}
        self._listener.begin_step()
        folder = Path(interpolate(step.get("working-directory", str(self._workspace)), scope))
        process = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
            cwd=folder,
            env={**self._env, **env, **{variable: str(file) for variable, file in files.items()}},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_SECONDS,
            check=False,
        )
        for line in process.stdout.decode("utf-8", "replace").splitlines():
            self._listener.hear(line)
        try:
            outputs = self._read(files)
        except FileFormatError as error:
            self._listener.hear(f"::error::Unable to process file command: {error}")
            return _failed(step, name)
        if process.returncode:
            self._listener.hear(f"::error::Process completed with exit code {process.returncode}.")
            return _failed(step, name, outputs)
        return StepResult(name, "success", "success", outputs)

    def _read(self, files: Mapping[str, Path]) -> dict[str, str]:
        """Takes in what a step has written for the runner; returns its outputs."""
        self._env |= key_values(files["GITHUB_ENV"].read_text("utf-8"))
        for entry in files["GITHUB_PATH"].read_text("utf-8").splitlines():
            self._env["PATH"] = f"{entry}{os.pathsep}{self._env['PATH']}"
        summary = files["GITHUB_STEP_SUMMARY"].read_bytes()
        if len(summary) > MAX_SUMMARY_BYTES:
            self._listener.hear(f"::error::$GITHUB_STEP_SUMMARY upload aborted, {len(summary)} bytes are too many")
        else:
            self._summary += summary.decode()
        return key_values(files["GITHUB_OUTPUT"].read_text("utf-8"))

    def _scope(self, inputs: Mapping[str, str]) -> Scope:
        contexts = {
            "github": {**self._github, "token": self._job.token},
            "inputs": inputs,
            "env": self._env,
            "runner": {"os": self._job.os, "temp": str(self._temporary)},
            "steps": self._steps,
        }
        functions = {
            "success": self._succeeded,
            "failure": lambda: not self._succeeded(),
            "always": lambda: True,
            "cancelled": lambda: False,
        }
        return Scope(contexts, functions)

    def _succeeded(self) -> bool:
        return all(result.conclusion != "failure" for result in self._results)


def _failed(step: Mapping[str, Any], name: str, outputs: dict[str, str] | None = None) -> StepResult:
    goes_on = step.get("continue-on-error", False) in (True, "true")
    return StepResult(name, "failure", "success" if goes_on else "failure", outputs or {})
