"""The lines of code that a report shows, and in which language."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.reports.wording import shorten
from fixers.source import language_of

if TYPE_CHECKING:
    from fixers.findings import Finding

# (path, 1-based line) -> the line without its ending, or None where it is not at hand.
ReadLine = Callable[[str, int], str | None]

MAX_LINES = 3
MAX_COLUMNS = 160


def no_lines(_path: str, _line: int) -> None:
    """A `ReadLine` for when no source is at hand."""


def excerpt(finding: Finding, read_line: ReadLine) -> str:
    """The one to three lines that acquire, without their common indentation; empty when they are not at hand."""
    last = min(finding.end_line, finding.line + MAX_LINES - 1)
    lines = [read_line(finding.path, line) for line in range(finding.line, last + 1)]
    known = [shorten(line.rstrip(), MAX_COLUMNS) for line in lines if line is not None]
    margin = min((len(line) - len(line.lstrip()) for line in known if line), default=0)
    return "\n".join(line[margin:] for line in known)


def fence_language(path: str) -> str:
    """The info string of a fenced block with code of this file; empty when the language is unknown."""
    language = language_of(path)
    return language.value if language else ""
