"""Functions that misbehave, to be called in the sandbox: the engine itself never executes what it reads."""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.sandbox.means import Means


def _attempt(what: Callable[[], object]) -> bytes:
    """What came of it: `done`, or the name of the error."""
    try:
        what()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error)).encode()
    return b"done"


def echo(payload: bytes, _: Means) -> bytes:
    return payload


def connect(payload: bytes, _: Means) -> bytes:
    """Connects to `family type address port`, or to a socket's path."""
    family, kind, address, port = payload.decode().split("|")

    def attempt() -> None:
        with socket.socket(getattr(socket, family), getattr(socket, kind)) as made:
            made.connect(address if family == "AF_UNIX" else (address, int(port)))
            made.send(b"hello")

    return _attempt(attempt)


def read(payload: bytes, _: Means) -> bytes:
    return _attempt(lambda: Path(payload.decode()).read_bytes())


def write(payload: bytes, _: Means) -> bytes:
    return _attempt(lambda: Path(payload.decode()).write_bytes(b"x" * 100_000))


def kill(payload: bytes, _: Means) -> bytes:
    return _attempt(lambda: os.kill(int(payload), signal.SIGKILL))


def environment(_payload: bytes, _: Means) -> bytes:
    return msgspec.msgpack.encode(sorted(os.environ))


def descriptors(_payload: bytes, _: Means) -> bytes:
    """The kinds of the open descriptors beside the three standard ones and the pipe for the answer."""
    found = []
    for number in range(3, 256):
        try:
            os.fstat(number)
        except OSError:
            continue
        found.append(number)
    return msgspec.msgpack.encode(found)


def bomb(_payload: bytes, _: Means) -> bytes:
    """Forks as fast as it can, as long as it can."""
    while True:
        try:
            os.fork()
        except OSError:
            time.sleep(0.01)


def eat_memory(_payload: bytes, _: Means) -> bytes:
    eaten = []
    while True:
        eaten.append(b"x" * 10_000_000)


def reserve_memory(_payload: bytes, _: Means) -> bytes:
    return b"x" * len(bytes(10_000_000_000))


def spin(_payload: bytes, _: Means) -> bytes:
    while True:
        pass


def sleep(_payload: bytes, _: Means) -> bytes:
    while True:
        time.sleep(60)


def talk(_payload: bytes, _: Means) -> bytes:
    return b"x" * 50_000_000


def fault(_payload: bytes, _: Means) -> bytes:
    raise ValueError("secret code of a stranger")


def segfault(_payload: bytes, _: Means) -> bytes:
    ctypes.string_at(0)
    return b""


def leave(_payload: bytes, _: Means) -> bytes:
    os._exit(0)


def hide(payload: bytes, _: Means) -> bytes:
    """Leaves a process behind that has gone to a session of its own, if it may; then waits, or is done."""
    command = [sys.executable, "-c", "import time\nwhile True: time.sleep(60)", payload.decode()]
    try:
        subprocess.Popen(command, start_new_session=True)
    except (OSError, subprocess.SubprocessError):
        subprocess.Popen(command)
    if payload.startswith(b"wait"):
        sleep(payload, _)
    return b"done"


def system_calls(payload: bytes, _: Means) -> bytes:
    """Makes system calls by their numbers; the errors that they end with."""
    libc = ctypes.CDLL(None, use_errno=True)
    numbers = msgspec.msgpack.decode(payload, type=list[int])
    return msgspec.msgpack.encode(
        [ctypes.get_errno() if libc.syscall(number, 0, 0, 0, 0, 0) == -1 else 0 for number in numbers]
    )


def fork_at_most(payload: bytes, _: Means) -> bytes:
    """Makes processes up to a number, and says how many there were before it was refused."""
    for made in range(int(payload)):
        try:
            if os.fork() == 0:
                signal.pause()
        except OSError:
            return str(made).encode()
    return payload
