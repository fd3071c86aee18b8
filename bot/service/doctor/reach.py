"""The way from GitHub to the door: is it open at the App's webhook address, and does it know the App's secret."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from typing import TYPE_CHECKING, Final

import requests

from bot.service.doctor.diagnosis import fail, ok, warn
from bot.service.setup.choice import relay_of

if TYPE_CHECKING:
    from bot.github.models import AppRegistration, Credentials
    from bot.service.doctor.diagnosis import Diagnosis

EVENT: Final = "doctor"
"""No event of GitHub's: a running service takes it and forgets it."""
_SECONDS: Final = 10
_MOST_BYTES: Final = 10_000


def examine_reach(registration: AppRegistration, credentials: Credentials) -> Diagnosis:
    """Knocks at the address to which GitHub sends deliveries, with a delivery that asks for nothing."""
    url = registration.webhook_url
    if url is None:
        return fail(
            "webhook", "The App's webhook is off.", "Turn it on in the App's settings, with this service's address."
        )
    relay = relay_of(url)
    if relay is not None:
        return warn(
            "webhook", f"Deliveries come by way of {relay}.", "Set the service's own address before you rely on it."
        )
    body = b"{}"
    digest = hmac.digest(credentials.webhook_secrets[0].encode(), body, hashlib.sha256).hex()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": EVENT,
        "X-GitHub-Delivery": str(uuid.uuid4()),
        "X-Hub-Signature-256": f"sha256={digest}",
    }
    try:
        with requests.post(
            url, data=body, headers=headers, timeout=_SECONDS, allow_redirects=False, stream=True
        ) as response:
            return knocked(url, response.status_code, response.raw.read(_MOST_BYTES, decode_content=True))
    except requests.RequestException as error:
        found = f"Nobody answers at {url} ({type(error).__name__})."
        return fail("webhook", found, "Is `stanch serve` running, and does your proxy pass requests on to it?")


def knocked(url: str, code: int, body: bytes) -> Diagnosis:
    """What an answer at the door means.

    Args:
        url: where it was.
        code: the HTTP status.
        body: the answer's.
    """
    try:
        answer = json.loads(body)
        status = answer.get("status") if isinstance(answer, dict) else None
    except ValueError:
        status = None
    if (code, status) == (202, "ignored"):
        return ok("webhook", f"The service answers at {url}, and knows the App's secret.")
    if status == "wrong-signature":
        found = f"The service at {url} has another secret than these credentials."
        return fail("webhook", found, "Give it the same credentials; docs/operating.md tells how a secret is changed.")
    if status == "not-set-up":
        return fail(
            "webhook", f"The service at {url} has no credentials.", "Give it the same state folder or settings."
        )
    found = f"What answers at {url} is not this service (status {code})."
    return fail("webhook", found, "Let your proxy pass the whole path on to it, and change nothing in the body.")
