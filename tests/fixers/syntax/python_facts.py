"""Python code lowered for a test, and a table of cases read from text."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from fixers.source import Language, Source
from fixers.syntax.python import lower

if TYPE_CHECKING:
    from fixers.facts import FileFacts


def facts_of(code: str | bytes) -> FileFacts:
    """The facts of a file with this code, which may be indented as a whole."""
    data = code if isinstance(code, bytes) else dedent(code).encode()
    return lower(Source("m.py", data, Language.PYTHON))
