"""GitHub's rate limits, where all workers on all machines see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from bot.database.tables import LIMITS
from bot.github.limits import LimitState

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.database.engine import Database

Result = TypeVar("Result")


class DatabaseLimitStore:
    """A `bot.github.limits.LimitStore`: a row for each installation, changed by one at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, installation_id: int) -> LimitState:
        """The state; a fresh one where nothing is known."""
        query = select(LIMITS.c.state).where(LIMITS.c.installation_id == installation_id)
        with self._database.begin() as connection:
            return _read(connection.execute(query).scalar_one_or_none())

    def update(self, installation_id: int, change: Callable[[LimitState], tuple[LimitState, Result]]) -> Result:
        """Replaces the state by what `change` makes of it, and returns what `change` has beside it."""
        here = LIMITS.c.installation_id == installation_id
        with self._database.begin() as connection:
            # The row must be there to be locked.
            first = insert(LIMITS).values(installation_id=installation_id, state={}).on_conflict_do_nothing()
            connection.execute(first)
            stored = connection.execute(select(LIMITS.c.state).where(here).with_for_update()).scalar_one()
            state, result = change(_read(stored))
            connection.execute(update(LIMITS).where(here).values(state=msgspec.to_builtins(state)))
        return result


def _read(stored: object) -> LimitState:
    """What is stored; nothing known is assumed where another release stored it in another form."""
    try:
        return LimitState() if stored is None else msgspec.convert(stored, LimitState)
    except msgspec.ValidationError:
        return LimitState()
