"""The governor: everything that talks to GitHub for an installation waits here for its turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.github.errors import Limited
from bot.github.limits import APP, Priority, Rules, hear, take_turn

if TYPE_CHECKING:
    from datetime import datetime

    from bot.github.clock import Clock
    from bot.github.limits import Heard, Kind, LimitState, LimitStore, Turn


class Governor:
    """Turns at the API of one installation, taken from a store that all workers share."""

    def __init__(
        self,
        store: LimitStore,
        clock: Clock,
        installation_id: int,
        priority: Priority = Priority.BACKGROUND,
        rules: Rules | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._installation_id = installation_id
        self._priority = priority
        self._rules = rules or Rules()

    def wait(self, kind: Kind, resource: str) -> None:
        """Waits for a turn, at most the few seconds of the priority's patience.

        Raises:
            Limited: the turn is farther away.
        """

        def change(state: LimitState) -> tuple[LimitState, Turn]:
            now = self._clock.now()
            return take_turn(state, kind, now, resource=resource, priority=self._priority, rules=self._rules)

        turn = self._store.update(self._installation_id, change)
        if not turn.granted:
            who = "the App" if self._installation_id == APP else f"installation {self._installation_id}"
            raise Limited(f"GitHub's rate limits leave {who} no room before {turn.at:%H:%M:%S} UTC.", turn.at)
        wait = (turn.at - self._clock.now()).total_seconds()
        if wait > 0:
            self._clock.sleep(wait)

    def heard(self, heard: Heard) -> datetime | None:
        """Takes in what an answer said of limits; returns until when nothing may be asked, if so."""

        def change(state: LimitState) -> tuple[LimitState, datetime | None]:
            after = hear(state, heard, self._clock.now())
            return after, after.blocked_until

        return self._store.update(self._installation_id, change)
