"""The default branch: each commit of it is judged whole, and its check run says what was found."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from bot.acting import Actor, Cause
from bot.database import checks, scans
from bot.decisions.budgets import held
from bot.decisions.default_branch import NAME, counted, decide_default_branch, decide_superseded, may_tell
from bot.decisions.state import DefaultBranchState, EarlierScan, Fault
from bot.github.errors import Forbidden, NotFound, Unavailable
from bot.jobs.model import Drop
from bot.judged import Judged
from bot.workflows.context import PATIENCE, SCANNING, guarded, to_be_ended, workplace
from bot.workflows.judging import Ask, accepted_in, judge, measured_on
from bot.workflows.lanes import submit_branch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.database.checks import OpenCheck
    from bot.decisions.actions import Action, Refused
    from bot.github.models import DefaultBranch
    from bot.jobs.lease import Lease
    from bot.jobs.model import Job, Outcome
    from bot.workflows.context import Context, Workplace


def scan_branch(context: Context, job: Job, lease: Lease) -> Outcome:
    """Scans the newest commit of the default branch.

    Arguments of the job: `repository`, and the `head` that was heard of, None where none was.
    """
    return guarded(lambda: _Scan(context, job, lease).run())


def give_up(context: Context, job: Job, lease: Lease, reason: str) -> Outcome:
    """Says on the newest commit that it could not be scanned."""
    return guarded(lambda: _Scan(context, job, lease).say(Fault(reason)))


class _Scan:
    """One scan."""

    def __init__(self, context: Context, job: Job, lease: Lease) -> None:
        self._context = context
        self._lease = lease
        self._repository_id = int(job.arguments["repository"] or 0)
        self._head = job.arguments["head"]
        self._waited = timedelta(0)

    def run(self) -> Outcome | None:
        with workplace(self._context, self._repository_id, SCANNING) as place:
            if not may_tell(place.permissions):
                self._left(place)
                return Drop("The installation grants nothing by which a scan of its default branch could be told.")
            state, actor = self._begin(place, place.github.default_branch())
            accepted = accepted_in(self._context.database, self._repository_id)
            ask = Ask(base=None, head=state.head, ignores=accepted)
            try:
                judged = judge(self._context, place, ask, stop=lambda: self._lease.lost or self._lease.superseded())
                self._publish(place, actor, replace(state, judged=judged))
            except (NotFound, Forbidden) as error:
                self._end(actor, state, Fault(f"GitHub does not let Stanch read what it needs. {error}"))
            except Unavailable as error:
                if self._waited < PATIENCE:
                    raise
                self._end(actor, state, Fault(str(error)))
            return None

    def say(self, fault: Fault) -> None:
        with workplace(self._context, self._repository_id, SCANNING) as place:
            branch = place.github.default_branch()
            if self._head is not None and branch.sha != self._head:
                # Nobody has tried this one, and its scan ends the check of the one that was tried.
                submit_branch(self._context.queue, self._repository_id, branch.sha, revive=True)
                return
            state, actor = self._begin(place, branch)
            self._end(actor, state, fault)

    def _end(self, actor: Actor, state: DefaultBranchState, fault: Fault) -> None:
        """Ends the check that has begun, and reads nothing for it, which may be what fails."""
        actor.act(partial(_decided, replace(state, judged=fault)))

    def _begin(self, place: Workplace, branch: DefaultBranch) -> tuple[DefaultBranchState, Actor]:
        cause = Cause("webhook", "scan of the default branch")
        actor = Actor(place.github, place.app, self._context.database, self._lease, cause, yields=True)
        state = DefaultBranchState(
            branch=branch.name,
            head=branch.sha,
            app=place.app,
            permissions=place.permissions,
            checks=place.check_runs(branch.sha, NAME),
            earlier=self._earlier(branch.sha),
            html_url=place.html_url,
            confinement=self._context.confinement,
        )
        left = self._left(place)
        self._waited = max((check.age for check in left if check.head_sha == branch.sha), default=self._waited)
        for older, runs in actor.unended(left, NAME).items():
            if older != branch.sha:
                actor.act(partial(_superseded, replace(state, head=older, checks=runs), branch.sha))
        actor.act(lambda _: decide_default_branch(state))
        return replace(state, checks=(*state.checks, *actor.started)), actor

    def _left(self, place: Workplace) -> list[OpenCheck]:
        with self._context.database.begin() as connection:
            begun = checks.open_on_branch(connection, self._repository_id)
        return to_be_ended(self._context, place, begun)

    def _earlier(self, head: str) -> tuple[EarlierScan, ...]:
        with self._context.database.begin() as connection:
            kept = scans.history(connection, self._repository_id)
        return tuple(
            EarlierScan(scan.commit, scan.scanned_at.date(), scan.by_rule)
            for scan in kept
            if scan.commit != head and scan.scanned_at is not None
        )

    def _publish(self, place: Workplace, actor: Actor, state: DefaultBranchState) -> None:
        state = replace(state, budgets=measured_on(self._context, place, state.head))
        actor.act(lambda _: decide_default_branch(state))
        if isinstance(state.judged, Judged):
            self._remember(state.head, state.judged, held(state.budgets))

    def _remember(self, head: str, judged: Judged, budgets: Mapping[str, float]) -> None:
        by_rule = counted(judged)
        totals = {"files": judged.report.totals.files, "parsed": judged.report.totals.parsed}
        found, is_complete = sum(by_rule.values()), judged.report.complete
        scan = scans.BranchScan(head, found, by_rule, totals, is_complete, budgets=budgets)
        with self._context.database.begin() as connection:
            scans.record(connection, self._repository_id, scan)


def _decided(state: DefaultBranchState, _refused: Refused) -> tuple[Action, ...]:
    return decide_default_branch(state)


def _superseded(state: DefaultBranchState, newest: str, _refused: Refused) -> tuple[Action, ...]:
    return decide_superseded(state, newest)
