"""Leaks as often as each line of its input says, in the way that its first argument names; with `fixed`, not."""

import asyncio
import os
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from typing import Any

kind, is_fixed = sys.argv[1], sys.argv[2:] == ["fixed"]
kept: list[object] = []
cache: dict[int, int] = {}
address: list[Any] = []
SLEEPER = [sys.executable, "-S", "-E", "-c", "import sys; sys.stdin.read()"]


class Store:
    def __init__(self) -> None:
        self.entries: dict[int, str] = {}  # attribute
        self.names: set[str] = set()


store = Store()


async def file() -> None:
    opened = open(__file__)  # file
    if is_fixed:
        opened.close()
    else:
        kept.append(opened)


async def descriptor() -> None:
    opened = os.open(__file__, os.O_RDONLY)  # descriptor
    if is_fixed:
        os.close(opened)


async def dropped() -> None:
    opened = open(__file__)
    opened.readline()
    if is_fixed:
        opened.close()
    del opened  # dropped


async def cycle() -> None:
    opened = open(__file__)
    circle = [opened]
    circle.append(circle)  # type: ignore[arg-type]
    if is_fixed:
        opened.close()


async def sockets() -> None:
    made = socket.socket()  # sockets
    if is_fixed:
        made.close()
    else:
        kept.append(made)


async def streams() -> None:
    reader, writer = await asyncio.open_connection(*address)  # streams
    if is_fixed:
        writer.close()
        await writer.wait_closed()
    else:
        kept.append((reader, writer))


async def connection() -> None:
    connected = sqlite3.connect(":memory:")  # connection
    if is_fixed:
        connected.close()
    else:
        kept.append(connected)


async def task() -> None:
    async def wait() -> None:
        await asyncio.Event().wait()

    made = asyncio.create_task(wait())  # task
    if is_fixed:
        made.cancel()
    else:
        kept.append(made)


async def later() -> None:
    handle = asyncio.get_running_loop().call_later(1e6, print)  # later
    if is_fixed:
        handle.cancel()


async def timer() -> None:
    made = threading.Timer(1e6, print)  # timer
    made.daemon = True
    made.start()
    if is_fixed:
        made.cancel()
        made.join()


async def thread() -> None:
    ending = threading.Event()
    made = threading.Thread(target=ending.wait, daemon=True)  # thread
    made.start()
    if is_fixed:
        ending.set()
        made.join()


async def child() -> None:
    made = subprocess.Popen(SLEEPER, stdin=subprocess.PIPE)  # child
    if is_fixed:
        made.communicate()
    else:
        kept.append(made)


async def httpx_client() -> None:
    import httpx

    made = httpx.Client(verify=False)  # httpx_client
    if is_fixed:
        made.close()
    else:
        kept.append(made)


async def requests_session() -> None:
    import requests

    made = requests.Session()  # requests_session
    if not is_fixed:
        kept.append(made)


async def growing() -> None:
    cache[len(cache)] = 1
    if is_fixed:
        cache.clear()


async def attribute() -> None:
    store.entries[len(store.entries)] = "value"
    if is_fixed:
        store.entries.clear()


async def names() -> None:
    store.names.add(f"name {len(store.names)}")
    if is_fixed:
        store.names.clear()


LEAKS: dict[str, Callable[[], Awaitable[None]]] = {
    leak.__name__: leak
    for leak in (file, descriptor, dropped, cycle, sockets, streams, connection, task, later, timer, thread, child)
}
LEAKS |= {leak.__name__: leak for leak in (httpx_client, requests_session, growing, attribute, names)}


async def main() -> None:
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    address.extend(server.sockets[0].getsockname())
    loop = asyncio.get_running_loop()
    print("ready", flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        for _ in range(int(line)):
            await LEAKS[kind]()
        # What was cancelled or closed ends in the next turns of the loop.
        for _ in range(10):
            await asyncio.sleep(0)
        print("done", flush=True)
    os._exit(0)


asyncio.run(main())
