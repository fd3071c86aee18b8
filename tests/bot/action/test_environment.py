"""What a job installs: its name and place, and that nothing else is needed."""

from __future__ import annotations

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
    """Whatever else lies in the environment of the tests cannot be imported."""
    lock = (ROOT / "requirements" / "run.txt").read_text("utf-8")
    locked = {normal(name) for name in re.findall(r"^([A-Za-z0-9._-]+)==", lock, re.MULTILINE)} | {"stanch"}
    others = [name for name, owners in packages_distributions().items() if locked.isdisjoint(map(normal, owners))]
    assert {"sqlalchemy", "structlog", "fastapi"} <= {*others}
    program = f"""
import sys
sys.modules.update(dict.fromkeys({others!r}))
import {", ".join(PROGRAMS)}
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr


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


def test_windows_can_load_it() -> None:
    """It has neither the module `resource` nor the signal of the limit; there is no sandbox there."""
    program = (
        "import signal, sys; sys.modules['resource'] = None; "
        "[delattr(signal, name) for name in ('SIGXCPU', 'SIGXFSZ')]; import bot.action.running"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)
