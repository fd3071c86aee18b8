"""The review of a pull request: its change is judged in the sandbox, and what was found is written on it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from bot.acting import Actor, Cause
from bot.database import checks, pull_requests
from bot.decisions.checks import NAME
from bot.decisions.pull_request import decide_review
from bot.decisions.state import Fault, ReviewState
from bot.github.errors import Forbidden, NotFound, Unavailable
from bot.judged import Judged
from bot.reports.report import to_json
from bot.workflows.answering import answer_announced
from bot.workflows.context import PATIENCE, REVIEWING, UnknownRepositoryError, guarded, workplace
from bot.workflows.judging import Ask, accepted_in, ignored_in, judge, measured_on

if TYPE_CHECKING:
    from bot.decisions.actions import Action
    from bot.github.models import PullRequest
    from bot.jobs.lease import Lease
    from bot.jobs.model import Job, Outcome
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
        self._cause = Cause("webhook", "review of a pull request")
        self._waited = timedelta(0)

    def run(self) -> None:
        try:
            with workplace(self._context, self._repository_id, REVIEWING) as place:
                state, actor = self._begin(place)
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
            # The check has begun, so it has to end.
            judged = Fault(f"GitHub does not let Stanch read what it needs. {error}")
            actor.act(partial(_decided, replace(state, judged=judged)))
        except Unavailable as error:
            if self._waited < PATIENCE:
                raise
            # It is not remembered as reviewed, so that it is taken up again.
            self._publish(place, actor, replace(state, judged=Fault(str(error))))
            return
        self._remember(state.head, judged)

    def say(self, fault: Fault) -> None:
        with workplace(self._context, self._repository_id, REVIEWING) as place:
            state, actor = self._begin(place)
            self._publish(place, actor, replace(state, judged=fault))
            self._remember(state.head, fault)

    def _begin(self, place: Workplace) -> tuple[ReviewState, Actor]:
        """The pull request as it is, its check started, and those of older heads ended."""
        pull_request = place.github.pull_request(self._number)
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
            checks=tuple(place.github.check_runs(head, NAME)),
            ignored=ignored_in(self._context.database, self._repository_id),
            paused=memory.paused is not None,
            html_url=place.html_url,
            confinement=self._context.confinement,
        )
        with self._context.database.begin() as connection:
            left = checks.open_in_pull_request(connection, self._repository_id, self._number)
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

    def _remember(self, head: str, judged: Judged | Fault) -> None:
        """What was published; a fault too, which the same scan would give again."""
        digest = hashlib.sha256(to_json(judged.report)).hexdigest() if isinstance(judged, Judged) else None
        with self._context.database.begin() as connection:
            pull_requests.reviewed(connection, self._repository_id, self._number, head, digest)


def _decided(state: ReviewState, _refused: frozenset[str]) -> tuple[Action, ...]:
    return decide_review(state)
