"""How Python fixes are decided, from facts and the layout of the file; `writing` writes them with LibCST."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixers.findings import FixKind
from fixers.fixes.model import CannotFixError, Proposal
from fixers.fixes.python.decisions import decide

if TYPE_CHECKING:
    from fixers.findings import Edit
    from fixers.fixes.python.changes import Draft
    from fixers.leaks import Leak
    from fixers.lifetimes import Judge
    from fixers.source import Source


def propose(leak: Leak, judge: Judge, source: Source) -> Proposal:
    """What would mend a leak in Python. Cheap: LibCST is loaded when the fix is written, not before."""
    draft = decide(leak, judge, source)
    return Proposal(_kind(draft), draft.summary, draft.why, lambda: _written(draft, source))


def _kind(draft: Draft) -> FixKind:
    if draft.change is None:
        return FixKind.NONE
    return FixKind.SAFE if draft.why is None else FixKind.SUGGESTED


def _written(draft: Draft, source: Source) -> tuple[Edit, ...]:
    if draft.change is None:
        raise CannotFixError(f"There is no fix to write: {draft.why}")
    # A scan, which describes fixes without writing them, must not load LibCST.
    from fixers.fixes.python.writing import write  # noqa: PLC0415

    return write(draft.change, source)


__all__ = ["propose"]
