"""`python -m tools.pictures [FOLDER]`: the pictures of what is published, made anew from a part of the example."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.example_repository import EXAMPLES, build, example_names
from bot.git import Repository
from bot.review import rehearse
from tools.preview.page import check_page, page_of
from tools.preview.picture import PreviewError, save_picture

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER: Final = Path(__file__).parent.parent / "docs" / "images"
WIDTH: Final = 860
"""As wide as a README on GitHub, so that the text is shown in its own size."""
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
    yield "comment", page_of(review.comment or "")
    # The one that can be applied by a click, if there is one.
    yield "inline", page_of(max(review.inline, key=lambda item: "```suggestion" in item.body).body)
    yield "check", check_page(review.check)


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
