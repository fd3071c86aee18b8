"""A thread for each run, which the event loop can wait for and can leave behind."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")


def start_thread(name: str, work: Callable[[], Result]) -> asyncio.Future[Result]:
    """Starts `work` in a thread of its own; the future ends with it.

    Not from a pool: a run that hangs would keep one of its threads for ever, and hold up the end of the process.
    """
    done: Future[Result] = Future()
    context = contextvars.copy_context()

    def body() -> None:
        try:
            done.set_result(context.run(work))
        except BaseException as error:
            done.set_exception(error)

    future = asyncio.wrap_future(done)
    threading.Thread(target=body, name=name, daemon=True).start()
    return future
