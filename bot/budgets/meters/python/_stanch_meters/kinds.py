"""What objects are, by the names of their classes: which of them count, in which metric, and whether they are open."""

from __future__ import annotations

import _io
import _socket
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_NAME = 80


class Kind(NamedTuple):
    """In what an object counts. `is_open` tells one that is alive; `detail` names it, None: by its class."""

    metrics: tuple[str, ...]
    is_open: Callable[[Any], object]
    detail: Callable[[Any], str] | None = None


def _is(attribute: str, expected: object) -> Callable[[Any], bool]:
    return lambda found: getattr(found, attribute) is expected


def _has(attribute: str) -> Callable[[Any], bool]:
    return lambda found: getattr(found, attribute) is not None


def _is_falsy(attribute: str) -> Callable[[Any], bool]:
    return lambda found: not getattr(found, attribute)


def _always(_: object) -> bool:
    return True


def _is_sqlite_open(connection: Any) -> bool:
    # Allowed in every thread, unlike most of its methods; raises where it is closed.
    return connection.in_transaction in (True, False)


def _is_active(thread: Any) -> bool:
    threading = sys.modules.get("threading")
    return threading is not None and any(thread is active for active in tuple(threading._active.values()))


def _is_scheduled(handle: Any) -> bool:
    return handle._scheduled and not handle._cancelled


def _coroutine(task: Any) -> str:
    coroutine = task.get_coro()
    return printable(getattr(coroutine, "__qualname__", type(coroutine).__name__))


KINDS: dict[tuple[str, str], Kind] = {
    ("_io", "FileIO"): Kind(("handles",), lambda file: not _io.FileIO.closed.__get__(file)),
    ("socket", "socket"): Kind(("sockets",), lambda found: _socket.socket.fileno(found) != -1),
    ("threading", "Thread"): Kind(("threads",), _is_active),
    ("threading", "Timer"): Kind(("timers", "threads"), _is_active),
    ("asyncio.events", "TimerHandle"): Kind(("timers",), _is_scheduled),
    ("_asyncio", "Task"): Kind(("tasks",), lambda task: not task.done(), _coroutine),
    ("asyncio.tasks", "Task"): Kind(("tasks",), lambda task: not task.done(), _coroutine),
    ("concurrent.futures.thread", "ThreadPoolExecutor"): Kind(("workers",), _is_falsy("_shutdown")),
    ("concurrent.futures.process", "ProcessPoolExecutor"): Kind(("workers",), _has("_processes")),
    ("subprocess", "Popen"): Kind(("children",), _is("returncode", None)),
    ("multiprocessing.process", "BaseProcess"): Kind(("children",), lambda found: found._popen.returncode is None),
    ("aiohttp.client", "ClientSession"): Kind(("clients",), _is_falsy("closed")),
    ("httpx", "Client"): Kind(("clients",), _is_falsy("is_closed")),
    ("httpx", "AsyncClient"): Kind(("clients",), _is_falsy("is_closed")),
    ("requests.sessions", "Session"): Kind(("clients",), _always),
    ("http.client", "HTTPConnection"): Kind(("clients",), _has("sock")),
    ("sqlite3", "Connection"): Kind(("connections",), _is_sqlite_open),
    ("psycopg", "Connection"): Kind(("connections",), _is_falsy("closed")),
    ("psycopg", "AsyncConnection"): Kind(("connections",), _is_falsy("closed")),
    ("psycopg2.extensions", "connection"): Kind(("connections",), _is_falsy("closed")),
    ("pymysql.connections", "Connection"): Kind(("connections",), _has("_sock")),
    ("redis.connection", "AbstractConnection"): Kind(("connections",), _has("_sock")),
    ("redis.asyncio.connection", "AbstractConnection"): Kind(("connections",), _has("_writer")),
    ("asyncpg.connection", "Connection"): Kind(("connections",), lambda found: not found.is_closed()),
}


def named(kind: type) -> tuple[str, str]:
    """The module and name of a class; empty where it has none that is text."""
    module = type.__getattribute__(kind, "__module__")
    name = type.__getattribute__(kind, "__qualname__")
    return (module if type(module) is str else "", name if type(name) is str else "")


def kind_of(found: type) -> Kind | None:
    """In what the objects of a class count, None: in nothing. The nearest ancestor decides."""
    for ancestor in type.mro(found):
        kind = KINDS.get(named(ancestor))
        if kind is not None:
            return kind if kind.detail is not None else kind._replace(detail=_constant(printable(named(found)[1])))
    return None


def _constant(text: str) -> Callable[[Any], str]:
    return lambda _: text


def printable(text: str) -> str:
    """Text for one field of an answer."""
    return "".join(character if character.isprintable() else " " for character in text[:MAX_NAME])
