"""Tells the chat server about new items, one line each."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.parsing import Item

TIMEOUT_SECONDS = 5.0


def dial(host: str, port: int) -> socket.socket:
    """A connection to the chat server; the caller closes it.

    Raises:
        OSError: the server cannot be reached.
    """
    connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    connection.settimeout(TIMEOUT_SECONDS)
    connection.connect((host, port))
    return connection


def dial_local(path: str) -> socket.socket:
    """A connection to a chat server on this machine; the caller closes it.

    Raises:
        OSError: no server listens there.
    """
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(TIMEOUT_SECONDS)
        connection.connect(path)
    except OSError:
        connection.close()
        raise
    return connection


class Relay:
    """Announces items in a room; `close()` hangs up."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._connection: socket.socket | None = None

    def announce(self, items: Iterable[Item]) -> None:
        """Sends a line for each item.

        Raises:
            OSError: the chat server is away.
        """
        if self._connection is None:
            self._connection = dial(self._host, self._port)
        for item in items:
            line = json.dumps({"title": item.title, "link": item.link})
            self._connection.sendall(line.encode() + b"\n")

    def close(self) -> None:
        """Hangs up, if there is a connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def rooms(base_url: str) -> int:
    """How many rooms the chat server has open.

    Raises:
        httpx.HTTPError: the server cannot be reached, or refuses.
    """
    with httpx.Client(base_url=base_url, timeout=TIMEOUT_SECONDS) as client:
        response = client.get("/health")
        response.raise_for_status()
        return int(response.json()["rooms"])
