"""tree-sitter trees -> facts, one package a language, found by the name of its `Tables`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fixers.facts import FileFacts
    from fixers.source import Source


def lower(source: Source) -> FileFacts:
    """The facts of a file. Never raises on any bytes; what could not be lowered is in `skipped`."""
    language = importlib.import_module(f"{__name__}.{source.language.tables}")
    facts: FileFacts = language.lower(source)
    return facts
