"""`stanch measure`: run the profiles of the configuration, and judge them by their budgets."""

from __future__ import annotations

import sys
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from bot.cli import options
from bot.cli.console import interruptible, is_terminal, remark, status, write_result
from bot.cli.exits import CUT_SHORT, FOUND, OK, UsageError
from bot.cli.scanning import day
from bot.config import CONFIG_PATH
from bot.config.nearest import did_you_mean
from bot.git import printable
from bot.scans import Inputs, scan_tree
from bot.trees import GitTree
from bot.workspace import configuration_of, open_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from bot.budgets.measuring import Measured, Question
    from bot.config import Config
    from bot.config.budgets import Profile
    from fixers.tree import FileTree

_WIDTH = 160

MeasureFormat = Literal["terminal", "json", "markdown"]


@click.command()
@click.option("--base", metavar="REV", help="Compare with where REV and HEAD part, whose configuration is in force.")
@click.option("--profile", "names", metavar="NAME", multiple=True, help="Only this profile; may be repeated.")
@click.option(
    "--format", "report_format", type=click.Choice(["terminal", "json", "markdown"]), default="terminal",
    help="What the report looks like; json is the document stanch.budget/1.",
)  # fmt: skip
@click.option("--all", "everything", is_flag=True, help="Show each metric, also those that are well.")
@options.output
@options.as_of
@options.quiet
def measure(
    base: str | None,
    names: tuple[str, ...],
    report_format: MeasureFormat,
    everything: bool,
    output: Path | None,
    as_of: str | None,
    quiet: bool,
) -> int:
    """Run the profiles of .github/stanch.yml, and judge what they hold and grow by their budgets.

    Without --base the files of the work tree are run as they are. With it, both commits are written into folders of
    their own, set up and run in turn, never at once. Programs are run with your rights: measure only what you trust.

    Exit codes: 1 a budget is not kept, 2 wrong usage or configuration, 3 a program could not be measured, 0 else.
    """
    from bot.budgets.measuring import measure_change, measure_folder  # noqa: PLC0415 - `--help` needs none of it

    today = day(as_of)
    workspace = open_workspace((), Path.cwd())
    repository = workspace.repository
    if repository is None:
        raise UsageError(f"{printable(workspace.root)} lies in no git repository; measure one.")
    head, dirty = repository.resolve("HEAD"), repository.is_dirty()
    with interruptible(), status("Measuring", quiet=quiet) as tell:
        if base is None:
            config = workspace.configuration()[0]
            question = _question(config, names, "", today, workspace.tree, tell)
            measured = measure_folder(workspace.root, question, commit=head, dirty=dirty)
        else:
            if dirty:
                remark(["uncommitted changes are not measured: the commits are."], quiet=quiet)
            before = repository.merge_base(base, head)
            with GitTree(repository, before) as tree:
                config = configuration_of(tree, f"{before[:12]}:{CONFIG_PATH}")[0]
            with GitTree(repository, head) as tree:
                question = _question(config, names, before, today, tree, tell)
            measured = measure_change(repository, before, head, question)
    _write(measured, config, report_format, output, everything=everything)
    remark((f"{profile}: {sentence}" for profile, sentence in measured.remarks), quiet=quiet)
    return _exit_code(measured, config)


def _question(
    config: Config, names: Sequence[str], base: str, today: date, tree: FileTree, tell: Callable[[str], None]
) -> Question:
    """What is to be measured, with the findings of a scan, which it may confirm."""
    from bot.budgets.measuring import Question  # noqa: PLC0415

    profiles = chosen_profiles(config, names, base)
    tell("Scanning")
    scanned, _ = scan_tree(tree, Inputs(config, today))
    return Question(profiles, config, today, scanned.findings, tell)


def chosen_profiles(config: Config, names: Sequence[str], commit: str = "") -> list[Profile]:
    """The profiles that the user means.

    Args:
        config: what is in force.
        names: those that were named; none: all.
        commit: what the configuration is of; empty: the work tree.

    Raises:
        UsageError: there are none, or none of this name.
    """
    where = f"{CONFIG_PATH} of {commit[:12]}" if commit else CONFIG_PATH
    if not config.profiles:
        hint = " What is in force is the base's; without --base the work tree's is." if commit else ""
        raise UsageError(f"{where} has no `profiles`, which say what to run; see docs/budgets.md.{hint}")
    known = {profile.name: profile for profile in config.profiles}
    for name in names:
        if name not in known:
            raise UsageError(f"{where} has no profile `{printable(name)}`{did_you_mean(name, list(known))}.")
    return [known[name] for name in dict.fromkeys(names)] if names else list(config.profiles)


def _write(
    measured: Measured, config: Config, report_format: MeasureFormat, output: Path | None, *, everything: bool
) -> None:
    from bot.budgets.documents import to_json  # noqa: PLC0415
    from bot.decisions.budget_table import budgets_markdown  # noqa: PLC0415

    if report_format == "json":
        write_result(to_json(measured.budgets), output)
    elif report_format == "markdown":
        write_result(f"{budgets_markdown(measured.budgets, config)}\n", output)
    else:
        _write_terminal(measured, config, output, everything=everything)


def _write_terminal(measured: Measured, config: Config, output: Path | None, *, everything: bool) -> None:
    from rich.console import Console  # noqa: PLC0415

    from bot.budgets.terminal import print_budgets  # noqa: PLC0415

    if output is None and is_terminal():
        print_budgets(measured.budgets, config, Console(file=sys.stdout), everything=everything)
        return
    text = StringIO()
    console = Console(file=text, force_terminal=False, color_system=None, width=_WIDTH, legacy_windows=False)
    print_budgets(measured.budgets, config, console, everything=everything)
    write_result("".join(f"{line.rstrip()}\n" for line in text.getvalue().splitlines()), output)


def _exit_code(measured: Measured, config: Config) -> int:
    from bot.decisions.budgets import failing  # noqa: PLC0415

    if failing(measured.budgets, config):
        return FOUND
    return CUT_SHORT if measured.failed else OK
