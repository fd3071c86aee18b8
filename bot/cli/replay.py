"""`stanch replay`: regenerate a published result from the local clone, and compare."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from bot.cache import open_cache
from bot.cli import options
from bot.cli.console import progress, remark, write_result
from bot.cli.exits import FOUND, OK, UsageError
from bot.cli.scanning import day, read_bytes
from bot.git import Repository
from bot.ignores import load_ignores
from bot.judging import Terms
from bot.replay import ReplayError, differences, read_published, regenerate
from bot.reports.markdown import report_markdown
from bot.reports.report import to_json

if TYPE_CHECKING:
    from bot.replay import Published

_STDIN = "-"
_LONGEST_NAME = 1_000


@click.command()
@click.argument("ref", metavar="REF", help="The text of a comment, a check or a report; or a file with it; - is stdin.")
@options.ignores
@options.as_of
@click.option(
    "--format",
    "form",
    type=click.Choice(["terminal", "markdown", "json"]),
    default="terminal",
    help="markdown, json: write the regenerated report; whether it is equal goes to stderr.",
)
@click.option("--output", type=options.FILE, metavar="FILE", help="A file instead of stdout.")
@options.no_cache
@options.quiet
def replay(
    ref: str,
    ignores: Path | None,
    as_of: str | None,
    form: Literal["terminal", "markdown", "json"],
    output: Path | None,
    no_cache: bool,
    quiet: bool,
) -> int:
    """Regenerate what was published, from the tree, the base and the configuration that it names, and compare.

    The repository around the current folder must have these objects; nothing is fetched. A report in JSON is compared
    in all its parts; of a comment or a check, which tell more than the report, the inputs and the findings are.
    Exit codes: 0 equal, 1 not, 2 wrong usage.
    """
    try:
        published = read_published(_text(ref))
    except ReplayError as error:
        raise UsageError(str(error)) from None
    repository = Repository.open(Path.cwd())
    cache = None if no_cache else open_cache(repository.git_dir, repository.work_tree)
    with progress("Scanning", quiet=quiet) as bar:
        accepted = load_ignores(read_bytes(ignores)) if ignores is not None else None
        terms = Terms(today=day(as_of or _date(published)), ignores=accepted, cache=cache, progress=bar)
        report = regenerate(repository, published, terms)
    if cache is not None:
        cache.save()
    told = differences(published, report)
    verdict = told or [f"Equal: Stanch {report.engine.version} gives the same answer for the tree {published.tree}."]
    if form == "terminal":
        write_result("".join(f"{sentence}\n" for sentence in verdict), output)
    else:
        write_result(to_json(report) if form == "json" else report_markdown(report), output)
        remark(verdict, quiet=quiet)
    return FOUND if told else OK


def _text(ref: str) -> str:
    """The text that REF is or names.

    Raises:
        UsageError: it is an address, or a file that cannot be read.
    """
    if ref == _STDIN:
        return sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
    if ref.startswith(("https://", "http://")) and "\n" not in ref:
        raise UsageError("an address only names a result; save its text in a file, and give that or `-` for stdin.")
    if "\n" in ref or len(ref) > _LONGEST_NAME or ("tree" in ref and "config" in ref):
        return ref
    return read_bytes(Path(ref)).decode("utf-8", "surrogateescape")


def _date(published: Published) -> str | None:
    return None if published.report is None else published.report.as_of
