"""What a job installs: its name and place, and that nothing else is needed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Final

from bot.action.environment import environment

ROOT: Final = Path(__file__).resolve().parent.parent.parent.parent
PROGRAMS: Final = ("bot.action.running", "bot.sandbox.child", "bot.judging", "bot.fixing", "bot.pool")
"""What a job runs, in its own process and in those that it starts; and what these load when they are needed."""


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_a_job_needs_what_its_lock_has() -> None:
    program = f"import json, sys, {', '.join(PROGRAMS)}\nimport fixers.fixes.python\nprint(json.dumps([*sys.modules]))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=True)
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}
    known = packages_distributions()
    needed = {normal(name) for module in loaded for name in known.get(module, ())} - {"stanch", "setuptools", "pip"}
    lock = (ROOT / "requirements" / "run.txt").read_text("utf-8")
    locked = {normal(name) for name in re.findall(r"^([A-Za-z0-9._-]+)==", lock, re.MULTILINE)}
    assert {"msgspec", "pygithub", "psutil", "libcst"} <= needed
    assert needed - locked == set()


def test_a_key_is_for_one_place(tmp_path: Path) -> None:
    first, again, other = (environment({"RUNNER_TEMP": str(tmp_path / name)}) for name in ("a", "a", "b"))
    assert first == again
    assert first["key"] != other["key"]
    assert Path(first["installed"]).is_relative_to(first["folder"])
    assert re.fullmatch(r"[A-Za-z0-9_.-]+", first["key"])


def test_it_is_named_before_anything_is_installed(tmp_path: Path) -> None:
    """By a Python that has nothing of ours."""
    script = ROOT / "bot" / "action" / "environment.py"
    command = [sys.executable, "-I", "-S", str(script)]
    done = subprocess.run(
        command, env={"RUNNER_TEMP": str(tmp_path)}, capture_output=True, encoding="utf-8", check=True
    )
    assert [line.partition("=")[0] for line in done.stdout.splitlines()] == ["folder", "installed", "key"]
