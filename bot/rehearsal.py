"""`make run`: rehearses a pull request on the example, or on any git repository, and says where the results lie."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bot.branches import clone
from bot.cli.console import progress, remark, write_result
from bot.cli.faults import report_fault
from bot.example_repository import BASE, HEAD, build
from bot.git import Repository, printable
from bot.reports.wording import count
from bot.results import (
    BEFORE_AFTER,
    BODIES,
    BRANCHES,
    CHECK,
    CLONE,
    COMMENT,
    EXAMPLE,
    HTML,
    PUBLISHED,
    REPORT,
    REVIEW,
    SARIF,
    Results,
)
from bot.review import rehearse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.review import Review


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the rehearsal.

    Args:
        arguments: the command line; the process's own by default.

    Returns:
        0 when it was done; else what the command line gives for the fault, which has been said on stderr.
    """
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--repo", help="a path, or anything that `git clone` takes; the example by default")
    parser.add_argument("--base", help="the revision to compare with; the merge base with the default branch")
    parser.add_argument("--head", help="the revision to review; HEAD by default")
    parser.add_argument("--output", type=Path, default=Path("out"), help="where the results go")
    options = parser.parse_args(arguments)
    try:
        results = Results(options.output)
        results.check(PUBLISHED)
        repository = _example(results) if options.repo is None else _open(options.repo, results)
        base, head = options.base, options.head
        if options.repo is None:
            base, head = base or BASE, head or HEAD
        reviewed = _range(repository, base, head or "HEAD")
        remark([f"reviewing {printable(options.repo or 'the example')}: {reviewed}."])
        today = datetime.now(tz=UTC).date()
        with progress("Scanning") as bar:
            review = rehearse(repository, reviewed.base, reviewed.head, options.output, today=today, progress=bar)
        write_result("".join(f"{line}\n" for line in _summary(review, options.output)))
    except Exception as error:
        return report_fault(error)
    return 0


class _Range(NamedTuple):
    """What is reviewed; without a base the whole tree."""

    base: str | None
    head: str

    def __str__(self) -> str:
        return (
            "the whole tree, as if all of it were new" if self.base is None else f"{self.base[:12]}..{self.head[:12]}"
        )


def _range(repository: Repository, base: str | None, head: str) -> _Range:
    """From the merge base with a revision, or with the default branch; on that the whole tree.

    Raises:
        GitError: one of them is unknown, or they have no merge base here.
    """
    commit = repository.resolve(head)
    found = repository.merge_base(repository.default_branch() if base is None else base, commit)
    return _Range(None if base is None and found == commit else found, commit)


def _example(results: Results) -> Repository:
    return Repository.open(build(results.fresh(EXAMPLE)).path)


def _open(source: str, results: Results) -> Repository:
    """The repository around a folder, or a clone below the results."""
    folder = Path(source)
    return Repository.open(folder) if folder.is_dir() else clone(source, results.fresh(CLONE))


def _summary(review: Review, output: Path) -> Iterator[str]:
    yield review.as_read()
    totals = review.report.totals
    yield (
        f"{count(totals.files, 'file')}, {totals.parsed:,} parsed; {count(totals.introduced, 'finding')} introduced, "
        f"{totals.fixable:,} with a safe fix."
    )
    yield f"\nResults in {printable(output)}/:"
    rows = [
        (COMMENT, "the comment on the pull request", review.comment is not None),
        (CHECK, "the check run", True),
        (REVIEW, "the inline comments", True),
        (REPORT, "every finding, with trail and fix", True),
        (SARIF, "the same for code scanning", True),
        (HTML, "the same for a browser", True),
        (BEFORE_AFTER, "what the safe fixes change", True),
        (f"{BODIES}/", "the bodies of the pull requests that fix", bool(review.branches)),
        (BRANCHES, "a repository with their branches:", bool(review.branches)),
    ]
    yield from (f"  {name:16} {what}" for name, what, there in rows if there)
    yield from (f"    {branch.name}  {branch.title}" for branch in review.branches)


if __name__ == "__main__":
    sys.exit(main())
