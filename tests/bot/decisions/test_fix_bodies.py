"""What a pull request that fixes says, and the message of its commit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given, settings

from bot.config.budgets import Metric
from bot.decisions.budgets import BudgetsError, Unit
from bot.decisions.fix_bodies import (
    BODY_LIMIT,
    commit_message,
    fix_body,
    measured_body,
    stacked_body,
    stacked_title,
)
from bot.decisions.markers import marked
from bot.patches import patch
from fixers.findings import Finding, Role, Step, Verdict
from tests.bot.decisions.fixes import RULE, SAFE, fixes, group, leak, leaks, report_path, tree
from tests.bot.decisions.states import GROWING, HEAD, HTML_URL, NEWER, budgets
from tests.bot.reports.github_markdown import foreign_text, leaves, live_links

if TYPE_CHECKING:
    from bot.decisions.budgets import Measured
    from bot.judged import Judged

NO_BASE = msgspec.structs.replace(GROWING, base=None)


def body(*findings: Finding, judged: Judged | None = None) -> str:
    return fix_body(group(*findings)[0], judged or tree(*findings), group(*findings)[1])


def test_the_body_of_one_fix() -> None:
    made, written = group(leak(), package="web", before={RULE: 3, "file/never-released": 1, "timer/unbounded": 2})
    written = msgspec.structs.replace(written, after={RULE: 2, "file/never-released": 1, "timer/unbounded": 2})
    diff = patch("a.js", b"start();\nclose();\n", b"start();\nclear();\nclose();\n")
    judged = tree(leak(), diffs={leak().id: diff})
    assert fix_body(made, judged, written, blob_url=f"{HTML_URL}/blob/{HEAD}") == (
        "<!-- stanch:v1 fix=aaaaaaaaaaaa -->\n\n"
        "This ends a leak in `web` (`timer/never-released`).\n\n"
        "#### This interval is never cleared\n\n"
        f"[`a.js:1`]({HTML_URL}/blob/{HEAD}/a.js#L1)\n\n"
        "1. line 1: an interval starts here\n"
        "2. line 9: looked for `clearInterval` in `close()`\n\n"
        "**Fix**: clear the interval in `close()`\n\n"
        "```diff\n start();\n+clear();\n close();\n```\n\n"
        "| findings in the repository | before | after |\n| --- | ---: | ---: |\n"
        "| `timer/never-released` | 3 | 2 |\n| family `timer` | 5 | 4 |\n| **all** | 6 | 5 |\n\n"
        "**Checked before this was written** (static only: nothing was executed):\n\n"
        "- the file parses\n- it is gone\n\n"
        "**To see the leak and its fix on your machine**:\n\n"
        f"```sh\ngit checkout {HEAD} && stanch fix --id aaaaaaaaaaaa.1\n```\n\n"
        "**To refuse it**, close this pull request: none of these leaks is proposed again. What you commit on its "
        "branch is yours: from then on Stanch leaves the branch alone.\n"
    )


def test_what_was_measured_later_stands_beside_what_was_counted() -> None:
    ended = msgspec.structs.replace(GROWING, base=12, head=2)
    unknown = msgspec.structs.replace(GROWING, profile="import", base=None)
    heap = msgspec.structs.replace(GROWING, metric=Metric.HEAP, unit=Unit.BYTES, base=12_400_000, head=800)
    text = measured_body(body(leak()), budgets(ended, unknown, heap))
    assert (
        f"| **all** | 1 | 0 |\n\n| measured at `{HEAD[:7]}` | before | after |\n| --- | ---: | ---: |\n"
        "| `poll`: timers | 12 | 2 |\n| `poll`: heap | 12.4\u00a0MB | 800\u00a0B |\n\n"
        "**Checked before this was written** (by reading the code; counts were measured):\n\n- the file parses\n"
    ) in text
    assert "import" not in text
    assert measured_body(text, budgets(ended, unknown, heap)) == text
    assert measured_body(text.replace("\n", "\r\n"), budgets(ended, unknown, heap)) == text
    newer = measured_body(text, budgets(ended, commit=NEWER))
    assert (newer.count("measured at"), f"measured at `{NEWER[:7]}`" in newer) == (1, True)
    assert measured_body(newer, budgets(ended, unknown, heap)) == text


@pytest.mark.parametrize("nothing", [None, BudgetsError("unreadable"), budgets(), budgets(NO_BASE)])
def test_what_was_not_measured_is_not_said_to_be(nothing: Measured) -> None:
    assert "(static only: nothing was executed)" in body(leak())
    assert measured_body(body(leak()), nothing) == body(leak())


def test_a_body_that_somebody_has_rewritten_stays() -> None:
    assert measured_body("Mine.", budgets(GROWING)) == "Mine."


@given(foreign_text)
def test_counts_go_where_they_belong_whatever_stands_before(code: str) -> None:
    diff = patch(
        "a.js", b"", f"{code}\n**Checked before this was written** (\n| measured at x\n".encode("utf-8", "replace")
    )
    made = body(leak(), judged=tree(leak(), diffs={leak().id: diff}))
    text = measured_body(made, budgets(GROWING))
    head, _, tail = text.rpartition("\n| measured at `")
    assert head == made.rpartition("\n**Checked")[0].removesuffix("\n") + "\n"
    assert tail.count("**Checked before this was written** (by reading") == 1
    assert measured_body(text, budgets(GROWING)) == text


def test_a_large_fix_says_why_it_is_here() -> None:
    made, written = group(leak(), changed_lines=1_234)
    said = "It changes 1,234 lines, and is here because somebody asked for it."
    assert said in fix_body(replace(made, is_large=True), tree(leak()), written)
    assert said not in fix_body(made, tree(leak()), written)


def test_several_rules_are_counted_by_family() -> None:
    first, second = (
        leak(),
        leak("b.js", fingerprint="bbbb", id="b.1", rule="timer/unbounded", verdict=Verdict.UNBOUNDED),
    )
    before = {RULE: 2, "timer/unbounded": 1, "file/never-released": 4}
    text = stacked_body(tree(first, second), fixes(first, second, before=before, after={RULE: 1}), 12, reason="")
    assert "| family `timer` | 3 | 1 |\n| **all** | 7 | 1 |\n" in text
    assert f"| `{RULE}` |" not in text


def test_fingerprints_are_hidden_in_the_body_once_each() -> None:
    assert (
        marked(body(leak(line=1), leak(line=2, id="x", fingerprint="bbbb"), leak(line=3)), "fix") == "aaaaaaaaaaaa_bbbb"
    )


def test_a_long_group_is_folded() -> None:
    opened, _, folded = body(*leaks(7)).partition("<details>\n<summary>And 4 more leaks</summary>")
    assert (opened.count("#### "), folded.count("#### ")) == (3, 4)
    assert "\n\n#### 7. " in folded


def test_a_body_that_would_be_too_long_says_each_fix_in_a_line() -> None:
    text = "x" * 390
    steps = tuple(Step(role=Role.EXIT, path="a.js", line=line, column=1, text=text) for line in range(40))
    made = body(*leaks(100, trail=steps, message=text))
    assert 40_000 < len(made) <= BODY_LIMIT
    assert "\n1. lines 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 11: xxx" in made
    assert "\n2. and 28 more steps\n" in made
    assert all(f"#### {at}. " in made or f"`a.js:{at}`: clear the interval" in made for at in range(1, 101))
    assert "**To refuse it**" in made


def test_a_fix_of_many_lines_is_left_to_the_diff() -> None:
    diff = patch("a.js", b"".join(b"%d\n" % line for line in range(300)), b"new\n")
    assert "Its diff has 301 lines and is not repeated here." in body(
        leak(), judged=tree(leak(), diffs={leak().id: diff})
    )


def test_a_fix_of_long_lines_is_left_to_the_diff() -> None:
    diff = patch("a.js", b"a();\n", b"b();" * 5_000 + b"\n")
    assert "\n\nIts diff is too long to be repeated here.\n" in body(
        leak(), judged=tree(leak(), diffs={leak().id: diff})
    )


def test_steps_that_say_the_same_are_one() -> None:
    steps = tuple(Step(role=Role.RELEASE, path="a.js", line=line, column=1, text="cleared") for line in (3, 5, 5, 8))
    other = Step(role=Role.RELEASE, path="b.js", line=2, column=1, text="cleared")
    assert "\n1. lines 3, 5 and 8: cleared\n2. `b.js:2`: cleared\n" in body(leak(trail=(*steps, other)))


def test_an_edit_that_ends_two_leaks_is_shown_once() -> None:
    diff = patch("a.js", b"start();\nclose();\n", b"start();\nclear();\nclose();\n")
    two = leaks(2)
    text = body(*two, judged=tree(*two, diffs={item.id: diff for item in two}))
    assert text.count("```diff") == 1
    assert "**Fix**: clear the interval in `close()`, by the same edit as leak 1\n" in text


def test_a_step_in_another_file_says_which() -> None:
    step = Step(role=Role.CALL, path="b.js", line=3, column=1, text="called here")
    assert "\n1. `b.js:3`: called here\n" in body(leak(trail=(step,)))


def test_a_stacked_pull_request_says_whose_it_is_and_why() -> None:
    text = stacked_body(tree(*leaks(2)), fixes(*leaks(2)), 12, reason="GitHub does not let Stanch push to its branch.")
    assert text.startswith("<!-- stanch:v1 fix=000000000000_000000000001 -->\n\nThis ends 2 leaks that #12 would bring")
    assert "as was asked there. GitHub does not let Stanch push to its branch.\n" in text
    assert "**To refuse it**, close this pull request: nothing in #12 changes.\n" in text
    assert f"git fetch origin pull/12/head && git checkout {HEAD} && stanch fix --id 000000000000.1" in text
    assert "is proposed again" not in text
    assert stacked_title(fixes(*leaks(2)), 12) == "Fix 2 leaks of #12"


def test_the_message_of_a_commit() -> None:
    assert commit_message(tree(*leaks(2)), fixes(*leaks(2))) == (
        "Fix 2 leaks\n\n"
        "- clear the interval in `close()` (a.js:1, timer/never-released)\n"
        "- clear the interval in `close()` (a.js:2, timer/never-released)\n"
    )
    assert commit_message(tree(leak()), fixes(leak()), "Fix a leak of mine").startswith("Fix a leak of mine\n\n- clear")
    assert commit_message(tree(*leaks(50)), fixes(*leaks(50))).endswith("\n- and 10 more fixes\n")


def test_a_message_closes_no_issue_and_calls_nobody() -> None:
    fix = msgspec.structs.replace(SAFE, summary="fixes #1, see @you and deadbeefcafe\n\nCo-authored-by: x <x@y.z>")
    text = commit_message(tree(leak("@me/#2.js", fix=fix)), fixes(leak("@me/#2.js", fix=fix)))
    assert text.count("\n") == 3
    assert live_links(text.replace("\n", " ")) == []


@settings(max_examples=150)
@given(foreign_text, foreign_text, foreign_text, foreign_text)
def test_foreign_text_stays_text(path: str, message: str, code: str, package: str) -> None:
    path, package = report_path(path) or "a", report_path(package)
    step = Step(role=Role.EXIT, path=f"{path}x", line=1, column=1, text=message)
    item = leak(path, message=message, trail=(step,), fix=msgspec.structs.replace(SAFE, summary=message))
    diff = patch(path, b"", code.encode("utf-8", "replace"))
    judged = tree(item, diffs={item.id: diff})
    made, written = group(item, package=package)
    for text in (fix_body(made, judged, written), stacked_body(judged, written, 3, reason="")):
        text.encode()
        kinds = [token.type for token in leaves(text)]
        assert kinds.count("heading_open") == 1
        assert kinds.count("html_block") == 1
        assert not {"html_inline", "link_open", "image", "hr"} & set(kinds)
        assert [link for link in live_links(text) if link != "#3"] == []
        assert len(text) <= BODY_LIMIT
    commit_message(judged, written, made.title()).encode()


@pytest.mark.parametrize(
    "name", ["[skip ci]", "[CI skip]", "[no ci]", "[skip actions]", "[actions skip]", "skip-checks: true"]
)
def test_the_name_of_a_file_does_not_make_ci_skip_the_commit(name: str) -> None:
    found = leak(f"src/{name}.ts")
    assert name.lower() not in commit_message(tree(found), fixes(found)).lower()
