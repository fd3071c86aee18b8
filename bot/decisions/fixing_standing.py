"""What became of pull requests that fix: merged, refused, taken over by somebody, or opened again. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.decisions.fix_actions import DeleteFixBranch, LeaveFix, SettleFix
from bot.decisions.fixing_state import UNSETTLED, Purpose, Standing, may_write_fixes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bot.decisions.fix_actions import FixAction
    from bot.decisions.fixing_state import FixRecord, Seen, SeenPull

LEFT_NOTE: Final = (
    "Somebody else has changed this branch, so Stanch leaves this pull request alone from now on: it will not be "
    "refreshed or closed by Stanch."
)


def decide_standing(seen: Iterable[Seen], permissions: Mapping[str, str]) -> tuple[FixAction, ...]:
    """What is to be remembered of what others did, before anything else is decided.

    Args:
        seen: all records, and what GitHub says of them.
        permissions: what the installation grants.
    """
    may_write = may_write_fixes(permissions)
    return tuple(action for item in seen for action in _standing(item.record, item.pull, may_write))


def _standing(record: FixRecord, pull: SeenPull | None, may_write: bool) -> Iterator[FixAction]:
    if record.standing not in UNSETTLED:
        if pull is not None and pull.is_open:
            # What we had closed, somebody wants after all; it would be closed again.
            again = Standing.OPEN if record.standing in {Standing.REFUSED, Standing.LAPSED} else Standing.LEFT
            yield SettleFix(record, again)
        elif may_write and record.heads and not record.is_tidied:
            yield DeleteFixBranch(record)
    elif pull is None:
        return
    elif pull.is_open:
        if record.standing is not Standing.LEFT and record.heads and pull.head not in record.heads:
            # Whoever is asked for a configuration is meant to change it.
            yield LeaveFix(record, "" if record.purpose is Purpose.ONBOARDING else LEFT_NOTE)
    else:
        if may_write and record.standing is not Standing.LEFT:
            yield DeleteFixBranch(record)
        yield SettleFix(record, _ended(pull))


def _ended(pull: SeenPull) -> Standing:
    if pull.is_merged:
        return Standing.MERGED
    if pull.closed_by_us or not pull.is_needed:
        return Standing.OBSOLETE
    return Standing.LAPSED if pull.closed_by_bot else Standing.REFUSED
