"""What is said, and which exit code given, when a command cannot do its work."""

from __future__ import annotations

import traceback

from click import ClickException

from bot.budgets.programs import ProgramError
from bot.cli.console import say
from bot.cli.exits import CUT_SHORT, USAGE, UsageError
from bot.config import ConfigError
from bot.git import GitError, printable
from bot.ignores import IgnoresError
from bot.pool import PoolError
from bot.reports.report import ReportError
from bot.workspace import WorkspaceError

_FAULTS = (UsageError, WorkspaceError, GitError, IgnoresError, ReportError, PoolError, ProgramError)


def report_fault(error: Exception) -> int:
    """Says on stderr why a command could not do its work, in one sentence where it is the user's to mend.

    Returns:
        The exit code.
    """
    if isinstance(error, ConfigError):
        for line in str(error).splitlines():
            say(printable(line))
        return USAGE
    if isinstance(error, _FAULTS):
        _say_sentence(str(error))
        return USAGE
    if isinstance(error, OSError):
        where = "" if error.filename is None else f"{_place(error.filename)}: "
        _say_sentence(f"{where}{error.strerror or error}")
        return USAGE
    if isinstance(error, ClickException):
        context = getattr(error, "ctx", None)
        command = context.command_path if context is not None else "stanch"
        message = error.format_message().rstrip(".")
        _say_sentence(f"{message}{' See' if message.endswith('?') else '; see'} `{command} --help`")
        return USAGE
    for line in "".join(traceback.format_exception(error)).splitlines():
        say(printable(line))
    say("stanch: this is a defect of Stanch; please report it with the lines above.")
    return CUT_SHORT


def _place(name: object) -> str:
    return name.decode("utf-8", "backslashreplace") if isinstance(name, bytes) else str(name)


def _say_sentence(text: str) -> None:
    """One line with one full stop, whether or not what git or the system said had lines and a full stop of its own."""
    sentence = "; ".join(printable(text).splitlines())
    say(f"stanch: {sentence}" if sentence.endswith("`") else f"stanch: {sentence.rstrip('. ')}.")
