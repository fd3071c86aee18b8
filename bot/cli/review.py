"""`stanch review`: rehearse a pull request on a local repository."""

from __future__ import annotations

from pathlib import Path

import click

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


@click.command()
@click.option("--base", metavar="REV", help="What to merge into. [default: the default branch]")
@click.option("--head", metavar="REV", default="HEAD", help="What to merge.")
@click.option(
    "--output",
    type=options.FILE,
    metavar="DIR",
    default=Path("out"),
    help="The folder for what would be published.",
)
@options.fail_on
@options.as_of
@options.no_cache
@options.quiet
@options.strict
def review(
    base: str | None,
    head: str,
    output: Path,
    fail_on: options.FailOnChoice,
    as_of: str | None,
    no_cache: bool,
    quiet: bool,
    strict: bool,
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
