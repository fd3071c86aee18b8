"""Which pull requests that fix are opened next, and why the others wait. Pure.

Nothing is opened before somebody has merged a configuration, and then only a few at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from bot.config import CONFIG_PATH
from bot.decisions.codeowners import owners_of
from bot.decisions.fix_actions import OpenFix
from bot.decisions.fix_bodies import commit_message, fix_body
from bot.decisions.fix_groups import group_of
from bot.decisions.fixing_state import UNSETTLED, FixRecord, Outcomes, Purpose, Standing, may_write_fixes
from bot.decisions.onboarding import onboarding_body, onboarding_file
from bot.judged import PatchedFile
from bot.reports.paths import printable_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from bot.decisions.fix_actions import FixAction
    from bot.decisions.fix_groups import FixGroup
    from bot.decisions.fixing_state import FixingState
    from bot.judged import Judged, WrittenFixes, WrittenGroup

ONBOARDING_BRANCH: Final = "configure"
ONBOARDING_TITLE: Final = "Configure Stanch"
HOUR: Final = timedelta(hours=1)
MAX_REVIEWERS: Final = 15
"""GitHub takes no more (docs.github.com, "Requesting a pull request review")."""
_WORKFLOWS: Final = b".github/workflows/"
_NO_OUTCOMES: Final = Outcomes()


class Why(StrEnum):
    """Why a group waits."""

    LIMIT = "limit"
    """As many pull requests are open as may be."""
    HOUR = "hour"
    """As many were opened in the last hour as may be."""
    LARGE = "large"
    """It changes many lines, so that somebody has to ask for it."""
    DEMOTED = "demoted"
    """Fixes of its rule were refused too often; somebody has to ask for it."""
    BACK = "back"
    """It was fixed before and is back; somebody has to ask for it."""
    LAPSED = "lapsed"
    """A bot has closed its pull request; somebody has to ask for it."""


@dataclass(frozen=True)
class Waiting:
    """A group that is not opened now."""

    group: FixGroup
    why: Why


@dataclass(frozen=True)
class Opening:
    """A group, what was written of it, and the record of its pull request."""

    group: FixGroup
    written: WrittenGroup
    record: FixRecord


@dataclass(frozen=True)
class New:
    """What is opened, what waits, and when one of those may be opened (None: not by time alone)."""

    actions: tuple[FixAction, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    next_in: timedelta | None = None


def decide_new(state: FixingState) -> New:
    """What is opened next.

    Whoever may write and asks for a group has it opened although it is large, its rule is demoted or the hour's share
    is used up; how many may be open holds for everybody.
    """
    judged = state.judged
    if not may_write_fixes(state.permissions) or judged.faults or not judged.config.fix.enabled:
        return New()
    if not judged.is_configured:
        return New(tuple(_onboarding(state)))
    return _groups(state)


def open_onboarding(state: FixingState, record: FixRecord) -> OpenFix:
    """The pull request that asks for consent."""
    fix = state.judged.config.fix
    groups = [group for group, _ in _candidates(state)]
    return OpenFix(
        record=record,
        parent=state.judged.head,
        base=state.branch.name,
        title=ONBOARDING_TITLE,
        message=f"{ONBOARDING_TITLE}\n",
        body=onboarding_body(state.judged, groups, state.html_url),
        files=(PatchedFile(CONFIG_PATH.encode(), onboarding_file()),),
        labels=fix.labels,
        reviewers=_reviewers(state.judged, record),
    )


def open_group(state: FixingState, opening: Opening) -> OpenFix:
    """The pull request of a group."""
    judged, group, written = state.judged, opening.group, opening.written
    fix = judged.config.fix
    blob_url = f"{state.html_url}/blob/{judged.head}" if state.html_url else ""
    record = replace(
        opening.record,
        fingerprints=tuple(dict.fromkeys(finding.fingerprint for finding in group.findings)),
        paths=paths_of(written),
    )
    return OpenFix(
        record=record,
        parent=judged.head,
        base=state.branch.name,
        title=group.title(),
        message=commit_message(judged, written, group.title()),
        body=fix_body(group, judged, written, blob_url=blob_url),
        files=written.files,
        labels=fix.labels,
        reviewers=_reviewers(judged, record),
        draft=fix.draft,
    )


def may_be_sent(written: WrittenFixes) -> bool:
    """Whether GitHub's API can take the files.

    What lies below `.github/workflows/` needs a permission that we never ask for; a path that is not UTF-8 cannot be
    written in JSON.
    """
    return not any(file.path.startswith(_WORKFLOWS) or not _is_utf8(file.path) for file in written.files)


def paths_of(written: WrittenFixes) -> tuple[str, ...]:
    """The files that are changed, as they are printed."""
    return tuple(printable_path(file.path.decode("utf-8", "surrogateescape")) for file in written.files)


def _is_utf8(path: bytes) -> bool:
    try:
        path.decode()
    except UnicodeDecodeError:
        return False
    return True


def _reviewers(judged: Judged, record: FixRecord) -> tuple[str, ...]:
    configured = judged.config.fix.reviewers
    return (configured or owners_of(judged.codeowners, record.paths))[:MAX_REVIEWERS]


def _onboarding(state: FixingState) -> Iterator[OpenFix]:
    """Asked for once and for ever, and only where there is something to consent to."""
    asked_before = any(item.record.purpose is Purpose.ONBOARDING for item in state.seen)
    if not asked_before and _candidates(state):
        branch = f"{state.judged.config.fix.branch_prefix}{ONBOARDING_BRANCH}"
        record = FixRecord(branch=branch, purpose=Purpose.ONBOARDING, paths=(CONFIG_PATH,))
        yield open_onboarding(state, record)


def _candidates(state: FixingState) -> list[tuple[FixGroup, WrittenGroup]]:
    """The groups that may be opened one day, in the order in which they are: what leaks first, then what is small; the
    parts of what one of them would be too large for stay together.
    """
    busy = {key for item in state.seen if item.record.standing in UNSETTLED for key in item.record.fingerprints}
    left_alone = busy | state.refused
    found = [(group_of(state.judged, written), written) for written in state.judged.groups if may_be_sent(written)]
    free = [pair for pair in found if not any(finding.fingerprint in left_alone for finding in pair[0].findings)]
    ranks: dict[tuple[str, str], tuple[int, int]] = {}
    for group, written in free:
        rank = min(finding.severity.rank for finding in group.findings), written.changed_lines
        ranks[group.rule, group.package] = min(rank, ranks.get((group.rule, group.package), rank))

    def order(pair: tuple[FixGroup, WrittenGroup]) -> tuple[tuple[int, int], str, str, int]:
        group, _ = pair
        return ranks[group.rule, group.package], group.rule, group.package, group.part

    return sorted(free, key=order)


def _groups(state: FixingState) -> New:
    fix = state.judged.config.fix
    unsettled = [item.record for item in state.seen if item.record.standing in UNSETTLED]
    room = fix.max_open - sum(record.purpose is Purpose.FIX for record in unsettled)
    recent = sorted(record.opened_at for record in _opened_within(state, HOUR) if record.opened_at is not None)
    share = fix.per_hour - len(recent)
    taken = {item.record.branch for item in state.seen}
    actions: list[FixAction] = []
    waiting = []
    pairs = _candidates(state)
    for group, written in sorted(pairs, key=lambda pair: _asked_by(state, pair[0]) is None):
        why = _why_not(state, group, room, share)
        if why is not None:
            waiting.append(Waiting(group, why))
            continue
        branch = group.branch(fix.branch_prefix, taken)
        record = FixRecord(
            branch=branch,
            purpose=Purpose.FIX,
            rule=group.rule,
            package=printable_path(group.package),
            requested_by=_asked_by(state, group),
        )
        actions.append(open_group(state, Opening(group, written, record)))
        taken.add(branch)
        room, share = room - 1, share - 1
    return New(tuple(actions), tuple(waiting), _next_in(state, waiting, recent, len(actions)))


def _why_not(state: FixingState, group: FixGroup, room: int, share: int) -> Why | None:
    is_asked = _asked_by(state, group) is not None
    if not is_asked and group.is_large:
        return Why.LARGE
    if not is_asked and state.outcomes.get(group.rule, _NO_OUTCOMES).is_demoted:
        return Why.DEMOTED
    if not is_asked and _stood(state, group, Standing.MERGED):
        return Why.BACK
    if not is_asked and _stood(state, group, Standing.LAPSED):
        return Why.LAPSED
    if room <= 0:
        return Why.LIMIT
    return Why.HOUR if not is_asked and share <= 0 else None


def _asked_by(state: FixingState, group: FixGroup) -> str | None:
    return next((state.asked[item.fingerprint] for item in group.findings if item.fingerprint in state.asked), None)


def _stood(state: FixingState, group: FixGroup, standing: Standing) -> bool:
    """Whether a pull request with any of a group's fixes has ended so."""
    fingerprints = {finding.fingerprint for finding in group.findings}
    return any(
        item.record.standing is standing
        and item.record.package == printable_path(group.package)
        and not fingerprints.isdisjoint(item.record.fingerprints)
        for item in state.seen
    )


def _opened_within(state: FixingState, time: timedelta) -> list[FixRecord]:
    records = [item.record for item in state.seen if item.record.purpose is Purpose.FIX]
    return [record for record in records if record.opened_at is not None and state.now - record.opened_at < time]


def _next_in(
    state: FixingState, waiting: Sequence[Waiting], recent: Sequence[datetime], opened: int
) -> timedelta | None:
    """When the next one may be opened: an hour after the first of those that use up the share now."""
    share = state.judged.config.fix.per_hour
    if not share or not any(item.why is Why.HOUR for item in waiting):
        return None
    times = [*recent, *[state.now] * opened]
    return times[-share] + HOUR - state.now
