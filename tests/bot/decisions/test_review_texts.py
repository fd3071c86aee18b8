"""What a review says: each part of the comment and the check in its place, inert and in bounds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given, settings

from bot.config import Fault as ConfigFault
from bot.decisions.actions import (
    CreateComment,
    CreateReview,
)
from bot.decisions.pull_request import decide_review
from bot.decisions.state import Fault, Ignored
from bot.github.models import BranchTip
from bot.judged import Preview, Proposal
from fixers.findings import Suppressed
from fixers.source import Skipped
from tests.bot.decisions.states import (
    BASE,
    BUDGETED,
    FAULTS,
    GATE,
    GROWING,
    HEAD,
    HTML_URL,
    OLD_STICKY,
    PULL,
    budgets,
    ignored,
    judged,
    nowhere,
    review_state,
    the_check,
    the_comment,
)
from tests.bot.reports.github_markdown import foreign_text, live_links
from tests.bot.reports.samples import (
    HEARTBEAT_FINDING,
    RESOLVED_FINDING,
    ROOMS_FINDING,
    STORE_FINDING,
    make_report,
)

if TYPE_CHECKING:
    pass


def test_a_clean_comment_is_one_paragraph() -> None:
    report = make_report((), resolved=(RESOLVED_FINDING,), skipped=(), complete=True)
    body = the_comment(decide_review(review_state(judged=judged(report=report), comments=(OLD_STICKY,))))
    first, paragraph = body.rstrip("\n").split("\n\n")
    assert first == "<!-- stanch:v1 key=pull/12/review -->"
    assert paragraph.startswith("**No leaks**: what was reported here is gone. Thank you: ")
    assert "Commit `5f0c1d2` · Stanch 0.1.0 · tree `4b825dc642cb`" in paragraph


def test_a_faulty_configuration_is_shown_with_place_and_hint() -> None:
    actions = decide_review(review_state(judged=judged(proposal=FAULTS)))
    body = the_comment(actions)
    assert "### No leaks · its configuration has 1 fault" in body
    assert "`.github/stanch.yml:3:1`: unknown key `budgts`, did you mean `budgets`?" in body
    assert "What the base says stays in force" in body
    (annotation,) = the_check(actions).check.output.annotations
    assert (annotation.path, annotation.start_line) == (".github/stanch.yml", 3)


@pytest.mark.parametrize(
    ("preview", "told", "comments"),
    [
        (Preview(before=4, after=4, more={}, fewer={}), "It shows the same 4 findings in the whole repository", False),
        (
            Preview(before=4, after=1, more={}, fewer={"timer/never-released": 3}),
            "it shows 1 finding instead of 4: 3 fewer (3 `timer/never-released`).",
            True,
        ),
        (
            Preview(before=4, after=5, more={"http/not-pooled": 2}, fewer={"timer/never-released": 1}),
            "it shows 5 findings instead of 4: 2 more (2 `http/not-pooled`) and 1 fewer (1 `timer/never-released`).",
            True,
        ),
    ],
)
def test_a_changed_configuration_is_previewed(preview: Preview, told: str, comments: bool) -> None:
    proposal = Proposal(effective=GATE.canonical(), preview=preview)
    actions = decide_review(review_state(judged=judged(proposal=proposal)))
    assert any(isinstance(action, CreateComment) for action in actions) is comments
    summary = the_check(actions).check.output.summary
    assert told in summary
    assert "The check then fails on `leak`." in summary


def test_a_faulty_configuration_on_the_base_is_never_silent() -> None:
    broken = judged(faults=(ConfigFault(1, 1, "unknown key `x`"),))
    check = the_check(decide_review(review_state(judged=broken))).check
    assert check.conclusion == "neutral"
    assert check.output.summary.startswith("**`.github/stanch.yml` of the base cannot be used**")


def test_a_command_that_silences_is_named_in_the_comment() -> None:
    state = review_state(HEARTBEAT_FINDING, STORE_FINDING, ignored=(ignored(HEARTBEAT_FINDING),))
    body = the_comment(decide_review(state))
    assert "**Silenced by command**" in body
    assert "`timer/forgotten-by-teardown`: the process ends here (`bob`)" in body


def test_limits_are_told() -> None:
    report = make_report((HEARTBEAT_FINDING,), skipped=(Skipped("big.js", "limit", "more than 60 s"),), complete=False)
    actions = decide_review(review_state(judged=judged(report=report)))
    assert "cut short" in the_comment(actions)
    assert "cut short" in the_check(actions).check.output.title


def test_a_budget_fails_the_check_where_the_gate_is_on() -> None:
    config = msgspec.structs.replace(BUDGETED, gate=GATE.gate)
    actions = decide_review(review_state(judged=judged(config=config), budgets=budgets(GROWING)))
    check = the_check(actions).check
    assert (check.conclusion, check.output.title) == ("failure", "No leaks introduced, 1 budget not kept")
    assert "### No leaks · 1 budget is not kept" in the_comment(actions)


def test_what_is_told_at_its_line_needs_one_line_in_the_comment() -> None:
    state = review_state(HEARTBEAT_FINDING, ROOMS_FINDING, refused=nowhere(ROOMS_FINDING))
    body = the_comment(decide_review(state))
    place = f"[`src/gateway/heartbeat.ts:14`]({HTML_URL}/blob/{HEAD}/src/gateway/heartbeat.ts#L14)"
    told = (
        f"- **The interval in `this.timer` keeps firing after `Heartbeat.stop()`**\\\n  {place} · **Safe fix**: clears"
    )
    assert told in body
    assert body.count("setInterval") == 0
    assert "#### Each call of `joinRoom` adds a listener" in body


def test_resolved_leaks_are_shown_where_they_were() -> None:
    report = make_report((HEARTBEAT_FINDING,), skipped=(), complete=True)
    body = the_comment(decide_review(review_state(judged=judged(report=report))))
    assert f"ends 1 old leak ([`src/rooms/join.ts:6`]({HTML_URL}/blob/{BASE}/src/rooms/join.ts#L6))." in body


@pytest.mark.parametrize("fixing", [True, False])
def test_fixes_are_offered_where_they_are_switched_on(fixing: bool) -> None:
    body = the_comment(decide_review(review_state(HEARTBEAT_FINDING, fixing=fixing)))
    assert ("Comment `/perf-scan fix` to have the safe fix" in body) is fixing


def test_fixes_are_not_offered_where_nothing_is_pushed() -> None:
    fork = replace(PULL, head=BranchTip("feature", HEAD, 200))
    body = the_comment(decide_review(review_state(HEARTBEAT_FINDING, fixing=True, pull_request=fork)))
    assert "Comment `/perf-scan fix`" not in body


# A report holds only what can be encoded.
encodable = foreign_text.map(lambda text: text.encode("utf-8", "replace").decode())


@settings(deadline=None)
@given(encodable, encodable)
def test_nothing_foreign_comes_alive(name: str, words: str) -> None:
    path = f"a{name}"
    hostile = msgspec.structs.replace(HEARTBEAT_FINDING, message=words, path=path)
    silenced = msgspec.structs.replace(
        ROOMS_FINDING, id="twin.1", suppressed=Suppressed(by="pragma", reason=words), path=path
    )
    report = make_report((hostile, silenced), skipped=(Skipped(path, "limit", words),), resolved=(hostile,))
    proposal = Proposal(faults=(ConfigFault(1, 1, words),))
    found = judged(report=report, proposal=proposal, added={path: frozenset(range(99))})
    state = review_state(judged=found, html_url="", ignored=(Ignored("twin", words, words),))
    draft = replace(state, pull_request=replace(PULL, is_draft=True))
    failed = replace(state, judged=Fault(words), comments=(OLD_STICKY,))
    reviews = [action for action in decide_review(state) if isinstance(action, CreateReview)]
    bodies = [
        the_comment(decide_review(state)),
        the_check(decide_review(draft)).check.output.summary,
        the_comment(decide_review(failed)),
        the_check(decide_review(failed)).check.output.summary,
        *(comment.body for review in reviews for comment in review.comments),
    ]
    assert len(bodies) == 5
    for body in bodies:
        assert live_links(body) == []
        assert len(body) < 60_000


def test_bodies_are_never_too_long() -> None:
    # Each hidden character is shown as eight, so that what was shortened grows again.
    long = "\u202e" * 3000
    findings = tuple(
        msgspec.structs.replace(
            HEARTBEAT_FINDING,
            id=f"{at:04x}.1",
            fingerprint=f"{at:04x}",
            rule=f"timer/r{at}",
            line=at + 1,
            path=long,
            message=long,
            fix=msgspec.structs.replace(HEARTBEAT_FINDING.fix, summary=long),
        )
        for at in range(60)
    )
    silenced = tuple(
        msgspec.structs.replace(item, id=f"s{item.id}", suppressed=Suppressed(by=by, reason=long))
        for by in ("pragma", "command")
        for item in findings[:20]
    )
    faults = tuple(ConfigFault(1, 1, long) for _ in range(50))
    report = make_report((*findings, *silenced), resolved=findings, skipped=(Skipped(long, "limit", long),) * 5)
    found = judged(
        report=report,
        faults=faults,
        proposal=Proposal(faults=faults),
        added={long: frozenset(range(99))},
        diffs={},
    )
    state = review_state(judged=found, budgets=budgets(*[GROWING] * 200))
    actions = decide_review(state)
    assert len(the_comment(actions)) <= 60_000
    assert len(the_check(actions).check.output.summary) <= 60_000
    reviews = [action for action in actions if isinstance(action, CreateReview)]
    assert max(len(comment.body) for review in reviews for comment in review.comments) <= 60_000


def test_the_check_says_what_confined_the_scan() -> None:
    sentence = "Scans run without a network, by a seccomp filter."
    actions = decide_review(review_state(HEARTBEAT_FINDING, confinement=sentence))
    assert the_check(actions).check.output.summary.endswith(f"<sub>{sentence}</sub>\n")
    assert sentence not in the_comment(actions)
