"""A merge queue answered by the Action: the commit that the queue made gets the answer of its pull request."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from bot.action.outcome import Outcome
from bot.action.place import has_app
from bot.decisions.actions import FinishCheck
from bot.decisions.checks import NAME
from bot.decisions.merge_queue import decide_merge_queue
from bot.decisions.state import MergeQueueState
from bot.github.events import MERGE_QUEUE

if TYPE_CHECKING:
    from bot.action.event import QueueEvent
    from bot.action.place import Place
    from bot.decisions.actions import Action
    from bot.github.models import CheckRunState

# docs.github.com, "Managing a merge queue": gh-readonly-queue/{base}/pr-{number}-{commit}.
_NUMBER: Final = re.compile(rf"{MERGE_QUEUE}.+/pr-(?P<number>[1-9][0-9]{{0,9}})-[0-9a-f]{{40,64}}")


def answer_queue(place: Place, event: QueueEvent) -> Outcome:
    """Writes the check of a queue's commit; nothing is scanned again, because a queue waits for nobody.

    Raises:
        GitHubError: GitHub cannot be asked.
    """
    match = _NUMBER.fullmatch(event.branch)
    name = place.venue.check_name(NAME)
    state = MergeQueueState(
        head=event.commit,
        app=place.app,
        permissions=dict(place.permissions),
        checks=tuple(check for each in dict.fromkeys((NAME, name)) for check in place.check_runs(event.commit, each)),
        contents=(_content(place, int(match["number"]), name),) if match else (),
        venue=place.venue,
    )
    there = has_app(state.checks, place.app)
    if not there:
        place.performer().act(partial(_decided, state))
    shown = decide_merge_queue(replace(state, permissions={"checks": "write"}, checks=()))
    (check,) = (action.check for action in shown if isinstance(action, FinishCheck))
    return Outcome(check=check, is_published=not there and "checks" in place.permissions)


def _content(place: Place, number: int, name: str) -> CheckRunState | None:
    pull_request = place.read(lambda: place.github.pull_request(number), None)
    if pull_request is None:
        return None
    return max(place.own_check_runs(pull_request.head.sha, name), key=lambda run: run.id, default=None)


def _decided(state: MergeQueueState, _refused: frozenset[str]) -> tuple[Action, ...]:
    return decide_merge_queue(state)
