"""Workers that are killed, stopped and slow: their jobs are taken over, and nothing that they still want counts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.database.fences import LeaseLost
from bot.jobs import runs
from bot.jobs.model import Done, Kind
from bot.jobs.numbers import outcomes
from bot.jobs.queue import Queue
from tests.bot.jobs.support import LEASE, all_ended, states, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.database.engine import Database

ROOT = Path(__file__).resolve().parents[3]
KINDS = {"review": Kind(lambda job, lease: Done())}
LANES = ["pr.1", "pr.2", "pr.3"]


@contextmanager
def worker(database: Database, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tests.bot.jobs.process", database.url, str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


def left(folder: Path, word: str, process: subprocess.Popen[bytes]) -> list[str]:
    return sorted(path.name.split("-")[1] for path in folder.glob(f"{word}-*-{process.pid}"))


def test_jobs_of_a_killed_worker_are_done_by_another(database: Database, tmp_path: Path) -> None:
    queue = Queue(database)
    for lane in LANES:
        queue.submit("review", lane, {})
    with worker(database, tmp_path) as killed:
        wait_for(lambda: left(tmp_path, "begun", killed) == LANES, "the begin of all jobs")
        os.kill(killed.pid, signal.SIGKILL)
        (tmp_path / "go").touch()
    with worker(database, tmp_path) as other:
        wait_for(lambda: all_ended(database), "the end of all jobs")
        assert left(tmp_path, "done", other) == LANES
        other.terminate()
        assert other.wait(20) == 0
    assert left(tmp_path, "done", killed) == []
    assert states(database) == ["done"] * len(LANES)
    with database.begin() as connection:
        assert outcomes(connection) == {("review", "stalled"): len(LANES), ("review", "done"): len(LANES)}


def test_a_worker_that_was_only_slow_writes_nothing_more(database: Database, tmp_path: Path) -> None:
    Queue(database).submit("review", "pr.1", {})
    with worker(database, tmp_path) as slow:
        wait_for(lambda: left(tmp_path, "begun", slow), "the begin of the job")
        slow.send_signal(signal.SIGSTOP)
        with worker(database, tmp_path) as other:
            wait_for(lambda: left(tmp_path, "begun", other), "the begin of the job elsewhere")
            (tmp_path / "go").touch()
            wait_for(lambda: all_ended(database), "the end of the job")
            slow.send_signal(signal.SIGCONT)
            wait_for(lambda: left(tmp_path, "refused", slow), "the refusal")
            assert left(tmp_path, "done", other) == ["pr.1"]
    assert left(tmp_path, "done", slow) == []
    assert states(database) == ["done"]


def test_a_worker_told_to_stop_gives_its_jobs_back(database: Database, tmp_path: Path) -> None:
    Queue(database).submit("review", "pr.1", {})
    with worker(database, tmp_path) as process:
        wait_for(lambda: left(tmp_path, "begun", process), "the begin of the job")
        process.terminate()
        assert process.wait(20) == 0
    assert states(database) == ["waiting"]
    with database.begin() as connection:
        assert outcomes(connection) == {("review", "returned"): 1}


def test_a_run_that_was_taken_back_settles_and_renews_nothing(database: Database) -> None:
    Queue(database).submit("review", "pr.1", {})
    with database.begin() as connection:
        old = runs.claim(connection, "pr.1", KINDS, "one", -LEASE)
    assert old is not None
    with database.begin() as connection:
        assert runs.claim(connection, "pr.1", KINDS, "two", LEASE) is None
        taken = runs.take_back(connection, KINDS)
        assert taken is not None
        assert taken.fence == old.fence
        assert runs.take_back(connection, KINDS) is None
    with database.begin() as connection:
        new = runs.claim(connection, "pr.1", KINDS, "two", LEASE)
    assert new is not None
    assert (new.job.id, new.job.failures) == (old.job.id, 1)
    assert new.fence.number > old.fence.number
    with database.begin() as connection:
        assert runs.renew(connection, [old.fence.number, new.fence.number], LEASE) == {new.fence.number}
        with pytest.raises(LeaseLost):
            runs.settle(connection, old, KINDS["review"], Done())
        with pytest.raises(LeaseLost):
            runs.give_back(connection, old)
        runs.settle(connection, new, KINDS["review"], Done())
    assert states(database) == ["done"]
