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
from pathlib import Path
from typing import IO, TYPE_CHECKING

import msgspec

from bot.git import GitError
from fixers.engine import FileResult, scan_file
from fixers.source import SkipCode, Skipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from fixers.tree import FileTree

    Progress = Callable[[int, int], None]

MIN_FILES = 150
"""With fewer files than this, starting workers takes longer than they save."""
DIED = "a worker process died"

_LENGTH_BYTES = 8
_READY = b"ready"


class PoolError(Exception):
    """Worker processes cannot be started."""


class _Task(msgspec.Struct, frozen=True, array_like=True):
    path: str
    data: bytes


def scan_files(
    tree: FileTree, paths: Sequence[str], *, jobs: int | None = None, progress: Progress | None = None
) -> dict[str, FileResult]:
    """Judges files of a tree; what comes out does not depend on how many do it.

    Args:
        tree: the files; read by one thread at a time.
        paths: which of them.
        jobs: how many worker processes; 1: none, this one does it; None: as many as there are processors, where
            there are files enough.
        progress: told how many of how many files are done.

    Returns:
        The results by path, in the order of `paths`.

    Raises:
        PoolError: no worker can be started.
    """
    if jobs is None:
        jobs = _processors() if len(paths) > MIN_FILES else 1
    if jobs <= 1 or len(paths) <= 1:
        return {path: _counted(scan_path(tree, path), at, len(paths), progress) for at, path in enumerate(paths)}
    return _Pool(tree, paths, progress).run(min(jobs, len(paths)))


def scan_path(tree: FileTree, path: str) -> FileResult:
    """Judges one file of a tree; a file that cannot be read is skipped, and the reason kept."""
    data = _read(tree, path)
    return data if isinstance(data, FileResult) else scan_file(path, data)


def _read(tree: FileTree, path: str) -> bytes | FileResult:
    try:
        return tree.read(path)
    except OSError as error:
        reason = f"it cannot be read: {error.strerror or 'it is gone'}"
    except GitError:
        # Its own sentence names this machine's folders, which a report does not hold.
        reason = "it cannot be read: its object is missing here, as in a partial clone"
    return FileResult(path, skipped=[Skipped(path, SkipCode.LIMIT, reason)])


def _counted(result: FileResult, at: int, of: int, progress: Progress | None) -> FileResult:
    if progress is not None:
        progress(at + 1, of)
    return result


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Pool:
    """A thread for each worker takes the next file, asks its worker, and replaces the worker where it dies."""

    def __init__(self, tree: FileTree, paths: Sequence[str], progress: Progress | None) -> None:
        self._tree = tree
        self._paths = paths
        self._waiting: Iterator[str] = iter(paths)
        self._progress = progress
        self._lock = threading.Lock()
        self._results: dict[str, FileResult] = {}
        self._workers: set[_Worker] = set()
        self._error: BaseException | None = None

    def run(self, jobs: int) -> dict[str, FileResult]:
        threads = [threading.Thread(target=self._work, daemon=True) for _ in range(jobs)]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                # With a timeout, so that Ctrl-C is not held up (threading: join cannot be interrupted without).
                while thread.is_alive():
                    thread.join(0.1)
                    self._report()
        finally:
            self._stop()
        if self._error is not None:
            raise self._error
        self._report()
        return {path: self._results[path] for path in self._paths}

    def _work(self) -> None:
        worker: _Worker | None = None
        try:
            while (task := self._next()) is not None:
                path, data = task
                if isinstance(data, FileResult):
                    result = data
                elif not _is_utf8(path):
                    result = scan_file(path, data)
                else:
                    worker = worker if worker is not None else self._started()
                    answer = worker.ask(path, data)
                    if answer is None:
                        self._bury(worker)
                        worker = None
                    result = answer or FileResult(path, parsed=True, skipped=[Skipped(path, SkipCode.CRASH, DIED)])
                with self._lock:
                    self._results[path] = result
        except BaseException as error:
            with self._lock:
                self._error = self._error or error
                self._waiting = iter(())
        finally:
            if worker is not None:
                self._bury(worker)

    def _next(self) -> tuple[str, bytes | FileResult] | None:
        with self._lock:
            path = next(self._waiting, None)
            return None if path is None else (path, _read(self._tree, path))

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

    def _report(self) -> None:
        if self._progress is not None:
            self._progress(len(self._results), len(self._paths))


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

    def ask(self, path: str, data: bytes) -> FileResult | None:
        """What it says of a file; None when it dies over it."""
        stdin, stdout = self._pipes()
        try:
            _send(stdin, msgspec.msgpack.encode(_Task(path, data)))
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
    _send(answers, _READY)
    while (request := _receive(requests)) is not None:
        task = msgspec.msgpack.decode(request, type=_Task)
        _send(answers, msgspec.msgpack.encode(scan_file(task.path, task.data)))


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
