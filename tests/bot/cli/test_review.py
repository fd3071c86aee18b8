from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.bot.leaks import CLEAN_POLLER, POLLER

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bot.cli.conftest import Stanch
    from tests.repos import Repo


def test_a_pull_request_is_rehearsed(stanch: Stanch, repo: Repo, tmp_path: Path) -> None:
    repo.branch("topic")
    repo.commit({"new.js": POLLER})
    before = repo.git("for-each-ref")
    output = tmp_path / "results"
    done = stanch(repo.root, "review", "--base", "main", "--head", "topic", "--output", str(output))
    assert done.code == 1
    assert "introduces 1 leak" in done.text
    (inline,) = json.loads((output / "review.json").read_bytes())["comments"]
    assert done.text == f"{(output / 'comment.md').read_text()}\n--- inline, at new.js:7 ---\n\n{inline['body']}"
    assert {"check.json", "review.json", "report.json"} <= {path.name for path in output.iterdir()}
    report = json.loads((output / "report.json").read_bytes())
    assert [finding["path"] for finding in report["findings"]] == ["new.js"]
    assert repo.git("for-each-ref") == before
    assert repo.git("status", "--porcelain") == ""
    assert str(output) in done.err


def test_the_base_is_the_default_branch(stanch: Stanch, repo: Repo, tmp_path: Path) -> None:
    repo.branch("topic")
    repo.commit({"new.js": CLEAN_POLLER})
    done = stanch(repo.root, "review", "--output", str(tmp_path / "out"), "--quiet")
    assert (done.code, done.text, done.err) == (0, "No comment. The check says: No leaks introduced.\n", "")


def test_the_gate_is_the_command_line_s(stanch: Stanch, repo: Repo, tmp_path: Path) -> None:
    repo.branch("topic")
    repo.commit({"test/new.js": POLLER})
    command = ["review", "--base", "main", "--output", str(tmp_path / "out")]
    assert stanch(repo.root, *command).code == 0
    assert stanch(repo.root, *command, "--fail-on", "advice").code == 1


def test_an_unknown_revision_is_said_so(stanch: Stanch, repo: Repo, tmp_path: Path) -> None:
    done = stanch(repo.root, "review", "--base", "nowhere", "--output", str(tmp_path / "out"))
    assert (done.code, "knows no commit called 'nowhere'" in done.err) == (2, True)
    assert not (tmp_path / "out").exists()
