"""What goes wrong while people work: requests fail before and after they were carried out, webhooks get lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.github import Fault

if TYPE_CHECKING:
    from tests.github import FakeGitHub

_REQUESTS: Final = (
    (Fault.ERROR_BEFORE, 0.008, None),
    (Fault.ERROR_AFTER, 0.008, None),
    (Fault.BAD_GATEWAY, 0.008, None),
    (Fault.DROP_BEFORE, 0.006, None),
    (Fault.DROP_AFTER, 0.006, None),
    (Fault.SLOW, 0.004, 1.0),
    (Fault.TOO_MANY, 0.002, 1.0),
    (Fault.FORBIDDEN_RETRY_AFTER, 0.002, 1.0),
)
_WITHOUT_A_TIME: Final = ((Fault.TOO_MANY, 0.0002), (Fault.FORBIDDEN_BARE, 0.0002))
"""Refusals that do not say for how long: the client stays away for a minute, so a short run has none."""
_DELIVERIES: Final = (
    (Fault.DELIVERY_LOST, 0.02, None),
    (Fault.DELIVERY_TWICE, 0.05, None),
    (Fault.DELIVERY_DELAYED, 0.05, 3.0),
    (Fault.DELIVERY_REORDERED, 0.05, None),
)


def inject(github: FakeGitHub, *, short: bool) -> None:
    """Begins to let things go wrong; `short`: without what takes a minute to get over."""
    for fault, probability, seconds in _REQUESTS:
        for path in ("/repos/*", "/app/*", "/api/graphql", "/*.git/*"):
            github.faults.add("*", path, fault, probability=probability, seconds=seconds, times=None)
    for fault, probability in () if short else _WITHOUT_A_TIME:
        github.faults.add("*", "/repos/*", fault, probability=probability, times=None)
    github.faults.add("POST", "/repos/*/pulls/*/reviews", Fault.UNPROCESSABLE, probability=0.02, times=None)
    for fault, probability, seconds in _DELIVERIES:
        github.faults.add("EVENT", "*", fault, probability=probability, seconds=seconds, times=None)


def happened(github: FakeGitHub) -> dict[str, int]:
    """How often which fault has happened."""
    found: dict[str, int] = {}
    for rule in github.faults.rules:
        found[rule.fault.name.lower()] = found.get(rule.fault.name.lower(), 0) + rule.happened
    return {name: times for name, times in sorted(found.items()) if times}
