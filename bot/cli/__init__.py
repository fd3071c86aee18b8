"""The command `stanch`: which commands there are, and how it ends.

A command is a module of this package with its typer application in `app`; it is imported when it is called, so that
`stanch --version` and `stanch --help` do not wait for the engine.
"""

from __future__ import annotations

import os
import sys
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any, Final, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from bot.cli.exits import BROKEN_PIPE, INTERRUPTED, OK, USAGE, OutputClosedError, UsageError
from bot.garbage import collect_seldom

COMMANDS: Final = {
    "scan": "Find leaks in the repository around the current folder, or in files and folders.",
    "fix": "Write the fixes: a diff, or --write, or --branch NAME.",
    "review": "Rehearse a pull request: everything that would be published, written to a folder.",
    "explain": "Say what a rule means, or why a finding was made.",
    "rules": "List every rule: what it finds, what ends the resource, examples.",
    "config": "Check the configuration, .github/stanch.yml.",
    "serve": "Run the webhook service, with one worker.",
    "worker": "Run a further worker of the service.",
    "doctor": "Check this installation of the service, and say what to do.",
    "replay": "Regenerate a published result from the local clone, and compare.",
}

_LASTING: Final = frozenset({"serve", "worker"})
"""Commands that do not end by themselves."""


class _LazyGroup(TyperGroup):
    """Commands that are imported when they are called. `ctx` is of a class that typer does not publish."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | TyperGroup:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            near = get_close_matches(cmd_name, COMMANDS, n=1)
            hint = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(COMMANDS)}."
            raise UsageError(f"There is no command `{cmd_name}`; {hint}")
        if cmd_name not in _LASTING:
            collect_seldom()
        command = get_command(import_module(f"{__name__}.{cmd_name}").app)
        command.name = cmd_name
        return command  # type: ignore[return-value]  # typer annotates it with a class of its private click

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


app = typer.Typer(
    name="stanch",
    cls=_LazyGroup,
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"stanch {version('stanch')}")
        raise typer.Exit


@app.callback()
def stanch(
    context: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Find resource leaks in JavaScript, TypeScript and Python, and write the fixes.

    Exit codes: 0 nothing to report, 1 findings at or above --fail-on (or a diff), 2 wrong usage or configuration,
    3 a limit or a crash kept something unseen.
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), err=True)
        raise typer.Exit(USAGE)


def run(arguments: list[str] | None = None) -> int:
    """Runs one command.

    Args:
        arguments: what follows `stanch`; by default those of this process.

    Returns:
        The exit code. Whatever goes wrong has been said on stderr.
    """
    try:
        outcome = get_command(app).main(arguments, prog_name="stanch", standalone_mode=False)
        sys.stdout.flush()
        return outcome if isinstance(outcome, int) else OK
    except (BrokenPipeError, OutputClosedError):
        # Without this, Python would complain when it closes the pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except Exception as error:
        from bot.cli.faults import report_fault  # noqa: PLC0415 - loads what --version does not need

        return report_fault(error)


def main() -> NoReturn:
    """The entry point."""
    # A file name or a line of code may hold what the terminal's encoding cannot show.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run())
