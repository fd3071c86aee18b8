from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from bot import pool
from bot.git import GitError
from bot.pool import DIED, PoolError, scan_files
from fixers.engine import judge_file
from fixers.source import SkipCode, Skipped
from fixers.tree import MemoryTree
from tests.bot.leaks import CLEAN_POLLER, POLLER, SETTINGS

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "a.js": POLLER,
    "b.py": SETTINGS,
    "c.txt": "nothing",
    "d.js": "setInterval('\0')",
    "e/f.js": CLEAN_POLLER,
    "g\udcff.js": POLLER,
    "h.py": "open(",
}
TREE = MemoryTree({path: text.encode() for path, text in FILES.items()})

FAULTY_ENGINE = """\
import os, signal
import fixers.engine

judge = fixers.engine.judge_file

def judge_file(path, data):
    if path.startswith("die"):
        os.kill(os.getpid(), signal.SIGKILL)
    if path.startswith("stop"):
        with open(os.environ["STOPPED"], "w") as pipe:
            pipe.write("stopped")
            pipe.flush()
            signal.pause()
    return judge(path, data)

fixers.engine.judge_file = judge_file
"""


@pytest.fixture
def faulty_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """In worker processes, the engine dies over files whose name says so."""
    folder = tmp_path / "startup"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(FAULTY_ENGINE)
    monkeypatch.syspath_prepend(str(folder))
    return folder


@pytest.mark.parametrize("jobs", [2, 3, 20])
def test_the_answer_does_not_depend_on_the_number_of_workers(jobs: int) -> None:
    alone = scan_files(TREE, list(FILES), jobs=1)
    together = scan_files(TREE, list(FILES), jobs=jobs)
    assert together == alone
    assert list(together) == list(FILES)
    assert len(alone["a.js"].findings) == 1


@pytest.mark.usefixtures("faulty_engine")
def test_the_death_of_a_worker_costs_one_file() -> None:
    names = ["a.js", "die1.js", "b.js", "c.js", "die2.js", "d.js"]
    results = scan_files(MemoryTree(dict.fromkeys(names, POLLER.encode())), names, jobs=2)
    assert list(results) == names
    for name, result in results.items():
        died = name.startswith("die")
        assert result.skipped == ([Skipped(name, SkipCode.CRASH, DIED)] if died else [])
        assert len(result.findings) == (0 if died else 1)


def test_workers_that_cannot_be_started_are_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(PoolError, match="use `--jobs 1`"):
        scan_files(TREE, list(FILES), jobs=2)


def test_workers_that_end_at_once_are_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(PoolError, match="ended as soon as it was started"):
        scan_files(TREE, list(FILES), jobs=2)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_file_that_cannot_be_read_costs_only_itself(jobs: int) -> None:
    class Torn(MemoryTree):
        def read(self, path: str) -> bytes:
            if path == "b.js":
                raise FileNotFoundError(path)
            if path == "c.js":
                raise GitError("Object 1 is missing from the repository at /home/ada/project.")
            return super().read(path)

    names = ["a.js", "b.js", "c.js"]
    results = scan_files(Torn(dict.fromkeys(names, POLLER.encode())), names, jobs=jobs)
    assert len(results["a.js"].findings) == 1
    assert [entry.code for name in names for entry in results[name].skipped] == [SkipCode.LIMIT] * 2
    # A report holds no path of this machine.
    assert not any("/home" in entry.detail for name in names for entry in results[name].skipped)


@pytest.mark.parametrize("jobs", [1, 2])
def test_another_failure_ends_the_scan(jobs: int) -> None:
    class Torn(MemoryTree):
        def read(self, path: str) -> bytes:
            raise RuntimeError(path)

    with pytest.raises(RuntimeError):
        scan_files(Torn({"a.js": b"", "b.js": b""}), ["a.js", "b.js"], jobs=jobs)


@pytest.mark.parametrize("jobs", [1, 2])
def test_progress_ends_with_all(jobs: int) -> None:
    seen: list[tuple[int, int]] = []
    scan_files(TREE, list(FILES), jobs=jobs, progress=lambda done, of: seen.append((done, of)))
    assert seen[-1] == (len(FILES), len(FILES))
    assert seen == sorted(seen)


def test_only_much_work_is_shared_out(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []

    def run(self: pool._Pool, jobs: int) -> None:
        started.append(jobs)
        for file in self._waiting:
            self._done.add(file, judge_file(file.path, file.data))

    monkeypatch.setattr(pool, "_processors", lambda: 3)
    monkeypatch.setattr(pool._Pool, "run", run)
    monkeypatch.setattr(pool, "MIN_BYTES", 2 * len(POLLER))
    idle = {f"{number}.js": b"let x = 1;" for number in range(1000)}
    little = MemoryTree({**idle, "a.js": POLLER.encode()})
    assert len(scan_files(little, list(little.paths()))["a.js"].findings) == 1
    assert started == []
    much = MemoryTree({**idle, "a.js": POLLER.encode(), "b.js": POLLER.encode()})
    results = scan_files(much, list(much.paths()))
    assert started == [3]
    assert [path for path, result in results.items() if result.findings] == ["a.js", "b.js"]


def test_an_interruption_ends_the_workers_too(faulty_engine: Path, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for name in ("stop.js", "a.js", "b.js"):
        (folder / name).write_text(POLLER)
    stopped = tmp_path / "stopped"
    os.mkfifo(stopped)
    environment = {**os.environ, "PYTHONPATH": str(faulty_engine), "STOPPED": str(stopped)}
    command = [sys.executable, "-m", "bot", "scan", "--jobs", "2", "."]
    with (
        subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process,
        stopped.open("rb") as pipe,
    ):
        assert pipe.read(7) == b"stopped"
        process.send_signal(signal.SIGINT)
        assert process.communicate() == (b"", b"")
        assert process.returncode == 130
        # The end of the pipe: nobody has it open any more.
        assert pipe.read() == b""
