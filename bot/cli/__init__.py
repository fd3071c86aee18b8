"""The command `stanch`: which commands there are, and how it ends.

A command lies in the module of this package that is called like it, under the same name; the module is imported when
the command is called, so that `stanch --version` and `stanch --help` do not wait for the engine.
"""

from __future__ import annotations

import os
import sys
from difflib import get_close_matches
from importlib import import_module
from typing import Final, NoReturn

import click

from bot.cli.exits import BROKEN_PIPE, INTERRUPTED, OK, USAGE, UsageError
from bot.garbage import collect_seldom

COMMANDS: Final = {
    "scan": "Find leaks in the repository around the current folder, or in files and folders.",
    "fix": "Write the fixes: a diff, or --write, or --branch NAME.",
    "review": "Rehearse a pull request: everything that would be published, written to a folder.",
    "measure": "Run the budget profiles of the configuration; --base REV compares two revisions.",
    "monitor": "Watch a live process against its budgets: PID, or -- COMMAND.",
    "explain": "Say what a rule means, or why a finding was made.",
    "rules": "List every rule: what it finds, what ends the resource, examples.",
    "config": "Check the configuration, .github/stanch.yml.",
    "serve": "Run the webhook service, with one worker.",
    "worker": "Run a further worker of the service.",
    "doctor": "Check this installation of the service, and say what to do.",
    "replay": "Regenerate a published result from the local clone, and compare.",
}

_COMPLETE: Final = "_STANCH_COMPLETE"
"""The variable by which a shell asks for its completion script, and then for what may follow."""
_LASTING: Final = frozenset({"monitor", "serve", "worker"})
"""Commands that do not end by themselves."""


class _LazyGroup(click.Group):
    """Commands that are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            if ctx.resilient_parsing:
                return None
            near = get_close_matches(cmd_name, COMMANDS, n=1)
            hint = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(COMMANDS)}."
            raise UsageError(f"There is no command `{cmd_name}`; {hint}")
        if cmd_name not in _LASTING:
            collect_seldom()
        command: click.Command = getattr(import_module(f"{__name__}.{cmd_name}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=_LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "show_default": True},
)
@click.version_option(package_name="stanch", message="stanch %(version)s", help="Say which version this is.")
@click.pass_context
def stanch(context: click.Context) -> None:
    """Find resource leaks in JavaScript, TypeScript and Python, and write the fixes.

    Exit codes: 0 nothing to report, 1 findings at or above --fail-on (or a diff), 2 wrong usage or configuration,
    3 a limit or a crash kept something unseen.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
        context.exit(USAGE)


def run(arguments: list[str] | None = None) -> int:
    """Runs one command.

    Args:
        arguments: what follows `stanch`; by default those of this process.

    Returns:
        The exit code. Whatever goes wrong has been said on stderr.
    """
    try:
        outcome = _outcome(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
        return outcome
    except BrokenPipeError:
        # Without this, Python would complain when it closes the pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        from bot.cli.faults import report_fault  # noqa: PLC0415 - loads what --version does not need

        return report_fault(error)


def _outcome(arguments: list[str]) -> int:
    """The exit code of a command. (`Command.main` of click would take a BrokenPipeError for itself.)"""
    asked = os.environ.get(_COMPLETE)
    if asked:
        from click.shell_completion import shell_complete  # noqa: PLC0415 - only where a shell asks

        return shell_complete(stanch, {}, "stanch", _COMPLETE, asked)
    try:
        with stanch.make_context("stanch", arguments) as context:
            outcome = stanch.invoke(context)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    return outcome if isinstance(outcome, int) else OK


def main() -> NoReturn:
    """The entry point."""
    # A file name or a line of code may hold what the terminal's encoding cannot show.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run())
