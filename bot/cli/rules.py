"""`stanch rules`: every rule, from the tables of resources."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
import typer

from bot.cli import options
from bot.cli.console import write_result
from bot.reports.rule_text import explained, table
from bot.rules import all_rules

app = typer.Typer(rich_markup_mode=None)


@app.command()
def rules(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="With resources, releases and examples.")] = False,
    output_format: Annotated[
        Literal["terminal", "json"], typer.Option("--format", help="What the list looks like.")
    ] = "terminal",
    output: options.Output = None,
) -> None:
    """List every rule: what it finds, what ends the resource, examples of leaks, of fixes and of look-alikes."""
    known = all_rules()
    if output_format == "json":
        write_result(msgspec.json.format(msgspec.json.encode(known, order="sorted"), indent=2) + b"\n", output)
        return
    lines = explained(known.rules, examples=True) if verbose else table(known.rules)
    write_result("".join(f"{line}\n" for line in lines), output)
