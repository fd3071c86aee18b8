"""How the missing release is written. A fix is decided here from the facts; its text is written when asked for."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

from fixers.fixes.model import NO_PROPOSAL, Proposal

if TYPE_CHECKING:
    from fixers.leaks import Leak
    from fixers.lifetimes import Judge
    from fixers.source import Source


_LANGUAGES = frozenset(info.name for info in pkgutil.iter_modules(__path__) if info.ispkg)
"""The languages that have fixes: a package for each, named as its `Tables`."""


def proposal(leak: Leak, judge: Judge, source: Source) -> Proposal:
    """What would mend a leak: safe, suggested, or nothing. Cheap: no text is written, and LibCST is not loaded."""
    if source.language.tables not in _LANGUAGES:
        return NO_PROPOSAL
    language = importlib.import_module(f"{__name__}.{source.language.tables}")
    found: Proposal = language.propose(leak, judge, source)
    return found


__all__ = ["NO_PROPOSAL", "Proposal", "proposal"]
