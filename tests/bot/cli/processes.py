"""Processes of ours in tests: started with settings of their own, waited for, and ended in any case."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import httpx
import pytest

from tests.test_walls import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

DEADLINE_SECONDS: Final = 60
# GitHub's side of setup, without a GitHub: every code is good.
PROGRAM: Final = """
import sys
import bot.github.manifest
from bot.github.models import Credentials
from tests.bot.github.keys import private_pem

def convert(code, api_url, *, html_url=None):
    return Credentials(12, "stanch-of-robin", private_pem(), ("new secret",), "http://127.0.0.1:9", html_url)

bot.github.manifest.convert = convert
from bot.cli import main
sys.argv = ["stanch", *sys.argv[1:]]
main()
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def environment(folder: Path, **settings: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("STANCH_", "DATABASE_URL"))}
    own = {"STANCH_STATE_FOLDER": str(folder / "state"), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    return {**kept, **own, **settings}


@contextmanager
def running(folder: Path, command: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """A process of ours, whose output goes to a file; it is ended in any case."""
    with (folder / f"{command}.out").open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, command],
            env=environment(folder, **settings),
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def eventually(folder: Path, ask: Callable[[], bool]) -> None:
    """Waits until the answer is yes."""
    end = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < end:
        try:
            if ask():
                return
        except httpx.TransportError:
            pass
        time.sleep(0.02)
    output = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.out"))
    pytest.fail(f"it did not happen; the output so far:\n{output}")
