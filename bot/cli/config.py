"""`stanch config check`: validate the configuration, and print what is in force."""

from __future__ import annotations

from pathlib import Path

import click

from bot.cli import options
from bot.cli.console import remark, write_result
from bot.cli.scanning import read_bytes
from bot.config import CONFIG_PATH, effective_text, load
from bot.git import printable
from bot.workspace import open_workspace


@click.group(no_args_is_help=False)
def config() -> None:
    """Check the configuration, .github/stanch.yml."""


@config.command()
@click.argument(
    "file",
    metavar="[FILE]",
    required=False,
    type=options.FILE,
    help="The file; without it that of the repository.",
)
@options.quiet
def check(file: Path | None, quiet: bool) -> None:
    """Say every fault with its line and column, or print the effective configuration and where each setting is from.

    Exit codes: 2 it has faults, 0 else.
    """
    if file is not None:
        name = printable(file)
        found, origins = load(read_bytes(file), name)
    else:
        name = CONFIG_PATH
        workspace = open_workspace((), Path.cwd())
        found, origins = workspace.configuration()
        if not (workspace.root / CONFIG_PATH).is_file():
            remark([f"there is no {CONFIG_PATH}; everything is at its default."], quiet=quiet)
    write_result(effective_text(found, origins, name))
