"""A Unix socket, in the folder that the environment names, and a thread that answers on it what the program holds."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import _socket
import _thread
import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_STOP_SECONDS = 1.0
_MAX_FAULT = 200


def serve(folder: str, lines: Callable[[], list[str]]) -> None:
    """Begins to answer, here and in processes that this one forks."""
    control = _Control(folder, lines)
    control.start()
    os.register_at_fork(
        before=_guarded(control.stop),
        after_in_parent=_guarded(control.start),
        after_in_child=_guarded(control.start),
    )


def _guarded(action: Callable[[], None]) -> Callable[[], None]:
    def guarded() -> None:
        try:
            action()
        except Exception:
            # Only this process is not measured.
            pass

    return guarded


class _Control:
    def __init__(self, folder: str, lines: Callable[[], list[str]]) -> None:
        self._folder = folder
        self._lines = lines
        self._socket: _socket.socket | None = None
        self._identity = (0, 0)
        self._path = ""
        self._pid = 0
        self._ended = _thread.allocate_lock()
        self._stopping = False
        self._thread = 0

    def start(self) -> None:
        self._stopping = False
        if self._socket is not None:
            if self._pid == os.getpid():
                return
            self._close()
        self._pid = os.getpid()
        self._path = f"{self._folder}/python-{self._pid}.sock"
        try:
            os.unlink(self._path)
        except OSError:
            pass
        self._socket = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        self._socket.bind(self._path)
        self._socket.listen(16)
        self._identity = _identity(self._socket)
        self._ended = _thread.allocate_lock()
        self._ended.acquire()
        _thread.start_new_thread(self._run, (self._ended,))

    def stop(self) -> None:
        """Ends the thread: a process with more than one gets a warning from Python when it forks."""
        self._stopping = True
        try:
            wake = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
            wake.connect(self._path)
            wake.close()
        except OSError:
            return
        if self._ended.acquire(timeout=_STOP_SECONDS):
            end = time.monotonic() + _STOP_SECONDS
            while os.path.exists(f"/proc/self/task/{self._thread}") and time.monotonic() < end:
                time.sleep(0)
            self._close()

    def _close(self) -> None:
        if self._socket is None:
            return
        # A program that closes all descriptors may have opened something else under this number.
        if _identity(self._socket) == self._identity:
            self._socket.close()
        else:
            self._socket.detach()
        self._socket = None

    def _run(self, ended: _thread.LockType) -> None:
        try:
            _signal.pthread_sigmask(_signal.SIG_BLOCK, _signal.valid_signals())
            self._thread = _thread.get_native_id()
            while self._socket is not None and _identity(self._socket) == self._identity:
                number, _ = self._socket._accept()  # type: ignore[attr-defined]
                connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM, 0, number)
                if self._stopping:
                    connection.close()
                    return
                self._answer(connection)
        except Exception:
            # Whoever asks will see that nobody answers.
            pass
        finally:
            ended.release()

    def _answer(self, connection: _socket.socket) -> None:
        try:
            connection.settimeout(5)
            if not connection.recv(16):
                return
            connection.sendall("\n".join([*self._answered(), "end", ""]).encode("utf-8", "replace"))
        except OSError:
            pass
        finally:
            connection.close()

    def _answered(self) -> list[str]:
        try:
            return self._lines()
        except Exception as error:
            message = " ".join(f"{type(error).__name__}: {error}".split())
            return [f"fault\t{message[:_MAX_FAULT]}"]


def _identity(opened: _socket.socket) -> tuple[int, int]:
    """Which socket a descriptor stands for now."""
    try:
        status = os.fstat(opened.fileno())
    except OSError:
        return (-1, -1)
    return (status.st_dev, status.st_ino)
