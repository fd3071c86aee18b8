"""The review of a pull request: its change is judged in the sandbox, and what was found is written on it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from bot.acting import Actor, Cause
from bot.database import checks, pull_requests
from bot.decisions.checks import NAME
from bot.decisions.pull_request import decide_review
from bot.decisions.state import Fault, ReviewState
from bot.judged import Judged
from bot.reports.report import to_json
from bot.workflows.answering import answer_announced
from bot.workflows.context import REVIEWING, guarded, workplace
from bot.workflows.judging import Ask, accepted_in, ignored_in, judge, measured_on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.decisions.actions import Action
    from bot.github.models import PullRequest
    from bot.jobs.lease import Lease
    from bot.jobs.model import Job, Outcome
    from bot.workflows.context import Context, Workplace


def review(context: Context, job: Job, lease: Lease) -> Outcome:
    """Reviews the newest commit of a pull request.

    Arguments of the job: `repository` and `number`; `asked_by` where somebody did.
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
        self._cause = Cause(str(job.arguments.get("asked_by") or "webhook"), "review of a pull request")

    def run(self) -> None:
        with workplace(self._context, self._repository_id, REVIEWING) as place:
            state, actor = self._begin(place)
            if not state.pull_request.is_open:
                return
            judged = self._judge(place, state.pull_request)
            self._publish(place, actor, replace(state, judged=judged))

    def say(self, fault: Fault) -> None:
        with workplace(self._context, self._repository_id, REVIEWING) as place:
            state, actor = self._begin(place)
            self._publish(place, actor, replace(state, judged=fault))

    def _begin(self, place: Workplace) -> tuple[ReviewState, Actor]:
        """The pull request as it is, its check started, and those of older heads ended."""
        pull_request = place.github.pull_request(self._number)
        head = pull_request.head.sha
        with self._context.database.begin() as connection:
            pull_requests.want(connection, self._repository_id, self._number, head)
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
        for older in self._older(place, state):
            actor.act(partial(_decided, older))
        actor.act(lambda _: decide_review(state))
        return replace(state, checks=(*state.checks, *actor.started)), actor

    def _older(self, place: Workplace, state: ReviewState) -> Iterator[ReviewState]:
        with self._context.database.begin() as connection:
            left = checks.open_in_pull_request(connection, self._repository_id, self._number)
        for head in dict.fromkeys(check.head_sha for check in left if check.head_sha != state.head):
            yield replace(state, head=head, checks=tuple(place.github.check_runs(head, NAME)))

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
        if isinstance(state.judged, Judged):
            self._remember(state.head, state.judged)

    def _remember(self, head: str, judged: Judged) -> None:
        digest = hashlib.sha256(to_json(judged.report)).hexdigest()
        with self._context.database.begin() as connection:
            pull_requests.reviewed(connection, self._repository_id, self._number, head, digest)


def _decided(state: ReviewState, _refused: frozenset[str]) -> tuple[Action, ...]:
    return decide_review(state)
