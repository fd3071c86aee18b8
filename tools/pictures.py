"""`python -m tools.pictures [FOLDER]`: the pictures of what is published, made anew from a part of the example."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from bot.decisions.fix_groups import group_of
from bot.decisions.fixing_new import Waiting, Why
from bot.decisions.fixing_state import FixRecord, Outcomes, Purpose, Standing
from bot.decisions.onboarding import onboarding_body
from bot.decisions.tracking_body import tracking_body
from bot.decisions.tracking_issue import TrackingState
from bot.example_repository import EXAMPLES, build, example_names
from bot.git import Repository
from bot.judged import Grouping
from bot.judging import Terms, judge_tree
from bot.review import rehearse
from tools.preview.page import check_page, page_of
from tools.preview.picture import PreviewError, save_picture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.judged import Judged

FOLDER: Final = Path(__file__).parent.parent / "docs" / "images"
WIDTH: Final = 860
"""As wide as a README on GitHub, so that the text is shown in its own size."""
ADDRESS: Final = "https://github.com/acme/chat"
NUMBER: Final = 41
CHANGES: Final = ("chat-server.branch/src/hub.js", "collector.branch/collector/settings.py")
"""A leak in each language; all that the example's pull request brings would fill three screens."""


def pages() -> Iterator[tuple[str, str]]:
    """Each picture's name, and the page that it is of.

    Raises:
        GitError: git is not installed, or fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        repository, base, head = _example(scratch)
        review = rehearse(repository, base, head, scratch / "out", today=date.min)
        whole = build(scratch / "whole")
        tree = _judged(Repository.open(whole.path), whole.head)
    yield "comment", page_of(review.comment or "")
    # The one that can be applied by a click, if there is one.
    yield "inline", page_of(max(review.inline, key=lambda item: "```suggestion" in item.body).body)
    yield "check", check_page(review.check)
    yield "fix", page_of(max((branch.body for branch in review.branches), key=lambda body: "settings.py" in body))
    yield "onboarding", page_of(onboarding_body(tree, [group_of(tree, written) for written in tree.groups], ADDRESS))
    yield "tracking", page_of(tracking_body(_tracked(tree)))


def _example(scratch: Path) -> tuple[Repository, str, str]:
    """A repository with a part of the example's changes, and its base and head."""
    for program in example_names():
        shutil.copytree(EXAMPLES / program, scratch / "examples" / program)
    for change in CHANGES:
        target = scratch / "examples" / change
        target.parent.mkdir(parents=True)
        shutil.copy(EXAMPLES / change, target)
    example = build(scratch / "repository", examples=scratch / "examples")
    repository = Repository.open(example.path)
    return repository, repository.resolve(example.base), repository.resolve(example.head)


def _judged(repository: Repository, head: str) -> Judged:
    """All of the example, as the App would see it on a default branch."""
    terms = Terms(today=date.min, groups=Grouping())
    return msgspec.structs.replace(judge_tree(repository, repository.resolve(head), terms), is_configured=True)


def _tracked(tree: Judged) -> TrackingState:
    """A repository in which some fixes are open, one is refused, and the rest waits."""
    groups = [group_of(tree, written) for written in tree.groups]
    standings = (Standing.OPEN, Standing.OPEN, Standing.LEFT, Standing.REFUSED)
    records = tuple(
        FixRecord(
            branch=group.branch("stanch/"),
            purpose=Purpose.FIX,
            rule=group.rule,
            package=group.package,
            fingerprints=tuple(finding.fingerprint for finding in group.findings),
            number=NUMBER + at,
            standing=standing,
        )
        for at, (group, standing) in enumerate(zip(groups, standings, strict=False))
    )
    rest = groups[len(standings) :]
    return TrackingState(
        permissions={"issues": "write", "contents": "write", "pull_requests": "write"},
        judged=tree,
        records=records,
        waiting=tuple(Waiting(group, Why.LIMIT if at else Why.DEMOTED) for at, group in enumerate(rest)),
        outcomes={groups[0].rule: Outcomes(merged=2), rest[0].rule: Outcomes(merged=1, refused=3, ignored=1)},
        html_url=ADDRESS,
    )


def main(arguments: list[str] | None = None) -> int:
    """Write the pictures; 2 with a sentence on stderr where there is no Chromium."""
    parser = argparse.ArgumentParser(prog="python -m tools.pictures", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER, help="where (default: docs/images)")
    folder: Path = parser.parse_args(arguments).folder
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for name, page in pages():
            save_picture(page, folder / f"{name}.png", width=WIDTH, scale=1)
    except PreviewError as error:
        print(f"No picture: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
