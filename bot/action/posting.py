"""A pull request reviewed after its own workflow, which may not write: that of a fork, or of Dependabot.

The job runs on the default branch, with a token that may write. It takes nothing from the workflow that has ended but
the measurements' numbers: it finds the pull request by its head, fetches the commits as git objects, and judges and
renders them itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.action.outcome import Outcome
from bot.action.reviewing import review
from bot.decisions.checks import NAME

if TYPE_CHECKING:
    from bot.action.event import FinishedEvent
    from bot.action.place import Place

_NONE = "No open pull request has the commit of that workflow as its head any more."
_DONE = "The commit has its check already."


def post(place: Place, event: FinishedEvent) -> Outcome:
    """Reviews the pull requests whose head that workflow was for, unless that workflow could do it itself.

    Raises:
        GitHubError: GitHub cannot be asked.
    """
    if _is_done(place, event.head):
        return Outcome(sentence=_DONE)
    outcome = Outcome(sentence=_NONE)
    for pull_request in place.github.pull_requests_with_head(event.head):
        outcome = review(place, pull_request)
    return outcome


def _is_done(place: Place, head: str) -> bool:
    name = place.venue.check_name(NAME)
    return any(run.status == "completed" for run in place.own_check_runs(head, name))
