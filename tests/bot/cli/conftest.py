from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from bot.cli import run
from tests.bot.leaks import POLLER
from tests.repos import Repo

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()

    @property
    def report(self) -> Any:
        return json.loads(self.out)


class Stanch(Protocol):
    def __call__(self, folder: Path, *arguments: str) -> Done: ...


@pytest.fixture
def stanch(monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> Stanch:
    """Runs the command in this process, in a folder."""

    def call(folder: Path, *arguments: str) -> Done:
        monkeypatch.chdir(folder)
        capsysbinary.readouterr()
        code = run(list(arguments))
        captured = capsysbinary.readouterr()
        return Done(code, captured.out, captured.err.decode())

    return call


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A repository with one leak, in `src/poller.js` at line 4."""
    made = Repo(tmp_path / "repo")
    made.commit({"src/poller.js": POLLER, "README.md": "# Poller\n"})
    return made
