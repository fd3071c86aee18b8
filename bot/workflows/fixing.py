"""The pull requests that fix the default branch: looked after, and the next ones opened, a few at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog

from bot import acting
from bot.acting import Actor, Cause, NotYetError
from bot.acting_fixes import FixActor
from bot.database import fix_pull_requests as ledger
from bot.database import installations
from bot.decisions.fixing import decide_fixes, to_rewrite
from bot.decisions.fixing_standing import decide_standing
from bot.decisions.fixing_state import UNSETTLED, FixingState, Purpose, Seen, SeenPull, Standing, may_write_fixes
from bot.decisions.state import Fault
from bot.decisions.tracking_issue import may_track
from bot.github.errors import NotFound
from bot.jobs.model import Drop
from bot.judged import Grouping
from bot.workflows.context import FIXING, guarded, workplace
from bot.workflows.judging import Ask, accepted_in, judge
from bot.workflows.lanes import submit_fixes
from bot.workflows.measuring import tell_measured
from bot.workflows.tracking import Tracking

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.decisions.fixing import FixPlan
    from bot.decisions.fixing_state import FixRecord
    from bot.github.models import PullRequest
    from bot.ignores import Ignores
    from bot.jobs.lease import Lease
    from bot.jobs.model import Job, Outcome
    from bot.judged import WrittenFixes
    from bot.workflows.context import Context, Workplace

UNKNOWN_YET: Final = timedelta(minutes=1)
"""How long after it was first asked GitHub is asked again whether a pull request has conflicts."""
_log = structlog.get_logger("stanch.fixing")


def fix_branch(context: Context, job: Job, lease: Lease) -> Outcome:
    """Looks after the pull requests that fix a repository. Arguments of the job: `repository`, `again`."""
    return guarded(lambda: _Fixing(context, job, lease).run())


class _Fixing:
    """One look at one repository."""

    def __init__(self, context: Context, job: Job, lease: Lease) -> None:
        self._context = context
        self._lease = lease
        self._repository_id = int(job.arguments["repository"] or 0)
        self._is_again = bool(job.arguments["again"])

    def run(self) -> Outcome | None:
        with self._context.database.begin() as connection:
            is_active = installations.is_active(connection, self._repository_id)
            records = ledger.records(connection, self._repository_id)
        if not is_active:
            return Drop("The repository is archived, or not ours to look after.")
        with workplace(self._context, self._repository_id, FIXING) as place:
            if records or _has_work(place):
                self._look_after(place, records)
        return None

    def _look_after(self, place: Workplace, records: list[FixRecord]) -> None:
        cause = Cause("schedule", "pull requests that fix")
        actor = Actor(place.github, place.app, self._context.database, self._lease, cause)
        fixes = FixActor(actor, place.github, self._context.database, self._lease)
        seen = tuple(self._seen(place, records))
        fixes.perform(decide_standing(seen, place.permissions))
        if not _has_work(place):
            return
        state = self._judged(place, seen)
        if state is None:
            return
        plan = decide_fixes(state)
        fixes.perform(plan.actions)
        if state.judged.config.profiles:
            tell_measured(self._context, place, actor, state.seen)
        Tracking(self._context, place, actor).keep(state, plan.waiting)
        self._come_again(state, plan)

    def _seen(self, place: Workplace, records: Sequence[FixRecord]) -> Iterator[Seen]:
        """What GitHub says of each; of those that are settled only whether somebody has opened them again."""
        if not records:
            return
        found = (pull for pull in place.github.open_pull_requests() if not pull.from_fork)
        listed = {pull.head.ref: pull for pull in found}
        for record in records:
            pull = listed.get(record.branch)
            if record.standing in UNSETTLED:
                yield self._seen_unsettled(place, record, pull)
            elif pull is not None and pull.number == record.number:
                yield Seen(record, _open_again(pull))
            else:
                yield Seen(record)

    def _seen_unsettled(self, place: Workplace, record: FixRecord, listed: PullRequest | None) -> Seen:
        number = record.number or self._number_of(place, record, listed)
        if number is None:
            return Seen(record)
        if record.number is None:
            with self._context.database.begin() as connection:
                ledger.opened(connection, self._repository_id, record.branch, number)
        try:
            pull = place.github.pull_request(number)
        except NotFound:
            return Seen(record)
        is_closed = not pull.is_open and not pull.is_merged
        closer = place.github.fixing().closed_by(number) if is_closed else None
        return Seen(
            replace(record, number=number),
            SeenPull(
                number=number,
                is_open=pull.is_open,
                is_merged=pull.is_merged,
                head=pull.head.sha,
                has_conflicts=None if pull.is_mergeable is None else not pull.is_mergeable,
                closed_by_us=closer is not None and closer.login == place.app.login,
                closed_by_bot=closer is not None and closer.is_bot,
                is_needed=record.stacked_on is None or place.github.pull_request(record.stacked_on).is_open,
            ),
        )

    def _number_of(self, place: Workplace, record: FixRecord, listed: PullRequest | None) -> int | None:
        """The number of what a run before this one was opening.

        Raises:
            NotYetError: GitHub's lists may not show it yet.
        """
        if listed is not None:
            return listed.number
        owner = place.github.full_name().partition("/")[0]
        pulls = place.github.fixing().pull_requests_of(owner, record.branch)
        number = next((pull.number for pull in pulls), None)
        if number is None and record.purpose is not Purpose.STACKED and record.updated_at is not None:
            with self._context.database.begin() as connection:
                age = ledger.now(connection) - record.updated_at
            if age < acting.SETTLING:
                raise NotYetError("GitHub's lists may not show yet what was opened last.", acting.SETTLING - age)
        return number

    def _judged(self, place: Workplace, seen: tuple[Seen, ...]) -> FixingState | None:
        """What was found on the default branch now; None where it could not be judged, which the check tells."""
        accepted = accepted_in(self._context.database, self._repository_id)
        with self._context.database.begin() as connection:
            records = {record.branch: record for record in ledger.records(connection, self._repository_id)}
            refused = ledger.refused(connection, self._repository_id)
            asked = ledger.asked(connection, self._repository_id)
            outcomes = ledger.outcomes(connection, self._repository_id)
            now = ledger.now(connection)
        branch = place.github.default_branch()
        busy = {key for record in records.values() if record.standing in UNSETTLED for key in record.fingerprints}
        ask = Ask(base=None, head=branch.sha, ignores=accepted, groups=Grouping(withheld=refused | busy))
        judged = judge(self._context, place, ask, stop=lambda: self._lease.lost)
        if isinstance(judged, Fault):
            _log.warning("not judged", repository=self._repository_id, reason=judged.sentence)
            return None
        state = FixingState(
            branch=branch,
            permissions=place.permissions,
            judged=judged,
            seen=tuple(replace(item, record=records[item.record.branch]) for item in seen),
            now=now,
            refused=refused,
            asked=asked,
            outcomes=outcomes,
            html_url=place.html_url,
        )
        return replace(state, rewritten=dict(self._rewritten(place, state, accepted)))

    def _rewritten(
        self, place: Workplace, state: FixingState, accepted: Ignores | None
    ) -> Iterator[tuple[str, WrittenFixes | None]]:
        for name, ids in sorted(to_rewrite(state).items()):
            groups = Grouping(wanted=ids, together=True)
            ask = Ask(base=None, head=state.branch.sha, ignores=accepted, groups=groups)
            judged = judge(self._context, place, ask, stop=lambda: self._lease.lost)
            if not isinstance(judged, Fault):
                yield name, judged.together

    def _come_again(self, state: FixingState, plan: FixPlan) -> None:
        """When time alone changes what is to be done."""
        is_unknown = any(_waits_for_github(item) for item in state.seen)
        if is_unknown and not self._is_again:
            submit_fixes(self._context.queue, self._repository_id, delay=UNKNOWN_YET, again=True)
        elif plan.next_in is not None:
            submit_fixes(self._context.queue, self._repository_id, delay=plan.next_in)


def _has_work(place: Workplace) -> bool:
    return may_write_fixes(place.permissions) or may_track(place.permissions)


def _waits_for_github(item: Seen) -> bool:
    is_open = item.record.standing is Standing.OPEN and item.pull is not None and item.pull.is_open
    return is_open and item.pull is not None and item.pull.has_conflicts is None


def _open_again(pull: PullRequest) -> SeenPull:
    return SeenPull(pull.number, is_open=True, is_merged=False, head=pull.head.sha)
