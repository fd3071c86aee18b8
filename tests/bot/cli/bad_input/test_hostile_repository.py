"""A repository whose configuration, hooks and attributes name commands: none of them is run, whatever the command."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.bot.hostile import hostile
from tests.bot.leaks import POLLER

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bot.cli.conftest import Stanch
    from tests.repos import Repo

COMMANDS = [
    (["scan"], 1),
    (["scan", "--base", "main", "--format", "sarif"], 1),
    (["scan", "--jobs", "2", "src"], 1),
    (["fix"], 1),
    (["fix", "--base", "main"], 1),
    (["fix", "--branch", "fixes"], 0),
    (["fix", "--write", "--allow-dirty"], 0),
    (["review", "--base", "main", "--output", "../out"], 1),
    (["explain", "timer/forgotten-by-teardown"], 0),
    (["config", "check"], 0),
]


@pytest.mark.parametrize(("arguments", "code"), COMMANDS, ids=[" ".join(arguments) for arguments, _ in COMMANDS])
def test_nothing_that_a_repository_names_is_run(
    stanch: Stanch, repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int
) -> None:
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Ada")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "ada@example.org")
    repo.branch("topic")
    repo.commit({"new.js": POLLER})
    mark = hostile(repo, tmp_path)
    program = tmp_path / "program.sh"
    for command in ("status", "ls-files", "ls-tree", "diff", "cat-file", "rev-parse", "config", "commit-tree"):
        repo.git("config", f"alias.{command}", f"!{program}")
        repo.git("config", f"pager.{command}", str(program))
    repo.write({"src/poller.js": "// Changed.\n" + POLLER})
    mark.unlink(missing_ok=True)
    done = stanch(repo.root, *arguments)
    assert done.code == code, done.err
    assert not mark.exists()
    # Asked without care, the same repository does run one: the trap is a real one.
    careless = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    subprocess.run(["git", "status"], cwd=repo.root, env=careless, capture_output=True, check=False)
    assert mark.exists()
