"""The default branch, decided: one check run on each commit, with counts and what became of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import msgspec
import pytest

from bot.config import Config, load
from bot.decisions.actions import FinishCheck, StartCheck, UploadSarif
from bot.decisions.default_branch import NAME, counted, decide_default_branch
from bot.decisions.state import DefaultBranchState, EarlierScan, Fault
from bot.judged import Judged
from fixers.findings import Confidence
from tests.bot.decisions.states import (
    APP,
    BASE,
    GROWING,
    HEAD,
    HTML_URL,
    NEWER,
    PERMISSIONS,
    budgets,
    check_run,
    judged,
)
from tests.bot.reports.samples import HEARTBEAT_FINDING, ROOMS_FINDING, STORE_FINDING, UNSURE_FINDING

STARTED = check_run(name=NAME, external_id=f"check/stanch-repository/{HEAD}/1")
LAST = EarlierScan(BASE, date(2026, 11, 23), {"timer/forgotten-by-teardown": 1, "file/never-released": 2})
FIRST = EarlierScan(NEWER, date(2026, 11, 20), {"timer/forgotten-by-teardown": 4})


def branch_state(found: Judged | Fault | None, **changes: object) -> DefaultBranchState:
    made = DefaultBranchState("main", HEAD, APP, PERMISSIONS, found, (STARTED,), html_url=HTML_URL)
    return replace(made, **changes)  # type: ignore[arg-type]


def the_check(state: DefaultBranchState) -> FinishCheck:
    (check,) = [action for action in decide_default_branch(state) if isinstance(action, FinishCheck)]
    return check


def test_it_begins_and_ends() -> None:
    begun = decide_default_branch(branch_state(None, checks=()))
    assert begun == (StartCheck(f"check/stanch-repository/{HEAD}/1", NAME, HEAD),)
    assert decide_default_branch(branch_state(None)) == ()
    done = the_check(branch_state(judged(HEARTBEAT_FINDING)))
    assert (done.key, done.check_id, done.check.conclusion) == (STARTED.external_id, STARTED.id, "neutral")


@pytest.mark.parametrize(
    ("state", "title", "conclusion"),
    [
        (branch_state(judged()), "No leaks", "success"),
        (branch_state(judged(ROOMS_FINDING)), "1 leak", "neutral"),
        (
            branch_state(judged(HEARTBEAT_FINDING), earlier=(LAST,)),
            "1 leak, -2 since the last scan, 1 with a safe fix",
            "neutral",
        ),
        (
            branch_state(judged(HEARTBEAT_FINDING, STORE_FINDING, ROOMS_FINDING), earlier=(LAST,)),
            "3 leaks, as many as in the last scan, 2 with a safe fix",
            "neutral",
        ),
        (branch_state(judged(UNSURE_FINDING)), "No leaks", "success"),
        (branch_state(Fault("It crashed.")), "This commit could not be scanned", "neutral"),
    ],
)
def test_its_title(state: DefaultBranchState, title: str, conclusion: str) -> None:
    check = the_check(state).check
    assert (check.output.title, check.conclusion, check.name) == (title, conclusion, NAME)
    assert check.output.annotations == ()


def test_it_never_fails_whatever_the_gate_says() -> None:
    gate = load(b"gate:\n  fail-on: leak\n", "x")[0]
    assert the_check(branch_state(judged(HEARTBEAT_FINDING, config=gate))).check.conclusion == "neutral"


def test_the_difference_to_the_last_scan() -> None:
    summary = the_check(
        branch_state(judged(HEARTBEAT_FINDING, STORE_FINDING), earlier=(LAST, FIRST))
    ).check.output.summary
    assert "Since `9fceb02` of 2026-11-23:" in summary
    assert "| `database/not-released-on-error` | 0 | 1 | +1 |" in summary
    assert "| `file/never-released` | 2 | 0 | -2 |" in summary
    assert "`timer/forgotten-by-teardown` | 1" not in summary
    assert "| **all** | 3 | 2 | -1 |" in summary
    assert "| 2026-11-20 | `a1b2c3d` | 4 |" in summary
    assert "| now | `5f0c1d2` | 2 |" in summary


def test_the_first_scan_and_one_without_a_difference() -> None:
    found = judged(HEARTBEAT_FINDING)
    assert "This is the first scan of this branch." in the_check(branch_state(found)).check.output.summary
    same = EarlierScan(BASE, date(2026, 11, 23), counted(found))
    assert "of 2026-11-23 nothing has changed." in the_check(branch_state(found, earlier=(same,))).check.output.summary


def test_what_would_be_fixed() -> None:
    summary = the_check(branch_state(judged(HEARTBEAT_FINDING, STORE_FINDING, ROOMS_FINDING))).check.output.summary
    assert "**Safe fixes** are known for 2 findings: 1 `database/not-released-on-error`, 1 `timer/for" in summary
    off = load(b"fix:\n  enabled: false\n  families: [timer]\n", "x")[0]
    told = the_check(branch_state(judged(HEARTBEAT_FINDING, STORE_FINDING, config=off))).check.output.summary
    assert "known for 1 finding: 1 `timer/forgotten-by-teardown`. Fixing is off in the configuration." in told


def test_that_nothing_is_opened_without_the_permission() -> None:
    state = branch_state(judged(HEARTBEAT_FINDING))
    note = "Stanch opens no pull requests with them, because it was not granted `contents: write` here."
    assert note in the_check(state).check.output.summary
    granted = replace(state, permissions={**PERMISSIONS, "contents": "write"})
    assert note not in the_check(granted).check.output.summary


def test_counts_are_of_the_confidence_in_force() -> None:
    assert counted(judged(UNSURE_FINDING)) == {}
    config = msgspec.structs.replace(
        Config(), scan=msgspec.structs.replace(Config().scan, confidence=Confidence.MEDIUM)
    )
    assert counted(judged(UNSURE_FINDING, config=config)) == {"listener/never-released": 1}


def test_sarif_is_sent_where_it_may_be() -> None:
    state = branch_state(judged(HEARTBEAT_FINDING))
    assert not any(isinstance(action, UploadSarif) for action in decide_default_branch(state))
    granted = replace(state, permissions={**PERMISSIONS, "security_events": "write"})
    (upload,) = [action for action in decide_default_branch(granted) if isinstance(action, UploadSarif)]
    assert upload == UploadSarif(f"sarif/{HEAD}", HEAD, "refs/heads/main", b"{}")


def test_budgets_have_their_place() -> None:
    assert (
        "| `poll` | timers | grows" in the_check(branch_state(judged(), budgets=budgets(GROWING))).check.output.summary
    )


def test_a_summary_has_a_bound() -> None:
    many = tuple(msgspec.structs.replace(HEARTBEAT_FINDING, id=f"twin.{at}", rule=f"timer/r{at}") for at in range(300))
    assert len(the_check(branch_state(judged(*many), earlier=(LAST,))).check.output.summary) <= 60_000


def test_the_check_says_what_confined_the_scan() -> None:
    sentence = "Scans run without a network, by a seccomp filter."
    summary = the_check(branch_state(judged(), confinement=sentence)).check.output.summary
    assert summary.endswith(f"<sub>{sentence}</sub>")
