"""The App's manifest: what it asks of whoever installs it, in two sizes, and the code that GitHub gives for it.

Source: docs.github.com, "Registering a GitHub App from a manifest".
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import msgspec

from bot.github.answers import Id
from bot.github.api import Api
from bot.github.clock import SystemClock
from bot.github.governor import Governor
from bot.github.limits import APP, Kind, MemoryLimitStore, Priority
from bot.github.models import Credentials
from bot.github.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.github.clock import Clock


class Size(StrEnum):
    """What the App may do: review, or write fixes too."""

    REVIEW = "review"
    FIX = "fix"


PERMISSIONS: Final[Mapping[Size, Mapping[str, str]]] = {
    Size.REVIEW: {
        "metadata": "read",
        "contents": "read",
        "pull_requests": "write",
        "checks": "write",
        "issues": "read",
    },
    Size.FIX: {
        "metadata": "read",
        "contents": "write",
        "pull_requests": "write",
        "checks": "write",
        "issues": "read",
    },
}
"""The contract's permissions. Those for the tracking issue and for code scanning are added by whoever wants them."""

EVENT_PERMISSIONS: Final[Mapping[str, str]] = {
    "check_run": "checks",
    "check_suite": "checks",
    "issue_comment": "issues",
    "issues": "issues",
    "pull_request": "pull_requests",
    "pull_request_review_comment": "pull_requests",
    "push": "contents",
    "repository": "metadata",
}
"""The permission, at least to read, without which GitHub lets no App have an event (docs.github.com, "Webhook events
and payloads"). The events of installations and `ping` come without being asked for, and may not be."""

_NAME_LIMIT: Final = 34


def default_events(permissions: Mapping[str, str]) -> tuple[str, ...]:
    """The events that an App with these permissions asks for."""
    return tuple(event for event, permission in sorted(EVENT_PERMISSIONS.items()) if permission in permissions)


def manifest(
    size: Size,
    *,
    name: str,
    homepage_url: str,
    webhook_url: str,
    redirect_url: str,
    setup_url: str | None = None,
    further_permissions: Mapping[str, str] | None = None,
) -> dict[str, object]:
    """The manifest of a private App, to be sent as JSON.

    Args:
        size: what it may do.
        name: the App's name, unique on GitHub; cut to the 34 characters that GitHub takes.
        homepage_url: what its page links to.
        webhook_url: where events go.
        redirect_url: where GitHub sends the browser back to, with the code.
        setup_url: where it sends whoever has installed the App.
        further_permissions: opt-ins, such as `security_events: write`.
    """
    permissions = {**PERMISSIONS[size], **(further_permissions or {})}
    made: dict[str, object] = {
        "name": name[:_NAME_LIMIT],
        "url": homepage_url,
        "description": "Finds resource leaks in the pull request that introduces them.",
        "hook_attributes": {"url": webhook_url, "active": True},
        "redirect_url": redirect_url,
        "public": False,
        "default_permissions": permissions,
        "default_events": list(default_events(permissions)),
        "request_oauth_on_install": False,
    }
    return made if setup_url is None else {**made, "setup_url": setup_url}


def registration_url(html_url: str, state: str, organisation: str | None = None) -> str:
    """Where the browser posts the manifest, as the form field `manifest`.

    Args:
        html_url: GitHub's, such as `https://github.com`, or that of a GitHub Enterprise Server.
        state: a nonce that comes back with the code.
        organisation: whose App it will be; None: the person's own.
    """
    owner = f"/organizations/{quote(organisation, safe='')}" if organisation else ""
    return f"{html_url.rstrip('/')}{owner}/settings/apps/new?state={quote(state, safe='')}"


class _Conversion(msgspec.Struct):
    id: Id
    slug: str
    pem: str
    html_url: str
    webhook_secret: str | None = None


def convert(code: str, api_url: str, *, html_url: str | None = None, clock: Clock | None = None) -> Credentials:
    """The credentials of the App that was just registered. A code is good for one hour and one time.

    Args:
        code: what GitHub sent the browser back with.
        api_url: GitHub's API.
        html_url: GitHub's pages; None: as GitHub's answer has it.
        clock: None: the machine's.

    Raises:
        NotFound: the code is wrong, used or too old.
        Unavailable: with `maybe_done` the code may be used up; then the App is there, and a key is made on its page.
        GitHubError: of another kind.
    """
    time = clock or SystemClock()
    transport = Transport(api_url)
    try:
        api = Api(transport, _Nobody(Governor(MemoryLimitStore(), time, APP, Priority.PERSON)), time)
        path = f"/app-manifests/{quote(code, safe='')}/conversions"
        made = api.send("POST", path, _Conversion, kind=Kind.READ)
    finally:
        transport.close()
    return Credentials(
        app_id=made.id,
        slug=made.slug,
        private_key=made.pem,
        webhook_secrets=(made.webhook_secret,) if made.webhook_secret else (),
        api_url=api_url,
        html_url=(html_url or made.html_url.partition("/github-apps/")[0].partition("/apps/")[0]).rstrip("/"),
    )


class _Nobody:
    """Requests without credentials: the code is one by itself."""

    def __init__(self, governor: Governor) -> None:
        self.governor = governor

    def authorization(self) -> str:
        return ""

    def renew(self) -> bool:
        return False
