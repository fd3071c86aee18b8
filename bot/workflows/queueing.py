"""Merge queues: the commit that a queue made of a pull request gets the answer that the pull request has got."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.acting import Actor, Cause
from bot.decisions.checks import NAME
from bot.decisions.merge_queue import decide_merge_queue
from bot.decisions.state import MergeQueueState
from bot.github.errors import Forbidden, NotFound
from bot.workflows.context import REVIEWING, guarded, workplace

if TYPE_CHECKING:
    from bot.github.models import CheckRunState
    from bot.jobs.lease import Lease
    from bot.jobs.model import Job, Outcome
    from bot.workflows.context import Context, Workplace


def answer_merge_queue(context: Context, job: Job, lease: Lease) -> Outcome:
    """Writes the check of a queue's commit. Arguments of the job: `repository`, `head`, `number`."""
    return guarded(lambda: _answer(context, job, lease))


def give_up(context: Context, job: Job, lease: Lease, reason: str) -> Outcome:
    """Has the queue go on, although nothing is known of what is in it."""
    del reason
    return guarded(lambda: _answer(context, job, lease, is_known=False))


def _answer(context: Context, job: Job, lease: Lease, *, is_known: bool = True) -> None:
    head, number = str(job.arguments["head"]), int(job.arguments["number"] or 0)
    with workplace(context, int(job.arguments["repository"] or 0), REVIEWING) as place:
        cause = Cause("webhook", "check of a merge queue")
        actor = Actor(place.github, place.app, context.database, lease, cause)
        state = MergeQueueState(
            head=head,
            app=place.app,
            permissions=place.permissions,
            checks=tuple(place.github.check_runs(head, NAME)),
            contents=(_content(place, number),) if number and is_known else (),
        )
        actor.act(lambda _: decide_merge_queue(state))


def _content(place: Workplace, number: int) -> CheckRunState | None:
    """Our newest check run on the head of a pull request; None where there is none, or we may not see it."""
    try:
        head = place.github.pull_request(number).head.sha
        ours = [run for run in place.github.check_runs(head, NAME) if run.app_id == place.app.app_id]
    except (NotFound, Forbidden):
        # A queue waits for its check, whatever it says.
        return None
    return max(ours, key=lambda run: run.id, default=None)
