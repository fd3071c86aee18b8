"""What is different where a person looks: colours, progress, and nothing that drives the terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.bot.leaks import POLLER
from tests.repos import Repo

if TYPE_CHECKING:
    from pathlib import Path


def on_a_terminal(folder: Path, *arguments: str) -> tuple[int, str]:
    """The exit code, and everything that the terminal gets."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)
    command = [sys.executable, "-m", "bot", *arguments]
    with subprocess.Popen(command, cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        received = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:
                # Linux says so when the last process that had the terminal open has ended.
                break
            if not piece:
                break
            received += piece
    os.close(ours)
    return process.returncode, received.decode("utf-8", "replace")


HOSTILE = POLLER.replace(";\n", "; // \x1b]0;owned\x07 \x1b[2J\n")


@pytest.mark.parametrize("arguments", [("scan",), ("fix",), ("scan", "--jobs", "2"), ("scan", "--format", "markdown")])
def test_a_stranger_s_code_does_not_drive_the_terminal(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({"src/poller.js": HOSTILE, "src/clean.js": "// nothing\n"})
    code, received = on_a_terminal(repo.root, *arguments)
    assert code == 1
    assert "Interval(" in received
    assert "\x1b]0;" not in received
    assert "\x1b[2J" not in received
    assert "\\u{1b}[2J" in received


def test_a_terminal_has_colours_and_a_file_none(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({"src/poller.js": POLLER})
    code, received = on_a_terminal(repo.root, "scan")
    assert (code, "\x1b[1;31mleak" in received) == (1, True)
    assert "\x1b[" not in on_a_terminal(repo.root, "scan", "--quiet", "--output", "report.txt")[1]
    assert "\x1b" not in (repo.root / "report.txt").read_text()
