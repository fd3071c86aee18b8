"""Remembers visitors for an hour. Each visit starts a timer, and ends the one before."""

from __future__ import annotations

import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOUR = 3600.0


class Visitors:
    """Who was here within the last hour."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._timer: threading.Timer | None = None

    def greet(self, name: str) -> str:
        """Remembers a visitor."""
        self._names.add(name)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(HOUR, self._names.clear)
        self._timer.daemon = True
        self._timer.start()
        return f"hello {name}"


visitors = Visitors()


class Handler(BaseHTTPRequestHandler):
    """Answers every path with a greeting."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Greets."""
        body = visitors.greet(self.path.removeprefix("/")).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        """Says nothing."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
