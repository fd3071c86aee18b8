"""A disk that takes no more: the sentence names the file, what was there before is whole, and nothing lies beside it.

A limit on the size of files stands for the full disk: a write fails in the same way, half done. The system's words for
the one are "No space left on device", for the other "File too large".
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bot.cli.bad_input.processes import ended, start
from tests.bot.footprint import footprint
from tests.bot.leaks import POLLER
from tests.repos import Repo

FULL = "it cannot be written: File too large."


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["scan", "--output", "report.txt"], "report.txt"),
        (["scan", "--format", "json", "--output", "report.json"], "report.json"),
        (["scan", "--format", "sarif", "--output", "report.sarif"], "report.sarif"),
        (["scan", "--format", "html", "--output", "report.html"], "report.html"),
        (["fix", "--output", "fixes.diff"], "fixes.diff"),
        (["fix", "--write"], "src/poller.js"),
    ],
    ids=["text", "json", "sarif", "html", "a diff", "the files"],
)
@pytest.mark.parametrize("size", [0, 20])
def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, arguments: list[str], name: str, size: int) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({"src/poller.js": POLLER})
    if not name.startswith("src/"):
        repo.write({name: "# What was here before.\n"})
    before = footprint(repo.root, times=False)
    code, out, err = ended(start(repo.root, *arguments, "--no-cache", file_bytes=size))
    assert (code, out) == (2, ""), err
    where = repo.root / name if "--write" in arguments else Path(name)
    assert f"stanch: {where}: {FULL}\n" in err
    assert footprint(repo.root, times=False) == before


def test_fixes_that_were_written_before_the_disk_was_full_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    large = POLLER + "// Long.\n" * 200
    for name, text in (("a.js", POLLER), ("b.js", large), ("c.js", POLLER)):
        (folder / name).write_text(text)
    code, out, err = ended(start(folder, "fix", "--write", "--no-cache", ".", file_bytes=1000))
    assert (code, out) == (2, "a.js:4: clear the interval in close()\n")
    assert err == f"stanch: 1 of 3 files written; the others are as they were.\nstanch: {folder / 'b.js'}: {FULL}\n"
    assert ((folder / "b.js").read_text(), (folder / "c.js").read_text()) == (large, POLLER)
    assert sorted(path.name for path in folder.iterdir()) == ["a.js", "b.js", "c.js"]


def test_a_cache_that_cannot_be_written_costs_the_next_run_time_and_nothing_else(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({"src/poller.js": POLLER})
    cache = tmp_path / "cache"
    code, out, err = ended(start(repo.root, "scan", file_bytes=0, XDG_CACHE_HOME=str(cache)))
    assert (code, "1 leak in 1 file" in out) == (1, True)
    assert err == f"stanch: results are not kept for the next run: {cache / 'stanch' / 'results'}: File too large.\n"
    assert [path for path in cache.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("size", [0, 600])
def test_a_review_that_cannot_be_written_leaves_no_half_of_a_file(tmp_path: Path, size: int) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({"README.md": "# Here\n"})
    repo.branch("topic")
    repo.commit({"src/poller.js": POLLER})
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    assert ended(start(repo.root, "review", "--base", "main", "--output", str(whole), "--no-cache"))[0] == 1
    arguments = ["review", "--base", "main", "--output", str(cut), "--no-cache"]
    code, out, err = ended(start(repo.root, *arguments, file_bytes=size))
    assert (code, out) == (2, "")
    assert err.startswith(f"stanch: {cut}{os.sep}")
    assert err.endswith(f": {FULL}\n")
    for path in cut.iterdir():
        assert path.name == ".stanch-results" or path.read_bytes() == (whole / path.name).read_bytes()
    assert ended(start(repo.root, *arguments))[0] == 1
    assert {path.name for path in cut.iterdir()} == {path.name for path in whole.iterdir()}


def test_a_branch_that_cannot_be_written_does_not_come_into_being(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({"src/poller.js": POLLER})
    repo.git("config", "user.name", "Ada")
    repo.git("config", "user.email", "ada@example.org")
    code, out, err = ended(start(repo.root, "fix", "--branch", "fixes", "--no-cache", file_bytes=50))
    assert (code, out, err.count("\n")) == (2, "", 1), err
    assert "git " in err
    assert repo.git("branch", "--format=%(refname)") == "refs/heads/main"
    assert repo.git("status", "--porcelain") == ""


@pytest.mark.parametrize("arguments", [["scan"], ["scan", "--format", "json"], ["fix"], ["rules"], ["config", "check"]])
def test_a_full_disk_behind_stdout_is_said_so(tmp_path: Path, arguments: list[str]) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({"src/poller.js": POLLER})
    with Path("/dev/full").open("wb") as full:
        process = start(repo.root, *arguments, "--quiet" if arguments[0] != "rules" else "--verbose", stdout=full)
        code, _, err = ended(process)
    assert (code, err) == (2, "stanch: standard output: No space left on device.\n")


def test_a_full_disk_behind_stderr_changes_no_exit_code(tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        for arguments, code in ((["scan", "gone.js"], 2), (["scan", "--base", "main", "."], 2), (["fix", "."], 0)):
            command = [sys.executable, "-m", "bot", *arguments]
            done = subprocess.run(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=full, check=False)
            assert (done.returncode, done.stdout) == (code, b"")
