"""Which fixes go together, and what their pull request says."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings

from bot.decisions.fix_requests import BODY_LIMIT, MAX_FINDINGS, FixGroup, fix_body, fix_groups
from bot.patches import patch
from fixers.findings import Finding, Fix, FixKind, Role, Step
from tests.bot.findings import BY_PRAGMA, finding
from tests.bot.reports.github_markdown import foreign_text, leaves, live_links

SAFE = Fix(kind=FixKind.SAFE, summary="clear the interval in `close()`", checks=("the file parses", "it is gone"))
HEAD = "0123456789abcdef0123456789abcdef01234567"


def leak(path: str = "a.js", line: int = 1, fingerprint: str = "aaaaaaaaaaaa", **changes: Any) -> Finding:
    trail = (
        Step(role=Role.ACQUIRE, path=path, line=line, column=1, text="an interval starts here"),
        Step(role=Role.LOOKED_FOR, path=path, line=9, column=3, text="`clearInterval` in `close()`"),
    )
    return msgspec.structs.replace(finding(path, line, fingerprint, trail=trail, fix=SAFE), **changes)


def leaks(number: int, **changes: Any) -> list[Finding]:
    return [leak(line=at + 1, fingerprint=f"{at:012x}", id=f"{at:012x}.1", **changes) for at in range(number)]


def test_a_group_is_one_rule_in_one_package() -> None:
    findings = [
        leak("web/src/a.js"),
        leak("a.js"),
        leak("web/b.js", rule="file/never-released"),
        leak("web/lib/deep/c.js"),
        leak("webby/d.js"),
        leak("web/src/e.js"),
    ]
    groups = fix_groups(findings, {"", "web", "web/lib"})
    assert [(group.rule, group.package, [item.path for item in group.findings]) for group in groups] == [
        ("file/never-released", "web", ["web/b.js"]),
        ("timer/never-released", "", ["a.js", "webby/d.js"]),
        ("timer/never-released", "web", ["web/src/a.js", "web/src/e.js"]),
        ("timer/never-released", "web/lib", ["web/lib/deep/c.js"]),
    ]


def test_only_what_is_safe_and_not_accepted() -> None:
    suggested = Fix(kind=FixKind.SUGGESTED, summary="x")
    assert fix_groups([leak(fix=suggested), leak(suppressed=BY_PRAGMA), finding()], {""}) == []


def test_a_group_is_small_enough_to_be_reviewed() -> None:
    groups = fix_groups(leaks(MAX_FINDINGS * 2 + 1), {""})
    assert [len(group.findings) for group in groups] == [MAX_FINDINGS, MAX_FINDINGS, 1]
    assert len({group.branch("stanch/") for group in groups}) == 3
    assert [group.title() for group in groups] == [
        "Fix 100 leaks: timer/never-released",
        "Fix 100 leaks: timer/never-released (part 2)",
        "Fix a leak: timer/never-released (part 3)",
    ]


def test_a_branch_is_named_after_what_does_not_move() -> None:
    first = FixGroup("timer/never-released", "web", (leak(line=1), leak(fingerprint="bbbbbbbbbbbb")))
    moved = FixGroup("timer/never-released", "web", (leak(fingerprint="bbbbbbbbbbbb"), leak("new.js", 77)))
    assert re.fullmatch(r"bots/timer-never-released-[0-9a-f]{8}", first.branch("bots/"))
    assert first.branch("stanch/") == moved.branch("stanch/")


def test_copies_of_code_in_two_packages_have_two_branches() -> None:
    groups = fix_groups([leak("one/a.js"), leak("two/a.js")], {"", "one", "two"})
    assert len({group.branch("stanch/") for group in groups}) == 2


@pytest.mark.parametrize(
    ("package", "title"),
    [
        ("web", "Fix a leak in web: timer/never-released"),
        ("", "Fix a leak: timer/never-released"),
        ("x fixes #12", "Fix a leak: timer/never-released"),
        ("packages/@you", "Fix a leak: timer/never-released"),
        ("a\nb", "Fix a leak: timer/never-released"),
        ("\udcff", "Fix a leak: timer/never-released"),
    ],
)
def test_a_title_holds_no_reference(package: str, title: str) -> None:
    assert FixGroup("timer/never-released", package, (leak(),)).title() == title


def test_the_body_of_one_fix() -> None:
    group = FixGroup("timer/never-released", "web", (leak(),))
    before = b"start();\nclose();\n"
    diff = patch("a.js", before, b"start();\nclear();\nclose();\n")
    assert fix_body(group, {group.findings[0].id: diff}, 3, 2, HEAD) == (
        "<!-- stanch:v1 fix=aaaaaaaaaaaa -->\n\n"
        "This fixes 1 leak in `web`, found by the rule `timer/never-released`.\n\n"
        "| `timer/never-released` | before | after |\n| --- | ---: | ---: |\n"
        "| findings in the repository | 3 | 2 |\n\n"
        "#### This interval is never cleared\n\n"
        "1. `a.js:1`: an interval starts here\n"
        "2. `a.js:9`: looked for `clearInterval` in `close()`\n\n"
        "**Fix**: clear the interval in `close()`\n\n"
        "```diff\n start();\n+clear();\n close();\n```\n\n"
        "Checked before this was written, by reading the code; nothing was executed:\n\n"
        "- the file parses\n- it is gone\n\n"
        "To see it on your machine:\n\n"
        f"```sh\ngit checkout {HEAD}\nstanch explain aaaaaaaaaaaa.1\nstanch fix --id aaaaaaaaaaaa.1\n```\n\n"
        "Close this pull request to refuse it; it will not be opened again.\n"
    )


def test_twins_are_remembered_once() -> None:
    group = FixGroup("timer/never-released", "", (leak(line=1), leak(line=2)))
    assert fix_body(group, {}, 2, 0, HEAD).startswith("<!-- stanch:v1 fix=aaaaaaaaaaaa -->\n")


def test_a_long_group_is_folded() -> None:
    (group,) = fix_groups(leaks(7), {""})
    body = fix_body(group, {}, 7, 0, HEAD)
    opened, _, folded = body.partition("<details>\n<summary>And 4 more leaks</summary>")
    assert (opened.count("#### "), folded.count("#### ")) == (3, 4)
    assert "\n\n#### 7. " in folded


def test_a_body_that_would_be_too_long_says_each_fix_in_a_line() -> None:
    text = "x" * 390
    steps = tuple(Step(role=Role.EXIT, path="a.js", line=line, column=1, text=text) for line in range(40))
    (group,) = fix_groups(leaks(100, trail=steps, message=text), {""})
    body = fix_body(group, {}, 100, 0, HEAD)
    assert 40_000 < len(body) <= BODY_LIMIT
    assert "\n13. and 28 more steps\n" in body
    assert all(f"#### {at}. " in body or f"`a.js:{at}`: clear the interval" in body for at in range(1, 101))


def test_a_fix_of_many_lines_is_left_to_the_diff() -> None:
    (group,) = fix_groups(leaks(1), {""})
    diff = patch("a.js", b"".join(b"%d\n" % line for line in range(300)), b"new\n")
    body = fix_body(group, {group.findings[0].id: diff}, 1, 0, HEAD)
    assert "Its diff has 301 lines and is not repeated here." in body


@settings(max_examples=150)
@given(foreign_text, foreign_text, foreign_text, foreign_text)
def test_foreign_text_stays_text(path: str, message: str, code: str, package: str) -> None:
    path = path or "a"
    step = Step(role=Role.EXIT, path=path, line=1, column=1, text=message)
    fix = msgspec.structs.replace(SAFE, summary=message)
    item = leak(path, message=message, trail=(step,), fix=fix)
    group = FixGroup("timer/never-released", package, (item,))
    diff = patch(path, b"", code.encode("utf-8", "replace"))
    body = fix_body(group, {item.id: diff}, 1, 0, HEAD)
    body.encode()
    kinds = [token.type for token in leaves(body)]
    assert kinds.count("heading_open") == 1
    assert kinds.count("html_block") == 1
    assert not {"html_inline", "link_open", "image", "hr"} & set(kinds)
    assert live_links(body) == []
    assert len(body) <= BODY_LIMIT
