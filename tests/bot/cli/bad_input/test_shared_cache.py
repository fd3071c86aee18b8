"""A cache that is damaged, poisoned, somebody else's, or used by two runs at once: the answer is the same."""

from __future__ import annotations

import os
import pickle
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.bot.cli.bad_input.processes import ended, start
from tests.bot.leaks import POLLER, SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.bot.cli.conftest import Stanch
    from tests.repos import Repo


class _Bomb:
    def __reduce__(self) -> tuple[object, ...]:
        return subprocess.call, (["touch", "poisoned"],)


def _half(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _emptied(file: Path) -> None:
    file.write_bytes(b"")


def _pickle(file: Path) -> None:
    file.write_bytes(pickle.dumps(_Bomb()))


def _without_the_leak(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b"never-released", b"never_released").replace(b"timer/", b"times/"))


def _folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def _link(file: Path) -> None:
    file.unlink()
    file.symlink_to("/dev/zero")


def _pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


DAMAGES = [_half, _emptied, _pickle, _without_the_leak, _folder, _link, _pipe]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__.strip("_"))
def test_a_cache_that_cannot_be_trusted_changes_nothing(
    stanch: Stanch, repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: Callable[[Path], None]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    first = stanch(repo.root, "scan", "--format", "json")
    (file,) = (tmp_path / "cache/stanch/results").iterdir()
    damage(file)
    for _ in range(2):
        done = stanch(repo.root, "scan", "--format", "json")
        assert (done.code, done.out) == (first.code, first.out)
    assert not (repo.root / "poisoned").exists()


def test_a_cache_without_a_place_is_said_once(
    stanch: Stanch, repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cache").write_text("no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    done = stanch(repo.root, "scan")
    place = tmp_path / "cache/stanch/results"
    assert (done.code, done.err) == (1, f"stanch: results are not kept for the next run: {place}: Not a directory.\n")


def test_two_scans_may_share_a_cache(repo: Repo, tmp_path: Path) -> None:
    repo.commit({f"src/{number}.js": POLLER for number in range(20)} | {"a.py": SETTINGS})
    cache = tmp_path / "cache"
    command = ["scan", "--format", "json"]
    runs = [start(repo.root, *command, XDG_CACHE_HOME=str(cache)) for _ in range(3)]
    answers = {ended(process) for process in runs}
    answers.add(ended(start(repo.root, *command, XDG_CACHE_HOME=str(cache))))
    answers.add(ended(start(repo.root, *command, "--no-cache")))
    ((code, out, err),) = answers
    assert (code, out.count('"rule"'), err) == (1, 22, "")
    assert len(list((cache / "stanch/results").iterdir())) == 1
