"""What the Action has measured on a branch of ours, told in the pull request's body."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import msgspec
import pytest

import bot.acting
import bot.sandbox.jobs
from bot.decisions.budgets import CHECK_NAME, GITHUB_ACTIONS, embedded
from tests.bot.decisions.states import GROWING, budgets
from tests.bot.postgres import migrated_database
from tests.bot.workflows.conftest import judge_here
from tests.bot.workflows.fix_lives import FixLife
from tests.bot.workflows.hand import Hand
from tests.github import FakeGitHub
from tests.github.domain.checks import create_run
from tests.github.world import Actor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.database.embedded import EmbeddedPostgres

PROFILE: Final = "profiles:\n- name: poll\n  command: node a.js\n  workload:\n    run: x\n"


@pytest.fixture(scope="module")
def hand(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hand]:
    """A hand that the tests of this module share, each with repositories of its own."""
    folder = tmp_path_factory.mktemp("measuring")
    with (
        pytest.MonkeyPatch.context() as patch,
        FakeGitHub(folder / "github", hourly_limit=None) as github,
        migrated_database(postgres, folder) as database,
        Hand(github, database, folder / "state") as hand,
    ):
        action = github.register_app({"checks": "write"}, slug="github-actions").app
        action.id = GITHUB_ACTIONS
        patch.setattr(bot.acting, "SETTLING", timedelta(0))
        patch.setattr(bot.sandbox.jobs, "run", judge_here)
        yield hand


def began(hand: Hand, config: str = PROFILE) -> FixLife:
    """A repository with a leak that a pull request of ours fixes."""
    life = FixLife(hand, "a", config)
    life.install()
    hand.settle()
    return life


def measure(life: FixLife, before: int = 903, after: int = 3) -> None:
    """The Action measures the pull request's commit."""
    pull, world = life.pull("a"), life.hand.github.world
    result = msgspec.structs.replace(GROWING, base=before, head=after)
    output = {"title": "Measured", "summary": "Measured.", "text": embedded(budgets(result, commit=pull.head_sha))}
    body = {"name": CHECK_NAME, "head_sha": pull.head_sha, "status": "completed", "conclusion": "success"}
    with world.lock:
        action = next(app for app in world.apps.values() if app.id == GITHUB_ACTIONS)
        create_run(world, life.repository.repository, action, Actor(action.bot, action), {**body, "output": output})
    life.hand.settle()


def text_of(life: FixLife) -> str:
    return life.pull("a").body or ""


def test_counts_come_into_the_body(hand: Hand) -> None:
    life = began(hand)
    assert "static only: nothing was executed" in text_of(life)
    measure(life)
    assert (
        "| `poll`: timers | 903 | 3 |\n\n**Checked before this was written** (by reading the code; counts"
        in text_of(life)
    )
    assert "static only" not in text_of(life)


def test_newer_counts_take_their_place(hand: Hand) -> None:
    life = began(hand)
    measure(life)
    measure(life, 900, 1)
    assert "| `poll`: timers | 900 | 1 |" in text_of(life)
    assert text_of(life).count("measured at") == 1


def test_what_somebody_has_written_stays(hand: Hand) -> None:
    life = began(hand)
    life.pull("a").edit(body="Mine.")
    hand.settle()
    measure(life)
    assert text_of(life) == "Mine."


def test_counts_of_somebody_elses_commit_are_not_ours(hand: Hand) -> None:
    life = began(hand)
    life.pull("a").push({"a/more.js": "1;\n"})
    hand.settle()
    measure(life)
    assert "static only: nothing was executed" in text_of(life)
