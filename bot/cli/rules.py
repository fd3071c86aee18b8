"""`stanch rules`: every rule, from the tables of resources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click
import msgspec

from bot.cli import options
from bot.cli.console import write_result
from bot.reports.rule_text import explained, table
from bot.rules import all_rules

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@click.option("--verbose", "-v", is_flag=True, help="With resources, releases and examples.")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["terminal", "json"]),
    default="terminal",
    help="What the list looks like.",
)
@options.output
def rules(verbose: bool, output_format: Literal["terminal", "json"], output: Path | None) -> None:
    """List every rule: what it finds, what ends the resource, examples of leaks, of fixes and of look-alikes."""
    known = all_rules()
    if output_format == "json":
        write_result(msgspec.json.format(msgspec.json.encode(known, order="sorted"), indent=2) + b"\n", output)
        return
    lines = explained(known.rules, examples=True) if verbose else table(known.rules)
    write_result("".join(f"{line}\n" for line in lines), output)
