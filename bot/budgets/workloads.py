"""What is done to a program while it is measured: iterations of requests or of a command, alone or several at once.

Connections are kept for a batch and closed after it, so that none of the client's own is counted at a quiet moment.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Final, Self

import urllib3

from bot.budgets.programs import ProgramError, shown
from bot.budgets.readiness import address_of
from bot.git import printable
from bot.reports.wording import count

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import TracebackType

    from bot.budgets.programs import Keeper
    from bot.config.budgets import Profile, Request

MAX_ANSWER: Final = 10_000_000
"""Bytes of an answer that are read before its connection is dropped."""
_CHUNK: Final = 1 << 16
_ERROR: Final = 400


class Workload:
    """The iterations of a profile. Use it as a context manager."""

    def __init__(self, profile: Profile, keeper: Keeper, folder: Path, environment: Mapping[str, str]) -> None:
        """Prepares it.

        Args:
            profile: what to do.
            keeper: starts the command of a workload that is one.
            folder: where the command is run.
            environment: its variables.

        Raises:
            ProgramError: a request has a path only, and `ready` has no address that it could be relative to.
        """
        self._profile = profile
        self._keeper = keeper
        self._folder = folder
        self._environment = environment
        self._requests = [(request, url_of(request, profile)) for request in profile.workload.requests]
        self._statuses: Counter[int] = Counter()
        self._counting = threading.Lock()
        self._pool = ThreadPoolExecutor(profile.concurrency, thread_name_prefix="iteration")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Requests that hang end when the program is ended, which is next; waiting for them here would come before it.
        self._pool.shutdown(wait=error is None, cancel_futures=True)

    def batch(self, iterations: int, deadline: float) -> None:
        """Does so many iterations.

        Raises:
            ProgramError: the program does not answer, the command fails, or the deadline (monotonic) passes.
        """
        numbers = itertools.count()
        stop = threading.Event()
        clients = min(self._profile.concurrency, iterations)
        # Redirects are not followed: they would lead to other programs.
        with urllib3.PoolManager(maxsize=clients, block=True, retries=False) as connections:

            def work() -> None:
                while next(numbers) < iterations and not stop.is_set():
                    self._iterate(connections, deadline)

            if clients == 1:
                work()
                return
            futures = [self._pool.submit(work) for _ in range(clients)]
            try:
                done, _ = wait(futures, return_when=FIRST_EXCEPTION)
                for future in done:
                    future.result()
            finally:
                stop.set()

    def remarks(self) -> list[str]:
        """What is to be known of the answers: those that were errors."""
        return [
            f"{count(number, 'request was', 'requests were')} answered with status {status}."
            for status, number in sorted(self._statuses.items())
            if status >= _ERROR
        ]

    def _iterate(self, connections: urllib3.PoolManager, deadline: float) -> None:
        if self._profile.workload.run is not None:
            self._keeper.run(self._profile.workload.run, self._folder, self._environment, deadline)
        for request, url in self._requests:
            status = _ask(connections, request, url, deadline)
            with self._counting:
                self._statuses[status] += 1


def url_of(request: Request, profile: Profile) -> str:
    """The whole address of a request.

    Raises:
        ProgramError: it is a path only, and `ready` has no address that it could be relative to.
    """
    if request.url.startswith(("http://", "https://")):
        return request.url
    address = address_of(profile.ready)
    if address is None:
        raise ProgramError(
            f"The request `{printable(request.url)}` of the profile `{profile.name}` has no address; write it as "
            "`http://127.0.0.1:3000/path`, or give `ready` a `url` or a `port`."
        )
    return f"{address}/{request.url.removeprefix('/')}"


def _ask(connections: urllib3.PoolManager, request: Request, url: str, deadline: float) -> int:
    what = f"{request.method} {shown(request.url)}"
    left = deadline - time.monotonic()
    if left <= 0:
        raise ProgramError(f"The run took longer than the profile's `timeout`; it was at {what}.")
    try:
        response = connections.request(
            request.method,
            url,
            body=None if request.body is None else request.body.encode(),
            headers=request.headers,
            timeout=left,
            redirect=False,
            preload_content=False,
        )
        size = 0
        for chunk in response.stream(_CHUNK):
            size += len(chunk)
            if size > MAX_ANSWER or time.monotonic() > deadline:
                response.close()
                break
        response.release_conn()
    except (urllib3.exceptions.HTTPError, ValueError, UnicodeError) as error:
        if time.monotonic() > deadline:
            raise ProgramError(f"{what} was not answered before the profile's `timeout` was over.") from None
        raise ProgramError(f"{what} was not answered: {_reason(error)}.") from None
    return response.status


def _reason(error: Exception) -> str:
    inner = error.args[-1] if error.args else error
    return printable(str(inner).rpartition(": ")[2].rstrip(".") or type(error).__name__)[:300]
