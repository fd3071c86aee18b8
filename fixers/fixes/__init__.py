"""How the missing release is written. A fix is decided here from the facts; its text is written when asked for."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from fixers.findings import FixKind
from fixers.fixes.model import NO_PROPOSAL, Proposal

if TYPE_CHECKING:
    from fixers.leaks import Leak
    from fixers.lifetimes import Judge
    from fixers.source import Source


_LANGUAGES = frozenset(info.name for info in pkgutil.iter_modules(__path__) if info.ispkg)
"""The languages that have fixes: a package for each, named as its `Tables`."""
_MAX_LINE_BYTES: Final = 1_000
_BUILT: Final = "its line is so long that it was hardly written by a person: it belongs where the file is made from"


def proposal(leak: Leak, judge: Judge, source: Source) -> Proposal:
    """What would mend a leak: safe, suggested, or nothing. Cheap: no text is written, and LibCST is not loaded."""
    if source.language.tables not in _LANGUAGES:
        return NO_PROPOSAL
    language = importlib.import_module(f"{__name__}.{source.language.tables}")
    found: Proposal = language.propose(leak, judge, source)
    if found.kind is FixKind.SAFE and _line_bytes(source, leak.acquisition.span.start) > _MAX_LINE_BYTES:
        return replace(found, kind=FixKind.SUGGESTED, why=_BUILT)
    return found


def _line_bytes(source: Source, offset: int) -> int:
    """How long the line of a byte is."""
    end = source.data.find(b"\n", offset)
    return (len(source.data) if end < 0 else end) - source.data.rfind(b"\n", 0, offset) - 1


__all__ = ["NO_PROPOSAL", "Proposal", "proposal"]
