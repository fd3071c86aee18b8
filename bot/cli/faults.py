"""What is said, and which exit code given, when a command cannot do its work."""

from __future__ import annotations

import sys
import traceback

from typer import TyperException

from bot.cli.exits import CUT_SHORT, USAGE, UsageError
from bot.config import ConfigError
from bot.git import GitError, printable
from bot.ignores import IgnoresError
from bot.pool import PoolError
from bot.reports.report import ReportError
from bot.workspace import WorkspaceError

_FAULTS = (UsageError, WorkspaceError, GitError, IgnoresError, ReportError, PoolError)


def report_fault(error: Exception) -> int:
    """Says on stderr why a command could not do its work, in one sentence where it is the user's to mend.

    Returns:
        The exit code.
    """
    if isinstance(error, ConfigError):
        for line in str(error).splitlines():
            _say(line)
        return USAGE
    if isinstance(error, _FAULTS):
        _say(f"stanch: {error}")
        return USAGE
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename is not None else ""
        _say(f"stanch: {where}{error.strerror or error}.")
        return USAGE
    if isinstance(error, TyperException):
        context = getattr(error, "ctx", None)
        command = context.command_path if context is not None else "stanch"
        _say(f"stanch: {error.format_message().rstrip('.')}; see `{command} --help`.")
        return USAGE
    traceback.print_exception(error)
    _say("stanch: this is a defect of Stanch; please report it with the lines above.")
    return CUT_SHORT


def _say(line: str) -> None:
    print(printable(line), file=sys.stderr)
