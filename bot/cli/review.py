"""`stanch review`: rehearse a pull request on a local repository."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cache import open_cache
from bot.cli import options
from bot.cli.console import progress, remark, write_result
from bot.cli.judging import exit_code
from bot.cli.scanning import day
from bot.gate import FailOn
from bot.git import Repository, printable
from bot.review import rehearse
from bot.trees import GitTree
from bot.workspace import configuration_of

app = typer.Typer(rich_markup_mode=None)


@app.command()
def review(
    base: Annotated[
        str | None,
        typer.Option("--base", metavar="REV", help="What to merge into. [default: the default branch]"),
    ] = None,
    head: Annotated[str, typer.Option("--head", metavar="REV", help="What to merge.")] = "HEAD",
    output: Annotated[
        Path, typer.Option("--output", metavar="DIR", help="The folder for what would be published.")
    ] = Path("out"),
    fail_on: options.FailOn = "leak",
    as_of: options.AsOf = None,
    no_cache: options.NoCache = False,
    quiet: options.Quiet = False,
    strict: options.Strict = False,
) -> int:
    """Rehearse a pull request: what would be published is written below --output, and nothing is sent.

    The comments are printed. The repository is only read; branches with fixes are made in a clone below --output.
    Exit codes: as for scan.
    """
    today = day(as_of)
    repository = Repository.open(Path.cwd())
    commit = repository.resolve(head)
    found = repository.merge_base(base if base is not None else repository.default_branch(), commit)
    with GitTree(repository, found) as tree:
        confidence = configuration_of(tree)[0].scan.confidence
    cache = None if no_cache else open_cache(repository.git_dir, repository.work_tree)
    with progress("Scanning", quiet=quiet) as bar:
        rehearsed = rehearse(repository, found, commit, output, today=today, cache=cache, progress=bar)
    if cache is not None:
        cache.save()
    write_result(rehearsed.as_read())
    remark([f"what would be published lies in {printable(output)}."], quiet=quiet)
    return exit_code(rehearsed.report, FailOn(fail_on), confidence, strict=strict)
