"""Bodies of requests, read within limits: of size, of time, and of what all of them together hold in memory."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from starlette.requests import ClientDisconnect

from bot.service.answers import RefusalError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

READ_SECONDS: Final = 10.0
"""GitHub gives up after ten seconds, so a body that takes longer is nobody's delivery."""
MOST_AT_ONCE: Final = 8
"""How many bodies of the largest size are held in memory at once."""


class Bodies:
    """Reads bodies of at most `limit` bytes; not thread-safe, for one event loop.

    Args:
        limit: the largest body, in bytes.
        seconds: how long it may take to arrive.
    """

    def __init__(self, limit: int, seconds: float = READ_SECONDS) -> None:
        self._limit = limit
        self._seconds = seconds
        self._room = limit * MOST_AT_ONCE

    @asynccontextmanager
    async def read(self, request: Request) -> AsyncIterator[bytes]:
        """The body of a request. Its room in memory is given back when the context ends.

        Raises:
            RefusalError: it is too large, comes too slowly or not to its end, or there is no room for it now.
        """
        self._check_declared(request)
        chunks: list[bytes] = []
        try:
            await self._collect(request, chunks)
            yield b"".join(chunks)
        finally:
            self._room += sum(map(len, chunks))

    async def _collect(self, request: Request, chunks: list[bytes]) -> None:
        held = 0
        try:
            async with asyncio.timeout(self._seconds):
                async for chunk in request.stream():
                    chunks.append(chunk)
                    held += len(chunk)
                    self._room -= len(chunk)
                    if held > self._limit:
                        raise _too_large(self._limit)
                    if self._room < 0:
                        raise RefusalError(
                            503, "busy", "There are too many large deliveries at once; send it again later."
                        )
        except TimeoutError:
            raise RefusalError(408, "slow", f"The body did not arrive within {self._seconds:g} seconds.") from None
        except ClientDisconnect:
            raise RefusalError(400, "truncated", "The connection ended before the body did.") from None

    def _check_declared(self, request: Request) -> None:
        declared = request.headers.get("content-length")
        if declared is None:
            return
        if not (declared.isascii() and declared.isdigit()):
            raise RefusalError(400, "malformed", "Content-Length is not a number.")
        if len(declared) > 19 or int(declared) > self._limit:
            raise _too_large(self._limit)


def _too_large(limit: int) -> RefusalError:
    return RefusalError(413, "too-large", f"The body is larger than {limit:,} bytes.")
