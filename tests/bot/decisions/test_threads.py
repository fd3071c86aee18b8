"""Threads of inline comments: begun once, resolved when their leak is gone, and kept when it has only moved."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.decisions.actions import CommentOnFile, CreateReview, Refused, ResolveThread
from bot.decisions.markers import marked
from bot.decisions.pull_request import decide_review
from bot.decisions.reviews import InlineComment
from bot.decisions.threads import finding_ids, smaller_reviews
from fixers.findings import Suppressed
from fixers.source import Skipped
from tests.bot.decisions.states import HEAD, PULL, ignored, judged, nowhere, review_state, thread
from tests.bot.reports.samples import (
    HEARTBEAT_FINDING,
    ROOMS_FINDING,
    STORE_FINDING,
    make_report,
)

if TYPE_CHECKING:
    from bot.decisions.state import ReviewState
    from fixers.findings import Finding


def begun(state: ReviewState) -> list[str]:
    """The ids of the findings that get a thread."""
    return [
        found for action in decide_review(state) if isinstance(action, CreateReview) for found in finding_ids(action)
    ]


def resolved(state: ReviewState) -> dict[str, str]:
    """The threads that are done, with the text for where GitHub does not let us resolve them."""
    return {action.thread_id: action.otherwise for action in decide_review(state) if isinstance(action, ResolveThread)}


def many(number: int, rules: int = 10) -> tuple[Finding, ...]:
    return tuple(
        msgspec.structs.replace(
            ROOMS_FINDING, id=f"{at:04x}ffff.1", fingerprint=f"{at:04x}ffff", rule=f"timer/r{at % rules}", line=at + 1
        )
        for at in range(number)
    )


def test_a_finding_with_a_thread_gets_no_second() -> None:
    state = review_state(HEARTBEAT_FINDING, ROOMS_FINDING, threads=(thread(HEARTBEAT_FINDING),))
    assert begun(state) == [ROOMS_FINDING.id]
    assert resolved(state) == {}


def test_nor_one_whose_thread_somebody_has_resolved() -> None:
    state = review_state(HEARTBEAT_FINDING, threads=(thread(HEARTBEAT_FINDING, is_resolved=True),))
    assert begun(state) == []


def test_a_thread_is_resolved_when_its_leak_is_gone() -> None:
    answered = thread(HEARTBEAT_FINDING, is_answered=True)
    (otherwise,) = resolved(review_state(threads=(answered,))).values()
    first, rest = otherwise.split("\n", 1)
    assert first == answered.body.split("\n", 1)[0]
    assert "**Resolved** in `5f0c1d2`: the leak is gone." in rest
    assert answered.body.split("\n", 1)[1].strip() in rest


def test_where_it_could_not_be_resolved_it_is_not_tried_for_ever() -> None:
    (otherwise,) = resolved(review_state(threads=(thread(HEARTBEAT_FINDING),))).values()
    for body in (otherwise, otherwise.replace("\n", "\r\n")):
        assert resolved(review_state(threads=(thread(HEARTBEAT_FINDING, body=body),))) == {}


@pytest.mark.parametrize(
    "moved",
    [
        {"line": 40, "end_line": 40},
        {"path": "src/gateway/beat.ts"},
        {"id": f"{HEARTBEAT_FINDING.fingerprint}.7"},
        {"id": "cccccccccccc.1", "fingerprint": "cccccccccccc"},
    ],
    ids=["other lines", "a renamed file", "another ordinal", "another fingerprint at its line"],
)
def test_a_leak_that_has_only_moved_keeps_its_thread(moved: dict[str, object]) -> None:
    state = review_state(msgspec.structs.replace(HEARTBEAT_FINDING, **moved), threads=(thread(HEARTBEAT_FINDING),))
    assert (begun(state), resolved(state)) == ([], {})


def test_a_file_that_could_not_be_read_says_nothing_of_its_leaks() -> None:
    skipped = (Skipped(HEARTBEAT_FINDING.path, "syntax", "x"),)
    report = make_report((), resolved=(), skipped=skipped)
    assert resolved(review_state(judged=judged(report=report), threads=(thread(HEARTBEAT_FINDING),))) == {}


@pytest.mark.parametrize("by", ["pragma", "config", "command"])
def test_a_silenced_leak_is_resolved_with_its_reason(by: str) -> None:
    silenced = msgspec.structs.replace(HEARTBEAT_FINDING, suppressed=Suppressed(by=by, reason="ask @octocat"))
    (otherwise,) = resolved(review_state(silenced, threads=(thread(HEARTBEAT_FINDING),))).values()
    assert "**Silenced**: ask @" in otherwise
    assert "@octocat" not in otherwise


def test_ignored_by_command_resolves_at_once() -> None:
    state = review_state(HEARTBEAT_FINDING, ignored=(ignored(HEARTBEAT_FINDING),), threads=(thread(HEARTBEAT_FINDING),))
    assert list(resolved(state)) == ["T1"]


def test_of_two_threads_on_one_finding_the_older_goes_on() -> None:
    twice = (thread(HEARTBEAT_FINDING, 2), thread(HEARTBEAT_FINDING, 1))
    assert list(resolved(review_state(HEARTBEAT_FINDING, threads=twice))) == ["T2"]


def test_a_copy_is_another_finding() -> None:
    copy = msgspec.structs.replace(HEARTBEAT_FINDING, id=f"{HEARTBEAT_FINDING.fingerprint}.2", line=20, end_line=20)
    first = msgspec.structs.replace(HEARTBEAT_FINDING, id=f"{HEARTBEAT_FINDING.fingerprint}.1")
    assert begun(review_state(first, copy, threads=(thread(first),))) == [copy.id]


def test_threads_end_where_none_is_begun() -> None:
    draft = replace(PULL, is_draft=True)
    state = review_state(ROOMS_FINDING, threads=(thread(HEARTBEAT_FINDING),), pull_request=draft)
    assert (begun(state), list(resolved(state))) == ([], ["T1"])


def test_at_most_ten_are_open() -> None:
    findings = many(14)
    everywhere = {ROOMS_FINDING.path: frozenset(range(100))}
    state = review_state(judged=judged(*findings, added=everywhere))
    assert len(begun(state)) == 10
    open_threads = tuple(thread(finding, at) for at, finding in enumerate(findings[:8]))
    assert len(begun(replace(state, threads=open_threads))) == 2
    gone = tuple(thread(finding, 50 + at) for at, finding in enumerate(many(30)[20:]))
    assert len(begun(replace(state, threads=(*open_threads[:4], *gone)))) == 6


def test_at_most_five_of_one_rule_are_open() -> None:
    findings = many(14, rules=1)
    state = review_state(judged=judged(*findings, added={ROOMS_FINDING.path: frozenset(range(100))}))
    threads = tuple(thread(finding, at) for at, finding in enumerate(findings[:3]))
    assert len(begun(replace(state, threads=threads))) == 2


def test_what_is_refused_on_its_line_is_told_on_its_file() -> None:
    refused = Refused(lines=frozenset({HEARTBEAT_FINDING.id, STORE_FINDING.id}))
    actions = decide_review(review_state(HEARTBEAT_FINDING, STORE_FINDING, refused=refused))
    told = [action for action in actions if isinstance(action, CommentOnFile)]
    assert [(action.path, marked(action.body, "id")) for action in told] == [
        (finding.path, finding.id) for finding in (STORE_FINDING, HEARTBEAT_FINDING)
    ]
    assert f"It is acquired in line {HEARTBEAT_FINDING.line}." in told[1].body
    # One click can apply it at a line only.
    assert "```suggestion" not in told[1].body
    assert "```diff" in told[1].body
    assert not any(isinstance(action, CreateReview) for action in actions)


def test_what_is_refused_on_its_file_is_told_by_the_sticky_comment_alone() -> None:
    state = review_state(HEARTBEAT_FINDING, STORE_FINDING, refused=nowhere(STORE_FINDING))
    assert begun(state) == [HEARTBEAT_FINDING.id]
    assert not any(isinstance(action, CommentOnFile) for action in decide_review(state))


def test_what_is_told_on_its_file_counts_and_is_not_told_while_paused() -> None:
    findings = many(14)
    state = review_state(
        judged=judged(*findings, added={ROOMS_FINDING.path: frozenset(range(100))}),
        refused=Refused(lines=frozenset(finding.id for finding in findings[:3])),
    )
    assert len(begun(state)) == 7
    paused = decide_review(replace(state, paused=True))
    assert not any(isinstance(action, CommentOnFile | CreateReview) for action in paused)


def test_a_comment_that_names_a_finding_without_a_marker_is_no_thread_of_its() -> None:
    quoted = thread(HEARTBEAT_FINDING, body=f"See\n{thread(HEARTBEAT_FINDING).body}")
    assert begun(review_state(HEARTBEAT_FINDING, threads=(quoted,))) == [HEARTBEAT_FINDING.id]


def test_another_round_on_the_same_commit_is_another_review() -> None:
    keys = {
        action.key
        for findings in ((HEARTBEAT_FINDING,), (HEARTBEAT_FINDING, ROOMS_FINDING))
        for action in decide_review(review_state(*findings))
        if isinstance(action, CreateReview)
    }
    assert len(keys) == 2


def review_of(number: int) -> CreateReview:
    bodies = [f"<!-- stanch:v1 id=f{at} -->\n" for at in range(number)]
    comments = tuple(InlineComment(path="a", line=1, side="RIGHT", body=body) for body in bodies)
    return CreateReview("k", 12, HEAD, comments)


@given(st.integers(1, 10).flatmap(lambda size: st.tuples(st.just(size), st.sets(st.integers(0, size - 1)))))
def test_a_refused_review_is_halved_down_to_its_culprits(case: tuple[int, set[int]]) -> None:
    size, culprits = case
    waiting, posted, refused, keys = [review_of(size)], [], [], set()
    while waiting:
        review = waiting.pop()
        assert review.key not in keys
        keys.add(review.key)
        ids = finding_ids(review)
        if not culprits & {int(found[1:]) for found in ids}:
            posted += ids
        elif len(ids) == 1:
            assert smaller_reviews(review) == ()
            refused += ids
        else:
            waiting += smaller_reviews(review)
    assert {int(found[1:]) for found in refused} == culprits
    assert sorted([*posted, *refused]) == sorted(f"f{at}" for at in range(size))
