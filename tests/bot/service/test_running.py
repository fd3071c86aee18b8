"""The parts of a running service end together, whichever ends first, and why is not lost."""

from __future__ import annotations

import asyncio
import os
import signal
import socket

import httpx
import pytest

from bot.service.credentials import CredentialsError
from bot.service.metrics import Metrics
from bot.service.running import ListenError, listen, run_until_stopped, show_metrics, wait_for_credentials
from tests.bot.service.doubles import CREDENTIALS, MemoryCredentials


async def patient(stop: asyncio.Event) -> None:
    await stop.wait()


async def failing(_stop: asyncio.Event) -> None:
    raise ConnectionError("away")


async def brief(_stop: asyncio.Event) -> None:
    return


def test_when_one_fails_the_others_end_and_the_reason_is_told() -> None:
    with pytest.raises(ConnectionError, match="away"):
        asyncio.run(run_until_stopped(patient, failing))


def test_when_one_ends_untold_the_others_end_and_it_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="without being told to"):
        asyncio.run(run_until_stopped(patient, brief))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_them_all(number: signal.Signals) -> None:
    async def told(stop: asyncio.Event) -> None:
        os.kill(os.getpid(), number)
        await stop.wait()

    before = signal.getsignal(number)
    asyncio.run(run_until_stopped(told, patient))
    assert signal.getsignal(number) is before


def test_credentials_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.service.running._CREDENTIALS_SECONDS", 0.01)
    store = MemoryCredentials(None)
    tried = 0

    def load() -> object:
        nonlocal tried
        tried += 1
        if tried == 2:
            raise CredentialsError("It is damaged.")
        return CREDENTIALS if tried == 4 else None

    store.load = load  # type: ignore[method-assign,assignment]
    asyncio.run(wait_for_credentials(store, asyncio.Event()))
    assert tried == 4


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_port_of_our_own(host: str) -> None:
    with listen(host, 0) as first, pytest.raises(ListenError, match=r"Address already in use; set STANCH_HOST"):
        listen(first.getsockname()[0], first.getsockname()[1])


def test_an_address_that_is_not_ours() -> None:
    with pytest.raises(ListenError, match=r"Cannot listen at 192\.0\.2\.1, port 0: Cannot assign requested address"):
        listen("192.0.2.1", 0)


def test_a_name_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_arguments: object, **_options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(ListenError, match="Name or service not known"):
        listen("no.such.host.invalid", 0)


def test_a_worker_shows_what_it_counts() -> None:
    metrics = Metrics()
    metrics.job_ended("review", "done", 1.5, 12)
    with listen("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    with show_metrics(metrics, "127.0.0.1", port):
        text = httpx.get(f"http://127.0.0.1:{port}/metrics").text
        with (
            pytest.raises(ListenError, match=r"Address already in use; set STANCH_HOST and STANCH_METRICS_PORT"),
            show_metrics(metrics, "127.0.0.1", port),
        ):
            pytest.fail("the port is taken")
    assert 'stanch_job_seconds_count{kind="review",outcome="done"} 1.0' in text
    with listen("127.0.0.1", port), show_metrics(metrics, "127.0.0.1", None):
        pass
