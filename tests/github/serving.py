"""An ASGI application served on loopback, on a thread with an event loop of its own.

uvicorn's protocol does the HTTP. Its `Server` looks only ten times a second whether to stop, which is long for a test.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, MutableMapping

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
    Application = Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]


class Listener:
    """Serves an application on a free port."""

    def __init__(self, application: Application) -> None:
        self._config = uvicorn.Config(
            application, lifespan="off", log_config=None, access_log=False, server_header=False, date_header=False
        )
        self._config.load()
        self._state = ServerState()
        self._connections: dict[object, asyncio.Transport] = {}
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> int:
        """Begin to serve.

        Returns:
            The port.
        """
        self._thread.start()
        port: int = self._socket.getsockname()[1]
        return port

    def stop(self) -> None:
        """Serve nothing any more: open connections are closed, whatever runs is given up."""
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    def drop(self, client: object) -> None:
        """Close the connection of a client, which its request's scope names, without an answer."""
        connection = self._connections.get(client)
        if connection is not None:
            connection.abort()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            # On its way out the runner cancels whatever is still being answered.
            runner.run(self._serve())

    async def _serve(self) -> None:
        server = await self._loop.create_server(self._protocol, sock=self._socket)
        await self._stopping.wait()
        server.close()
        for connection in list(self._connections.values()):
            connection.abort()

    def _protocol(self) -> H11Protocol:
        return _Protocol(self._config, self._state, self._loop, self._connections)


class _Protocol(H11Protocol):
    """uvicorn's, in a form whose connections can be dropped."""

    def __init__(
        self,
        config: uvicorn.Config,
        state: ServerState,
        loop: asyncio.AbstractEventLoop,
        connections: dict[object, asyncio.Transport],
    ) -> None:
        super().__init__(config, state, {}, loop)
        self._by_client = connections

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # Head and body are two writes: without this the second waits for the client's delayed acknowledgement.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._by_client[transport.get_extra_info("peername")] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._by_client.pop(self.transport.get_extra_info("peername"), None)
        super().connection_lost(exc)
