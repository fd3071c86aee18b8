from __future__ import annotations

import msgspec

from bot.reports.before_after import before_after
from fixers.findings import Family, Finding, Fix, FixKind
from tests.bot.findings import BY_PRAGMA, finding

FIX = Fix(kind=FixKind.SAFE, summary="clear the interval in `close()`", checks=("the file parses", "it is gone"))
TIMER = finding("src/a.js", 4, fix=FIX)
FILE = finding("src/a.js", 9, "bbbbbbbbbbbb", family=Family.FILE, fix=FIX)
OTHER = finding("b.js", 1, "cccccccccccc")


def test_the_whole_report() -> None:
    accepted = msgspec.structs.replace(OTHER, suppressed=BY_PRAGMA)
    text = before_after([TIMER, FILE, OTHER, accepted], [OTHER, accepted], [TIMER, FILE], [])
    assert text == (
        "## Before and after\n\n"
        "2 safe fixes in 1 file, all of them together:\n\n"
        "| findings in the repository | before | after |\n| --- | ---: | ---: |\n"
        "| file | 1 | 0 |\n| timer | 2 | 1 |\n| **all** | **3** | **1** |\n\n"
        "What they do:\n\n"
        "- `src/a.js:4`: clear the interval in `close()`\n- `src/a.js:9`: clear the interval in `close()`\n\n"
        "Each was checked before it was written, by reading the code; nothing was executed:\n\n"
        "- the file parses\n- it is gone\n"
    )


def test_nothing_to_fix() -> None:
    assert before_after([OTHER], [OTHER], [], []) == (
        "## Before and after\n\nThere is no safe fix for what this change brings.\n\n"
        "| findings in the repository | before | after |\n| --- | ---: | ---: |\n"
        "| timer | 1 | 1 |\n| **all** | **1** | **1** |\n"
    )


def test_what_was_refused_says_where_and_why() -> None:
    text = before_after([TIMER], [TIMER], [], [(TIMER, "the fix brings a new finding: timer/x")])
    assert "Fixes that their checks refused:\n\n- `src/a.js:4`, `timer/never-released`: the fix brings a new" in text


def test_a_long_list_is_cut() -> None:
    many = [finding("a.js", line, fix=FIX) for line in range(1, 251)]
    text = before_after(many, [], many, [(item, "no") for item in many])
    assert text.count("\n- `a.js:") == 200
    assert text.count("\n- and 150 more\n") == 2


def hostile(path: str, summary: str) -> Finding:
    return finding(path, 1, fix=Fix(kind=FixKind.SAFE, summary=summary))


def test_foreign_text_stays_text() -> None:
    odd = hostile("x`\n\n# <img src=x>\u202e|@you.js", "call `a`b\n\n<script>` #1 @you | **x**")
    text = before_after([odd], [], [odd], [(odd, "<b>@you</b>")])
    assert "\n# <img" not in text
    assert not any(word in text for word in ("<script>", "<b>", " @you", "#1 ", "\u202e"))
    assert text.count("\n- ") == 2
