"""The sandbox from without: starts it, waits for its answer, and leaves nothing of it behind."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import msgspec

from bot.sandbox.limits import Limits
from bot.sandbox.means import Means
from bot.sandbox.outcomes import Failure, FailureKind, failure
from bot.sandbox.setup import module_path
from bot.sandbox.wire import ANSWER, FAILURE, SIGNAL_BASE, TOO_MANY_PROCESSES, TOO_MUCH_MEMORY, Call, send

if TYPE_CHECKING:
    from collections.abc import Callable

_PROBE: Final = "bot.sandbox.means:probe"
_LOOK_SECONDS: Final = 0.25
_GRACE_SECONDS: Final = 5.0
_CHUNK_BYTES: Final = 1 << 20
_KINDS: Final = {
    TOO_MUCH_MEMORY: FailureKind.MEMORY,
    TOO_MANY_PROCESSES: FailureKind.PROCESSES,
}
if hasattr(signal, "SIGXCPU"):
    # Windows, where the Action works without a sandbox, has no such signal.
    _KINDS[SIGNAL_BASE + signal.SIGXCPU] = FailureKind.CPU


def _never() -> bool:
    return False


def run(call: Call, stop: Callable[[], bool] = _never) -> bytes | Failure:
    """Calls a function in a process of its own and waits for it. Whatever happens, nothing of it is left.

    Args:
        call: which function, of what.
        stop: asked several times a second; when it says yes (or raises), the call is ended.

    Returns:
        The answer, or why there is none.
    """
    try:
        # Only what finds the programs: no token, and nothing else of the service.
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "HOME": os.sep}
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "bot.sandbox.child"],
            cwd=os.sep,
            env={**environment, "PYTHONPATH": module_path(), "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        return failure(FailureKind.NOT_STARTED, call.limits, error.strerror or type(error).__name__)
    with _Conversation(process, call) as conversation:
        return conversation.result(stop)


def in_force() -> Means | Failure:
    """The means that this machine offers, found out by a call that is confined by them; or why nothing runs at all."""
    answer = run(Call(function=_PROBE, payload=b"", limits=Limits(seconds=30), unconfined=True))
    return answer if isinstance(answer, Failure) else msgspec.msgpack.decode(answer, type=Means)


class _Conversation:
    """One sandbox and its two pipes. That its standard input is open is what keeps it alive."""

    def __init__(self, process: subprocess.Popen[bytes], call: Call) -> None:
        if process.stdin is None or process.stdout is None:
            raise AssertionError("the sandbox runs with pipes")
        self._process, self._call = process, call
        self._stdin, self._stdout = process.stdin, process.stdout
        self._deadline = time.monotonic() + call.limits.seconds
        self._answer = bytearray()

    def __enter__(self) -> _Conversation:
        return self

    def __exit__(self, *_: object) -> None:
        # It was started as the leader of a group; as long as it is not waited for, the group's id is not given again.
        for pipe in (self._stdin, self._stdout):
            with suppress(OSError):
                pipe.close()
        self._wait_for_end(_GRACE_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def result(self, stop: Callable[[], bool]) -> bytes | Failure:
        with suppress(BrokenPipeError):
            send(self._stdin, self._call)
        kind = self._listen(stop)
        return self._failed(kind) if kind is not None else self._read_answer()

    def _listen(self, stop: Callable[[], bool]) -> FailureKind | None:
        """Takes the answer as it comes, until its end; why it was not waited for, where it was not."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._stdout, selectors.EVENT_READ)
            while True:
                if stop():
                    return FailureKind.STOPPED
                left = self._deadline - time.monotonic()
                if left <= 0:
                    return FailureKind.TIME
                if not selector.select(min(left, _LOOK_SECONDS)):
                    continue
                chunk = os.read(self._stdout.fileno(), _CHUNK_BYTES)
                if not chunk:
                    return None
                self._answer += chunk
                if len(self._answer) > self._call.limits.answer_bytes + len(ANSWER):
                    return FailureKind.ANSWER_SIZE

    def _read_answer(self) -> bytes | Failure:
        """What was said, or what the end of the process says where nothing was."""
        self._wait_for_end(_GRACE_SECONDS)
        code = self._process.poll()
        head, body = bytes(self._answer[:1]), bytes(self._answer[1:])
        if code == 0 and head == ANSWER:
            return body
        if code == 0 and head == FAILURE:
            with suppress(msgspec.MsgspecError):
                return msgspec.msgpack.decode(body, type=Failure)
        if code in _KINDS:
            return self._failed(_KINDS[code])
        if code is not None and (code < 0 or code > SIGNAL_BASE):
            number = -code if code < 0 else code - SIGNAL_BASE
            return self._failed(FailureKind.KILLED, _signal_name(number))
        return self._failed(FailureKind.CRASH, f"its process ended with {code}")

    def _failed(self, kind: FailureKind, detail: str = "") -> Failure:
        return failure(kind, self._call.limits, detail)

    def _wait_for_end(self, seconds: float) -> None:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
