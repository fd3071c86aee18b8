"""Inline comments: few, only on added lines, a suggestion only where one click is right."""

from __future__ import annotations

import json

import msgspec

from bot.decisions.reviews import inline_comments, review_json
from fixers.findings import Finding
from tests.bot.reports.samples import (
    BADGE_FINDING,
    EXPORT_TEST_FINDING,
    HEARTBEAT_FINDING,
    ROOMS_FINDING,
    SOURCES,
    STORE_FINDING,
    fix_diffs,
    make_report,
    unified_diff,
)

EVERY_LINE = {path: set(range(1, text.count("\n") + 1)) for path, text in SOURCES.items()}


def twins(finding: Finding, number: int, **changes: object) -> tuple[Finding, ...]:
    return tuple(msgspec.structs.replace(finding, id=f"twin-{n}", line=n + 1, **changes) for n in range(number))


def test_a_suggestion_stands_at_the_lines_that_it_replaces() -> None:
    (comment,) = inline_comments(make_report((STORE_FINDING,)), EVERY_LINE, fix_diffs())
    assert (comment.path, comment.start_line, comment.line, comment.side) == ("collector/store.py", 11, 15, "RIGHT")
    assert (
        comment.body
        == f"""\
<!-- stanch:v1 id={STORE_FINDING.id} -->

**The connection `conn` stays open when `save_batch` raises.** It is acquired in line 10.

**Not released** at line 11: `parse` may raise, and the function is left with `conn` open (and 2 more exits)\\
**Looked for** `conn.close()` in a `finally`, or a `with`; it is called on the way of success only\\
**Safe fix**: closes `conn` in a `finally`

```suggestion
    try:
        readings: list[Reading] = [parse(line) for line in lines]
        with conn.cursor() as cursor:
            cursor.executemany(INSERT, readings)
        conn.commit()
    finally:
        conn.close()
```

<sub>`database/not-released-on-error` · ID `{STORE_FINDING.id}`</sub>
"""
    )


def test_an_insertion_suggests_its_neighbour_with_it() -> None:
    (comment,) = inline_comments(make_report((BADGE_FINDING,)), EVERY_LINE, fix_diffs())
    assert (comment.start_line, comment.line) == (None, 9)
    assert (
        '```suggestion\n    socket.onmessage = (event) => setOnline(event.data === "online");\n'
        "    return () => socket.close();\n```" in comment.body
    )


def test_without_all_of_its_lines_added_there_is_no_suggestion() -> None:
    added = {"collector/store.py": {10, 11, 12, 14, 15}}
    (comment,) = inline_comments(make_report((STORE_FINDING,)), added, fix_diffs())
    assert (comment.start_line, comment.line) == (None, 10)
    assert "suggestion" not in comment.body
    assert "```diff\n def save_batch" in comment.body
    assert "**Safe fix**: closes `conn`" in comment.body


def test_a_line_that_is_not_added_is_left_to_the_sticky_comment() -> None:
    assert inline_comments(make_report((ROOMS_FINDING,)), {"src/rooms/join.ts": {4, 6}}, {}) == ()
    assert inline_comments(make_report((ROOMS_FINDING,)), {}, {}) == ()


def test_a_suggested_fix_is_never_one_click_away() -> None:
    diff = unified_diff("src/rooms/join.ts", SOURCES["src/rooms/join.ts"], "")
    (comment,) = inline_comments(make_report((ROOMS_FINDING,)), EVERY_LINE, {ROOMS_FINDING.id: diff})
    assert "suggestion" not in comment.body


def test_a_suggestion_with_hidden_characters_is_not_offered() -> None:
    before = SOURCES["src/gateway/heartbeat.ts"]
    diff = unified_diff("src/gateway/heartbeat.ts", before, before.replace("this.alive = false;\n", "\u202ex;\n", 1))
    (comment,) = inline_comments(make_report((HEARTBEAT_FINDING,)), EVERY_LINE, {HEARTBEAT_FINDING.id: diff})
    assert "suggestion" not in comment.body


def test_two_suggestions_never_claim_the_same_line() -> None:
    twin = msgspec.structs.replace(STORE_FINDING, id="twin-1")
    diffs = {STORE_FINDING.id: fix_diffs()[STORE_FINDING.id], "twin-1": fix_diffs()[STORE_FINDING.id]}
    comments = inline_comments(make_report((STORE_FINDING, twin)), EVERY_LINE, diffs)
    assert ["```suggestion" in comment.body for comment in comments] == [True, False]


def test_backticks_in_a_suggestion_lengthen_its_fence() -> None:
    before = SOURCES["src/gateway/heartbeat.ts"]
    diff = unified_diff(
        "src/gateway/heartbeat.ts", before, before.replace("this.alive = false;\n", "f(`\n```\n`);\n", 1)
    )
    (comment,) = inline_comments(make_report((HEARTBEAT_FINDING,)), EVERY_LINE, {HEARTBEAT_FINDING.id: diff})
    assert "\n````suggestion\nf(`\n```\n`);\n````\n" in comment.body.replace("    f(`", "f(`")


def test_at_most_ten_and_five_of_one_rule() -> None:
    added = {"src/rooms/join.ts": set(range(100))}
    assert len(inline_comments(make_report(twins(ROOMS_FINDING, 30)), added, {})) == 5
    many = tuple(
        msgspec.structs.replace(finding, id=f"{finding.id}-{rule}", rule=rule)
        for rule in ("timer/a", "timer/b", "timer/c")
        for finding in twins(ROOMS_FINDING, 5)
    )
    assert len(inline_comments(make_report(many), added, {})) == 10


def test_advice_is_never_inline() -> None:
    assert inline_comments(make_report((EXPORT_TEST_FINDING,)), EVERY_LINE, {}) == ()


def test_review_json_is_stable() -> None:
    data = review_json(inline_comments(make_report(), EVERY_LINE, fix_diffs()))
    assert data == review_json(inline_comments(make_report(), EVERY_LINE, fix_diffs()))
    document = json.loads(data)
    assert (document["schema"], document["event"]) == ("stanch.review/1", "COMMENT")
    assert [comment["side"] for comment in document["comments"]] == ["RIGHT"] * len(document["comments"])


def test_a_suggestion_of_huge_lines_is_not_offered() -> None:
    before = SOURCES["src/gateway/heartbeat.ts"]
    after = before.replace("this.alive = false;\n", f"f('{'x' * 9000}');\n", 1)
    diff = unified_diff("src/gateway/heartbeat.ts", before, after)
    (comment,) = inline_comments(make_report((HEARTBEAT_FINDING,)), EVERY_LINE, {HEARTBEAT_FINDING.id: diff})
    assert "suggestion" not in comment.body
    assert len(comment.body) < 2_000
