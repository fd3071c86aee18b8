"""The form of a fix before it is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fixers.findings import NO_FIX, Edit, Fix, FixKind


class CannotFixError(Exception):
    """While being written, a fix met something that its preconditions did not foresee; the sentence says what."""


@dataclass(frozen=True)
class Proposal:
    """A fix that can be written.

    Args:
        kind: safe, suggested or none, decided by preconditions over the facts.
        summary: what it does, in the imperative: `clear the interval in close()`.
        why: why it is not safe, or None.
        write: writes it: edits of the file in byte order, not overlapping. Raises CannotFixError.
    """

    kind: FixKind
    summary: str
    why: str | None
    write: Callable[[], tuple[Edit, ...]]

    def described(self) -> Fix:
        """The fix as `scan` reports it: without edits."""
        return Fix(kind=self.kind, summary=self.summary, why=self.why)


def _nothing() -> tuple[Edit, ...]:
    raise CannotFixError("there is no fix for this finding")


NO_PROPOSAL = Proposal(NO_FIX.kind, NO_FIX.summary, None, _nothing)
