"""Programs are ended with all that they have started, whatever they do and whatever happens to us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from bot.budgets.programs import MAX_OUTPUT, Keeper, ProgramError, words_of
from tests.bot.budgets.processes import DEADLINE_SECONDS, Marked
from tests.test_walls import ROOT

if TYPE_CHECKING:
    from pathlib import Path

HANGS = "import time\nprint('up', flush=True)\ntime.sleep(600)\n"
CHILD = (
    "import os, subprocess, sys\nif len(sys.argv) == 1:\n    subprocess.Popen([sys.executable, __file__, 'child'])\n"
)
LEAVES = "if os.fork():\n    os._exit(0)\n"
PROGRAMS = {
    "hangs": (HANGS, 1),
    "ignores SIGTERM": ("import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + HANGS, 1),
    "leaves a child": (CHILD + HANGS, 2),
    "ends and leaves a child": (f"{CHILD}    sys.exit(3)\n{HANGS}", 1),
    "detaches itself": (f"import os\n{LEAVES}os.setsid()\n{LEAVES}{HANGS}", 1),
    "prints without end": ("print('up', flush=True)\nwhile True:\n    print('x' * 1000)\n", 1),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_everything_is_ended(name: str, tmp_path: Path) -> None:
    text, number = PROGRAMS[name]
    program = Marked(tmp_path, text)
    with Keeper("up") as keeper:
        keeper.start(program.command, tmp_path, os.environ)
        assert keeper.output.seen.wait(DEADLINE_SECONDS)
        program.wait_for(number)
    assert program.pids() == []
    assert len(keeper.output.last_lines()) < MAX_OUTPUT


def test_everything_is_ended_when_we_are_killed(tmp_path: Path) -> None:
    program = Marked(tmp_path, PROGRAMS["leaves a child"][0])
    ours = (
        "import os, sys, time\nfrom pathlib import Path\nfrom bot.budgets.programs import Keeper\n"
        "keeper = Keeper().__enter__()\nkeeper.start(sys.argv[1], Path('.'), os.environ)\ntime.sleep(600)\n"
    )
    variables = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, "-c", ours, program.command], env=variables)
    try:
        program.wait_for(2)
    finally:
        process.kill()
        process.wait()
    assert program.wait_for(0) == []


def test_it_is_ended_when_its_keeper_is_killed(tmp_path: Path) -> None:
    program = Marked(tmp_path, HANGS)
    with Keeper("up") as keeper:
        started = keeper.start(program.command, tmp_path, os.environ)
        (pid,) = program.wait_for(1)
        os.kill(os.getsid(pid), 0)
        os.kill(int(subprocess.check_output(["ps", "-o", "ppid=", "-p", str(pid)])), signal.SIGKILL)
        assert keeper.wait(started, time.monotonic() + DEADLINE_SECONDS) is not None
        assert program.wait_for(0) == []


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("no-such-program-anywhere --x", "`no-such-program-anywhere --x` could not be started in .*: No such file"),
        ('node "server.js', "cannot be split into words: No closing quotation; mend its quotes"),
        ("  ", "is empty; write what starts the program"),
        (f"{sys.executable} -c 'print(7); raise SystemExit(4)'", "ended with exit code 4; it printed: 7"),
        (f"{sys.executable} -c 'import os; os.kill(os.getpid(), 9)'", "ended by signal 9"),
    ],
)
def test_what_cannot_be_run_is_told(command: str, sentence: str, tmp_path: Path) -> None:
    with Keeper() as keeper, pytest.raises(ProgramError, match=sentence):
        keeper.run(command, tmp_path, os.environ, time.monotonic() + DEADLINE_SECONDS)


def test_what_does_not_end_in_time_is_told(tmp_path: Path) -> None:
    program = Marked(tmp_path, HANGS)
    with Keeper() as keeper, pytest.raises(ProgramError, match="did not end in time; it was ended"):
        keeper.run(program.command, tmp_path, os.environ, time.monotonic())
    assert program.pids() == []


def test_a_folder_that_is_gone_is_named(tmp_path: Path) -> None:
    with Keeper() as keeper, pytest.raises(ProgramError, match=r"could not be started in .*nowhere: No such file"):
        keeper.start("true", tmp_path / "nowhere", os.environ)


def test_many_commands_have_one_keeper(tmp_path: Path) -> None:
    with Keeper() as keeper:
        for _ in range(20):
            keeper.run("true", tmp_path, os.environ, time.monotonic() + DEADLINE_SECONDS)
        assert keeper.wait(keeper.start("false", tmp_path, {}), time.monotonic() + DEADLINE_SECONDS) == 1


def test_no_shell_is_asked() -> None:
    assert words_of("node 'a b.js' $HOME && x") == ["node", "a b.js", "$HOME", "&&", "x"]
