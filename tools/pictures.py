"""`python -m tools.pictures [FOLDER]`: the pictures in docs/images, made anew from a rehearsal."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Final

from bot.example_repository import EXAMPLES, build, example_names
from bot.git import Repository
from bot.review import rehearse
from tools.preview.page import page_of
from tools.preview.picture import PreviewError, save_picture

FOLDER: Final = Path(__file__).parent.parent / "docs" / "images"
WIDTH: Final = 860
"""As wide as a README on GitHub, so that the text is shown in its own size."""
CHANGES: Final = ("chat-server.branch/src/hub.js", "collector.branch/collector/settings.py")
"""A leak in each language; all that the example's pull request brings would fill three screens."""


def comment() -> str:
    """The comment on a pull request with a part of the example's changes, as Markdown.

    Raises:
        GitError: git is not installed, or fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        for program in example_names():
            shutil.copytree(EXAMPLES / program, scratch / "examples" / program)
        for change in CHANGES:
            target = scratch / "examples" / change
            target.parent.mkdir(parents=True)
            shutil.copy(EXAMPLES / change, target)
        example = build(scratch / "repository", examples=scratch / "examples")
        repository = Repository.open(example.path)
        base, head = (repository.resolve(name) for name in (example.base, example.head))
        review = rehearse(repository, base, head, scratch / "out", today=date.min)
    return review.comment or ""


def main(arguments: list[str] | None = None) -> int:
    """Write the pictures; 2 with a sentence on stderr where there is no Chromium."""
    parser = argparse.ArgumentParser(prog="python -m tools.pictures", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER, help="where (default: docs/images)")
    folder: Path = parser.parse_args(arguments).folder
    folder.mkdir(parents=True, exist_ok=True)
    try:
        save_picture(page_of(comment()), folder / "comment.png", width=WIDTH, scale=1)
    except PreviewError as error:
        print(f"No picture: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
