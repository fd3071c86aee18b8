"""The sandbox from within, run as a program: three processes, of which the innermost does the work.

The outermost watches: when its standard input ends, because whoever asked has gone or has changed his mind, or when a
limit of the whole is exceeded, it kills the rest. The middle one is the first process of its own world of processes,
where the machine allows one: whatever is in there ends with it. The innermost confines itself, calls the function, and
writes its answer to the pipe that was standard output.
"""

from __future__ import annotations

import importlib
import os
import select
import signal
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import msgspec
import psutil

from bot.git import GitError
from bot.sandbox.identity import become_nobody
from bot.sandbox.outcomes import FailureKind, failure
from bot.sandbox.setup import adopt_orphans, confine, end_with_parent, enter_namespaces
from bot.sandbox.wire import ANSWER, FAILURE, TOO_MANY_PROCESSES, TOO_MUCH_MEMORY, Call, receive
from bot.tree_listing import TreeTooLargeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.sandbox.limits import Limits
    from bot.sandbox.means import Means

_WATCH_MILLISECONDS: Final = 100
_WORKER_CRASHED: Final = 103


def main() -> NoReturn:
    """The outermost process."""
    call = receive(sys.stdin.buffer)
    if call is None:
        sys.exit(0)
    adopt_orphans()
    # Within a world of its own a process has another number.
    number = os.getpid()
    namespaces = enter_namespaces()
    init = os.fork()
    if init == 0:
        _become_init(call, number, namespaces=namespaces)
    os.close(1)
    sys.exit(_watch(init, call.limits))


def _watch(init: int, limits: Limits) -> int:
    """Waits for the end; kills what is inside when nobody waits any more, or a limit is exceeded."""
    descriptor = os.pidfd_open(init)
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    poll.register(0, select.POLLIN)
    try:
        while True:
            ready = {entry for entry, _ in poll.poll(_WATCH_MILLISECONDS)}
            if descriptor in ready:
                return _code(os.waitpid(init, 0)[1])
            if 0 in ready:
                return 0
            exceeded = _exceeded(limits)
            if exceeded:
                return exceeded
    finally:
        _kill_group(init)


def _exceeded(limits: Limits) -> int:
    """Which limit of the whole is exceeded, as an exit code; 0 for none."""
    processes = psutil.Process().children(recursive=True)
    if len(processes) > limits.processes + 1:
        return TOO_MANY_PROCESSES
    memory = 0
    for process in processes:
        try:
            memory += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return TOO_MUCH_MEMORY if memory > limits.memory_bytes else 0


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def _code(status: int) -> int:
    """An exit code as a shell has it: 128 and the signal for a process that was killed."""
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _become_init(call: Call, number: int, *, namespaces: bool) -> NoReturn:
    """The middle process: reaps whatever ends in here, and ends with the innermost one."""
    os.setpgid(0, 0)
    become_nobody(number)
    # Who becomes somebody else is no longer told of the parent's end, so this comes after.
    end_with_parent()
    worker = os.fork()
    if worker == 0:
        end_with_parent()
        _work(call, namespaces=namespaces)
    os.close(0)
    os.close(1)
    while True:
        ended, status = os.wait()
        if ended == worker:
            os._exit(_code(status))


def _work(call: Call, *, namespaces: bool) -> NoReturn:
    """The innermost process."""
    answers = os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    code = 0
    try:
        message = _answer(call, namespaces=namespaces)
        with os.fdopen(answers, "wb") as pipe:
            pipe.write(message)
    except BaseException:
        code = _WORKER_CRASHED
    os._exit(code)


def _answer(call: Call, *, namespaces: bool) -> bytes:
    limits = call.limits
    try:
        means = confine(call.readable, limits, namespaces=namespaces)
        if not (means.keeps_from_network or call.unconfined):
            return _failed(FailureKind.UNCONFINED, limits)
        module, _, name = call.function.partition(":")
        function: Callable[[bytes, Means], bytes] = getattr(importlib.import_module(module), name)
        answer = function(call.payload, means)
        return ANSWER + answer if len(answer) <= limits.answer_bytes else _failed(FailureKind.ANSWER_SIZE, limits)
    except MemoryError:
        return _failed(FailureKind.MEMORY, limits)
    except TreeTooLargeError:
        return _failed(FailureKind.FILES, limits)
    except GitError:
        # Its own sentence names this machine's folders.
        return _failed(FailureKind.INPUT, limits)
    except Exception as error:
        return _failed(FailureKind.CRASH, limits, f"{type(error).__name__}{_place(error)}")


def _failed(kind: FailureKind, limits: Limits, detail: str = "") -> bytes:
    return FAILURE + msgspec.msgpack.encode(failure(kind, limits, detail))


def _place(error: Exception) -> str:
    """Where in our own code it happened; nothing else of an error may be told, as it can quote a stranger's code."""
    ours = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if f"{os.sep}site-packages{os.sep}" not in frame.filename
    ]
    return f" in {Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""


if __name__ == "__main__":
    main()
