"""Counters to StatsD, by datagrams: nobody waits for them, and nobody misses a lost one."""

from __future__ import annotations

import contextlib
import socket


class Metrics:
    """Sends counters to one StatsD server; `close()` ends the socket."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def count(self, name: str, value: int = 1) -> None:
        """Adds to a counter. What cannot be sent is dropped."""
        with contextlib.suppress(OSError):
            self._socket.sendto(f"collector.{name}:{value}|c".encode(), self._address)

    def close(self) -> None:
        """Closes the socket."""
        self._socket.close()
