"""Every cell of the contract's table of who may give which command."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.decisions.authority import may, needed
from bot.decisions.grammar import Verb
from bot.github.models import Access, BranchTip
from tests.bot.decisions.states import ALICE, BOB, HEAD, PULL, ROBOT

FORK = replace(PULL, head=BranchTip("feature", HEAD, 200))
GONE = replace(PULL, head=BranchTip("feature", HEAD, None))
RESCANS = {Verb.RESCAN, Verb.FULL}
READING = {Verb.HELP, Verb.EXPLAIN, Verb.CONFIG, Verb.BUDGET}
EVERYTHING = set(Verb)


@pytest.mark.parametrize(
    ("account", "access", "pull_request", "allowed"),
    [
        (BOB, Access.NONE, PULL, READING),
        (BOB, Access.READ, PULL, READING),
        (BOB, Access.TRIAGE, PULL, READING | RESCANS),
        (BOB, Access.WRITE, PULL, EVERYTHING),
        (BOB, Access.ADMIN, PULL, EVERYTHING),
        (ALICE, Access.NONE, FORK, READING | RESCANS),
        (ALICE, Access.READ, FORK, READING | RESCANS),
        (ALICE, Access.READ, GONE, READING | RESCANS),
        (ALICE, Access.TRIAGE, FORK, READING | RESCANS),
        (ALICE, Access.WRITE, FORK, EVERYTHING),
        (ALICE, Access.READ, PULL, READING),
        (BOB, Access.READ, FORK, READING),
        (replace(BOB, login=ALICE.login), Access.READ, FORK, READING),
        (replace(ALICE, login="renamed"), Access.READ, FORK, READING | RESCANS),
        (BOB, None, PULL, set()),
        (ALICE, None, FORK, set()),
        (ROBOT, Access.NONE, PULL, set()),
        (ROBOT, Access.ADMIN, PULL, set()),
        (replace(ALICE, is_bot=True), Access.ADMIN, FORK, set()),
    ],
    ids=[
        "none", "read", "triage", "write", "admin",
        "author from a fork", "author from a fork who may read", "author from a deleted fork",
        "author from a fork who may triage", "author from a fork who may write", "author of a branch who may only read",
        "somebody else on a pull request from a fork", "somebody with the author's old name",
        "the author under a new name", "an error", "an error for the author", "a bot", "a bot with all rights",
        "a bot that is the author",
    ],
)  # fmt: skip
@pytest.mark.parametrize("verb", list(Verb))
def test_who_may(account: object, access: object, pull_request: object, allowed: set[Verb], verb: Verb) -> None:
    assert may(verb, account, access, pull_request) is (verb in allowed)  # type: ignore[arg-type]


def test_the_help_says_who_may() -> None:
    assert {verb for verb in Verb if needed(verb) == "everybody"} == READING
    assert {verb for verb in Verb if "triage" in needed(verb)} == RESCANS
