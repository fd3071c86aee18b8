"""Holds one thing more, of the kind that its argument names, for each line of its input."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable

held: list[object] = []
SLEEPER = [sys.executable, "-S", "-c", "import sys; sys.stdin.read()"]
WORKER = [sys.executable, "-S", "-c", "import time\nwhile time.process_time() < 0.3: pass"]


def hold_child(shared: tuple[int, ...] = ()) -> None:
    held.append(subprocess.Popen(SLEEPER, stdin=subprocess.PIPE, pass_fds=shared))


def hold_inherited() -> None:
    shared = socket.create_server(("127.0.0.1", 0))
    held.append(shared)
    hold_child((shared.fileno(),))


def hold_thread() -> None:
    threading.Thread(target=threading.Event().wait, daemon=True).start()


HOLD: dict[str, Callable[[], object]] = {
    "file": lambda: held.append(os.open(__file__, os.O_RDONLY)),
    "pipe": lambda: held.append(os.pipe()),
    "device": lambda: held.append(os.open(os.devnull, os.O_RDONLY)),
    "tcp": lambda: held.append(socket.create_server(("127.0.0.1", 0))),
    "unix": lambda: held.append(socket.socketpair()),
    "thread": hold_thread,
    "child": hold_child,
    "inherited": hold_inherited,
    "work": lambda: subprocess.run(WORKER, check=True),
    "memory": lambda: held.append(b"\1" * 30_000_000),
}

print("ready", flush=True)
for _ in sys.stdin:
    HOLD[sys.argv[1]]()
    print("done", flush=True)
