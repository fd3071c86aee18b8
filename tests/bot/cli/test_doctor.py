"""`stanch doctor` on a real installation: our door, a PostgreSQL, and a GitHub on this machine."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from bot.database.engine import open_database
from bot.database.migrations import migrate
from bot.github.manifest import PERMISSIONS, Size, convert
from bot.service.app import create_app
from bot.service.credentials import FileCredentials
from bot.service.metrics import Metrics
from bot.service.parts import Parts
from bot.service.running import listen, run_web
from bot.service.setup.choice import Choice
from bot.service.setup.flow import Setup
from tests.bot.postgres import empty_url, postgres
from tests.bot.service.doubles import MemoryDeliveries, logging_restored
from tests.github import FakeGitHub

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.bot.cli.conftest import Done, Stanch

__all__ = ["empty_url", "postgres"]


@contextmanager
def open_door(store: FileCredentials, deliveries: MemoryDeliveries) -> Iterator[str]:
    """A door that listens on this machine; gives its address."""
    parts = Parts(deliveries, frozenset({"ping"}), store, {}, Metrics())
    with listen("127.0.0.1", 0) as listener:
        stop = asyncio.Event()
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_until_complete, args=(run_web(create_app(parts), listener, stop),))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/webhook"
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join()
            loop.close()


def register(github: FakeGitHub, store: FileCredentials, webhook_url: str) -> None:
    """Registers the App by way of the manifest, as the browser of a person does."""
    setup = Setup(
        store, convert, base_url="http://localhost:8080", public_url=None, github_url=github.html_url, clock=time.time
    )
    begun = setup.begin(Choice(Size.REVIEW, "octo", github.html_url, webhook_url))
    back = httpx.post(begun.address, data={"manifest": json.dumps(begun.manifest)}).headers["location"]
    query = parse_qs(urlsplit(back).query)
    setup.finish(query["code"][0], query["state"][0], begun.browser)


@pytest.fixture
def examine(
    stanch: Stanch, tmp_path: Path, empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[Done, dict[str, Any]]]:
    monkeypatch.setenv("DATABASE_URL", empty_url)
    monkeypatch.setenv("STANCH_STATE_FOLDER", str(tmp_path / "state"))
    database = open_database(tmp_path, empty_url)
    migrate(database)
    database.close()

    def call() -> tuple[Done, dict[str, Any]]:
        with logging_restored():
            done = stanch(tmp_path, "doctor", "--format", "json")
        return done, {entry["check"]: entry for entry in json.loads(done.out)}

    return call


def test_an_installation_that_is_well_and_one_that_is_not(
    examine: Callable[[], tuple[Done, dict[str, Any]]], stanch: Stanch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A variable of the tests, which looks like a setting that nobody knows.
    monkeypatch.delenv("STANCH_REQUIRE_ALL", raising=False)
    store = FileCredentials(tmp_path / "state" / "credentials.json")
    deliveries = MemoryDeliveries()
    with FakeGitHub(tmp_path / "github", enterprise=True) as github:
        with open_door(store, deliveries) as address:
            register(github, store, address)
            github.settle()
            done, found = examine()
            assert (done.code, done.err) == (0, "")
            assert {name: entry["state"] for name, entry in found.items() if entry["state"] != "ok"} == {
                "installations": "warn"
            }
            assert address in found["webhook"]["found"]

            credentials = store.load()
            assert credentials is not None
            app = github.app(credentials.slug)
            repository = github.create_repository("octo/shop")
            app.install(repository)
            app.ask_for({**PERMISSIONS[Size.REVIEW], "checks": "read"}, ("push",))
            store.path.chmod(0o644)
            done, found = examine()
            assert done.code == 1
            assert "checks: write" in found["permissions"]["found"]
            assert "issue_comment" in found["events"]["found"]
            assert "chmod 600" in found["key file"]["advice"]
            assert found["installations"]["state"] == "ok"

        done, found = examine()
        assert "Nobody answers at" in found["webhook"]["found"]
        assert not any(event for event, _ in deliveries.recorded.values() if event == "doctor")

        text = store.path.read_text(encoding="utf-8")
        store.path.write_text(text.replace("PRIVATE KEY", "PUBLIC KEY"), encoding="utf-8")
        done, found = examine()
        assert found["credentials"]["state"] == "fail"
        assert "private key that can sign" in found["credentials"]["found"]

    store.path.write_text(text, encoding="utf-8")
    done, found = examine()
    assert done.code == 1
    assert f"Can this machine reach {github.api_url}" in found["github"]["advice"]


def test_another_secret_at_the_door(examine: Callable[[], tuple[Done, dict[str, Any]]], tmp_path: Path) -> None:
    store = FileCredentials(tmp_path / "state" / "credentials.json")
    theirs = FileCredentials(tmp_path / "theirs.json")
    with FakeGitHub(tmp_path / "github", enterprise=True) as github, open_door(theirs, MemoryDeliveries()) as address:
        register(github, store, address)
        theirs.path.write_bytes(store.path.read_bytes().replace(b'"webhook_secrets": [', b'"webhook_secrets": ["x",'))
        assert examine()[1]["webhook"]["state"] == "ok"
        credentials = store.load()
        assert credentials is not None
        secret = credentials.webhook_secrets[0].encode()
        theirs.path.write_bytes(store.path.read_bytes().replace(secret, b"another"))
        assert "has another secret" in examine()[1]["webhook"]["found"]


def test_a_fresh_machine_is_told_what_to_do(
    stanch: Stanch, examine: Callable[[], tuple[Done, dict[str, Any]]], tmp_path: Path
) -> None:
    with logging_restored():
        done = stanch(tmp_path, "doctor")
    assert done.code == 1
    assert "fail  credentials   This service is not set up yet.\n" in done.text
    assert "open the link that it prints" in done.text
    assert done.text.startswith("ok    python ")
