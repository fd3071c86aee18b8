"""`stanch measure` on real programs: base against head, the work tree, faults, formats."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest
from jsonschema import Draft202012Validator

from bot.cli.exits import CUT_SHORT, FOUND, INTERRUPTED, OK, USAGE
from bot.decisions.budgets import embedded, parse_budgets
from tests.bot.budgets.processes import DEADLINE_SECONDS, Marked
from tests.bot.cli.processes import environment, free_port
from tests.node import NODE
from tests.repos import Repo
from tools.schemas import schema_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bot.cli.conftest import Stanch

CLEAN: Final = """\
const http = require('node:http');

http.createServer((request, response) => {
  const timer = setInterval(() => {}, 60000);
  clearInterval(timer);
  response.end('ok');
}).listen(Number(process.env.PORT), '127.0.0.1');
"""
LEAKING: Final = CLEAN.replace("  clearInterval(timer);\n", "")
FOLDERS: Final = ".github/stanch.yml"


def config(port: int, *, command: str = f"{NODE} server.js", budget: str = "timers: 40", more: str = "") -> str:
    return (
        "version: 1\nprofiles:\n"
        f"- name: poll\n  command: {command}\n  env: {{PORT: '{port}'}}\n  ready: {{port: {port}}}\n"
        "  workload:\n    requests: [{url: /}]\n"
        f"  iterations-per-batch: 10\n  warm-up-batches: 1\n  stages: 2\n  pairs: 2\n  timeout: 60\n{more}"
        f"budgets:\n  poll: {{{budget}}}\n"
    )


@pytest.fixture
def leaking(tmp_path: Path) -> Repo:
    """A repository whose `main` is clean, and whose branch forgets to stop a timer."""
    made = Repo(tmp_path / "repo")
    made.commit({"server.js": CLEAN, FOLDERS: config(free_port())})
    made.branch("feature")
    made.commit({"server.js": LEAKING})
    return made


def test_a_new_leak_is_measured_and_tied_to_its_line(stanch: Stanch, leaking: Repo) -> None:
    done = stanch(leaking.root, "measure", "--base", "main", "--format", "json")
    assert done.code == FOUND, done.err
    Draft202012Validator(schema_of("budget")).validate(done.report)
    (timers,) = [result for result in done.report["results"] if result["metric"] == "timers"]
    assert (timers["state"], timers["class"]) == ("new-growth", "exact")
    assert (timers["rate"], timers["base_rate"]) == (1.0, 0.0)
    assert (timers["runs"], timers["iterations"]) == (2, 3 * 10 + 3 * 30)
    assert timers["site"] == {"path": "server.js", "line": 4, "column": 17}
    (grown,) = timers["grown"]
    assert (grown["rate"], grown["whole"]) == (1.0, True)
    found = json.loads(stanch(leaking.root, "scan", "--format", "json").out)["findings"]
    assert grown["finding"] in {finding["id"] for finding in found}
    assert done.report["commit"] == leaking.git("rev-parse", "feature")
    assert done.report["base"] == leaking.git("rev-parse", "main")
    assert done.report["environment"]["runtime"].startswith("node ")
    document = parse_budgets(f"<!-- stanch:v1 budgets\n{done.text}\nstanch:v1 end -->")
    assert parse_budgets(embedded(document)) == document


def test_an_unchanged_program_keeps_its_budgets(stanch: Stanch, leaking: Repo) -> None:
    leaking.commit({"server.js": CLEAN + "// Another comment.\n"})
    leaking.write({"server.js": LEAKING})
    done = stanch(leaking.root, "measure", "--base", "main")
    assert done.code == OK, done.text
    assert "Nothing fails" in done.text
    assert "uncommitted changes are not measured" in done.err


@pytest.mark.parametrize("report_format", ["terminal", "markdown"])
def test_the_work_tree_is_measured_without_a_base(stanch: Stanch, leaking: Repo, report_format: str) -> None:
    leaking.write({"notes.txt": "not committed\n"})
    done = stanch(leaking.root, "measure", "--format", report_format)
    assert done.code == FOUND, done.text + done.err
    assert "grows" in done.text
    assert "server.js:4" in done.text
    if report_format == "terminal":
        assert "with uncommitted changes" in done.text


def test_what_is_in_force_is_the_base(stanch: Stanch, leaking: Repo) -> None:
    leaking.commit({FOLDERS: "version: 1\n"})
    assert stanch(leaking.root, "measure").code == USAGE
    leaking.write({"other.txt": "x"})
    leaking.commit({"server.js": CLEAN})
    done = stanch(leaking.root, "measure", "--base", "main", "--profile", "poll")
    assert done.code == OK, done.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--profile", "pol"), "has no profile `pol`, did you mean `poll`?"),
        (("--base", "nowhere"), "knows no commit called 'nowhere'"),
        (("--format", "html"), "Invalid value for '--format'"),
    ],
)
def test_wrong_usage(stanch: Stanch, leaking: Repo, arguments: tuple[str, ...], sentence: str) -> None:
    done = stanch(leaking.root, "measure", *arguments)
    assert (done.code, done.out) == (USAGE, b"")
    assert sentence in done.err


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"command": "no-such-program x"}, "`no-such-program x` could not be started"),
        ({"more": "  setup: 'false'\n"}, "`false` ended with exit code 1"),
        ({"command": f"{NODE} -e 'process.exit(5)'"}, "ended before it was ready, with exit code 5"),
    ],
)
def test_a_program_that_cannot_be_measured(
    stanch: Stanch, tmp_path: Path, changes: dict[str, str], sentence: str
) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({"server.js": CLEAN, FOLDERS: config(free_port(), **changes)})
    done = stanch(repo.root, "measure")
    assert done.code == CUT_SHORT, done.text
    assert sentence in done.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_program(number: signal.Signals, tmp_path: Path) -> None:
    program = Marked(tmp_path, "import time\ntime.sleep(600)\n")
    repo = Repo(tmp_path / "repo")
    repo.commit({FOLDERS: config(free_port(), command=program.command)})
    command = [sys.executable, "-m", "bot", "measure"]
    (tmp_path / "tmp").mkdir()
    variables = environment(tmp_path, TMPDIR=str(tmp_path / "tmp"))
    process = subprocess.Popen(command, cwd=repo.root, env=variables, stderr=subprocess.PIPE)
    try:
        program.wait_for(1)
        process.send_signal(number)
        assert process.wait(DEADLINE_SECONDS) == INTERRUPTED
    finally:
        process.kill()
        process.communicate()
    assert program.pids() == []
    assert [*(tmp_path / "tmp").iterdir()] == []
