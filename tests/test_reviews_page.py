"""docs/reviews.md says what the decisions do: its tables are theirs."""

from __future__ import annotations

from pathlib import Path

import bot.decisions.pull_request
from bot.decisions.answers import help_text

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "reviews.md").read_text(encoding="utf-8")


def test_the_table_of_commands_is_what_help_answers() -> None:
    assert help_text() in PAGE


def test_the_table_of_states_is_what_is_decided() -> None:
    said = (bot.decisions.pull_request.__doc__ or "").splitlines()
    table = "\n".join(line for line in said if line.startswith("|"))
    assert table.count("\n") > 3
    assert table in PAGE
