"""The tracking issue: when it is written, what it says, and which of its boxes somebody has ticked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.config import Config, Fault
from bot.config.models import FixRequests
from bot.decisions.bodies import BODY_LIMIT
from bot.decisions.fix_groups import FixGroup
from bot.decisions.fixing_new import Waiting, Why
from bot.decisions.fixing_state import FixRecord, Outcomes, Purpose, Standing
from bot.decisions.markers import marked
from bot.decisions.tracking_body import KEY, MAX_LISTED
from bot.decisions.tracking_issue import (
    MAX_TICKED,
    TITLE,
    CreateIssue,
    EditIssue,
    ScanPoint,
    TrackingIssue,
    TrackingState,
    decide_tracking_issue,
    ticked,
    unticked,
)
from fixers.findings import Fix, FixKind
from tests.bot.decisions.fixes import RULE, group, leak, leaks, report_path, tree
from tests.bot.decisions.states import HEAD, HTML_URL
from tests.bot.findings import BY_PRAGMA
from tests.bot.reports.github_markdown import HOSTILE, foreign_text, leaves, live_links

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fixers.findings import Finding

GRANTED = {"issues": "write", "contents": "write", "pull_requests": "write"}


def state(*findings: Finding, **changes: Any) -> TrackingState:
    """A repository with these findings, whose configuration is there; `changes` are fields of the state."""
    given = {"permissions": GRANTED, "judged": tree(*findings, is_configured=True), "html_url": HTML_URL, **changes}
    return TrackingState(**given)


def body(made: TrackingState) -> str:
    decided = decide_tracking_issue(made)
    assert isinstance(decided, CreateIssue)
    return decided.body


def waiting(why: Why, *findings: Finding) -> Waiting:
    return Waiting(FixGroup(RULE, "", findings), why)


def record(number: int, standing: Standing, **changes: Any) -> FixRecord:
    made = FixRecord(
        branch=f"stanch/{number}",
        purpose=Purpose.FIX,
        rule=RULE,
        package="web",
        fingerprints=("aaaaaaaaaaaa",),
        number=number,
        standing=standing,
    )
    return replace(made, **changes)


@pytest.mark.parametrize("permissions", [{}, {"issues": "read"}, {"contents": "write"}])
def test_it_is_there_only_where_it_was_granted(permissions: dict[str, str]) -> None:
    issue = TrackingIssue(7, True, "old")
    assert decide_tracking_issue(state(leak(), permissions=permissions)) is None
    assert decide_tracking_issue(state(leak(), permissions=permissions, issue=issue)) is None


def test_it_is_opened_once_there_is_something_to_say() -> None:
    made = decide_tracking_issue(state(leak()))
    assert isinstance(made, CreateIssue)
    assert (made.title, marked(made.body, "key")) == (TITLE, KEY)
    assert decide_tracking_issue(state()) is None
    assert isinstance(decide_tracking_issue(state(records=(record(1, Standing.MERGED),))), CreateIssue)
    assert decide_tracking_issue(state(records=(record(1, Standing.OPEN, purpose=Purpose.ONBOARDING),))) is None


def test_it_is_edited_when_its_text_changes_and_never_reopened() -> None:
    text = body(state(leak()))
    shown = text.rstrip().replace("\n", "\r\n")
    assert decide_tracking_issue(state(leak(), issue=TrackingIssue(7, True, shown))) is None
    assert decide_tracking_issue(state(leak(), issue=TrackingIssue(7, True, "old"))) == EditIssue(7, text)
    assert decide_tracking_issue(state(leak(), issue=TrackingIssue(7, False, "old"))) is None


def test_it_stays_when_all_is_well() -> None:
    decided = decide_tracking_issue(state(issue=TrackingIssue(7, True, "old")))
    assert isinstance(decided, EditIssue)
    assert "The default branch has **no leaks**." in decided.body


def test_what_it_says() -> None:
    suggested = Fix(kind=FixKind.SUGGESTED, summary="use a pool", why="a person must choose")
    first, second, third, fourth = leaks(4)
    third = msgspec.structs.replace(third, fix=suggested)
    fourth = msgspec.structs.replace(fourth, suppressed=BY_PRAGMA)
    points = tuple(
        ScanPoint(
            f"{at}" * 40, date(2026, 11, at), 10 - at, {"heap poll": 2_000_000, "timers poll": at} if at > 1 else {}
        )
        for at in (1, 2, 3)
    )
    text = body(
        state(
            first,
            second,
            third,
            fourth,
            records=(
                record(4, Standing.OPEN),
                record(5, Standing.LEFT, package=""),
                record(6, Standing.REFUSED, fingerprints=("a", "b")),
                record(7, Standing.MERGED),
                record(8, Standing.OPEN, purpose=Purpose.STACKED),
            ),
            waiting=(waiting(Why.HOUR, second), waiting(Why.LARGE, first)),
            outcomes={RULE: Outcomes(1, 3, 2), "file/never-released": Outcomes(2, 0, 0)},
            points=points,
        )
    )
    blob = f"{HTML_URL}/blob/{HEAD}/a.js"
    assert text == (
        "<!-- stanch:v1 key=tracking -->\n\n"
        "The default branch has **3 leaks**.\n\n"
        "### Open\n\n"
        "- #4: `timer/never-released` in `web`, 1 leak\n"
        "- #5: `timer/never-released`, 1 leak · somebody works on it\n\n"
        "### Waiting\n\n"
        "Tick a box to have its pull request opened now. It counts for those who may write here.\n\n"
        "More than 20 changed lines, so only when somebody asks:\n\n"
        f"- [ ] <!-- stanch:v1 open=000000000000 -->`timer/never-released`: [`a.js:1`]({blob}#L1)\n\n"
        "Opened later, one after the other:\n\n"
        f"- [ ] <!-- stanch:v1 open=000000000001 -->`timer/never-released`: [`a.js:2`]({blob}#L2)\n\n"
        "### To be judged\n\n"
        "A fix is known, and whether it is right is for somebody to judge. `stanch fix --suggested` writes them.\n\n"
        f"- [`a.js:3`]({blob}#L3): This interval is never cleared. use a pool?\n\n"
        "### Refused\n\n"
        "These leaks are not proposed again; reopening a pull request takes that back.\n\n"
        "- #6: `timer/never-released` in `web`, 2 leaks\n\n"
        "### Silenced\n\n"
        f"- [`a.js:4`]({blob}#L4), `timer/never-released`: known\n\n"
        "### What became of them\n\n"
        "| rule | merged | refused | ignored | |\n| --- | ---: | ---: | ---: | --- |\n"
        "| `file/never-released` | 2 | 0 | 0 |  |\n"
        "| `timer/never-released` | 1 | 3 | 2 | on request only |\n\n"
        "<details>\n<summary>The last 3 scans</summary>\n\n"
        "| scan | commit | findings | heap `poll` | timers `poll` |\n| --- | --- | ---: | ---: | ---: |\n"
        "| 2026-11-01 | `1111111` | 9 | – | – |\n"
        "| 2026-11-02 | `2222222` | 8 | 2.0\u00a0MB | 2 |\n"
        "| 2026-11-03 | `3333333` | 7 | 2.0\u00a0MB | 3 |\n\n</details>\n\n"
        "<sub>Stanch keeps this issue up to date. Close it to have none: it is never reopened by Stanch.<br>"
        f"Commit `{HEAD[:7]}`</sub>\n"
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"permissions": {"issues": "write", "contents": "read"}}, "This App may not write, so it opens no"),
        ({"judged": tree(leak(), is_configured=False)}, "is opened before `.github/stanch.yml` is there."),
        ({"judged": tree(leak(), faults=(Fault(1, 1, "x"),))}, "`.github/stanch.yml` has faults, so no pull"),
        (
            {"judged": tree(leak(), is_configured=True, config=Config(fix=FixRequests(enabled=False)))},
            "Pull requests with fixes are off: `fix.enabled` is false.",
        ),
    ],
)
def test_why_nothing_is_opened(changes: dict[str, Any], said: str) -> None:
    assert said in body(state(leak(), **changes))


def test_where_nothing_is_opened_it_says_what_could_be_fixed() -> None:
    judged = tree(*leaks(3), groups=(group(*leaks(3)[:2])[1],))
    off = body(state(judged=judged, html_url=""))
    listed = "- `timer/never-released`: `a.js:1` and `a.js:2`\n"
    assert f"### With a safe fix\n\n`stanch fix` writes them.\n\n{listed}" in off
    on = body(state(judged=msgspec.structs.replace(judged, is_configured=True)))
    assert "### With a safe fix" not in on


def test_boxes_fit_whatever_the_paths_are() -> None:
    found = leaks(60, path="\u00e9" * 160 + "/" + "b" * 100)
    groups = tuple(waiting(Why.LIMIT, *found[at : at + 3]) for at in range(0, 60, 3))
    suggested = Fix(kind=FixKind.SUGGESTED, summary="x" * 400, why="y")
    text = body(state(*(msgspec.structs.replace(item, fix=suggested) for item in found), waiting=groups))
    assert len(text) <= BODY_LIMIT
    assert text.count("- [ ]") == MAX_LISTED
    assert "](" not in text


def test_long_lists_are_cut() -> None:
    found = leaks(50)
    many = body(
        state(
            *found,
            waiting=tuple(waiting(Why.LIMIT, finding) for finding in found),
            records=tuple(
                record(at, standing) for at in range(1, 40) for standing in (Standing.OPEN, Standing.REFUSED)
            ),
        )
    )
    assert many.count("- [ ]") == MAX_LISTED
    assert "\n30 more fixes wait.\n" in many
    assert many.count("\n- and 19 more\n") == 2
    assert (
        "### Refused\n\nThese leaks are not proposed again; reopening a pull request takes that back.\n\n- #39" in many
    )


def test_what_somebody_has_asked_for_stays_ticked() -> None:
    first, second, third = leaks(3)
    groups = (waiting(Why.LIMIT, first, second), waiting(Why.LIMIT, third))
    text = body(state(first, second, third, waiting=groups, asked=frozenset({second.fingerprint})))
    assert f"- [x] <!-- stanch:v1 open={first.fingerprint}_{second.fingerprint} -->" in text
    assert f"- [ ] <!-- stanch:v1 open={third.fingerprint} -->" in text


UNTICKED = body(state(*leaks(3), waiting=(waiting(Why.LIMIT, *leaks(3)[:2]), waiting(Why.LIMIT, leaks(3)[2]))))
BOTH = ("000000000000", "000000000001")


def tick(text: str, number: int, mark: str = "x") -> str:
    lines = text.split("\n")
    boxes = [at for at, line in enumerate(lines) if line.startswith("- [ ] ")]
    lines[boxes[number]] = lines[boxes[number]].replace("[ ]", f"[{mark}]")
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (UNTICKED, UNTICKED, ()),
        (UNTICKED, tick(UNTICKED, 0), BOTH),
        (UNTICKED, tick(UNTICKED, 1, "X"), ("000000000002",)),
        (UNTICKED, tick(tick(UNTICKED, 0), 0), (*BOTH, "000000000002")),
        (UNTICKED, tick(UNTICKED, 0).replace("\n", "\r\n"), BOTH),
        (UNTICKED.replace("\n", "\r\n"), tick(UNTICKED, 0), BOTH),
        (tick(UNTICKED, 0), tick(UNTICKED, 0), ()),
        (tick(UNTICKED, 0), UNTICKED, ()),
        (tick(UNTICKED, 0), tick(tick(UNTICKED, 0), 0), ("000000000002",)),
        ("", tick(UNTICKED, 0), ()),
        (UNTICKED, "", ()),
        ("- [ ] a", "- [x] a", ()),
        ("- [ ] <!-- stanch:v1 open=../x -->", "- [x] <!-- stanch:v1 open=../x -->", ()),
        ("> - [ ] <!-- stanch:v1 open=ab -->", "> - [x] <!-- stanch:v1 open=ab -->", ()),
        ("    - [ ] <!-- stanch:v1 open=ab -->", "    - [x] <!-- stanch:v1 open=ab -->", ()),
        ("- [ ] <!-- stanch:v1 close=ab -->", "- [x] <!-- stanch:v1 close=ab -->", ()),
    ],
)
def test_which_boxes_were_ticked(before: str, after: str, expected: Sequence[str]) -> None:
    assert ticked(before, after) == expected


def test_an_edit_asks_for_so_much_and_no_more() -> None:
    boxes = "\n".join(f"- [ ] <!-- stanch:v1 open={at:04x} -->" for at in range(1000))
    assert len(ticked(boxes, boxes.replace("[ ]", "[x]"))) == MAX_TICKED


def test_a_tick_is_taken_back_and_nothing_else() -> None:
    text = f"Written by hand.\n{UNTICKED}- [x] mine\n"
    both = tick(tick(text, 0), 0)
    assert unticked(both, ("000000000002",)) == tick(text, 0)
    assert unticked(both, (*BOTH, "000000000002")) == text
    assert unticked(both, ()) == both


BOXES = st.lists(
    st.sampled_from(HOSTILE)
    | st.builds(
        "{}- [{}] <!-- stanch:v1 open={} -->{}".format,
        st.sampled_from(["", "\n", "\r\n", " "]),
        st.sampled_from([" ", "x", "X"]),
        st.sampled_from(["ab", "ab_cd", "cd", "", "AB", "ab_"]),
        st.sampled_from(["", "\n", "`x`"]),
    )
).map("".join)


@given(BOXES, BOXES)
def test_any_text_is_read(before: str, after: str) -> None:
    found = ticked(before, after)
    assert set(found) <= {"ab", "cd"}
    assert ticked(before, unticked(after, found)) == ()
    assert unticked(unticked(after, found), found) == unticked(after, found)
    assert len(unticked(after, found)) == len(after)


@settings(max_examples=100)
@given(foreign_text, foreign_text, foreign_text)
def test_foreign_text_stays_text(path: str, message: str, reason: str) -> None:
    first, second = leak(report_path(path) or "a", message=message), leak("b.js", 2, "bbbbbbbbbbbb")
    first = msgspec.structs.replace(first, fix=Fix(kind=FixKind.SUGGESTED, summary=message, why="w"))
    second = msgspec.structs.replace(second, suppressed=msgspec.structs.replace(BY_PRAGMA, reason=reason))
    made = state(
        first,
        second,
        records=(record(4, Standing.OPEN, package=report_path(path)),),
        waiting=(waiting(Why.LIMIT, first),),
        html_url="",
    )
    text = body(made)
    text.encode()
    kinds = [token.type for token in leaves(text)]
    assert kinds.count("heading_open") == 4
    assert not {"link_open", "image", "hr"} & set(kinds)
    assert [link for link in live_links(text) if link != "#4"] == []
    assert ticked(text, tick(text, 0)) == ("aaaaaaaaaaaa",)
