"""What is made once on GitHub, whoever died over it, and however late GitHub's lists show it."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from sqlalchemy import update

from bot.acting import Actor, Cause, NotYetError
from bot.database.tables import EFFECTS
from bot.github.models import AppIdentity
from bot.jobs import runs
from bot.jobs.lease import Lease
from bot.jobs.model import Done, Kind
from bot.jobs.queue import Queue
from tests.bot.postgres import database, postgres

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.database.engine import Database
    from bot.github.repository import RepositoryClient

__all__ = ["database", "postgres"]

KINDS = {"review": Kind(lambda _job, _lease: Done())}
KEY = "pull/1/review"


class Killed(BaseException):
    """The process is gone."""


def attempt(database: Database, make: Callable[[], int]) -> tuple[bool, int]:
    """A run of the job that makes the comment; GitHub's lists never show it."""
    with database.begin() as connection:
        run = runs.claim(connection, "pull/1", KINDS, "test", timedelta(minutes=5))
    assert run is not None
    github = cast("RepositoryClient", SimpleNamespace(ref=SimpleNamespace(repository_id=1)))
    lease = Lease(database, run.job, run.fence)
    actor = Actor(github, AppIdentity(1, "stanch"), database, lease, Cause("webhook", "review of a pull request"))
    try:
        return actor.once(KEY, lambda: None, make)
    finally:
        with database.begin() as connection:
            runs.give_back(connection, run)


def killed_before() -> int:
    raise Killed


def later(database: Database) -> None:
    """A minute passes for what was begun."""
    with database.begin() as connection:
        connection.execute(update(EFFECTS).values(begun_at=EFFECTS.c.begun_at - timedelta(minutes=1)))


def test_what_a_second_attempt_may_have_made_is_waited_for_as_well(database: Database) -> None:
    Queue(database).submit("review", "pull/1", {})
    made = []

    def killed_after() -> int:
        made.append("second")
        raise Killed

    def done() -> int:
        made.append("third")
        return 7

    with pytest.raises(Killed):
        attempt(database, killed_before)
    later(database)
    with pytest.raises(Killed):
        attempt(database, killed_after)
    with pytest.raises(NotYetError):
        attempt(database, done)
    assert made == ["second"]
    later(database)
    assert attempt(database, done) == (True, 7)
