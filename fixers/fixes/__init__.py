"""How the missing release is written. A fix is decided here from the facts; its text is written when asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixers.fixes import javascript, python
from fixers.fixes.model import NO_PROPOSAL, Proposal

if TYPE_CHECKING:
    from fixers.leaks import Leak
    from fixers.lifetimes import Judge
    from fixers.source import Source


def proposal(leak: Leak, judge: Judge, source: Source) -> Proposal:
    """What would mend a leak: safe, suggested, or nothing. Cheap: no text is written, and LibCST is not loaded."""
    if source.language.is_python:
        return python.propose(leak, judge, source)
    return javascript.propose(leak, judge, source)


__all__ = ["NO_PROPOSAL", "Proposal", "proposal"]
