"""A pull request reviewed by the Action: its head is judged, and what the App would decide is written where it may."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from bot.action.ending import ended
from bot.action.judging import judge
from bot.action.measurements import measured_on, publish_measurements
from bot.action.outcome import Outcome
from bot.action.place import HOPED_FOR, has_app
from bot.decisions.actions import FinishCheck
from bot.decisions.checks import NAME
from bot.decisions.pull_request import decide_review
from bot.decisions.state import Fault, ReviewState
from bot.github.errors import Forbidden, NotFound, Unprocessable

if TYPE_CHECKING:
    from bot.action.place import Place
    from bot.decisions.actions import Action, Refused
    from bot.decisions.checks import CheckRun
    from bot.github.models import PullRequest
    from bot.judged import Judged

MAX_ROUNDS: Final = 4
"""Each round but the last one learns of a permission that is missing; more of them there are not."""
UNREADABLE: Final = "The job's token may not compare the commits; give it `permissions: contents: read`."
_OFF: Final = "Nothing is commented: the input `comment` of the Action is `false`."
_APP: Final = "The App of Stanch reviews this pull request too, so only its own check and comments are there."


def review(place: Place, heard: PullRequest) -> Outcome:
    """Reviews the head of a pull request.

    Args:
        place: the job.
        heard: the pull request as the event has it, which is believed where the token may not read it.

    Raises:
        GitHubError: GitHub cannot be asked.
    """
    state = _gathered(place, _begun(place, heard))
    if not has_app(state.checks, place.app):
        # Whoever looks sees that something is coming.
        place.performer().act(partial(_decided, state))
    with ended(lambda fault: _published(place, replace(state, judged=fault))):
        judged = _judged(place, state.pull_request, heard)
        measured = publish_measurements(place, judged, state.head)
        state = _published(place, replace(state, judged=judged, budgets=measured))
    there = has_app(state.checks, place.app)
    return Outcome(
        judged=state.judged,
        measured=measured,
        check=_shown(replace(state, permissions=HOPED_FOR, quiet=_APP) if there else state),
        is_published=not there and "checks" in place.permissions,
    )


def _begun(place: Place, heard: PullRequest) -> ReviewState:
    return ReviewState(
        pull_request=heard,
        head=heard.head.sha,
        app=place.app,
        permissions=dict(place.permissions),
        html_url=place.where.html_url,
        venue=place.venue,
        quiet="" if place.inputs.comment else _OFF,
    )


def _gathered(place: Place, state: ReviewState) -> ReviewState:
    """The state with what GitHub shows now, as far as the token may read it."""
    number, head = state.pull_request.number, state.head
    names = dict.fromkeys((NAME, place.venue.check_name(NAME)))
    state = replace(
        state,
        pull_request=place.read(lambda: place.github.pull_request(number), state.pull_request),
        checks=tuple(check for name in names for check in place.check_runs(head, name)),
        budgets=measured_on(place, head) or state.budgets,
    )
    if state.judged is not None and "pull_requests" in place.permissions:
        try:
            threads = tuple(thread for thread in place.github.review_threads(number) if place.is_about(thread.path))
            state = replace(state, comments=place.comments(number), threads=threads)
        except (Forbidden, NotFound):
            # What may not be read is not written either: it would be written again and again.
            place.without("pull_requests")
    return replace(state, permissions=dict(place.permissions))


def _judged(place: Place, now: PullRequest, heard: PullRequest) -> Judged | Fault | None:
    """What the head gave; None where it is not worth a scan any more."""
    if now.head.sha != heard.head.sha or not now.is_open:
        return None
    try:
        base = place.github.compare_base(heard.base.sha, heard.head.sha)
    except (Forbidden, NotFound):
        return Fault(UNREADABLE, rerun_helps=False)
    except Unprocessable as error:
        return Fault(str(error))
    return judge(place, base, heard.head.sha)


def _published(place: Place, state: ReviewState) -> ReviewState:
    """Writes what is decided, as far as the token may; returns what it was decided over in the end."""
    for _ in range(MAX_ROUNDS):
        state = _gathered(place, state)
        if has_app(state.checks, place.app):
            # It may have come later than this job: then the check that was begun here is ended.
            state_of_ours = replace(state, permissions={"checks": "write"}, quiet=_APP)
            if any(place.made(check) and check.status != "completed" for check in state.checks):
                place.performer().act(partial(_decided, state_of_ours))
            return state
        writer = place.performer()
        writer.act(partial(_decided, state))
        if not writer.lacks:
            return state
    return _gathered(place, state)


def _decided(state: ReviewState, refused: Refused) -> tuple[Action, ...]:
    return decide_review(replace(state, refused=refused))


def _shown(state: ReviewState) -> CheckRun | None:
    """The check as it would be written on a commit that has none; None where there is nothing to say any more."""
    state = replace(state, permissions={**state.permissions, "checks": "write"}, checks=())
    if state.judged is None:
        return None
    return next((action.check for action in decide_review(state) if isinstance(action, FinishCheck)), None)
