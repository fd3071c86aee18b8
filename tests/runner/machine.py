"""A runner with Stanch's own action on it, as most jobs find it: what is installed was kept by an earlier job."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.runner.actions import Cache, Downloads, SetupPython, Uploads
from tests.runner.steps import Job, Runner

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tests.runner.steps import Run

ROOT: Final = Path(__file__).resolve().parent.parent.parent
_TOOLS: Final = ("bash", "git", "env", "uname", "dirname", "head", "cat")


class _Kept(Cache):
    """A cache that has whatever is asked for: the environment that runs the tests."""

    def run(self, given: Mapping[str, str]) -> dict[str, str]:
        """Restores."""
        Path(given["path"]).symlink_to(sys.prefix)
        self.hits += 1
        return {"cache-hit": "true"}


@dataclass
class Machine:
    """A runner, and what the actions that it stands in for have done."""

    runner: Runner
    cache: Cache
    python: SetupPython
    uploads: Uploads

    def run(self, job: Job, **given: str) -> Run:
        """Runs the action."""
        return self.runner.run(job, **given)


def machine(folder: Path, artifacts: Mapping[str, Mapping[str, bytes]] | None = None) -> Machine:
    """A machine; `artifacts` are those of the workflow that has ended."""
    command = [sys.executable, "-I", "-c", "import bot; print(bot.__path__[0])"]
    installed = subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout.strip()
    if Path(installed) != ROOT / "bot":
        pytest.skip("the environment of this Python has another checkout of Stanch installed")
    cache, python, uploads = _Kept(folder / "cache"), SetupPython(Path(sys.executable)), Uploads()
    used: dict[str, Any] = {
        "actions/cache": cache,
        "actions/setup-python": python,
        "actions/upload-artifact": uploads,
        "actions/download-artifact": Downloads(artifacts or {}),
    }
    return Machine(Runner(folder / "jobs", ROOT, used), cache, python, uploads)


def path_without_python(folder: Path) -> str:
    """A PATH with what the action's steps need, but no Python."""
    folder.mkdir()
    for tool in _TOOLS:
        found = shutil.which(tool)
        assert found, tool
        (folder / tool).symlink_to(found)
    return os.fspath(folder)
