"""GitHub's rate limits as pure rules over one small state per installation, and where that state is kept.

Sources: docs.github.com/en/rest/using-the-rest-api, "Rate limits for the REST API" and "Best practices": at most 900
points a minute (a read 1, a write 5), 80 requests a minute and 500 an hour that create content, writes at least a
second apart; after a refusal `retry-after`, else `x-ratelimit-reset`, else a minute, and longer each time. Who goes on
while limited may be banned.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")

APP: Final = 0
"""In the place of an installation's id: the App's own requests."""
FIRST_PAUSE: Final = timedelta(seconds=60)
LONGEST_PAUSE: Final = timedelta(hours=1)
KEPT_FOR_PEOPLE: Final = 0.2
"""The share of every limit that background work leaves for answering people."""

_MINUTE: Final = 60
_HOUR: Final = 3600


class Kind(StrEnum):
    """What a request does, as far as limits see it. What creates content is a write too."""

    READ = "read"
    WRITE = "write"
    CONTENT = "content"

    @property
    def points(self) -> int:
        """What it counts for the limit per minute."""
        return 1 if self is Kind.READ else 5


class Priority(StrEnum):
    """Whom a request is for: `person` may use all of a limit, `background` leaves a part of it."""

    BACKGROUND = "background"
    PERSON = "person"

    @property
    def left(self) -> float:
        """The share of a limit that is left for others."""
        return 0.0 if self is Priority.PERSON else KEPT_FOR_PEOPLE

    def part_of(self, limit: int) -> int:
        """The part of a limit that may be used."""
        return int(limit * (1 - self.left))

    @property
    def patience(self) -> timedelta:
        """How long a request waits for its turn rather than being put off; a person's outlasts all before it."""
        return timedelta(seconds=8 if self is Priority.PERSON else 4)


class Rules(msgspec.Struct, frozen=True):
    """The secondary limits. The defaults are github.com's; a GitHub Enterprise Server has them only where told to."""

    points_per_minute: int = 900
    content_per_minute: int = 80
    content_per_hour: int = 500
    seconds_between_writes: float = 1.0


UNPACED: Final = Rules(
    points_per_minute=1_000_000_000,
    content_per_minute=1_000_000_000,
    content_per_hour=1_000_000_000,
    seconds_between_writes=0.0,
)
"""For a GitHub Enterprise Server whose limits are off; a refusal is heeded all the same."""


class Quota(msgspec.Struct, frozen=True):
    """A primary limit as GitHub's headers last told it."""

    limit: int
    remaining: int
    resets_at: datetime


class Spent(msgspec.Struct, frozen=True, array_like=True):
    """What was spent in the second (for the limits per minute) or minute (per hour) that began at a Unix time."""

    began: int
    points: int
    content: int


class LimitState(msgspec.Struct, frozen=True):
    """What is known of an installation's limits; small, and readable as JSON.

    Attributes:
        quotas: primary limits by the name of their resource (`core`, `graphql`).
        blocked_until: no request before this.
        refusals: how many there were in a row.
        next_write: no write before this.
        seconds: what was spent in the last minute, oldest first.
        minutes: what was spent in the last hour, oldest first.
    """

    quotas: dict[str, Quota] = {}
    blocked_until: datetime | None = None
    refusals: int = 0
    next_write: datetime | None = None
    seconds: tuple[Spent, ...] = ()
    minutes: tuple[Spent, ...] = ()


class Turn(msgspec.Struct, frozen=True):
    """Whether a request may be made: at this time it may (`granted`: the turn is taken), or may be asked again."""

    at: datetime
    granted: bool


class Heard(msgspec.Struct, frozen=True):
    """What an answer said of limits. `refused`: GitHub declined for a limit; `retry_after` in seconds, if it said."""

    resource: str = "core"
    quota: Quota | None = None
    refused: bool = False
    retry_after: float | None = None


class LimitStore(Protocol):
    """Where the states are kept, shared by everything that talks to GitHub for an installation."""

    def load(self, installation_id: int) -> LimitState:
        """The state; a fresh one where nothing is known. The App's own requests count under `APP`."""

    def update(self, installation_id: int, change: Callable[[LimitState], tuple[LimitState, Result]]) -> Result:
        """Replaces the state by what `change` makes of it, and returns what `change` has beside it.

        Nobody else changes the state meanwhile. `change` is pure and quick, and may be called again.
        """


class MemoryLimitStore:
    """States of one process; enough for the command line, the Action and tests."""

    def __init__(self) -> None:
        self._states: dict[int, LimitState] = {}
        self._lock = threading.Lock()

    def load(self, installation_id: int) -> LimitState:
        """The state; a fresh one where nothing is known."""
        return self._states.get(installation_id, LimitState())

    def update(self, installation_id: int, change: Callable[[LimitState], tuple[LimitState, Result]]) -> Result:
        """Replaces the state by what `change` makes of it, and returns what `change` has beside it."""
        with self._lock:
            state, result = change(self.load(installation_id))
            self._states[installation_id] = state
        return result


def take_turn(
    state: LimitState,
    kind: Kind,
    now: datetime,
    *,
    resource: str = "core",
    priority: Priority = Priority.BACKGROUND,
    rules: Rules = Rules(),  # noqa: B008 - frozen
) -> tuple[LimitState, Turn]:
    """The turn of a request, and the state after it; a turn that is not granted changes nothing.

    A write gets the next free second within the priority's patience, so that writers queue up in order.
    """
    state = _forget(state, now)
    at = now
    if state.blocked_until is not None:
        at = max(at, state.blocked_until)
    quota = state.quotas.get(resource)
    if quota is not None and now < quota.resets_at and quota.remaining <= quota.limit * priority.left:
        at = max(at, quota.resets_at)
    at = max(at, _when_free(state, kind, now, priority, rules))
    if kind is not Kind.READ and state.next_write is not None:
        at = max(at, state.next_write)
    if at - now > priority.patience:
        return state, Turn(at, granted=False)
    return _spend(state, kind, at, rules), Turn(at, granted=True)


def hear(state: LimitState, heard: Heard, now: datetime) -> LimitState:
    """The state after an answer."""
    if heard.quota is not None:
        quota = _lower(state.quotas.get(heard.resource), heard.quota)
        state = msgspec.structs.replace(state, quotas={**state.quotas, heard.resource: quota})
    blocked = state.blocked_until is not None and state.blocked_until > now
    if not heard.refused:
        return state if blocked else msgspec.structs.replace(state, refusals=0, blocked_until=None)
    # Requests that were under way together are refused together: that is one refusal.
    refusals = state.refusals if blocked else state.refusals + 1
    until = max(_pause_after(state, heard, now), state.blocked_until or now)
    return msgspec.structs.replace(state, refusals=refusals, blocked_until=until)


def _lower(old: Quota | None, new: Quota) -> Quota:
    """Answers may overtake each other; until a quota is reset it only falls."""
    same_window = old is not None and old.resets_at == new.resets_at and old.limit == new.limit
    return old if old is not None and same_window and old.remaining < new.remaining else new


def _pause_after(state: LimitState, heard: Heard, now: datetime) -> datetime:
    longest = now + LONGEST_PAUSE
    if heard.retry_after is not None:
        seconds = min(max(heard.retry_after, 1.0), LONGEST_PAUSE.total_seconds())
        return now + timedelta(seconds=seconds)
    if heard.quota is not None and heard.quota.remaining == 0 and heard.quota.resets_at > now:
        return min(heard.quota.resets_at, longest)
    doublings = min(state.refusals, 10)
    return min(now + FIRST_PAUSE * (1 << doublings), longest)


def _when_free(state: LimitState, kind: Kind, now: datetime, priority: Priority, rules: Rules) -> datetime:
    """When the limits per minute and hour have room for one more."""
    at = _unix(now)
    points = priority.part_of(rules.points_per_minute)
    at = max(at, _room_at(state.seconds, "points", points - kind.points, _MINUTE, 1))
    if kind is Kind.CONTENT:
        in_minute = priority.part_of(rules.content_per_minute)
        in_hour = priority.part_of(rules.content_per_hour)
        at = max(at, _room_at(state.seconds, "content", in_minute - 1, _MINUTE, 1))
        at = max(at, _room_at(state.minutes, "content", in_hour - 1, _HOUR, _MINUTE))
    return datetime.fromtimestamp(at, UTC) if at > _unix(now) else now


def _room_at(spent: tuple[Spent, ...], what: str, most: int, window: int, width: int) -> int:
    """From when on no more than `most` were spent in the window before; 0 when that is so already."""
    total = sum(getattr(entry, what) for entry in spent)
    at = 0
    for entry in spent:
        if total <= most:
            break
        total -= getattr(entry, what)
        at = entry.began + width + window
    return at


def _spend(state: LimitState, kind: Kind, at: datetime, rules: Rules) -> LimitState:
    second = _unix(at)
    content = int(kind is Kind.CONTENT)
    return msgspec.structs.replace(
        state,
        next_write=state.next_write if kind is Kind.READ else at + timedelta(seconds=rules.seconds_between_writes),
        seconds=_added(state.seconds, Spent(second, kind.points, content)),
        minutes=_added(state.minutes, Spent(second - second % _MINUTE, kind.points, content)),
    )


def _added(spent: tuple[Spent, ...], new: Spent) -> tuple[Spent, ...]:
    merged = {entry.began: entry for entry in spent}
    old = merged.get(new.began, Spent(new.began, 0, 0))
    merged[new.began] = Spent(new.began, old.points + new.points, old.content + new.content)
    return tuple(merged[began] for began in sorted(merged))


def _forget(state: LimitState, now: datetime) -> LimitState:
    second = _unix(now)
    return msgspec.structs.replace(
        state,
        seconds=tuple(entry for entry in state.seconds if entry.began + 1 + _MINUTE > second),
        minutes=tuple(entry for entry in state.minutes if entry.began + _MINUTE + _HOUR > second),
    )


def _unix(at: datetime) -> int:
    return int(at.timestamp())
