"""What a use of a handle gives: a value that owes the handle nothing, or something that still reads from it. Data only.

A name that is not here counts as the latter, so that what it gives stays inside the `with` block.
"""

from __future__ import annotations

from typing import Final

from fixers.resources.library import BORROWERS, COPIES


def _words(*texts: str) -> frozenset[str]:
    return frozenset(word for text in texts for word in text.split())


PLAIN_METHODS: Final = _words(
    # Files: docs.python.org/3/library/io.html
    "read read1 readall readline readlines readinto write writelines flush seek tell truncate fileno isatty",
    "readable writable seekable",
    # Sockets: docs.python.org/3/library/socket.html
    "bind listen connect connect_ex send sendall sendto sendfile recv recv_into recvfrom recvfrom_into settimeout",
    "gettimeout setblocking getblocking setsockopt getsockopt getsockname getpeername shutdown",
    # Archives: docs.python.org/3/library/zipfile.html, tarfile.html
    "namelist infolist getinfo testzip setpassword printdir writestr extract extractall getnames getmembers getmember",
    "add addfile",
    # Database connections, cursors and rows: peps.python.org/pep-0249, docs.python.org/3/library/sqlite3.html
    "fetchone fetchall fetchmany commit rollback callproc executescript create_function create_aggregate",
    "create_collation set_trace_callback set_authorizer set_progress_handler",
    # Answers of HTTP: requests.readthedocs.io, docs.aiohttp.org
    "json text raise_for_status",
    # What ends it
    "close aclose detach sync",
)
"""Methods, of a handle or of what lives on it, that give a value of its own, or nothing."""

PLAIN_ATTRIBUTES: Final = _words(
    "name mode encoding errors newlines closed family type proto filename comment",
    "line_num fieldnames description rowcount lastrowid total_changes in_transaction",
    "status status_code reason ok headers text content url cookies history elapsed links apparent_encoding",
)
"""Attributes that hold a value of their own."""

PLAIN_FUNCTIONS: Final = (BORROWERS | COPIES) - {"builtins.iter", "builtins.reversed", "builtins.vars"} | {
    "builtins.dict",
    "builtins.next",
    "builtins.frozenset",
    "builtins.bytes",
    "builtins.bytearray",
    "collections.Counter",
    "collections.deque",
}
"""Functions whose result does not read from their argument later."""

PLAIN_ANSWERS: Final = {
    "requests.Session": frozenset({"get", "post", "put", "delete", "head", "patch", "options", "request"}),
    "multiprocessing.Pool": frozenset({"map", "starmap", "apply", "join"}),
}
"""Methods of one resource whose result is whole when they return, unless `stream` is asked for."""

LINGERING_METHODS: Final = frozenset({"bind", "listen"})
LINGERING_FUNCTIONS: Final = frozenset({"fcntl.flock", "fcntl.lockf"})
"""After these the handle matters by being open, though nobody mentions it: a lock is held, a port is listened on."""
