"""A running service: the web side, a worker, or both, until a signal ends them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from typing import TYPE_CHECKING, Final, Protocol

import structlog
import uvicorn

from bot.service.credentials import CredentialsError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Mapping
    from contextlib import AbstractContextManager

    from starlette.types import ASGIApp

    from bot.service.metrics import Metrics, QueueNumbers
    from bot.service.parts import CredentialsStore, DeliveryStore
    from bot.settings import Settings

GRACE_SECONDS: Final = 20
"""How long requests may take to end once the service is told to stop."""
KEEP_ALIVE_SECONDS: Final = 75
"""Longer than proxies keep a connection (nginx: 60), so that none sends a delivery into one that is just closed."""
CONNECTIONS: Final = 500
_CREDENTIALS_SECONDS: Final = 1.0
_log = structlog.get_logger("stanch.service")


class ListenError(Exception):
    """The service cannot listen where it should; the message says why."""


class Backend(Protocol):
    """All behind the web side: the database, the queue, the jobs.

    Attributes:
        deliveries: where deliveries are recorded.
        events: those that are.
        checks: of readiness, by name.
    """

    deliveries: DeliveryStore
    events: frozenset[str]
    checks: Mapping[str, Callable[[], str | None]]

    def queue_numbers(self) -> QueueNumbers:
        """The queue at this moment."""

    async def run_worker(self, stop: asyncio.Event) -> None:
        """Runs jobs until `stop` is set, and those that have begun then to their end. There are credentials by then."""


class OpenBackend(Protocol):
    """How a backend is opened: `bot.workflows.wiring.open_backend`."""

    def __call__(
        self, settings: Settings, credentials: CredentialsStore, metrics: Metrics
    ) -> AbstractContextManager[Backend]:
        """Opens the database, brings it to this version, and closes all at the end of the block.

        Raises:
            Exception: of bot.database, with a sentence: the database cannot be used.
        """


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Raises:
        ListenError: the address is taken, or not this machine's.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise _listen_error(error, host, port, "STANCH_PORT") from None


@contextlib.contextmanager
def show_metrics(metrics: Metrics, host: str, port: int | None) -> Iterator[None]:
    """A block in which a process without a web side answers Prometheus; `port` None: it does not.

    Raises:
        ListenError: the address is taken, or not this machine's.
    """
    with contextlib.ExitStack() as stack:
        if port is not None:
            try:
                stack.enter_context(metrics.listening(host, port))
            except OSError as error:
                raise _listen_error(error, host, port, "STANCH_METRICS_PORT") from None
            _log.info("metrics are shown", address=f"{host}:{port}")
        yield


def _listen_error(error: OSError, host: str, port: int, variable: str) -> ListenError:
    reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
    return ListenError(
        f"Cannot listen at {host}, port {port}: {reason}; set STANCH_HOST and {variable} to another address."
    )


async def run_until_stopped(*parts: Callable[[asyncio.Event], Coroutine[None, None, None]]) -> None:
    """Runs parts of the service until SIGTERM or SIGINT; when one of them ends early, the others end too.

    Args:
        parts: each is handed an event that is set when it has to end.

    Raises:
        Exception: that of the part that failed.
        RuntimeError: a part ended without being told to.
    """
    stop = asyncio.Event()
    with _signals(stop):
        tasks = [asyncio.create_task(part(stop)) for part in parts]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        was_told = stop.is_set()
        stop.set()
        await asyncio.wait(tasks)
    for task in tasks:
        task.result()
    if not was_told:
        raise RuntimeError("A part of the service has ended without being told to.")


async def run_web(app: ASGIApp, listener: socket.socket, stop: asyncio.Event) -> None:
    """Answers requests at a socket until `stop` is set, and those that have begun then to their end."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="off",
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
    _log.info("the service answers", address=":".join(map(str, listener.getsockname()[:2])))
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    stopping.cancel()
    await serving


async def wait_for_credentials(store: CredentialsStore, stop: asyncio.Event) -> None:
    """Returns as soon as there are credentials that can be used, or `stop` is set."""
    said = ""
    while not stop.is_set():
        try:
            if store.load() is not None:
                return
            reason = "there are no credentials yet; the setup page makes them"
        except CredentialsError as error:
            reason = str(error)
        if reason != said:
            _log.warning("the worker waits", reason=reason)
            said = reason
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _CREDENTIALS_SECONDS)


async def run_jobs(backend: Backend, store: CredentialsStore, stop: asyncio.Event) -> None:
    """Runs jobs, as soon as there are credentials, until `stop` is set."""
    await wait_for_credentials(store, stop)
    if not stop.is_set():
        _log.info("the worker runs")
        await backend.run_worker(stop)


class _Server(uvicorn.Server):
    """uvicorn without signal handlers: they are those of the whole process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.contextmanager
def _signals(stop: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    names = (signal.SIGTERM, signal.SIGINT)
    for name in names:
        loop.add_signal_handler(name, stop.set)
    try:
        yield
    finally:
        for name in names:
            loop.remove_signal_handler(name)
