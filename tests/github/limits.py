"""Rate limits: requests an hour, and the secondary ones of points and written content a minute."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tests.github.answers import Refusal

if TYPE_CHECKING:
    from tests.github.state import Token
    from tests.github.world import World

HOUR: Final = 3600
MINUTE: Final = 60
SECONDARY: Final = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. "
    "If you reach out to GitHub Support for help, please include the request ID."
)
_WRITES: Final = frozenset({"POST", "PATCH", "PUT", "DELETE"})


@dataclass
class _Window:
    resets_at: float = 0.0
    used: int = 0


@dataclass
class Limits:
    """What each installation has used. None switches a limit off.

    Attributes:
        hourly: requests an hour (docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api).
        content_per_minute: content that is created a minute; GitHub's is 80.
        points_per_minute: 1 for a read, 5 for a write; GitHub's are 900.
        retry_after: whether a secondary limit says when to come again.
        violations: how many requests came in spite of a limit that had been told.
    """

    world: World
    hourly: int | None = 5000
    content_per_minute: int | None = None
    points_per_minute: int | None = None
    retry_after: bool = True
    violations: int = 0
    _hours: dict[int, _Window] = field(default_factory=lambda: defaultdict(_Window))
    _points: dict[int, deque[tuple[float, int]]] = field(default_factory=lambda: defaultdict(deque))
    _content: dict[int, deque[tuple[float, int]]] = field(default_factory=lambda: defaultdict(deque))
    _told_until: dict[int, float] = field(default_factory=dict)

    def charge(self, token: Token | None, method: str, *, creates: bool) -> None:
        """Count a request.

        Raises:
            Refusal: 403, a limit is passed.
        """
        if token is None:
            return
        key, now = token.installation.id, self.world.timestamp()
        if self._told_until.get(key, 0) > now:
            self.violations += 1
        window = self._window(key)
        if self.hourly is not None and window.used >= self.hourly:
            self._told_until[key] = window.resets_at
            raise exhausted(self.headers(token))
        window.used += 1
        points = 5 if method in _WRITES else 1
        self._spend(self._points[key], self.points_per_minute, points, key)
        if creates:
            self._spend(self._content[key], self.content_per_minute, 1, key)

    def _spend(self, spent: deque[tuple[float, int]], limit: int | None, amount: int, key: int) -> None:
        if limit is None:
            return
        now = self.world.timestamp()
        while spent and spent[0][0] <= now - MINUTE:
            spent.popleft()
        if sum(points for _, points in spent) + amount > limit:
            wait = int(spent[0][0] + MINUTE - now) + 1
            self._told_until[key] = now + wait if self.retry_after else 0
            raise Refusal(403, SECONDARY, headers={"Retry-After": str(wait)} if self.retry_after else {})
        spent.append((now, amount))

    def refund(self, token: Token | None) -> None:
        """A conditional request that was answered 304 costs nothing."""
        if token is not None:
            self._window(token.installation.id).used -= 1

    def exhaust(self, token: Token | None) -> None:
        """Use up what is left of the hour."""
        if token is not None and self.hourly is not None:
            self._window(token.installation.id).used = self.hourly

    def _window(self, key: int) -> _Window:
        window = self._hours[key]
        if window.resets_at <= self.world.timestamp():
            window.resets_at, window.used = self.world.timestamp() + HOUR, 0
        return window

    def rate(self, token: Token | None) -> dict[str, int]:
        """Schema `rate-limit`."""
        limit = self.hourly if self.hourly is not None else 1_000_000
        window = self._window(token.installation.id) if token else _Window(self.world.timestamp() + HOUR)
        used = min(window.used, limit)
        return {"limit": limit, "used": used, "remaining": limit - used, "reset": int(window.resets_at) + 1}

    def headers(self, token: Token | None) -> dict[str, str]:
        """The `X-RateLimit-` headers of an answer."""
        if self.hourly is None:
            return {}
        names = {name: str(value) for name, value in self.rate(token).items()}
        return {
            **{f"X-RateLimit-{name.capitalize()}": value for name, value in names.items()},
            "X-RateLimit-Resource": "core",
        }


def exhausted(headers: dict[str, str]) -> Refusal:
    """The refusal when the hour's requests are used up."""
    return Refusal(403, "API rate limit exceeded for installation.", headers={**headers, "X-RateLimit-Remaining": "0"})
