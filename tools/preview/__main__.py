"""`python -m tools.preview comment.md out.png [--dark] [--width N] [--open]`: a Markdown file as a picture."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.preview.page import page_of
from tools.preview.picture import PreviewError, save_picture


def main(arguments: list[str] | None = None) -> int:
    """Write the picture; 2 with a sentence on stderr where something is missing."""
    parser = argparse.ArgumentParser(prog="python -m tools.preview", description=__doc__)
    parser.add_argument("markdown", type=Path, help="the Markdown file")
    parser.add_argument("picture", type=Path, help="the PNG file to write")
    parser.add_argument("--dark", action="store_true", help="GitHub's dark colours")
    parser.add_argument("--width", type=int, default=860, help="width of the page in pixels (default 860)")
    parser.add_argument("--open", action="store_true", help="show folded parts unfolded")
    options = parser.parse_args(arguments)
    try:
        page = page_of(options.markdown.read_text(encoding="utf-8"), dark=options.dark, unfold=options.open)
        save_picture(page, options.picture, width=options.width)
    except (OSError, PreviewError) as error:
        print(f"No picture: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
