"""docs/fixing.md says what the decisions do: its lists and numbers are theirs."""

from __future__ import annotations

import pytest

from bot.config import CONFIG_PATH, Config
from bot.decisions.fix_groups import MAX_CHANGED_LINES
from bot.decisions.fixing_new import Why
from bot.decisions.fixing_state import Outcomes
from bot.decisions.onboarding import TERMS
from bot.decisions.tracking_body import WHY_WORDS
from tests.documents import ROOT

PAGE = (ROOT / "docs" / "fixing.md").read_text(encoding="utf-8")


def listed(after: str) -> list[str]:
    """The items of the first list after some words."""
    lines = PAGE[PAGE.index(after) :].split("\n- ")[1:]
    return [
        line.split("\n")[0] for line in lines[: next((at for at, line in enumerate(lines, 1) if "\n\n" in line), None)]
    ]


def test_the_terms_are_those_that_are_agreed_to() -> None:
    assert listed("## Saying yes") == list(TERMS)


def test_what_a_fix_waits_for_is_what_the_issue_says() -> None:
    assert listed("A fix waits because:") == list(WHY_WORDS.values())
    assert set(WHY_WORDS) == set(Why)


@pytest.mark.parametrize(
    "said", [CONFIG_PATH, f"At most {Config().fix.max_open} are open at once", f"at most {MAX_CHANGED_LINES} lines"]
)
def test_its_numbers_are_the_defaults(said: str) -> None:
    assert said in PAGE


@pytest.mark.parametrize(
    ("merged", "refused", "demoted"), [(0, 2, False), (0, 3, True), (2, 3, True), (3, 3, False), (3, 4, True)]
)
def test_a_rule_is_demoted_as_it_says(merged: int, refused: int, demoted: bool) -> None:
    assert "refused three times, and more often than merged, is fixed only when somebody asks" in PAGE
    assert Outcomes(merged, refused).is_demoted is demoted
