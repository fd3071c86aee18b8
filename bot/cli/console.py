"""What a command writes: its result on stdout or into a file, remarks and progress on stderr."""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from bot.atomic import replace_file
from bot.reports.inert import terminal_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path


def write_result(data: str | bytes, output: Path | None = None) -> None:
    """Writes bytes, or text as UTF-8, as they are.

    Args:
        data: the result; surrogates in text stand for bytes (PEP 383).
        output: a file; stdout without one.

    Raises:
        OSError: it cannot be written; the error names the file.
        BrokenPipeError: nobody reads stdout any more.
    """
    raw = data if isinstance(data, bytes) else data.encode("utf-8", "surrogateescape")
    if output is not None:
        replace_file(output, raw)
        return
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(raw)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OSError(error.errno, error.strerror, "standard output") from None


def is_terminal() -> bool:
    """Whether stdout is looked at by a person."""
    return sys.stdout.isatty()


def remark(lines: Iterable[str], *, quiet: bool = False) -> None:
    """Says something beside the result, on stderr, each line by itself."""
    if not quiet:
        for line in lines:
            say(f"stanch: {terminal_text(line)}")


def say(line: str) -> None:
    """Writes a line to stderr. Where nothing can be written nobody is told, and the exit code has to do."""
    with suppress(OSError):
        print(line, file=sys.stderr, flush=True)


@contextmanager
def interruptible() -> Iterator[None]:
    """Takes SIGTERM for Ctrl-C, so that what was made for the time being is removed. Only for the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: object) -> None:  # noqa: ARG001
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def status(what: str, *, quiet: bool = False) -> Iterator[Callable[[str], None]]:
    """A line on stderr that says what is being done, where stderr is a terminal; else nothing.

    Args:
        what: what it says at first.
        quiet: the user wants none.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415 - not needed in a pipe
    from rich.markup import escape  # noqa: PLC0415

    with Console(stderr=True).status(what) as line:
        yield lambda text: line.update(escape(terminal_text(text)))


@contextmanager
def progress(what: str, *, quiet: bool = False) -> Iterator[Callable[[int, int], None] | None]:
    """A bar on stderr, where stderr is a terminal; else nothing.

    Args:
        what: what is being done, for the bar.
        quiet: the user wants none.
    """
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415 - not needed in a pipe
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
