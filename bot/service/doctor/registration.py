"""The App as GitHub has it: does it know us, may we do what we should, do we hear what we need."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Final

from bot.github.client import App
from bot.github.errors import GitHubError, Unauthorized
from bot.github.manifest import EVENT_PERMISSIONS, PERMISSIONS, Size, default_events
from bot.service.doctor.diagnosis import fail, ok, warn
from bot.service.setup.pages import install_url

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bot.github.models import AppRegistration, Credentials, Delivery, Installation
    from bot.service.doctor.diagnosis import Diagnosis

NEVER: Final = frozenset({"administration", "members", "secrets", "workflows"})
"""What Stanch never asks for (contract: Permissions)."""
MOST_SKEW: Final = timedelta(seconds=60)
SOME_SKEW: Final = timedelta(seconds=10)
"""GitHub refuses a key's signature that is of the future, or of more than ten minutes ago."""
_RANKS: Final = {"read": 1, "write": 2, "admin": 3}
_DELIVERIES: Final = 100


def examine_registration(credentials: Credentials) -> tuple[AppRegistration | None, list[Diagnosis]]:
    """What GitHub says of the App: None and why, where it says nothing."""
    told: list[Diagnosis] = []
    with App(credentials) as app:
        try:
            told.append(clock(app.clock_skew()))
            registration = app.registration()
            installations = list(app.installations())
            recent = list(islice(app.deliveries(datetime.now(UTC) - timedelta(days=1)), _DELIVERIES))
        except Unauthorized as error:
            advice = f"Compare the App's id and key with its page on {credentials.html_url}, and this machine's clock."
            return None, [*told, fail("github", str(error), advice)]
        except GitHubError as error:
            return None, [*told, fail("github", str(error), f"Can this machine reach {credentials.api_url}?")]
    return registration, [
        *told,
        ok("github", f"{credentials.api_url} knows the App {registration.identity.slug}."),
        permissions(registration),
        events(registration),
        deliveries(recent),
        *installed(installations, registration, credentials),
    ]


def clock(skew: timedelta | None) -> Diagnosis:
    """Whether this machine's clock is right.

    Args:
        skew: how far it is ahead of GitHub's; None where that is not known.
    """
    if skew is None:
        return warn("clock", "GitHub does not say what time it is.", "See that this machine's clock is set by NTP.")
    seconds = round(skew.total_seconds())
    found = f"This machine's clock is {abs(seconds)} seconds {'ahead of' if seconds > 0 else 'behind'} GitHub's."
    advice = "Set it by NTP: GitHub takes no signature that is not of now."
    if abs(skew) > MOST_SKEW:
        return fail("clock", found, advice)
    return warn("clock", found, advice) if abs(skew) > SOME_SKEW else ok("clock", "This machine's clock is right.")


def permissions(registration: AppRegistration) -> Diagnosis:
    """Whether the App asks for what it needs, and no more."""
    asked = registration.permissions
    size = Size.FIX if asked.get("contents") == "write" else Size.REVIEW
    missing = _missing(asked, PERMISSIONS[size])
    if missing:
        return fail("permissions", f"The App does not ask for {_series(missing)}.", _settings_advice("Permissions"))
    excess = sorted(NEVER & asked.keys())
    if excess:
        found = f"The App asks for {_series(excess)}, which Stanch never uses."
        return warn("permissions", found, "Take it away in the App's settings, under Permissions & events.")
    return ok("permissions", f"Those of a {size} App.")


def events(registration: AppRegistration) -> Diagnosis:
    """Whether GitHub tells the App what it has to hear."""
    needed = {event for event in default_events(registration.permissions) if event in EVENT_PERMISSIONS}
    missing = sorted(needed - set(registration.events))
    if missing:
        return fail("events", f"The App does not hear {_series(missing)}.", _settings_advice("Subscribe to events"))
    return ok("events", f"The App hears all {len(needed)} that it needs.")


def deliveries(recent: Sequence[Delivery]) -> Diagnosis:
    """Whether what GitHub sent in the last day arrived."""
    newest: dict[str, Delivery] = {}
    for delivery in recent:
        newest.setdefault(delivery.guid, delivery)
    failed = [delivery for delivery in newest.values() if delivery.status != "OK"]
    if not newest:
        return ok("deliveries", "GitHub has sent nothing in the last day.")
    found = f"{len(failed)} of the last {len(newest)} deliveries failed: {failed[0].status}." if failed else ""
    if len(failed) == len(newest):
        return fail("deliveries", found, "Look at the lines on webhook and secret; GitHub shows each under Advanced.")
    if failed:
        return warn("deliveries", found, "The service asks for failed ones again; GitHub shows each under Advanced.")
    return ok("deliveries", f"The last {len(newest)} deliveries arrived.")


def installed(
    installations: Sequence[Installation], registration: AppRegistration, credentials: Credentials
) -> Iterator[Diagnosis]:
    """Whether the App is installed somewhere, and may do there what it asks for."""
    if not installations:
        yield warn("installations", "The App is installed nowhere.", f"Install it: {install_url(credentials)}")
        return
    yield ok("installations", f"The App is installed on {_series([item.account.login for item in installations])}.")
    for item in installations:
        if item.is_suspended:
            yield warn("installations", f"It is suspended on {item.account.login}.", "Its owner can unsuspend it.")
        missing = _missing(item.permissions, registration.permissions)
        if missing:
            found = f"{item.account.login} has not granted {_series(missing)} yet."
            yield warn(
                "installations", found, "An owner accepts it in the installation's settings; until then it is off."
            )


def _missing(granted: Mapping[str, str], needed: Mapping[str, str]) -> list[str]:
    return [
        f"{name}: {level}"
        for name, level in sorted(needed.items())
        if _RANKS.get(granted.get(name, ""), 0) < _RANKS.get(level, 0)
    ]


def _settings_advice(section: str) -> str:
    return f"Add it in the App's settings, under Permissions & events, {section}; owners have to accept it."


def _series(names: Sequence[str]) -> str:
    return ", ".join(names)
