"""The review of a pull request: its change is judged in the sandbox, and what was found is written on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from bot.acting import Actor, Cause
from bot.database import checks, pull_requests
from bot.decisions.checks import NAME
from bot.decisions.fixing_state import may_write_fixes
from bot.decisions.pull_request import decide_review
from bot.decisions.state import Fault, ReviewState
from bot.github.errors import Forbidden, NotFound, Unavailable
from bot.workflows.answering import answer_announced
from bot.workflows.context import PATIENCE, REVIEWING, UnknownRepositoryError, guarded, to_be_ended, workplace
from bot.workflows.judging import Ask, accepted_in, ignored_in, judge, measured_on
from bot.workflows.lanes import submit_review

if TYPE_CHECKING:
    from bot.decisions.actions import Action, Refused
    from bot.github.models import PullRequest
    from bot.jobs.lease import Lease
    from bot.jobs.model import Job, Outcome
    from bot.judged import Judged
    from bot.workflows.context import Context, Workplace


def review(context: Context, job: Job, lease: Lease) -> Outcome:
    """Reviews the newest commit of a pull request.

    Arguments of the job: `repository`, `number`, and the `head` that was heard of.
    """
    return guarded(lambda: _Review(context, job, lease).run())


def give_up(context: Context, job: Job, lease: Lease, reason: str) -> Outcome:
    """Says on the pull request that its newest commit could not be scanned."""
    return guarded(lambda: _Review(context, job, lease).say(Fault(reason)))


class _Review:
    """One review."""

    def __init__(self, context: Context, job: Job, lease: Lease) -> None:
        self._context = context
        self._lease = lease
        self._repository_id = int(job.arguments["repository"] or 0)
        self._number = int(job.arguments["number"] or 0)
        self._head = job.arguments["head"]
        self._cause = Cause("webhook", "review of a pull request")
        self._waited = timedelta(0)

    def run(self) -> None:
        try:
            with workplace(self._context, self._repository_id, REVIEWING) as place:
                state, actor = self._begin(place, place.github.pull_request(self._number))
                if state.pull_request.is_open:
                    self._review(place, actor, state)
        except (NotFound, Forbidden, UnknownRepositoryError):
            # Nobody has to look after it until somebody gives it back, which the reconciler finds out.
            with self._context.database.begin() as connection:
                pull_requests.want(connection, self._repository_id, self._number, None)
            raise

    def _review(self, place: Workplace, actor: Actor, state: ReviewState) -> None:
        try:
            judged = self._judge(place, state.pull_request)
            self._publish(place, actor, replace(state, judged=judged))
        except (NotFound, Forbidden) as error:
            self._end(actor, state, Fault(f"GitHub does not let Stanch read what it needs. {error}"))
        except Unavailable as error:
            if self._waited < PATIENCE:
                raise
            # It is not remembered as reviewed, so that it is taken up again.
            self._end(actor, state, Fault(str(error)))
            return
        self._remember(state.head)

    def say(self, fault: Fault) -> None:
        with workplace(self._context, self._repository_id, REVIEWING) as place:
            pull_request = place.github.pull_request(self._number)
            head = pull_request.head.sha
            if head != self._head:
                # Nobody has tried this one, and its review ends the check of the one that was tried.
                submit_review(self._context.queue, self._repository_id, self._number, head, revive=True)
                return
            state, actor = self._begin(place, pull_request)
            try:
                self._publish(place, actor, replace(state, judged=fault))
            except (NotFound, Forbidden):
                self._end(actor, state, fault)
            except Unavailable:
                if self._waited < PATIENCE:
                    raise
                self._end(actor, state, fault)
            self._remember(head)

    def _end(self, actor: Actor, state: ReviewState, fault: Fault) -> None:
        """Ends the check that has begun, and reads nothing for it, which may be what fails."""
        actor.act(partial(_decided, replace(state, judged=fault)))

    def _begin(self, place: Workplace, pull_request: PullRequest) -> tuple[ReviewState, Actor]:
        """What is known of the pull request, its check started, and those of older heads ended."""
        head = pull_request.head.sha
        with self._context.database.begin() as connection:
            pull_requests.want(connection, self._repository_id, self._number, head if pull_request.is_open else None)
            memory = pull_requests.recall(connection, self._repository_id, self._number)
        actor = Actor(
            place.github, place.app, self._context.database, self._lease, self._cause, number=self._number, yields=True
        )
        state = ReviewState(
            pull_request=pull_request,
            head=head,
            app=place.app,
            permissions=place.permissions,
            checks=place.check_runs(head, NAME),
            ignored=ignored_in(self._context.database, self._repository_id),
            paused=memory.paused is not None,
            html_url=place.html_url,
            confinement=self._context.confinement,
            fixing=may_write_fixes(place.permissions),
        )
        with self._context.database.begin() as connection:
            begun = checks.open_in_pull_request(connection, self._repository_id, self._number)
        left = to_be_ended(self._context, place, begun)
        self._waited = max((check.age for check in left if check.head_sha == head), default=self._waited)
        for older, runs in actor.unended(left, NAME).items():
            if older != head:
                actor.act(partial(_decided, replace(state, head=older, checks=runs)))
        actor.act(lambda _: decide_review(state))
        return replace(state, checks=(*state.checks, *actor.started)), actor

    def _judge(self, place: Workplace, pull_request: PullRequest) -> Judged | Fault:
        base = place.github.compare_base(pull_request.base.sha, pull_request.head.sha)
        accepted = accepted_in(self._context.database, self._repository_id)
        ask = Ask(base=base, head=pull_request.head.sha, ignores=accepted)
        return judge(self._context, place, ask, stop=lambda: self._lease.lost or self._lease.superseded())

    def _publish(self, place: Workplace, actor: Actor, state: ReviewState) -> None:
        comments = tuple(place.github.issue_comments(self._number))
        state = replace(
            state,
            pull_request=place.github.pull_request(self._number),
            comments=comments,
            threads=tuple(place.github.review_threads(self._number)),
            budgets=measured_on(self._context, place, state.head),
        )
        actor.act(lambda refused: decide_review(replace(state, refused=refused)))
        answer_announced(place, actor, state)

    def _remember(self, head: str) -> None:
        """A fault is remembered too, which the same scan would give again."""
        with self._context.database.begin() as connection:
            pull_requests.reviewed(connection, self._repository_id, self._number, head)


def _decided(state: ReviewState, _refused: Refused) -> tuple[Action, ...]:
    return decide_review(state)
