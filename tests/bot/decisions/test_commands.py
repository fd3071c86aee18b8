"""`/perf-scan`, decided: one visible answer to each command, and the work that follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings

from bot.config import Config, effective_text
from bot.decisions.actions import (
    CreateComment,
    EditComment,
    EditInlineComment,
    React,
    ReplyInThread,
    ResolveThread,
    Subject,
)
from bot.decisions.commands import Decision, acknowledge, command_key, decide_command, decide_failure
from bot.decisions.requests import FixRequested, Forget, Remember, Rescan, SetPaused
from bot.decisions.state import CommandState, Fault, Ignored, Pressed, Written
from bot.github.models import Access, Account, BranchTip, IssueComment
from fixers.findings import Suppressed
from tests.bot.decisions.states import (
    ALICE,
    BOB,
    GROWING,
    HEAD,
    HTML_URL,
    NEWER,
    NOON,
    PULL,
    ROBOT,
    budgets,
    command_state,
    ignored,
    judged,
    own_comment,
    thread,
)
from tests.bot.reports.github_markdown import foreign_text, leaves, live_links
from tests.bot.reports.samples import HEARTBEAT_FINDING, ROOMS_FINDING, STORE_FINDING

if TYPE_CHECKING:
    from bot.decisions.requests import Request

ID = HEARTBEAT_FINDING.id
FOUND = judged(HEARTBEAT_FINDING, ROOMS_FINDING, STORE_FINDING)
FAILED = "It failed with an error of its own (ValueError)."
PRINT = HEARTBEAT_FINDING.fingerprint
RULE = HEARTBEAT_FINDING.rule


def text(decision: Decision) -> str:
    (body,) = [
        action.body
        for action in decision.actions
        if isinstance(action, CreateComment | EditComment | ReplyInThread | EditInlineComment)
    ]
    return body


def reactions(decision: Decision) -> list[str]:
    return [action.reaction.value for action in decision.actions if isinstance(action, React)]


@pytest.mark.parametrize(
    ("body", "changes", "says", "reaction", "requests"),
    [
        ("/perf-scan", {}, "Scanning `5f0c1d2` …", None, [Rescan(HEAD)]),
        ("/perf-scan full", {}, "Scanning `5f0c1d2` …", None, [Rescan(HEAD)]),
        ("/perf-scan", {"judged": FOUND}, "was scanned again: 3 leaks introduced", "rocket", []),
        ("/perf-scan", {"judged": Fault("It crashed.")}, "could not be scanned: It crashed.", "confused", []),
        (
            "/perf-scan",
            {"pull_request": replace(PULL, head=BranchTip("feature", NEWER, 100))},
            "Commit `5f0c1d2` is no longer the newest; `a1b2c3d` is scanned by itself.",
            "rocket",
            [],
        ),
        ("/perf-scan help", {}, "| `/perf-scan ignore ID reason` | silences a finding", "rocket", []),
        ("/perf-scan hlep", {}, "There is no command `hlep`. Did you mean `/perf-scan help`?", "confused", []),
        ("/perf-scan zzzzz", {}, "`/perf-scan help` lists all", "confused", []),
        ("/perf-scan explain", {}, "It does not say which finding. Write `/perf-scan explain ID`.", "confused", []),
        (f"/perf-scan explain {ID}", {"judged": FOUND}, f"stanch explain {ID}", "rocket", []),
        (f"/perf-scan explain {PRINT}", {"judged": FOUND}, "**How it was judged**", "rocket", []),
        (f"/perf-scan explain {ID}", {}, "This commit was not scanned.", "confused", []),
        (f"/perf-scan explain {ID}", {"judged": Fault("It crashed.")}, "not scanned: It crashed.", "confused", []),
        (f"/perf-scan explain {ID}x", {"judged": FOUND}, f"did you mean `{ID}`?", "confused", []),
        ("/perf-scan explain zzzz", {"judged": FOUND}, "has the ID `zzzz`; the comment and", "confused", []),
        ("/perf-scan config", {"config_text": "gate:\n  fail-on: none  # default\n"}, "fail-on: none", "rocket", []),
        ("/perf-scan budget", {"budgets": budgets(GROWING)}, "| `poll` | timers | grows", "rocket", []),
        ("/perf-scan budget", {"sees_checks": False}, "does not grant `checks: read`", "confused", []),
        ("/perf-scan budget", {}, "No budget was measured on `5f0c1d2`.", "rocket", []),
        (
            f"/perf-scan ignore {ID} it is fine",
            {"judged": FOUND},
            "Reason: it is fine",
            "rocket",
            [Remember(PRINT, "it is fine", "bob", RULE), Rescan(HEAD)],
        ),
        (f"/perf-scan ignore {ID}", {"judged": FOUND}, "It gives no reason", "confused", []),
        (f"/perf-scan ignore {ID} x", {}, "This commit was not scanned.", "confused", []),
        (
            f"/perf-scan ignore {ID} x",
            {"judged": FOUND, "ignored": (ignored(HEARTBEAT_FINDING),)},
            "is silenced already",
            "confused",
            [],
        ),
        (
            f"/perf-scan unignore {ID}",
            {"ignored": (ignored(HEARTBEAT_FINDING),)},
            "It was silenced by `bob`: the process ends here",
            "rocket",
            [Forget(PRINT), Rescan(HEAD)],
        ),
        (f"/perf-scan unignore {ID}", {}, "was not silenced by command.", "confused", []),
        ("/perf-scan fix", {"judged": FOUND}, "not switched on in this installation", "confused", []),
        (
            "/perf-scan fix",
            {"judged": FOUND, "fixing": True},
            "Writing 2 safe fixes",
            None,
            [FixRequested(HEAD, (STORE_FINDING.id, ID))],
        ),
        (
            f"/perf-scan fix {ID}",
            {"judged": FOUND, "fixing": True},
            "Writing 1 safe fix",
            None,
            [FixRequested(HEAD, (ID,))],
        ),
        (f"/perf-scan fix {ROOMS_FINDING.id}", {"judged": FOUND, "fixing": True}, "no safe fix for it", "confused", []),
        ("/perf-scan fix zzzz", {"judged": FOUND, "fixing": True}, "has the ID `zzzz`", "confused", []),
        ("/perf-scan fix", {"judged": FOUND, "fixing": True, "paused": True}, "Fixing is paused", "confused", []),
        ("/perf-scan fix", {"judged": judged(), "fixing": True}, "no safe fix for what", "confused", []),
        ("/perf-scan pause", {}, "Paused: no new comments", "rocket", [SetPaused(True)]),
        ("/perf-scan pause", {"paused": True}, "paused here already", "rocket", []),
        ("/perf-scan resume", {"paused": True}, "Resumed.", "rocket", [SetPaused(False), Rescan(HEAD)]),
        ("/perf-scan resume", {}, "Nothing is paused here.", "rocket", []),
    ],
)
def test_an_answer(
    body: str,
    changes: dict[str, Any],
    says: str,
    reaction: str | None,
    requests: list[Request],
) -> None:
    state = command_state(body, **changes)
    assert reactions(acknowledge(state)) == ["eyes"]
    decision = decide_command(state)
    assert says in text(decision)
    assert text(decision).startswith("<!-- stanch:v1 key=reply/3001 -->\n\n")
    assert reactions(decision) == ([reaction] if reaction else [])
    assert list(decision.requests) == requests


TREE = msgspec.structs.replace(
    FOUND, base=None, report=msgspec.structs.replace(FOUND.report, base=None), is_configured=True
)


@pytest.mark.parametrize(
    ("body", "changes", "says", "reaction", "requests"),
    [
        ("/perf-scan", {}, "The default branch is scanned again; its check", "rocket", [Rescan(HEAD)]),
        ("/perf-scan help", {}, "| `/perf-scan ignore ID reason` | silences a finding", "rocket", []),
        (f"/perf-scan explain {ID}", {"judged": TREE}, f"stanch explain {ID}", "rocket", []),
        ("/perf-scan explain zzzz", {"judged": TREE}, "No finding of the default branch has the ID", "confused", []),
        (
            f"/perf-scan ignore {ID} it is fine",
            {"judged": TREE},
            "Reason: it is fine",
            "rocket",
            [Remember(PRINT, "it is fine", "bob", RULE), Rescan(HEAD)],
        ),
        (f"/perf-scan fix {ID}", {"judged": TREE}, "Writing 1 safe fix:", None, [FixRequested(HEAD, (ID,))]),
        ("/perf-scan fix", {"fixing": False}, "not switched on in this installation", "confused", []),
        (
            "/perf-scan fix",
            {"judged": msgspec.structs.replace(TREE, is_configured=False)},
            "before `.github/stanch.yml` is on the default branch",
            "confused",
            [],
        ),
        ("/perf-scan pause", {}, "This is for pull requests", "confused", []),
        ("/perf-scan resume", {}, "This is for pull requests", "confused", []),
    ],
)
def test_an_answer_in_the_tracking_issue(
    body: str, changes: dict[str, Any], says: str, reaction: str | None, requests: list[Request]
) -> None:
    decision = decide_command(command_state(body, **{"on_issue": True, "fixing": True, **changes}))
    assert says in text(decision)
    assert f"({HTML_URL}/issues/12#issuecomment-" in text(decision)
    assert reactions(decision) == ([] if reaction is None else [reaction])
    assert list(decision.requests) == requests


def test_a_reply_says_what_it_answers() -> None:
    body = text(decide_command(command_state("/perf-scan help")))
    assert f"<sub>[`/perf-scan help`]({HTML_URL}/pull/12#issuecomment-3001) by `bob`</sub>" in body


@pytest.mark.parametrize(
    "state",
    [
        command_state("Well done!"),
        command_state("/perf-scan", author=ROBOT),
        command_state("/perf-scan", pull_request=replace(PULL, is_open=False)),
        command_state("/perf-scan", origin=Written(own_comment("/perf-scan"))),
        command_state("/perf-scan", origin=Written(IssueComment(1, BOB, 99, "/perf-scan", NOON))),
        command_state("", origin=Pressed(500, "else", BOB, NOON)),
    ],
    ids=["no command", "a bot", "closed", "ourselves", "another App", "a button that is not ours"],
)
def test_nobody_asks(state: CommandState) -> None:
    assert acknowledge(state) == decide_command(state) == decide_failure(state, FAILED) == Decision()


@pytest.mark.parametrize(
    ("origin", "kinds", "says"),
    [
        (None, [CreateComment, React], "You may write it again."),
        (
            Written(IssueComment(3001, BOB, None, "/perf-scan", NOON), Subject.REVIEW_COMMENT),
            [ReplyInThread, React],
            "You may write it again.",
        ),
        (Pressed(500, "rescan", BOB, NOON), [CreateComment], "You may press it again."),
    ],
    ids=["in the conversation", "in a thread", "a button"],
)
def test_a_command_that_was_given_up(origin: Written | Pressed | None, kinds: list[type], says: str) -> None:
    given = command_state("/perf-scan")
    state = given if origin is None else replace(given, origin=origin)
    decision = decide_failure(state, FAILED)
    assert [type(action) for action in decision.actions] == kinds
    assert f"Stanch failed over this, and has given it up. {FAILED} {says}" in text(decision)
    assert reactions(decision) == ["confused"] * (len(kinds) - 1)
    key = decision.actions[0].key
    answered = replace(state, replies=(own_comment(f"<!-- stanch:v1 key={key} -->\n\nScanning …"),))
    assert [type(action) for action in decide_failure(answered, FAILED).actions] == kinds[1:]
    if origin is None:
        begun = replace(answered, origin=command_state("/perf-scan fix").origin)
        assert [type(action) for action in decide_failure(begun, FAILED).actions] == [EditComment, React]
    assert decide_failure(replace(state, access=Access.NONE), FAILED) == Decision()


def test_who_may_not_is_told_once_a_day() -> None:
    state = command_state("/perf-scan fix", access=Access.READ)
    first = acknowledge(state)
    assert reactions(first) == ["confused"]
    assert "`/perf-scan fix` needs write access, which `bob` does not have here; nothing was done." in text(first)
    assert decide_command(state) == Decision()
    told = replace(state, replies=(own_comment(text(first)),))
    second = acknowledge(told)
    assert (reactions(second), len(second.actions)) == (["confused"], 1)
    assert text(acknowledge(replace(told, origin=Written(_comment(BOB, datetime(2026, 11, 25, tzinfo=UTC))))))
    assert text(acknowledge(replace(told, origin=Written(_comment(ALICE, NOON)))))


def _comment(author: Account, at: datetime) -> IssueComment:
    return IssueComment(3002, author, None, "/perf-scan fix", at)


def test_an_unknown_access_is_a_no() -> None:
    decision = acknowledge(command_state("/perf-scan help", access=None))
    assert reactions(decision) == ["confused"]
    assert "GitHub did not say what `bob` may do here" in text(decision)


def test_somebody_elses_marker_is_no_reply_of_ours() -> None:
    forged = own_comment("<!-- stanch:v1 key=reply/3001 -->\n\nDone.", app_id=None)
    decision = decide_command(command_state("/perf-scan help", replies=(forged,)))
    assert [type(action) for action in decision.actions] == [CreateComment, React]


def test_the_reply_to_a_rescan_is_edited_when_it_is_done() -> None:
    state = command_state("/perf-scan")
    begun = text(decide_command(state))
    ended = decide_command(replace(state, judged=FOUND, replies=(own_comment(begun, 44),)))
    assert [type(action) for action in ended.actions] == [EditComment, React]
    assert "was scanned again" in text(ended)


@pytest.mark.parametrize(
    ("body", "after", "requests"),
    [
        (f"/perf-scan ignore {ID} x", {"judged": FOUND, "ignored": (Ignored(PRINT, "x", "bob"),)}, [Remember, Rescan]),
        (f"/perf-scan unignore {ID}", {"judged": FOUND}, [Rescan]),
        ("/perf-scan pause", {"paused": True}, []),
        ("/perf-scan resume", {}, [Rescan]),
    ],
)
def test_after_a_crash_the_reply_stays_and_the_rest_is_done(
    body: str, after: dict[str, Any], requests: list[type]
) -> None:
    reply = own_comment("<!-- stanch:v1 key=reply/3001 -->\n\nWhat was said.")
    decision = decide_command(command_state(body, replies=(reply,), **after))
    assert reactions(decision) == ["rocket"]
    assert len(decision.actions) == 1
    assert [type(request) for request in decision.requests] == requests


def test_ignoring_resolves_the_thread_at_once() -> None:
    state = command_state(
        f"/perf-scan ignore {ID} it is fine",
        judged=FOUND,
        threads=(thread(HEARTBEAT_FINDING, 1), thread(ROOMS_FINDING, 2)),
    )
    (done,) = [action for action in decide_command(state).actions if isinstance(action, ResolveThread)]
    assert (done.thread_id, "**Silenced by command**: it is fine" in done.otherwise) == ("T1", True)


def test_of_two_copies_one_is_ignored_by_its_id() -> None:
    first = msgspec.structs.replace(HEARTBEAT_FINDING, id=f"{PRINT}.1")
    second = msgspec.structs.replace(HEARTBEAT_FINDING, id=f"{PRINT}.2", line=20, end_line=20)
    copies = judged(first, second)
    by_id = decide_command(command_state(f"/perf-scan ignore {PRINT}.2 x", judged=copies))
    assert by_id.requests[0] == Remember(f"{PRINT}.2", "x", "bob", RULE)
    by_print = decide_command(command_state(f"/perf-scan ignore {PRINT} x", judged=copies))
    assert by_print.requests[0] == Remember(PRINT, "x", "bob", RULE)


def test_a_command_in_a_thread_is_answered_there() -> None:
    origin = Written(IssueComment(3001, BOB, None, "/perf-scan help", NOON), Subject.REVIEW_COMMENT)
    decision = decide_command(command_state("", origin=origin))
    assert [type(action) for action in decision.actions] == [ReplyInThread, React]
    assert f"{HTML_URL}/pull/12#discussion_r3001" in text(decision)
    assert {action.subject for action in decision.actions if isinstance(action, React)} == {Subject.REVIEW_COMMENT}
    refused = acknowledge(command_state("", origin=replace(origin, comment=_comment(BOB, NOON)), access=Access.READ))
    assert [type(action) for action in refused.actions] == [React, CreateComment]


@pytest.mark.parametrize(
    ("button", "requests"),
    [("rescan", [Rescan]), ("fix", [FixRequested]), ("pause", [SetPaused])],
)
def test_a_button(button: str, requests: list[type]) -> None:
    state = command_state("", origin=Pressed(500, button, BOB, NOON), fixing=True)
    scanned = replace(state, judged=None if button == "rescan" else FOUND)
    assert acknowledge(state) == Decision()
    decision = decide_command(scanned)
    assert [type(request) for request in decision.requests] == requests
    assert [type(action) for action in decision.actions] == ([] if button == "rescan" else [CreateComment])


def test_who_may_not_press_a_button_is_told() -> None:
    decision = acknowledge(command_state("", origin=Pressed(500, "fix", BOB, NOON), access=Access.READ))
    assert [type(action) for action in decision.actions] == [CreateComment]
    assert decide_command(command_state("", origin=Pressed(500, "fix", BOB, NOON), access=Access.READ)) == Decision()


def test_a_button_is_answered_on_each_pull_request_of_the_commit() -> None:
    state = command_state("", origin=Pressed(500, "fix", BOB, NOON), fixing=True)
    other = replace(state, pull_request=replace(state.pull_request, number=state.pull_request.number + 1))
    assert command_key(state) != command_key(other)


def test_the_configuration_is_shown_with_its_origins() -> None:
    shown = effective_text(Config(), {}, ".github/stanch.yml")
    body = text(decide_command(command_state("/perf-scan config", config_text=shown)))
    assert "configuration of `main`" in body
    assert "fail-on: none  # default" in body
    long = text(decide_command(command_state("/perf-scan config", config_text=shown * 2000)))
    assert len(long) < 60_000
    assert "too long to be shown" in long


@settings(deadline=None)
@given(foreign_text, foreign_text, foreign_text)
def test_nothing_foreign_comes_alive(word: str, reason: str, branch: str) -> None:
    pull_request = replace(PULL, base=BranchTip(branch, HEAD, 100))
    silenced = msgspec.structs.replace(
        HEARTBEAT_FINDING, message=reason, suppressed=Suppressed(by="pragma", reason=reason)
    )
    for body in (
        f"/perf-scan {word}",
        f"/perf-scan explain {word}",
        f"/perf-scan ignore {ID} {reason}",
        f"/perf-scan fix {word}",
        f"/perf-scan explain {ID}",
        "/perf-scan config",
        f"/perf-scan unignore {ID}",
    ):
        state = command_state(
            body,
            author=Account(3, f"a{word}"),
            judged=judged(silenced),
            pull_request=pull_request,
            config_text=reason,
            ignored=(Ignored(PRINT, reason, word),),
            html_url="",
        )
        for decision in (decide_command(state), acknowledge(replace(state, access=Access.NONE))):
            for action in decision.actions:
                if isinstance(action, CreateComment):
                    assert live_links(action.body) == []
                    html = [token.content for token in leaves(action.body) if token.type.startswith("html")]
                    assert all(
                        piece.strip().startswith("<!-- stanch:v1") or piece in ("<sub>", "</sub>") for piece in html
                    )
