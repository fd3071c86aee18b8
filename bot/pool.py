"""Many files judged at once, by worker processes of which each may die: that costs one file, and the rest goes on.

A worker is this module run as a program. It is spoken to in messages of MessagePack, each after its length, so that
nothing that a worker says can run code here; and it is started with this process's own module path, so that no module
that lies in the current folder, which may be a stranger's repository, is taken for one of ours.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

import msgspec

from bot.garbage import collect_seldom
from bot.git import GitError
from bot.trees import DiskTree
from fixers.results import FileResult
from fixers.source import TOO_LARGE_BYTES, SkipCode, Skipped, too_large
from fixers.tree import git_blob_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bot.cache import ResultCache
    from fixers.tree import FileTree

    Progress = Callable[[int, int], None]

MIN_BYTES = 400_000
"""With less than this to judge, starting workers takes longer than they save."""
DIED = "a worker process died over it, of a lack of memory or a defect of Stanch; please report it"
MISSING = "it cannot be read: its object is missing here, as in a partial clone"

_LENGTH_BYTES = 8
_READY = b"ready"


class PoolError(Exception):
    """Worker processes cannot be started."""


class _Task(msgspec.Struct, frozen=True, array_like=True):
    path: str
    data: bytes


def scan_files(
    tree: FileTree,
    paths: Sequence[str],
    *,
    jobs: int | None = None,
    cache: ResultCache | None = None,
    progress: Progress | None = None,
) -> dict[str, FileResult]:
    """Judges files of a tree; what comes out depends neither on how many do it nor on the cache.

    Args:
        tree: the files; read by one thread at a time.
        paths: which of them.
        jobs: how many worker processes; 1: none, this one does it; None: as many as there are processors, where
            there is work enough.
        cache: results of earlier runs; it gets those of this one.
        progress: told how many of how many files are done.

    Returns:
        The results by path, in the order of `paths`.

    Raises:
        PoolError: no worker can be started.
    """
    done = _Done(len(paths), cache, progress)
    waiting = _waiting(tree, paths, cache, done)
    if jobs is None:
        first, enough = _taken(waiting, MIN_BYTES)
        jobs = _processors() if enough else 1
        waiting = chain(first, waiting)
    if jobs <= 1 or len(paths) <= 1:
        for file in waiting:
            done.add(file, _judged(file))
            done.report()
    else:
        _Pool(waiting, done).run(min(jobs, len(paths)))
    done.report()
    return {path: done.results[path] for path in paths}


class _File(NamedTuple):
    """A file that has to be judged. `blob_id` is empty where no cache wants it."""

    path: str
    data: bytes
    blob_id: str = ""


class _Done:
    """The results so far."""

    def __init__(self, total: int, cache: ResultCache | None, progress: Progress | None) -> None:
        self.results: dict[str, FileResult] = {}
        self._total = total
        self._cache = cache
        self._progress = progress

    def add(self, file: _File, result: FileResult) -> None:
        """The result of a file that was judged."""
        if self._cache is not None:
            self._cache.put(file.path, file.blob_id, result)
        self.settle(result)

    def settle(self, result: FileResult) -> None:
        """A result that the cache had, or that nothing has to be done for."""
        self.results[result.path] = result

    def report(self) -> None:
        """Tells how far it is."""
        if self._progress is not None:
            self._progress(len(self.results), self._total)


def _judged(file: _File) -> FileResult:
    """Judges a file in this process. The engine is loaded when there is something to judge."""
    from fixers.engine import judge_file  # noqa: PLC0415

    return judge_file(file.path, file.data)


def _waiting(tree: FileTree, paths: Sequence[str], cache: ResultCache | None, done: _Done) -> Iterator[_File]:
    """Those files that have to be judged; the others are settled on the way."""
    for path in paths:
        try:
            if tree.size(path) > TOO_LARGE_BYTES:
                done.settle(FileResult(path, skipped=[too_large(path)]))
                continue
            if cache is None:
                file = _File(path, tree.read(path))
            else:
                blob_id, data = _identified(tree, path, cache)
                known = cache.get(path, blob_id)
                if known is not None:
                    done.settle(known)
                    continue
                file = _File(path, tree.read(path) if data is None else data, blob_id)
        except OSError as error:
            done.settle(_unread(path, f"it cannot be read: {error.strerror or 'it is gone'}"))
            continue
        except GitError:
            # Its own sentence names this machine's folders, which a report does not hold.
            done.settle(_unread(path, MISSING))
            continue
        from fixers.engine import settled_by_bytes  # noqa: PLC0415 - not needed where all results are known

        settled = settled_by_bytes(path, file.data)
        if settled is None:
            yield file
        else:
            done.add(file, settled)


def _identified(tree: FileTree, path: str, cache: ResultCache) -> tuple[str, bytes | None]:
    """A file's blob id, and its bytes where they had to be read for it."""
    if not isinstance(tree, DiskTree):
        return tree.blob_id(path), None
    status = tree.status(path)
    known = cache.blob_id(path, status)
    if known is not None:
        return known, None
    data = tree.read(path)
    blob_id = git_blob_id(data)
    cache.note(path, status, blob_id)
    return blob_id, data


def _unread(path: str, reason: str) -> FileResult:
    return FileResult(path, skipped=[Skipped(path, SkipCode.LIMIT, reason)])


def _taken(files: Iterator[_File], enough: int) -> tuple[list[_File], bool]:
    """The first files, of `enough` bytes together, and whether there were so many."""
    taken: list[_File] = []
    size = 0
    while size < enough:
        file = next(files, None)
        if file is None:
            return taken, False
        taken.append(file)
        size += len(file.data)
    return taken, True


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Pool:
    """A thread for each worker takes the next file, asks its worker, and replaces the worker where it dies."""

    def __init__(self, waiting: Iterator[_File], done: _Done) -> None:
        self._waiting = waiting
        self._done = done
        self._lock = threading.Lock()
        self._workers: set[_Worker] = set()
        self._error: BaseException | None = None

    def run(self, jobs: int) -> None:
        threads = [threading.Thread(target=self._work, daemon=True) for _ in range(jobs)]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                # With a timeout, so that Ctrl-C is not held up (threading: join cannot be interrupted without).
                while thread.is_alive():
                    thread.join(0.1)
                    self._done.report()
        finally:
            self._stop()
        if self._error is not None:
            raise self._error

    def _work(self) -> None:
        worker: _Worker | None = None
        try:
            while (file := self._next()) is not None:
                if not _is_utf8(file.path):
                    result = _judged(file)
                else:
                    worker = worker if worker is not None else self._started()
                    answer = worker.ask(file)
                    if answer is None:
                        self._bury(worker)
                        worker = None
                    result = answer or _crashed(file.path)
                with self._lock:
                    self._done.add(file, result)
        except BaseException as error:
            with self._lock:
                self._error = self._error or error
                self._waiting = iter(())
        finally:
            if worker is not None:
                self._bury(worker)

    def _next(self) -> _File | None:
        with self._lock:
            return next(self._waiting, None)

    def _started(self) -> _Worker:
        worker = _Worker()
        with self._lock:
            self._workers.add(worker)
        worker.wait_until_ready()
        return worker

    def _bury(self, worker: _Worker) -> None:
        with self._lock:
            self._workers.discard(worker)
        worker.close()

    def _stop(self) -> None:
        with self._lock:
            self._waiting = iter(())
            for worker in self._workers:
                worker.kill()


def _crashed(path: str) -> FileResult:
    return FileResult(path, parsed=True, skipped=[Skipped(path, SkipCode.CRASH, DIED)])


def _is_utf8(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


class _Worker:
    """One process, asked by one thread."""

    def __init__(self) -> None:
        package = Path(__file__).resolve().parent.parent
        search = [os.fspath(package), *(os.path.abspath(entry) for entry in sys.path if entry)]  # noqa: PTH100 - text in, text out
        try:
            self._process = subprocess.Popen(
                # -P: without the current folder in front of the module path.
                [sys.executable, "-P", "-m", __name__],
                cwd=package,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(search)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                # Ctrl-C is for the process that waits; it ends its workers.
                start_new_session=True,
            )
        except OSError as error:
            raise PoolError(f"No worker process can be started ({error.strerror}); use `--jobs 1`.") from None

    def wait_until_ready(self) -> None:
        if _receive(self._pipes()[1]) != _READY:
            raise PoolError("A worker process ended as soon as it was started; use `--jobs 1`.")

    def ask(self, file: _File) -> FileResult | None:
        """What it says of a file; None when it dies over it."""
        stdin, stdout = self._pipes()
        try:
            _send(stdin, msgspec.msgpack.encode(_Task(file.path, file.data)))
            answer = _receive(stdout)
        except OSError:
            return None
        return None if answer is None else msgspec.msgpack.decode(answer, type=FileResult)

    def kill(self) -> None:
        self._process.kill()

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in self._pipes():
            try:
                pipe.close()
            except OSError:
                # What was not written any more is not missed.
                continue

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._process.stdin is None or self._process.stdout is None:
            raise AssertionError("a worker runs with pipes")
        return self._process.stdin, self._process.stdout


def _send(pipe: IO[bytes], message: bytes) -> None:
    pipe.write(len(message).to_bytes(_LENGTH_BYTES, "big") + message)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> bytes | None:
    """The next message; None at the end, also in the middle of one."""
    header = pipe.read(_LENGTH_BYTES)
    if len(header) < _LENGTH_BYTES:
        return None
    length = int.from_bytes(header, "big")
    message = pipe.read(length)
    return message if len(message) == length else None


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """What a worker does: judge one file after the other, until nobody asks any more."""
    from fixers.engine import judge_file  # noqa: PLC0415

    collect_seldom()
    _send(answers, _READY)
    while (request := _receive(requests)) is not None:
        task = msgspec.msgpack.decode(request, type=_Task)
        _send(answers, msgspec.msgpack.encode(judge_file(task.path, task.data)))


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
