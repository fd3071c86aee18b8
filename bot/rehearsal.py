"""`make run`: rehearses a pull request on the example, or on any git repository, and says where the results lie."""

from __future__ import annotations

import argparse
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.branches import clone
from bot.cli.console import progress
from bot.config import ConfigError
from bot.example_repository import build
from bot.git import GitError, Repository, printable
from bot.review import rehearse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.review import Review


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the rehearsal; 0 when it was done, 2 when it could not be.

    Args:
        arguments: the command line; the process's own by default.
    """
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--repo", help="a path, or anything that `git clone` takes; the example by default")
    parser.add_argument("--base", help="the revision to compare with; the merge base with the default branch")
    parser.add_argument("--head", help="the revision to review; HEAD by default")
    parser.add_argument("--output", type=Path, default=Path("out"), help="where the results go")
    options = parser.parse_args(arguments)
    try:
        review = _rehearse(options)
    except (GitError, ConfigError, OSError) as error:
        print(f"stanch: {error}", file=sys.stderr)
        return 2
    _tell(review, options.output)
    return 0


def _rehearse(options: argparse.Namespace) -> Review:
    output: Path = options.output
    output.mkdir(parents=True, exist_ok=True)
    base: str | None = options.base
    head: str = options.head or "HEAD"
    if options.repo is None:
        folder = output / "example"
        shutil.rmtree(folder, ignore_errors=True)
        example = build(folder)
        base, head = base or example.base, options.head or example.head
        repository = Repository.open(folder)
    else:
        repository = _open(options.repo, output)
    commit = repository.resolve(head)
    found = repository.merge_base(repository.resolve(base or repository.default_branch()), commit)
    whole = base is None and found == commit
    what = "the whole tree, as if all were new" if whole else f"{found[:12]}..{commit[:12]}"
    print(f"Reviewing {printable(options.repo or 'the example')}: {what}", file=sys.stderr)
    today = datetime.now(tz=UTC).date()
    with progress("Scanning") as bar:
        return rehearse(repository, None if whole else found, commit, output, today=today, progress=bar)


def _open(source: str, output: Path) -> Repository:
    """A path's repository, or a clone of an address below the results."""
    if Path(source).exists():
        return Repository.open(Path(source))
    target = output / "clone.git"
    shutil.rmtree(target, ignore_errors=True)
    clone(source, target)
    return Repository.open(target)


def _tell(review: Review, output: Path) -> None:
    print(review.comment or "Nothing to say: this change brings no leak.\n")
    totals = review.report.totals
    print(
        f"{totals.files} files, {totals.parsed} parsed, {totals.introduced} findings brought, {totals.fixable} fixable"
    )
    print(f"\nResults in {output}/:")
    rows = [
        ("comment.md", "the comment on the pull request", review.comment is not None),
        ("check.json", "the check run", True),
        ("review.json", "the inline comments", True),
        ("report.json", "every finding, with trail and fix", True),
        ("report.sarif", "the same for code scanning", True),
        ("report.html", "the same for a browser", True),
        ("before-after.md", "what the safe fixes change", True),
        ("fixes/", "the bodies of the pull requests that fix", bool(review.branches)),
        ("fixes.git", "a clone with their branches:", bool(review.branches)),
    ]
    for name, what, there in rows:
        if there:
            print(f"  {name:16} {what}")
    for branch in review.branches:
        print(f"    {branch.name}  {branch.title}")


if __name__ == "__main__":
    sys.exit(main())
