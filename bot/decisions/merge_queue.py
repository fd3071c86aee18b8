"""A branch of a merge queue, decided: its check is that of the pull requests in it. Pure.

Their content was judged where it can be talked about; a queue waits for nobody, so nothing is scanned again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from bot.decisions.check_runs import finished
from bot.decisions.checks import NAME, CheckRun, Output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.decisions.actions import Action
    from bot.decisions.state import MergeQueueState
    from bot.github.models import CheckRunState

_SUMMARY = "The branch of a merge queue gets the answer that its pull requests have got.\n"


def decide_merge_queue(state: MergeQueueState) -> tuple[Action, ...]:
    """A finished check on the queue's commit, at once. Only a check that has failed fails it."""
    conclusion, title = _answer(state.contents)
    output = Output(title=title, summary=_SUMMARY, annotations=())
    return finished(state, CheckRun(name=NAME, conclusion=conclusion, output=output, actions=()))


def _answer(contents: Sequence[CheckRunState | None]) -> tuple[Literal["success", "neutral", "failure"], str]:
    conclusions = [check.conclusion if check is not None else None for check in contents]
    if "failure" in conclusions:
        return "failure", "A pull request in this queue has failed the check"
    if conclusions and all(conclusion == "success" for conclusion in conclusions):
        return "success", "No leaks introduced by the pull requests in this queue"
    if None in conclusions or not conclusions:
        return "neutral", "A pull request in this queue was not scanned to the end"
    return "neutral", "Nothing in this queue fails the check"
