"""Injected faults: rules by method and path (or webhook event) that make the fake GitHub fail on purpose."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field
from enum import Enum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Fault(Enum):
    """What goes wrong. The `DELIVERY_` ones are for webhooks."""

    ERROR_BEFORE = "500, and nothing was done"
    ERROR_AFTER = "500, but it was done"
    BAD_GATEWAY = "502, and nothing was done"
    DROP_BEFORE = "the connection is closed, and nothing was done"
    DROP_AFTER = "the connection is closed, but it was done"
    UNPROCESSABLE = "422"
    NOT_FOUND = "404"
    UNAUTHORIZED = "401"
    FORBIDDEN_RETRY_AFTER = "403 of the secondary limit, with Retry-After"
    FORBIDDEN_BARE = "403 of the secondary limit, without a header that says when"
    TOO_MANY = "429, with Retry-After where a rule says so"
    PRIMARY_LIMIT = "403, the hourly limit is used up"
    SLOW = "the right answer, late"
    DELIVERY_LOST = "a webhook that does not arrive"
    DELIVERY_TWICE = "a webhook that arrives twice"
    DELIVERY_DELAYED = "a webhook that arrives late"
    DELIVERY_REORDERED = "a webhook that arrives after the next one"


AFTER = frozenset({Fault.ERROR_AFTER, Fault.DROP_AFTER, Fault.SLOW})
"""Faults of requests that are carried out all the same."""


@dataclass
class Rule:
    """When a fault happens.

    Attributes:
        method: the request's method, `*` for any; `EVENT` for webhooks.
        path: the request's path as a glob, where `*` is any text; for webhooks `event` or `event.action`.
        nth: which matching request is the first to fail, from 1.
        times: how many fail; None for all from the nth on.
        probability: instead of counting, each matching request fails with this probability.
        seconds: how late, or what Retry-After says.
        only_if: a further condition on the request's decoded body.
    """

    method: str
    path: str
    fault: Fault
    nth: int = 1
    times: int | None = 1
    probability: float | None = None
    seconds: float | None = None
    only_if: Callable[[object], bool] | None = None
    seen: int = 0
    happened: int = 0

    def matches(self, method: str, path: str, body: object) -> bool:
        """Whether the rule is about this request."""
        return (
            self.method in ("*", method)
            and fnmatchcase(path, self.path)
            and (self.only_if is None or self.only_if(body))
        )


@dataclass
class Faults:
    """The rules in force; the first that strikes counts."""

    seed: int = 0
    rules: list[Rule] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def reseed(self, seed: int) -> None:
        """Begin anew with what happens by chance."""
        self._random = random.Random(seed)

    def add(
        self,
        method: str,
        path: str,
        fault: Fault,
        *,
        nth: int = 1,
        times: int | None = 1,
        probability: float | None = None,
        seconds: float | None = None,
        only_if: Callable[[object], bool] | None = None,
    ) -> Rule:
        """Add a rule; with a `probability` it holds until `clear`. See `Rule` for the arguments."""
        rule = Rule(method, path, fault, nth, times, probability, seconds, only_if)
        with self._lock:
            self.rules.append(rule)
        return rule

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self.rules.clear()

    def of_request(self, method: str, path: str, body: object) -> tuple[Fault, float | None] | None:
        """The fault that strikes a request, if one does, and its seconds."""
        with self._lock:
            rule = self._striking([rule for rule in self.rules if rule.matches(method, path, body)])
        return None if rule is None else (rule.fault, rule.seconds)

    def of_delivery(self, event: str, action: str | None) -> tuple[Fault, float] | None:
        """The fault that strikes a webhook, if one does, and its seconds."""
        names = [event, f"{event}.{action}"]
        with self._lock:
            about = [rule for rule in self.rules if any(rule.matches("EVENT", name, None) for name in names)]
            rule = self._striking(about)
        return None if rule is None else (rule.fault, rule.seconds or 0.0)

    def _striking(self, matching: list[Rule]) -> Rule | None:
        """The first of the matching rules whose turn it is; they all count what they match."""
        due = [rule for rule in matching if self._is_due(rule)]
        if not due:
            return None
        due[0].happened += 1
        return due[0]

    def _is_due(self, rule: Rule) -> bool:
        rule.seen += 1
        if rule.probability is not None:
            return self._random.random() < rule.probability
        return rule.seen >= rule.nth and (rule.times is None or rule.happened < rule.times)
