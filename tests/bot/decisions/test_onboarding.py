"""The pull request that asks for consent."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from ruamel.yaml import YAML

from bot.config import CONFIG_PATH, Config, load
from bot.decisions.fix_groups import FixGroup
from bot.decisions.onboarding import MAX_GROUPS, TERMS, onboarding_body, onboarding_file
from fixers.findings import Family, Fix, FixKind, Severity
from tests.bot.decisions.fixes import RULE, leak, leaks, report_path, tree
from tests.bot.decisions.states import HEAD, HTML_URL
from tests.bot.reports.github_markdown import foreign_text, leaves, live_links


def test_the_file_is_valid_and_says_every_default() -> None:
    config, origins = load(onboarding_file(), CONFIG_PATH)
    assert config == Config()
    assert YAML(typ="safe", pure=True).load(onboarding_file()) == config.plain()
    assert {place[0] for place in origins if place} == set(config.plain())


def test_the_body_says_what_was_found_and_what_would_be_opened() -> None:
    suggested = Fix(kind=FixKind.SUGGESTED, summary="x")
    socket = leak("s.js", 5, "ffffffffffff", family=Family.SOCKET, rule="socket/never-released", fix=suggested)
    advice = leak("test/a.js", 7, "eeeeeeeeeeee", severity=Severity.ADVICE)
    first, second = leaks(2)
    judged = tree(first, second, socket, advice, diffs={first.id: "", second.id: "", advice.id: ""})
    groups = [FixGroup(RULE, "", (first, second)), FixGroup(RULE, "", (advice,), 1, is_large=True)]
    text = onboarding_body(judged, groups, HTML_URL)
    assert text.startswith("**Merging this lets Stanch open pull requests that fix leaks**: timers,")
    assert (
        "| found in this repository | findings | with a safe fix |\n| --- | ---: | ---: |\n"
        "| socket | 1 | 0 |\n| timer | 3 | 3 |\n| **all** | **4** | **3** |\n\n"
        "1 of them is in tests or examples.\n"
    ) in text
    place = f"{HTML_URL}/blob/{HEAD}/a.js"
    assert (
        "**What would be opened**: 1 pull request, one after the other:\n\n"
        f"1. `timer/never-released`: [`a.js:1`]({place}#L1) and [`a.js:2`]({place}#L2)\n\n"
        "1 fix changes more than 20 lines and is opened only when somebody asks.\n"
    ) in text
    assert all(f"\n- {term}\n" in text for term in TERMS[1:])
    assert "**To refuse it**, close this pull request" in text


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        ((), "**What would be opened**: no pull request, because no small, safe fix is known for what was found.\n"),
        ((FixGroup(RULE, "", (leak(),), 0, is_large=True),), "for what was found. 1 fix changes more than 20 lines"),
        ([FixGroup(RULE, "", (leak(),), at) for at in range(40)], ": 40 pull requests, one after the other, the first"),
        ([FixGroup(RULE, "", tuple(leaks(9)))], "`a.js:3` and 6 more\n"),
    ],
)
def test_what_would_be_opened(groups: list[FixGroup], said: str) -> None:
    text = onboarding_body(tree(*leaks(9)), groups)
    assert said in text
    assert text.count("\n1. ") + text.count(f"\n{MAX_GROUPS}. ") == {
        0: 0,
        1: 0 if groups and groups[0].is_large else 1,
    }.get(len(groups), 2)


def test_a_repository_without_leaks_is_told_so() -> None:
    text = onboarding_body(tree(), ())
    assert "**Found in this repository**: no leaks.\n" in text


@settings(max_examples=100)
@given(foreign_text, foreign_text)
def test_foreign_text_stays_text(path: str, package: str) -> None:
    item = leak(report_path(path) or "a")
    text = onboarding_body(tree(item), [FixGroup(RULE, report_path(package), (item,))])
    text.encode()
    kinds = {token.type for token in leaves(text)}
    assert not {"html_inline", "html_block", "link_open", "image", "hr", "heading_open"} & kinds
    assert live_links(text) == []
