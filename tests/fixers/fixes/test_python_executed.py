"""Fixes proven by running the program before and after, in processes of their own, with modules that record all."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from fixers.findings import FixKind
from tests.fixers.fixes.python_fixes import fixed

if TYPE_CHECKING:
    from pathlib import Path

RECORDER = """
import asyncio, json, sys, types

events = []
failing = int(sys.argv[1])


def note(event):
    events.append(event)
    if len([e for e in events if not e.startswith("close")]) == failing:
        raise OSError(event)


class Handle:
    def __init__(self, *args, **kwargs):
        note("open")
        self.is_open = True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.is_open:
            events.append("close")
        self.is_open = False

    def __getattr__(self, name):
        def use(*args):
            if not self.is_open:
                raise RuntimeError("used after close")
            note(name)
            return [name]
        return use


class AsyncHandle(Handle):
    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await self.close()

    async def close(self):
        super().close()

    async def get(self, url):
        note("get")
        return types.SimpleNamespace(status=200)


sys.modules["socket"] = types.SimpleNamespace(socket=Handle, create_connection=Handle)
sys.modules["sqlite3"] = types.SimpleNamespace(connect=Handle)
sys.modules["requests"] = types.SimpleNamespace(Session=Handle)
sys.modules["aiohttp"] = types.SimpleNamespace(ClientSession=AsyncHandle)
scope = {"note": note, "open": Handle}
try:
    exec(compile(sys.stdin.read(), "program", "exec"), scope)
    result = scope["program"]()
    result = asyncio.run(result) if asyncio.iscoroutine(result) else result
    outcome = "a handle" if isinstance(result, Handle) else repr(result)
except Exception as error:
    outcome = f"{type(error).__name__}: {error}"
print(json.dumps([outcome, events]))
"""


@dataclass(frozen=True)
class Run:
    """What a program did: its result or error, and the events; `uses` are those that are no release."""

    outcome: str
    events: list[str]

    @property
    def uses(self) -> list[str]:
        return [event for event in self.events if event != "close"]

    @property
    def left_open(self) -> int:
        never_opened = self.outcome == "OSError: open"
        return self.events.count("open") - self.events.count("close") - never_opened


def run(recorder: Path, program: str, failing: int) -> Run:
    done = subprocess.run(
        [sys.executable, str(recorder), str(failing)], input=program, capture_output=True, encoding="utf-8", check=True
    )
    return Run(*json.loads(done.stdout.splitlines()[-1]))


PROGRAMS = {
    "with": """
def program():
    f = open('a')
    f.write('x')
    note('between')
    f.close()
    note('after')
    return 1
""",
    "inline": """
def program():
    return len(open('a').read())
""",
    "two": """
def program():
    a = open('a')
    b = open('b')
    b.write(a.read())
    a.close()
    b.close()
    return 'copied'
""",
    "closing": """
import sqlite3


def program():
    c = sqlite3.connect('a')
    c.execute('x')
    c.commit()
    note('after')
    return 1
""",
    "async": """
import aiohttp


async def program():
    session = aiohttp.ClientSession()
    response = await session.get('a')
    note('between')
    await session.close()
    return response.status
""",
    "late with": """
def program():
    try:
        f = open('a')
    except ValueError:
        return None
    text = f.read()
    note('between')
    return text
""",
    "teardown": """
import requests


class Client:
    def __init__(self):
        self.session = requests.Session()

    def close(self):
        note('closing')


def program():
    client = Client()
    client.session.get('a')
    client.close()
    return 2
""",
    "overwritten": """
import socket


class Relay:
    def __init__(self):
        self.sock = None

    def send(self):
        if self.sock is None:
            self.sock = socket.create_connection(('h', 1))
        try:
            self.sock.sendall(b'x')
            raise ValueError
        except ValueError:
            self.reconnect()
            self.sock.sendall(b'y')

    def reconnect(self):
        self.sock = socket.create_connection(('h', 2))

    def close(self):
        if self.sock is not None:
            self.sock.close()


def program():
    relay = Relay()
    relay.send()
    relay.close()
    return 3
""",
}


@pytest.fixture(scope="module")
def recorder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("probe") / "recorder.py"
    path.write_text(RECORDER)
    return path


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_fixed_program_does_the_same_and_closes(name: str, recorder: Path) -> None:
    before = PROGRAMS[name]
    after = fixed(before)
    assert after != before
    normal = run(recorder, before, 0)
    mended = run(recorder, after, 0)
    assert (mended.outcome, mended.uses) == (normal.outcome, normal.uses)
    assert mended.left_open == 0
    if name not in {"teardown", "overwritten"}:
        for failing in range(1, len(normal.uses) + 1):
            old, new = run(recorder, before, failing), run(recorder, after, failing)
            assert (new.outcome, new.uses) == (old.outcome, old.uses)
            assert new.left_open == 0


def test_a_handle_for_the_caller_is_closed_only_when_there_is_an_error(recorder: Path) -> None:
    before = """
import socket


def program():
    sock = socket.socket()
    sock.connect(('h', 1))
    return sock
"""
    after = fixed(before, {FixKind.SAFE, FixKind.SUGGESTED})
    assert run(recorder, after, 0) == run(recorder, before, 0) == Run("a handle", ["open", "connect"])
    assert run(recorder, before, 2) == Run("OSError: connect", ["open", "connect"])
    assert run(recorder, after, 2) == Run("OSError: connect", ["open", "connect", "close"])
