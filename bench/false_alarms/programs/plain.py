"""A service of the standard library: it reads a file, asks SQLite, and answers. `mode` says what leaks."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

MODE = Path(__file__).with_name("mode").read_text(encoding="utf-8").strip()
kept: list[object] = []
filling: dict[int, str] = {}
count = 0


def leak() -> None:
    """Keeps what it should not."""
    global count  # noqa: PLW0603
    count += 1
    if MODE == "leak" or (MODE == "rare" and count % 10 == 0):
        kept.append(Path(__file__).open(encoding="utf-8"))  # noqa: SIM115
    if MODE == "filling":
        filling[hash(os.urandom(8)) % 500] = os.urandom(32).hex()


class Handler(BaseHTTPRequestHandler):
    """Answers with the number of tables of an empty database."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answers."""
        with sqlite3.connect(":memory:") as connection:
            tables = connection.execute("select count(*) from sqlite_master").fetchone()[0]
        connection.close()
        with guard:
            leak()
        body = json.dumps({"path": self.path, "tables": tables}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        """Says nothing."""


guard = threading.Lock()
ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
