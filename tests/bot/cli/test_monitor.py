"""`stanch monitor`: samples as JSON lines, alerts, the report at the end; the process does not notice."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from jsonschema import Draft202012Validator

from bot.cli.exits import FOUND, OK, USAGE
from tests.bot.budgets.processes import DEADLINE_SECONDS, Marked
from tests.bot.cli.processes import environment
from tests.repos import Repo
from tools.schemas import schema_of

if TYPE_CHECKING:
    from tests.bot.cli.conftest import Stanch

STEADY: Final = "import time\nprint('up', flush=True)\ntime.sleep(600)\n"
LASTS: Final = "import time\nkept = []\nfor _ in range(40):\n    kept.append(open(__file__))\n    time.sleep(0.05)\n"


def samples(out: bytes) -> list[Any]:
    return [json.loads(line) for line in out.splitlines()]


def descriptors(pid: int) -> list[str]:
    return sorted(entry.name for entry in Path(f"/proc/{pid}/fd").iterdir())


def test_a_command_is_watched_until_it_ends(stanch: Stanch, tmp_path: Path) -> None:
    program = Marked(tmp_path, LASTS)
    log = tmp_path / "samples.jsonl"
    arguments = ["--interval", "0.05", "--format", "json", "--output", str(log)]
    done = stanch(tmp_path, "monitor", *arguments, "--", sys.executable, str(program.file))
    found = samples(done.out)
    assert log.read_bytes() == done.out
    validator = Draft202012Validator(schema_of("sample"))
    for sample in found:
        validator.validate(sample)
    seconds = [sample["seconds"] for sample in found]
    assert seconds == sorted(seconds)
    assert found[-1]["metrics"]["open-files file"] > found[0]["metrics"]["open-files file"]
    assert "The process has ended." in done.err
    assert "open-files" in done.err


def test_a_process_goes_on_as_if_nothing_had_been(stanch: Stanch, tmp_path: Path) -> None:
    program = Marked(tmp_path, STEADY)
    process = subprocess.Popen([sys.executable, program.file], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        before = descriptors(process.pid)
        done = stanch(tmp_path, "monitor", str(process.pid), "--interval", "0.05", "--for", "0.3")
        assert done.code == OK, done.err
        assert "The process goes on." in done.text
        assert process.poll() is None
        assert descriptors(process.pid) == before
    finally:
        process.kill()
        process.communicate()


def test_a_budget_is_a_threshold(stanch: Stanch, tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    config = (
        "profiles:\n- {name: job, command: x, workload: {run: x}}\n"
        "budgets:\n  job: {open-files: 2, heap-after-gc: 50 MB, threads: 90}\n"
    )
    repo.commit({".github/stanch.yml": config})
    program = Marked(tmp_path, LASTS)
    command = ["--interval", "0.05", "--for", "0.5", "--", sys.executable, str(program.file)]
    done = stanch(repo.root, "monitor", "--format", "json", *command)
    assert done.code == FOUND
    (alert,) = samples(done.out)[-1]["alerts"]
    assert (alert["kind"], alert["metric"], alert["limit"]) == ("over-budget", "open-files", 2)
    assert "Not measured from outside: heap" in done.err
    assert program.pids() == []
    text = stanch(repo.root, "monitor", *command).text
    assert "over the budget of 2" in text


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_watching_with_the_report(number: signal.Signals, tmp_path: Path) -> None:
    program = Marked(tmp_path, STEADY)
    command = [sys.executable, "-m", "bot", "monitor", "--interval", "0.05", "--", sys.executable, str(program.file)]
    process = subprocess.Popen(
        command, cwd=tmp_path, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        assert process.stderr is not None
        assert process.stderr.readline() == b"up\n"
        process.send_signal(number)
        out, _ = process.communicate(timeout=DEADLINE_SECONDS)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == OK
    assert b"samples in" in out or b"sample in" in out
    assert program.pids() == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["999999999"], "No process has the number 999999999"),
        (["12345678901234567890"], "is no number of a process"),
        ([], "Missing argument"),
        (["--interval", "0", "1"], "Invalid value for '--interval'"),
        (["--profile", "x", "1"], "in no git repository"),
        (["--", "no-such-program"], "`no-such-program` could not be started"),
    ],
)
def test_wrong_usage(stanch: Stanch, tmp_path: Path, arguments: list[str], sentence: str) -> None:
    done = stanch(tmp_path, "monitor", *arguments)
    assert (done.code, done.out) == (USAGE, b"")
    assert sentence in done.err
