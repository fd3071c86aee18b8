"""tree-sitter trees -> facts, one package a language."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fixers.facts import FileFacts
    from fixers.source import Source


def lower(source: Source) -> FileFacts:
    """The facts of a file. Never raises on any bytes; what could not be lowered is in `skipped`."""
    if source.language.is_python:
        from fixers.syntax import python

        return python.lower(source)
    from fixers.syntax import javascript

    return javascript.lower(source)
