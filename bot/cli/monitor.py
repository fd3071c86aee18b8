"""`stanch monitor`: watch a live process against its budgets."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from bot.cli import options
from bot.cli.console import is_terminal, remark, write_result
from bot.cli.exits import FOUND, OK, UsageError
from bot.config import CONFIG_PATH
from bot.config.budgets import Budget
from bot.config.nearest import did_you_mean
from bot.git import NotARepositoryError, Repository, printable
from bot.workspace import open_workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

    from bot.budgets.meters.model import Reading
    from bot.budgets.monitoring.live import Session
    from bot.budgets.monitoring.samples import Sample

_GRACE_SECONDS = 10.0
_STDERR = 2
_READ_SECONDS = 5.0


@click.command()
@click.argument("target", metavar="PID | -- COMMAND...", nargs=-1, required=True)
@click.option(
    "--interval", type=click.FloatRange(min=0.05), default=5.0, metavar="S", help="Seconds between samples."
)  # fmt: skip
@click.option(
    "--profile", "name", metavar="NAME", help="Hold it against the budget of this profile. [default: the only one]"
)
@click.option("--for", "duration", type=click.FloatRange(min=0), metavar="S", help="Stop after so many seconds.")
@click.option(
    "--format", "report_format", type=click.Choice(["terminal", "json"]), default="terminal",
    help="json: a line for each sample on stdout (stanch.sample/1), and the report on stderr.",
)  # fmt: skip
@click.option("--output", type=options.FILE, metavar="FILE", help="Write a JSON line for each sample to this file too.")
@options.quiet
def monitor(
    target: tuple[str, ...],
    interval: float,
    name: str | None,
    duration: float | None,
    report_format: Literal["terminal", "json"],
    output: Path | None,
    quiet: bool,
) -> int:
    """Watch a live process: PID, or a command that is started for it and ended with it.

    The process is only read, from outside; it notices neither the beginning nor the end. Ctrl-C ends the watching and
    prints the report.

    Exit codes: 1 there were alerts, 2 wrong usage or configuration, 0 else.
    """
    from bot.budgets.monitoring.live import follow  # noqa: PLC0415 - `--help` needs none of it

    budget, beside = _configured(name)
    with ExitStack() as stack:
        pid, runs = _process(target, stack)
        lines = stack.enter_context(output.open("wb", buffering=0)) if output is not None else None
        title = f"{' '.join(target)} (process {pid})" if len(target) > 1 else f"process {pid}"
        take = _taker(report_format, lines, title, stack, quiet=quiet)
        own = not _is_number(target)
        session = follow(pid, budget, runs, beside, interval=interval, duration=duration, own=own, take=take)
    _report(session, title, report_format, quiet=quiet)
    return FOUND if any(item.alerts for item in session.watch.observed()) else OK


def _configured(name: str | None) -> tuple[Budget, Callable[[], Reading]]:
    """The budget that the user means, one without limits where nothing is configured, and what reads its databases."""
    from bot.budgets.gauges import databases_of, read_databases  # noqa: PLC0415
    from bot.budgets.meters.model import Reading  # noqa: PLC0415

    try:
        Repository.open(Path.cwd())
    except NotARepositoryError:
        if name is None:
            return Budget(), Reading
        raise
    workspace = open_workspace((), Path.cwd())
    config = workspace.configuration()[0]
    budgets = config.budgets
    if name is not None and name not in budgets:
        raise UsageError(f"{CONFIG_PATH} has no budget for `{printable(name)}`{did_you_mean(name, list(budgets))}.")
    if name is None and len(budgets) != 1:
        return Budget(), Reading
    chosen = name if name is not None else next(iter(budgets))
    profile = next(profile for profile in config.profiles if profile.name == chosen)
    databases = databases_of(profile, budgets[chosen])
    return budgets[chosen], lambda: read_databases(databases, workspace.root, time.monotonic() + _READ_SECONDS)


def _is_number(target: tuple[str, ...]) -> bool:
    """Whether what is to be watched is the number of a process, and not a command."""
    return len(target) == 1 and target[0].isdecimal()


def _process(target: tuple[str, ...], stack: ExitStack) -> tuple[int, Callable[[], bool]]:
    """The process to watch, and what says whether it runs."""
    from bot.budgets.monitoring.live import attach  # noqa: PLC0415

    if _is_number(target):
        if len(target[0]) > 9:
            raise UsageError(f"`{target[0]}` is no number of a process.")
        return int(target[0]), attach(int(target[0]))
    import os  # noqa: PLC0415
    import shlex  # noqa: PLC0415

    from bot.budgets.programs import Keeper  # noqa: PLC0415

    keeper = stack.enter_context(Keeper(grace=_GRACE_SECONDS, echo=_STDERR))
    program = keeper.start(shlex.join(target), Path.cwd(), dict(os.environ))
    return program.pid, lambda: program.status is None


def _taker(
    report_format: str, lines: BinaryIO | None, title: str, stack: ExitStack, *, quiet: bool
) -> Callable[[Session, Sample], None]:
    """What is done with each sample."""
    from bot.budgets.monitoring.samples import to_line  # noqa: PLC0415

    show: Callable[[Session], None] | None = None
    if report_format == "terminal" and is_terminal() and not quiet:
        from rich.console import Console  # noqa: PLC0415
        from rich.live import Live  # noqa: PLC0415

        from bot.budgets.monitoring.view import live_table  # noqa: PLC0415

        live = stack.enter_context(Live(console=Console(file=sys.stdout), auto_refresh=False, transient=True))

        def show(session: Session) -> None:
            live.update(live_table(session, title), refresh=True)

    def take(session: Session, sample: Sample) -> None:
        line = to_line(sample)
        if lines is not None:
            lines.write(line)
        if report_format == "json":
            write_result(line)
        if show is not None:
            show(session)

    return take


def _report(session: Session, title: str, report_format: str, *, quiet: bool) -> None:
    from rich.console import Console  # noqa: PLC0415

    from bot.budgets.monitoring.view import print_report  # noqa: PLC0415

    if report_format == "terminal" and is_terminal():
        print_report(session, Console(file=sys.stdout), title)
        return
    text = StringIO()
    print_report(session, Console(file=text, force_terminal=False, color_system=None, width=160), title)
    if report_format == "terminal":
        write_result("".join(f"{line.rstrip()}\n" for line in text.getvalue().splitlines()))
    else:
        remark(text.getvalue().splitlines(), quiet=quiet)
