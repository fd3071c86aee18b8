"""`python -m tools.release TAG`: refuse a tag that is not this version's, or print the notes of the release.

The release workflow runs it before anything is built, with Python alone. What it prints is the version's section of
CHANGELOG.md.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
# Semantic Versioning 2.0.0, without build metadata; a tag is this with a `v` before it.
_VERSION: Final = re.compile(r"\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?")
_HEADING: Final = re.compile(r"^## \[(?P<version>[^]]+)\](?: - (?P<date>.+))?$", re.MULTILINE)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


class ReleaseError(Exception):
    """This cannot be released; the message says why and what to do."""


def version(root: Path = ROOT) -> str:
    """The version, which is a literal in pyproject.toml.

    Raises:
        ReleaseError: it is none there.
    """
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = project.get("version")
    if not isinstance(found, str) or not _VERSION.fullmatch(found):
        raise ReleaseError(f'pyproject.toml: `version` is {found!r}; write a literal such as "1.2.3".')
    return found


def release_notes(tag: str, root: Path = ROOT) -> str:
    """What CHANGELOG.md says of the version that a tag names.

    Args:
        tag: the tag, `v` and the version.
        root: the folder with pyproject.toml and CHANGELOG.md.

    Raises:
        ReleaseError: the tag is not that of the version in pyproject.toml, or its section is missing, without a date
            or empty.
    """
    here = version(root)
    if tag != f"v{here}":
        raise ReleaseError(
            f"The tag {tag!r} is not `v{here}`, the version in pyproject.toml; delete it, or change one."
        )
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = list(_HEADING.finditer(text))
    for heading, following in zip(headings, [*headings[1:], None], strict=True):
        if heading["version"] == here:
            if not _DATE.fullmatch(heading["date"] or ""):
                raise ReleaseError(
                    f"CHANGELOG.md: [{here}] has the date {heading['date']!r}; write the day, as 2026-12-31."
                )
            notes = text[heading.end() : following.start() if following else None].strip()
            if not notes:
                break
            return f"{notes}\n"
    raise ReleaseError(f"CHANGELOG.md says nothing of [{here}]; write what changes for users.")


def main(arguments: list[str] | None = None) -> int:
    """Prints the notes; returns the exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    if len(words) != 1:
        print("usage: python -m tools.release TAG", file=sys.stderr)
        return 2
    try:
        print(release_notes(words[0]), end="")
    except ReleaseError as error:
        print(f"tools.release: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
