"""A pull request, decided: what is written on it in each state, and that nothing is written twice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.config import load
from bot.decisions.actions import (
    EditComment,
    FinishCheck,
    StartCheck,
)
from bot.decisions.budgets import BudgetsError
from bot.decisions.pull_request import decide_review
from bot.decisions.state import Fault
from bot.github.models import BranchTip
from tests.bot.decisions.states import (
    BUDGETED,
    FAULTS,
    GATE,
    GROWING,
    HEAD,
    HTML_URL,
    NEWER,
    OLD_STICKY,
    PERMISSIONS,
    PULL,
    budgets,
    check_run,
    ignored,
    judged,
    nowhere,
    own_comment,
    published,
    review_state,
    the_check,
    the_comment,
)
from tests.bot.reports.samples import (
    BACKFILL_FINDING,
    HEARTBEAT_FINDING,
    ROOMS_FINDING,
)

if TYPE_CHECKING:
    from bot.decisions.actions import Action
    from bot.decisions.state import ReviewState

QUIET = load(b"comment:\n  enabled: false\n", "x")[0]
SUPERSEDED = replace(PULL, head=BranchTip("feature", NEWER, 100))


def kinds(actions: tuple[Action, ...]) -> list[str]:
    return [type(action).__name__ for action in actions]


@pytest.mark.parametrize(
    ("state", "expected", "conclusion"),
    [
        (review_state(judged=None, checks=()), ["StartCheck"], None),
        (review_state(judged=None), [], None),
        (review_state(HEARTBEAT_FINDING), ["CreateReview", "CreateComment", "FinishCheck"], "neutral"),
        (
            review_state(judged=judged(HEARTBEAT_FINDING, config=GATE)),
            ["CreateReview", "CreateComment", "FinishCheck"],
            "failure",
        ),
        (review_state(), ["FinishCheck"], "success"),
        (review_state(checks=()), ["FinishCheck"], "success"),
        (review_state(comments=(OLD_STICKY,)), ["EditComment", "FinishCheck"], "success"),
        (review_state(BACKFILL_FINDING), ["CreateComment", "FinishCheck"], "success"),
        (review_state(judged=judged(proposal=FAULTS)), ["CreateComment", "FinishCheck"], "success"),
        (review_state(HEARTBEAT_FINDING, pull_request=SUPERSEDED), ["FinishCheck"], "neutral"),
        (review_state(pull_request=SUPERSEDED, checks=(check_run(status="completed"),)), [], None),
        (review_state(HEARTBEAT_FINDING, pull_request=replace(PULL, is_open=False)), ["FinishCheck"], "neutral"),
        (review_state(judged=None, pull_request=replace(PULL, is_open=False), checks=()), [], None),
        (review_state(HEARTBEAT_FINDING, pull_request=replace(PULL, is_draft=True)), ["FinishCheck"], "neutral"),
        (
            review_state(HEARTBEAT_FINDING, pull_request=replace(PULL, is_draft=True), comments=(OLD_STICKY,)),
            ["EditComment", "FinishCheck"],
            "neutral",
        ),
        (review_state(HEARTBEAT_FINDING, pull_request=replace(PULL, is_locked=True)), ["FinishCheck"], "neutral"),
        (review_state(HEARTBEAT_FINDING, paused=True), ["FinishCheck"], "neutral"),
        (review_state(judged=judged(HEARTBEAT_FINDING, config=QUIET)), ["FinishCheck"], "neutral"),
        (review_state(judged=Fault("It crashed.")), ["FinishCheck"], "neutral"),
        (review_state(judged=Fault("It crashed."), comments=(OLD_STICKY,)), ["EditComment", "FinishCheck"], "neutral"),
        (review_state(HEARTBEAT_FINDING, ignored=(ignored(HEARTBEAT_FINDING),)), ["FinishCheck"], "success"),
        (
            review_state(HEARTBEAT_FINDING, permissions={**PERMISSIONS, "pull_requests": "read"}),
            ["FinishCheck"],
            "neutral",
        ),
        (
            review_state(HEARTBEAT_FINDING, permissions={"pull_requests": "write"}),
            ["CreateReview", "CreateComment"],
            None,
        ),
        (review_state(HEARTBEAT_FINDING, permissions={}), [], None),
        (
            review_state(judged=judged(config=BUDGETED), budgets=budgets(GROWING)),
            ["CreateComment", "FinishCheck"],
            "neutral",
        ),
        (review_state(budgets=budgets(GROWING)), ["FinishCheck"], "success"),
        (review_state(budgets=BudgetsError("x")), ["FinishCheck"], "success"),
    ],
    ids=[
        "begins",
        "has begun",
        "a leak",
        "a leak and a gate",
        "clean",
        "clean, and the check was never started",
        "clean again",
        "a silenced leak",
        "a faulty configuration",
        "superseded",
        "superseded, and ended before",
        "closed meanwhile",
        "closed before it began",
        "a draft",
        "a draft with a comment",
        "locked",
        "paused",
        "comments off",
        "a fault",
        "a fault with a comment",
        "ignored during the scan",
        "may not comment",
        "may not check",
        "may nothing",
        "a budget is not kept",
        "growth without a budget",
        "unreadable budgets",
    ],
)
def test_what_is_written(state: ReviewState, expected: list[str], conclusion: str | None) -> None:
    actions = decide_review(state)
    assert kinds(actions) == expected
    assert [action.check.conclusion for action in actions if isinstance(action, FinishCheck)] == (
        [conclusion] if conclusion else []
    )


def test_a_decision_is_carried_out_once() -> None:
    state = review_state(HEARTBEAT_FINDING, ROOMS_FINDING, judged=judged(HEARTBEAT_FINDING, ROOMS_FINDING), checks=())
    begun = published(state, decide_review(replace(state, judged=None)))
    assert [check.external_id for check in begun.checks] == [f"check/stanch/{HEAD}/1"]
    actions = decide_review(begun)
    assert kinds(actions) == ["CreateReview", "CreateComment", "FinishCheck"]
    assert decide_review(published(begun, actions)) == ()


def test_another_run_of_a_commit_gets_a_check_run_of_its_own() -> None:
    done = check_run(status="completed", conclusion="neutral")
    assert decide_review(review_state(judged=None, checks=(done,))) == (
        StartCheck(f"check/stanch/{HEAD}/2", "stanch", HEAD),
    )


def test_check_runs_of_others_are_not_ours() -> None:
    forged = check_run(id=9999, app_id=15368)
    actions = decide_review(review_state(checks=(check_run(), forged)))
    assert the_check(actions).check_id == 500


def test_annotations_stand_only_where_no_inline_comment_does() -> None:
    state = review_state(HEARTBEAT_FINDING, ROOMS_FINDING)
    assert the_check(decide_review(state)).check.output.annotations == ()
    refused = decide_review(replace(state, refused=nowhere(ROOMS_FINDING)))
    assert [item.path for item in the_check(refused).check.output.annotations] == [ROOMS_FINDING.path]
    draft = decide_review(replace(state, pull_request=replace(PULL, is_draft=True)))
    assert len(the_check(draft).check.output.annotations) == 2


def test_a_check_that_lacks_annotations_is_finished_again_with_all_of_them() -> None:
    # Whoever writes them sends only those that are not there yet.
    state = review_state(HEARTBEAT_FINDING, ROOMS_FINDING, paused=True, checks=(check_run(annotations=1),))
    finish = the_check(decide_review(state))
    assert len(finish.check.output.annotations) == 2
    short = published(state, (finish,)).checks[0]
    assert decide_review(replace(state, checks=(short,))) == ()
    assert the_check(decide_review(replace(state, checks=(replace(short, annotations=1),)))) == finish


def test_a_spoofed_comment_is_ignored() -> None:
    spoofed = (
        own_comment(OLD_STICKY.body, number=1, app_id=None),
        own_comment(OLD_STICKY.body, number=2, app_id=8),
        own_comment(f"> {OLD_STICKY.body}", number=3),
        own_comment(f"Look:\n{OLD_STICKY.body}", number=4),
        own_comment(OLD_STICKY.body.replace("/12/", "/13/"), number=5),
    )
    actions = decide_review(review_state(HEARTBEAT_FINDING, comments=spoofed))
    assert kinds(actions) == ["CreateReview", "CreateComment", "FinishCheck"]


def test_of_two_comments_the_older_is_kept_and_the_other_points_at_it() -> None:
    twice = (own_comment(OLD_STICKY.body, number=31), own_comment(OLD_STICKY.body, number=30))
    edits = [action for action in decide_review(review_state(comments=twice)) if isinstance(action, EditComment)]
    assert [edit.comment_id for edit in edits] == [30, 31]
    assert f"[the first one]({HTML_URL}/pull/12#issuecomment-30)" in edits[1].body
    after = (own_comment(edits[0].body, number=30), own_comment(edits[1].body, number=31))
    assert kinds(decide_review(review_state(comments=after))) == ["FinishCheck"]


def test_a_fault_is_told_once_and_vanishes() -> None:
    fault = Fault("The scan was killed after 60 s; @octocat did it.")
    first = decide_review(review_state(judged=fault, comments=(OLD_STICKY,)))
    body = the_comment(first)
    assert "**Commit `5f0c1d2` could not be scanned**" in body
    assert "@octocat" not in body
    assert body.endswith("### Old\n")
    again = review_state(judged=fault, comments=(own_comment(body),), checks=(check_run(),))
    assert kinds(decide_review(again)) == ["FinishCheck"]
    newer = replace(again, judged=Fault("It crashed."))
    assert the_comment(decide_review(newer)).count("could not be scanned") == 1
    well = decide_review(replace(again, judged=judged()))
    assert "could not be scanned" not in the_comment(well)


@pytest.mark.parametrize(("rerun_helps", "buttons"), [(True, ["rescan"]), (False, [])])
def test_a_fault_offers_another_run_where_it_helps(rerun_helps: bool, buttons: list[str]) -> None:
    check = the_check(decide_review(review_state(judged=Fault("It crashed.", rerun_helps)))).check
    assert [action.identifier for action in check.actions] == buttons
    assert (check.conclusion, check.output.title) == ("neutral", "This commit could not be scanned")
    assert "It crashed." in check.output.summary


def test_a_superseded_check_says_by_what() -> None:
    check = the_check(decide_review(review_state(pull_request=SUPERSEDED))).check
    assert (check.conclusion, check.output.title) == ("neutral", "Superseded by a1b2c3d")
