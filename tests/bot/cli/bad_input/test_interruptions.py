"""A worker that is killed in mid-file, and Ctrl-C in the middle of `fix --write`."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from bot.pool import DIED
from fixers import engine
from tests.bot.cli.bad_input.processes import ended, start
from tests.bot.leaks import CLEAN_POLLER, POLLER
from tests.bot.test_pool import FAULTY_ENGINE

if TYPE_CHECKING:
    from pathlib import Path

    from fixers.facts import FileFacts
    from fixers.source import Source
    from tests.bot.cli.conftest import Stanch

NAMES = ["a.js", "b.js", "c.js", "d.js", "e.js"]

STOP = """\
import os, signal
# What is started in the background is started with Ctrl-C ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
original, calls = os.{call}, 0

def stop():
    with open(os.environ["STOPPED"], "w") as pipe:
        pipe.write("stopped")
    signal.pause()

def stopping(*arguments, **more):
    global calls
    if not any(".stanch-" in str(argument) for argument in arguments) and "{call}" != "fsync":
        return original(*arguments, **more)
    calls += 1
    if calls == 3 and "{when}" == "before":
        stop()
    result = original(*arguments, **more)
    if calls == 3 and "{when}" == "after":
        stop()
    return result

os.{call} = stopping
"""
"""Stops before or after the third file's call, and says so."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five files with a leak each."""
    made = tmp_path / "files"
    made.mkdir()
    for name in NAMES:
        (made / name).write_text(POLLER)
    return made


def test_the_death_of_a_worker_costs_one_file_and_is_said(folder: Path) -> None:
    (folder / "die.js").write_text(POLLER)
    process = start(folder, "scan", "--no-cache", "--jobs", "2", "--fail-on", "none", ".", startup=FAULTY_ENGINE)
    code, out, err = ended(process)
    assert (code, err) == (3, "")
    assert "Incomplete: leaks may be missing, because not everything could be read.\n" in out
    assert f"  die.js: crash, {DIED}\n" in out
    assert out.endswith("5 leaks in 6 files (6 read); 5 safe fixes: run `stanch fix`.\n")


@pytest.mark.parametrize("arguments", [[], ["--strict"], ["--format", "json"]], ids=["text", "strict", "json"])
def test_a_defect_over_one_file_costs_that_file_and_is_said(
    stanch: Stanch, folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    lower = engine.lower  # type: ignore[attr-defined]

    def faulty(source: Source) -> FileFacts:
        if source.path == "c.js":
            raise ZeroDivisionError
        return lower(source)

    monkeypatch.setattr(engine, "lower", faulty)
    done = stanch(folder, "scan", "--no-cache", "--fail-on", "none", *arguments, ".")
    assert done.code == 3
    assert "c.js: crash, ZeroDivisionError while judging; please report it" in done.text + done.err
    assert stanch(folder, "scan", "--no-cache", *arguments, ".").code == 1


@pytest.mark.parametrize(
    ("call", "when", "written"),
    [
        ("open", "before", 2),
        ("open", "after", 2),
        ("fsync", "after", 2),
        ("replace", "before", 2),
        ("replace", "after", 3),
    ],
)
def test_control_c_leaves_every_file_whole(folder: Path, tmp_path: Path, call: str, when: str, written: int) -> None:
    stopped = tmp_path / "stopped"
    os.mkfifo(stopped)
    startup = STOP.format(call=call, when=when)
    process = start(folder, "fix", "--write", "--no-cache", ".", startup=startup, STOPPED=str(stopped))
    assert stopped.read_bytes() == b"stopped"
    process.send_signal(signal.SIGINT)
    code, out, err = ended(process)
    assert (code, err) == (130, f"stanch: {written} of 5 files written; the others are as they were.\n")
    assert out.splitlines() == [f"{name}:4: clear the interval in close()" for name in NAMES[:written]]
    assert {path.name for path in folder.iterdir()} == set(NAMES)
    contents = [(folder / name).read_text() for name in NAMES]
    assert contents == [CLEAN_POLLER] * written + [POLLER] * (5 - written)
    assert ended(start(folder, "fix", "--write", "--no-cache", "."))[0] == 0
    assert {(folder / name).read_text() for name in NAMES} == {CLEAN_POLLER}
