"""Bodies that GitHub takes: parts put together, and the longest left out where they are too much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

# GitHub refuses a body above 65,536 characters; what it adds when it stores one is not documented, hence the room.
BODY_LIMIT: Final = 60_000
TOO_LONG: Final = "(A part that is too long to be shown here is left out.)"


def assembled(parts: Iterable[str], limit: int = BODY_LIMIT) -> str:
    """The parts that are not empty as paragraphs, in at most `limit` characters.

    A part is never cut, because a cut could open a fence or a fold: the longest one gives way to a sentence.
    """
    kept = [part for part in parts if part]
    while sum(len(part) + 2 for part in kept) > limit and any(len(part) > len(TOO_LONG) for part in kept):
        kept = [part for part in kept if part != TOO_LONG]
        kept[kept.index(max(kept, key=len))] = TOO_LONG
    return "\n\n".join(kept) + "\n"
