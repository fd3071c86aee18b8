"""`stanch serve` and `stanch worker`: real processes, from a fresh machine to the first delivery, and their ends."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import httpx
import psycopg
import pytest

from tests.bot.cli.processes import DEADLINE_SECONDS, environment, eventually, free_port, running
from tests.bot.postgres import empty_url, postgres
from tests.bot.service.doubles import BODY, GUID, signed
from tests.bot.service.test_setup import FORM, Form

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bot.cli.conftest import Stanch

__all__ = ["empty_url", "postgres"]


def test_from_a_fresh_machine_to_the_first_delivery(tmp_path: Path, empty_url: str) -> None:
    port = free_port()
    output = tmp_path / "serve.out"
    with running(tmp_path, "serve", STANCH_PORT=str(port), DATABASE_URL=empty_url) as process:
        web = httpx.Client(base_url=f"http://localhost:{port}")
        eventually(tmp_path, lambda: web.get("/healthz").is_success)
        assert web.get("/readyz").json()["checks"] == {
            "credentials": "There are none; the setup page makes them.",
            "database": "ok",
            "workers": "ok",
        }
        (link,) = re.findall(r"http://localhost:\d+/setup/\S+", output.read_text(encoding="utf-8"))
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        confirm = web.post(link, content=urlencode(FORM), headers=form)
        state = Form(confirm.text).action.partition("?state=")[2]
        assert web.get("/setup/callback", params={"code": "abc", "state": state}).is_success
        assert web.get(link).status_code == 404
        assert (tmp_path / "state" / "credentials.json").stat().st_mode & 0o777 == 0o600
        assert web.post("/webhook", content=BODY, headers=signed(BODY, secret="new secret")).status_code == 202
        with psycopg.connect(empty_url) as connection:
            assert connection.execute("SELECT guid, payload FROM deliveries").fetchall() == [(GUID, BODY)]
        eventually(tmp_path, lambda: "the worker runs" in output.read_text(encoding="utf-8"))
        assert 'stanch_deliveries_total{answer="accepted",event="pull_request"} 1.0' in web.get("/metrics").text
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE_SECONDS) == 0
    text = output.read_text(encoding="utf-8")
    assert "new secret" not in text
    assert "Traceback" not in text


def test_a_worker_waits_for_credentials_and_stops_when_told(tmp_path: Path, empty_url: str) -> None:
    output = tmp_path / "worker.out"
    with running(tmp_path, "worker", DATABASE_URL=empty_url) as process:
        eventually(tmp_path, lambda: "the worker waits" in output.read_text(encoding="utf-8"))
        process.send_signal(signal.SIGINT)
        assert process.wait(DEADLINE_SECONDS) == 0


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_settings_that_are_not_valid(
    stanch: Stanch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("STANCH_PORT", "eighty")
    monkeypatch.setenv("STANCH_LOG_FORMAT", "xml")
    done = stanch(tmp_path, command)
    assert done.code == 2
    assert "STANCH_PORT: write a whole number; STANCH_LOG_FORMAT: " in done.err
    assert "STANCH_LOG_FORMAT: input should be 'json' or 'console'." in done.err


def test_an_address_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "bot", "serve"],
            env=environment(tmp_path, STANCH_PORT=port, DATABASE_URL="postgresql://127.0.0.1:9/none"),
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        f"Cannot listen at 127.0.0.1, port {port}: Address already in use; set STANCH_HOST and STANCH_PORT"
        in done.stderr
    )


def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "worker"],
        env=environment(tmp_path, DATABASE_URL="postgresql://robin:password1@127.0.0.1:9/none"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "127.0.0.1" in done.stderr
    assert "Traceback" not in done.stderr
    assert "password1" not in done.stderr


@pytest.mark.parametrize("command", ["serve", "worker", "doctor"])
def test_without_the_extra_it_says_what_to_install(tmp_path: Path, command: str) -> None:
    program = f"""
import sys
for name in ("fastapi", "pydantic_settings", "structlog", "sqlalchemy", "psycopg", "uvicorn"):
    sys.modules[name] = None
sys.argv = ["stanch", {command!r}]
from bot.cli import main
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment(tmp_path), capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    install = r"in the clone of Stanch, run `make service`, elsewhere install `stanch\[service\]`"
    assert re.fullmatch(rf"stanch: `stanch {command}` needs \w+, which is not installed; {install}\n", done.stderr)
