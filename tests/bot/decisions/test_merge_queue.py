"""A branch of a merge queue: finished at once, and failed only by what has failed before."""

from __future__ import annotations

import pytest

from bot.decisions.actions import FinishCheck
from bot.decisions.merge_queue import decide_merge_queue
from bot.decisions.state import MergeQueueState
from bot.github.models import CheckRunState
from tests.bot.decisions.states import APP, NEWER, PERMISSIONS, check_run


def content(conclusion: str | None) -> CheckRunState:
    return check_run(status="completed" if conclusion else "in_progress", conclusion=conclusion)


@pytest.mark.parametrize(
    ("contents", "conclusion"),
    [
        ((content("success"),), "success"),
        ((content("success"), content("success")), "success"),
        ((content("success"), content("neutral")), "neutral"),
        ((content("neutral"), content("failure")), "failure"),
        ((content("success"), None), "neutral"),
        ((content(None),), "neutral"),
        ((content("cancelled"),), "neutral"),
        ((), "neutral"),
    ],
)
def test_the_check_of_a_queue(contents: tuple[CheckRunState | None, ...], conclusion: str) -> None:
    (action,) = decide_merge_queue(MergeQueueState(NEWER, APP, PERMISSIONS, (), contents))
    assert isinstance(action, FinishCheck)
    assert (action.head_sha, action.check_id, action.check.conclusion) == (NEWER, None, conclusion)


def test_it_is_written_once() -> None:
    state = MergeQueueState(NEWER, APP, PERMISSIONS, (), (content("success"),))
    (action,) = decide_merge_queue(state)
    assert isinstance(action, FinishCheck)
    output = action.check.output
    there = check_run(
        head_sha=NEWER, status="completed", conclusion="success", title=output.title, summary=output.summary
    )
    assert decide_merge_queue(MergeQueueState(NEWER, APP, PERMISSIONS, (there,), state.contents)) == ()
    assert decide_merge_queue(MergeQueueState(NEWER, APP, {}, (), state.contents)) == ()
