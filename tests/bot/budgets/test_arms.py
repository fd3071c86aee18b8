"""One run of one program, with real ones: what is recorded, and the sentence when there is nothing to record."""

from __future__ import annotations

import socket
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from bot.budgets.arms import Plan, environment_of, run_arm, run_setup
from bot.budgets.gauges import Meters
from bot.budgets.growth import rate
from bot.budgets.limits import allowed_growth
from bot.budgets.meters.model import Series
from bot.budgets.programs import ProgramError
from bot.config.budgets import Budget, Companion, Growth, Metric, Profile, Ready, Request, Workload
from tests.bot.budgets.processes import Marked
from tests.bot.cli.processes import free_port

if TYPE_CHECKING:
    from pathlib import Path

    from bot.budgets.records import Arm

SERVER = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

kept = []

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        {action}
        self.send_response({status})
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    do_POST = do_GET

    def log_message(self, *words):
        pass

HTTPServer(("127.0.0.1", {port}), Handler).serve_forever()
"""


def profile(command: str, **fields: Any) -> Profile:
    defaults: dict[str, Any] = {
        "name": "poll",
        "command": command,
        "workload": Workload(requests=(Request(url="/"),)),
        "iterations_per_batch": 3,
        "warm_up_batches": 1,
        "stages": 2,
        "timeout": 30,
    }
    return Profile(**{**defaults, **fields})


def arm(given: Profile, folder: Path, stages: range | None = None) -> Arm:
    plan = Plan(given, allowed_growth(Budget()), Meters)
    return run_arm(plan, folder, stages=stages or range(1, given.stages + 1))


def server(
    folder: Path, action: str = "pass", status: int = 200, port: int = 0, **fields: Any
) -> tuple[Marked, Profile]:
    port = port or free_port()
    program = Marked(folder, SERVER.format(action=action, status=status, port=port))
    return program, profile(program.command, ready=Ready(port=port), **fields)


@pytest.mark.parametrize("concurrency", [1, 4])
def test_a_leak_is_followed_through_all_stages(concurrency: int, tmp_path: Path) -> None:
    program, given = server(tmp_path, "kept.append(open(__file__))", concurrency=concurrency)
    recorded = arm(given, tmp_path)
    assert recorded.failure == ""
    assert [stage.iterations for stage in recorded.stages] == [3, 9]
    assert rate(recorded, Series(Metric.OPEN_FILES, "file")) == 1.0
    assert program.pids() == []


def test_a_clean_program_needs_one_stage(tmp_path: Path) -> None:
    _, given = server(tmp_path, "open(__file__).close()")
    recorded = arm(given, tmp_path)
    assert (recorded.failure, len(recorded.stages)) == ("", 1)
    assert recorded.stages[0].rises(Series(Metric.OPEN_FILES)) == [0, 0, 0]


def test_a_command_can_be_the_workload(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    writer = f"{sys.executable} -c \"open({str(notes)!r}, 'a').write('x')\""
    program = Marked(tmp_path, "import time\ntime.sleep(600)\n")
    recorded = arm(profile(program.command, workload=Workload(run=writer)), tmp_path)
    assert recorded.failure == ""
    assert len(notes.read_text()) == 3 + 3 * 3


def test_a_line_can_say_that_it_is_ready(tmp_path: Path) -> None:
    port = free_port()
    text = SERVER.format(action="pass", status=200, port=port)
    told = "\nprint('Listening', flush=True)\nserver.serve_forever()"
    text = text.replace("HTTPServer((", "server = HTTPServer((").replace(".serve_forever()", told)
    program = Marked(tmp_path, text)
    request = Request(method="POST", url=f"http://127.0.0.1:{port}/x", body="hello")
    given = profile(program.command, ready=Ready(line="Listening"), workload=Workload(requests=(request,)))
    assert arm(given, tmp_path).failure == ""


@pytest.mark.parametrize(("status", "is_ready"), [(200, True), (404, True), (503, False)])
def test_an_address_can_say_that_it_is_ready(status: int, is_ready: bool, tmp_path: Path) -> None:
    port = free_port()
    program = Marked(tmp_path, SERVER.format(action="pass", status=status, port=port))
    given = profile(program.command, ready=Ready(url=f"http://127.0.0.1:{port}/health"), timeout=30 if is_ready else 1)
    failure = arm(given, tmp_path).failure
    assert (failure == "") == is_ready
    assert is_ready or "was not ready in time (awaited: http://127.0.0.1:" in failure


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("raise SystemExit(7)", "ended before it was ready, with exit code 7"),
        ("raise ValueError('no\\x1b[31m database')", r"it printed: .*ValueError: no\\x1b\[31m database"),
        ("import time\ntime.sleep(600)", "was not ready in time .awaited: port .*; it printed nothing"),
        ("print('waiting for a database', flush=True)\nimport time\ntime.sleep(600)", "it printed: waiting for a data"),
    ],
)
def test_a_program_that_does_not_become_ready(text: str, sentence: str, tmp_path: Path) -> None:
    import re

    program = Marked(tmp_path, text)
    recorded = arm(profile(program.command, ready=Ready(port=free_port()), timeout=1), tmp_path)
    assert re.search(sentence, recorded.failure), recorded.failure
    assert not recorded.is_complete
    assert program.pids() == []


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        ("kept.append(1); self.connection.shutdown(2) if len(kept) > 4 else None", "GET / was not answered: "),
        (
            "import os; os._exit(9) if len(kept) > 4 else kept.append(1)",
            "ended while it was measured, with exit code 9",
        ),
        ("import time; time.sleep(600)", "GET / was not answered before the profile's `timeout` was over"),
    ],
)
def test_a_program_that_does_not_answer(action: str, sentence: str, tmp_path: Path) -> None:
    program, given = server(tmp_path, action, timeout=2)
    assert sentence in arm(given, tmp_path).failure
    assert program.pids() == []


def test_requests_that_hang_do_not_outlast_a_failure(tmp_path: Path) -> None:
    action = "import time; kept.append(1); time.sleep(600) if len(kept) > 4 else None"
    program, given = server(tmp_path, action, timeout=3, concurrency=3)
    assert "GET / was not answered before" in arm(given, tmp_path).failure
    assert program.pids() == []


def test_a_port_that_is_taken_is_not_measured(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        program, given = server(tmp_path, port=other.getsockname()[1])
        assert "Something else answers at 127.0.0.1:" in arm(given, tmp_path).failure
    assert program.pids() == []


def test_a_path_needs_an_address(tmp_path: Path) -> None:
    program = Marked(tmp_path, "import time\ntime.sleep(600)\n")
    assert "has no address; write it as" in arm(profile(program.command), tmp_path).failure


def test_errors_of_the_program_are_told(tmp_path: Path) -> None:
    _, given = server(tmp_path, status=500)
    assert arm(given, tmp_path).remarks == ("12 requests were answered with status 500.",)


def test_each_run_has_a_temporary_folder_of_its_own(tmp_path: Path) -> None:
    action = "import tempfile; tempfile.mkstemp(); open({!r}, 'a').write(tempfile.gettempdir() + chr(10))"
    _, given = server(tmp_path, action.format(str(tmp_path / "seen")), iterations_per_batch=1)
    for _ in range(2):
        assert arm(given, tmp_path).failure == ""
    folders = dict.fromkeys((tmp_path / "seen").read_text().splitlines())
    assert len(folders) == 2
    assert not any(tmp_path.__class__(folder).exists() for folder in folders)


def test_the_setup_is_run_and_told_when_it_fails(tmp_path: Path) -> None:
    run_setup(profile("x", setup=f"{sys.executable} -c \"open('made', 'w')\""), tmp_path)
    assert (tmp_path / "made").exists()
    run_setup(profile("x"), tmp_path)
    with pytest.raises(ProgramError, match="`false` ended with exit code 1"):
        run_setup(profile("x", setup="false"), tmp_path)


def test_keys_to_github_are_not_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_TOKEN", "GH_TOKEN", "STANCH_SECRET", "ACTIONS_RUNTIME_TOKEN"):
        monkeypatch.setenv(name, "secret")
    variables = environment_of(profile("x", env={"PORT": "1"}))
    assert variables["PORT"] == "1"
    assert "secret" not in variables.values()


def test_rows_are_counted(tmp_path: Path) -> None:
    action = (
        "import sqlite3; db = sqlite3.connect('app.db'); db.execute('create table if not exists visits (at)');"
        " db.execute('insert into visits values (1)'); db.commit(); db.close()"
    )
    _, given = server(tmp_path, action, databases=("app.db",))
    plan = Plan(given, allowed_growth(Budget(growth=Growth(rows=0.0))), partial(Meters, databases=("app.db",)))
    recorded = run_arm(plan, tmp_path, stages=range(1, 3))
    assert [stage.rises(Series(Metric.ROWS, "visits")) for stage in recorded.stages] == [[3, 3, 3], [9, 9, 9]]
    assert recorded.highest(Metric.DATABASE_PAGES) is not None


def test_programs_beside_it_run_and_are_not_measured(tmp_path: Path) -> None:
    port = free_port()
    store = Marked(tmp_path, SERVER.format(action="kept.append(open(__file__))", status=200, port=port))
    ask = f"from urllib.request import urlopen; urlopen('http://127.0.0.1:{port}/').close()"
    program, given = server(tmp_path, ask, beside=(Companion(command=store.command, ready=Ready(port=port)),))
    recorded = arm(given, tmp_path)
    assert (recorded.failure, len(recorded.stages)) == ("", 1)
    assert recorded.stages[0].rises(Series(Metric.OPEN_FILES, "file")) == [0, 0, 0]
    assert program.pids() + store.pids() == []


def test_a_program_beside_it_that_does_not_start_is_named(tmp_path: Path) -> None:
    program, given = server(tmp_path, beside=(Companion(command="no-such-database"),))
    assert "`no-such-database` could not be started" in arm(given, tmp_path).failure
    assert program.pids() == []
