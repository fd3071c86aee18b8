"""The pull requests that fix leaks of the default branch: which are refreshed, closed and opened. Pure.

What others did to those that are there is settled before (`bot.decisions.fixing_standing`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import msgspec

from bot.decisions.fix_actions import CloseFix, DeleteFixBranch, RefreshFix, SettleFix, VerifyFix
from bot.decisions.fix_bodies import commit_message
from bot.decisions.fix_groups import FixGroup
from bot.decisions.fixing_new import Opening, decide_new, open_group, open_onboarding
from bot.decisions.fixing_state import Purpose, Standing, may_write_fixes
from bot.judged import WrittenGroup
from bot.reports.wording import CUT_SHORT_CODES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.decisions.fix_actions import FixAction
    from bot.decisions.fixing_new import Waiting
    from bot.decisions.fixing_state import FixingState, FixRecord, Seen, SeenPull
    from bot.judged import Judged, WrittenFixes
    from fixers.findings import Finding

GONE: Final = (
    "What this fixes is not found on the default branch any more: it was fixed elsewhere, was accepted, or its code "
    "is gone. So this pull request is closed; it counts as no refusal."
)
NO_FIX: Final = (
    "The code around this fix has changed, and it cannot be written safely any more. So this pull request is closed; "
    "it counts as no refusal."
)
CONFIGURED: Final = "The default branch has a configuration now, so this pull request is not needed any more."
NOT_NEEDED: Final = "The pull request that this one is for is closed, so it is not needed any more."
GIVEN_UP: Final = timedelta(days=1)
"""After so long nobody goes on with what was asked for in a pull request."""


@dataclass(frozen=True)
class FixPlan:
    """What is done now, which groups wait and why, and when one of them may be opened (None: not by time alone)."""

    actions: tuple[FixAction, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    next_in: timedelta | None = None


def to_rewrite(state: FixingState) -> dict[str, frozenset[str]]:
    """The records whose fixes are to be written anew on the commit that was judged, with the ids of the findings.

    They are those that were being opened when a run ended, and those that have conflicts.
    """
    if not may_write_fixes(state.permissions):
        return {}
    found = {}
    for item in state.seen:
        ids = frozenset(finding.id for finding in _left(item.record, state.judged))
        if ids and item.record.purpose is Purpose.FIX and (_is_begun(item) or _has_conflicts(item)):
            found[item.record.branch] = ids
    return found


def decide_fixes(state: FixingState) -> FixPlan:
    """What is to be done, given what was found."""
    actions = [action for item in state.seen for action in _about(state, item)]
    new = decide_new(state)
    return FixPlan((*actions, *new.actions), new.waiting, new.next_in)


def _is_begun(item: Seen) -> bool:
    return item.record.standing is Standing.WANTED


def _has_conflicts(item: Seen) -> bool:
    return item.record.standing is Standing.OPEN and item.pull is not None and item.pull.has_conflicts is True


def _about(state: FixingState, item: Seen) -> Iterator[FixAction]:
    record, pull = item.record, item.pull
    if _is_to_be_verified(record) and not _is_unseen(record, state.judged):
        yield VerifyFix(record, not _left(record, state.judged))
    if not may_write_fixes(state.permissions) or (pull is not None and not pull.is_open):
        return
    if record.standing is Standing.OPEN and pull is not None:
        yield from _open(state, record, pull)
    elif record.standing is Standing.WANTED:
        yield from _begun(state, record, pull)


def _is_to_be_verified(record: FixRecord) -> bool:
    return record.standing is Standing.MERGED and record.purpose is Purpose.FIX and record.is_verified is None


def _open(state: FixingState, record: FixRecord, pull: SeenPull) -> Iterator[FixAction]:
    why = _why_obsolete(state.judged, record, pull)
    if why:
        yield CloseFix(record, why)
    elif pull.has_conflicts and record.branch in state.rewritten:
        written = state.rewritten[record.branch]
        if written is None:
            yield CloseFix(record, NO_FIX)
        else:
            group = _group(record, state.judged, written)
            message = commit_message(state.judged, written, group.title())
            yield RefreshFix(record, state.judged.head, message, written.files)


def _begun(state: FixingState, record: FixRecord, pull: SeenPull | None) -> Iterator[FixAction]:
    """What a run before this one began to open, and did not get to the end of."""
    why = _why_obsolete(state.judged, record, pull)
    written = state.rewritten.get(record.branch)
    if record.purpose is Purpose.STACKED:
        # Whoever was asked for it goes on with it, unless he was given up.
        if pull is None and record.updated_at is not None and state.now - record.updated_at > GIVEN_UP:
            yield from _forgotten(record)
    elif not why and record.purpose is Purpose.ONBOARDING:
        yield open_onboarding(state, record)
    elif not why and written is not None:
        group = _group(record, state.judged, written)
        yield open_group(state, Opening(group, _as_written_group(group, written), record))
    elif why or record.branch in state.rewritten:
        yield from _forgotten(record) if pull is None else (CloseFix(record, why or NO_FIX),)


def _forgotten(record: FixRecord) -> Iterator[FixAction]:
    """What never became a pull request."""
    yield DeleteFixBranch(record)
    yield SettleFix(record, Standing.OBSOLETE)


def _why_obsolete(judged: Judged, record: FixRecord, pull: SeenPull | None) -> str:
    match record.purpose:
        case Purpose.ONBOARDING:
            return CONFIGURED if judged.is_configured else ""
        case Purpose.STACKED:
            return NOT_NEEDED if pull is not None and not pull.is_needed else ""
        case Purpose.FIX:
            return "" if _left(record, judged) or _is_unseen(record, judged) else GONE


def _left(record: FixRecord, judged: Judged) -> list[Finding]:
    """What the record fixes, as far as it is still found. A copy of it in another package is another's."""
    inside = f"{record.package}/" if record.package else ""
    return [
        finding
        for finding in judged.report.findings
        if finding.fingerprint in record.fingerprints and finding.suppressed is None and finding.path.startswith(inside)
    ]


def _is_unseen(record: FixRecord, judged: Judged) -> bool:
    """Whether the scan has not looked where the leaks are, so that finding none says nothing."""
    skipped = judged.report.skipped
    return any(entry.code in CUT_SHORT_CODES or entry.path in record.paths for entry in skipped)


def _group(record: FixRecord, judged: Judged, written: WrittenFixes) -> FixGroup:
    by_id = {finding.id: finding for finding in judged.report.findings}
    return FixGroup(record.rule, record.package, tuple(by_id[key] for key in written.findings))


def _as_written_group(group: FixGroup, written: WrittenFixes) -> WrittenGroup:
    fields = msgspec.structs.asdict(written)
    return WrittenGroup(rule=group.rule, package=group.package.encode("utf-8", "surrogateescape"), part=0, **fields)
