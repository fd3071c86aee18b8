from __future__ import annotations

import pytest

from bot.github.errors import NotFound, Unavailable
from bot.github.events import EVENTS
from bot.github.manifest import (
    EVENT_PERMISSIONS,
    PERMISSIONS,
    Size,
    convert,
    default_events,
    manifest,
    registration_url,
)
from tests.bot.github.clocks import TestClock
from tests.bot.github.scripted import Scripted, ScriptedGitHub, unused_url

ALWAYS_SENT = {"installation", "installation_repositories", "ping"}
"""What every App gets without asking (docs.github.com, "Webhook events and payloads")."""

CONTRACT = {
    Size.REVIEW: {
        "metadata": "read",
        "contents": "read",
        "pull_requests": "write",
        "checks": "write",
        "issues": "read",
    },
    Size.FIX: {"metadata": "read", "contents": "write", "pull_requests": "write", "checks": "write", "issues": "read"},
}


def made(size: Size, **changes: object) -> dict[str, object]:
    arguments = {
        "name": "Stanch",
        "homepage_url": "https://stanch.example.com",
        "webhook_url": "https://stanch.example.com/webhook",
        "redirect_url": "https://stanch.example.com/setup/callback",
    }
    return manifest(size, **{**arguments, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("size", Size)
def test_the_permissions_are_those_of_the_contract(size: Size) -> None:
    assert made(size)["default_permissions"] == CONTRACT[size] == PERMISSIONS[size]


def test_opt_ins_are_added() -> None:
    permissions = made(Size.REVIEW, further_permissions={"issues": "write", "security_events": "write"})
    assert permissions["default_permissions"] == {
        **CONTRACT[Size.REVIEW],
        "issues": "write",
        "security_events": "write",
    }


@pytest.mark.parametrize("size", Size)
def test_every_event_that_we_read_is_asked_for_and_permitted(size: Size) -> None:
    events = default_events(PERMISSIONS[size])
    assert set(events) == EVENTS - ALWAYS_SENT
    # GitHub refuses a manifest with an event whose permission is not asked for, and one with an event always sent.
    assert all(EVENT_PERMISSIONS[event] in PERMISSIONS[size] for event in events)
    assert made(size)["default_events"] == list(events)


def test_an_event_without_its_permission_is_not_asked_for() -> None:
    assert default_events({"metadata": "read", "checks": "read"}) == ("check_run", "check_suite", "repository")


@pytest.mark.parametrize("size", Size)
def test_the_app_is_private_and_its_webhook_is_on(size: Size) -> None:
    document = made(size, name="n" * 50)
    assert document["public"] is False
    assert document["hook_attributes"] == {"url": "https://stanch.example.com/webhook", "active": True}
    assert document["redirect_url"] == "https://stanch.example.com/setup/callback"
    assert document["name"] == "n" * 34
    assert "setup_url" not in document
    assert made(size, setup_url="https://x.example/done")["setup_url"] == "https://x.example/done"


@pytest.mark.parametrize(
    ("html_url", "organisation", "expected"),
    [
        ("https://github.com", None, "https://github.com/settings/apps/new?state=a%26b"),
        ("https://github.com/", "octo", "https://github.com/organizations/octo/settings/apps/new?state=a%26b"),
        (
            "https://ghes.example",
            "o/../x",
            "https://ghes.example/organizations/o%2F..%2Fx/settings/apps/new?state=a%26b",
        ),
    ],
)
def test_where_the_manifest_goes(html_url: str, organisation: str | None, expected: str) -> None:
    assert registration_url(html_url, "a&b", organisation) == expected


CONVERSION = {
    "id": 12,
    "slug": "stanch-octo",
    "pem": "-----BEGIN RSA PRIVATE KEY-----",
    "webhook_secret": "s3cret",
    "client_id": "Iv1",
    "client_secret": "c",
    "html_url": "https://github.com/apps/stanch-octo",
}


@pytest.mark.parametrize("prefix", ["", "/api/v3"])
def test_a_code_becomes_credentials(prefix: str) -> None:
    with ScriptedGitHub(Scripted(201, CONVERSION)) as github:
        credentials = convert("the/code", github.url + prefix)
    (request,) = github.requests
    assert (request.method, request.path) == ("POST", f"{prefix}/app-manifests/the%2Fcode/conversions")
    assert "authorization" not in request.headers
    assert (credentials.app_id, credentials.slug, credentials.webhook_secrets) == (12, "stanch-octo", ("s3cret",))
    assert (credentials.api_url, credentials.html_url) == (github.url + prefix, "https://github.com")
    assert "s3cret" not in repr(credentials)
    assert "PRIVATE" not in repr(credentials)


def test_a_code_is_never_tried_twice() -> None:
    with ScriptedGitHub(Scripted(502)) as github, pytest.raises(Unavailable) as caught:
        convert("code", github.url, clock=TestClock())
    assert caught.value.maybe_done
    assert len(github.requests) == 1


def test_a_used_code_is_said_so() -> None:
    with ScriptedGitHub(Scripted(404, {"message": "Not Found"})) as github, pytest.raises(NotFound):
        convert("code", github.url, clock=TestClock())


def test_an_address_where_nobody_is_loses_no_code() -> None:
    with pytest.raises(Unavailable, match="there is no connection") as caught:
        convert("code", unused_url(), clock=TestClock())
    assert not caught.value.maybe_done
