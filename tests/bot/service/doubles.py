"""What the web side is put together from in tests: everything in memory, and a GitHub that signs."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import httpx
import structlog

from bot.github.models import Credentials
from bot.service.app import create_app
from bot.service.metrics import Metrics
from bot.service.parts import Parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from fastapi import FastAPI

    from bot.service.setup.flow import Setup

SECRET: Final = "a webhook secret"
CREDENTIALS: Final = Credentials(12, "stanch-of-robin", "-----BEGIN RSA PRIVATE KEY-----\nMII\n", (SECRET,))
GUID: Final = "72d3162e-cc78-11e3-81ab-4c9367dc0958"
BODY: Final = json.dumps({"action": "opened", "number": 3}).encode()


class MemoryCredentials:
    """Credentials in memory. `failing` is raised when they are to be kept."""

    def __init__(self, credentials: Credentials | None = CREDENTIALS, failing: OSError | None = None) -> None:
        self.credentials = credentials
        self.failing = failing

    def load(self) -> Credentials | None:
        return self.credentials

    def save(self, credentials: Credentials) -> None:
        if self.failing is not None:
            raise self.failing
        self.credentials = credentials


@contextmanager
def logging_restored() -> Iterator[None]:
    """Afterwards logging is as it was: it is one for the whole process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()


@dataclass
class MemoryDeliveries:
    """Deliveries in memory. `failing` is raised when one is to be recorded."""

    recorded: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    failing: Exception | None = None

    def record(self, guid: str, event: str, payload: bytes) -> bool:
        if self.failing is not None:
            raise self.failing
        is_new = guid not in self.recorded
        self.recorded.setdefault(guid, (event, payload))
        return is_new


@dataclass
class ScriptedGitHub:
    """Exchanges any code. `failing` is raised instead."""

    codes: list[tuple[str, str]] = field(default_factory=list)
    failing: Exception | None = None

    def convert(self, code: str, api_url: str, *, html_url: str | None = None) -> Credentials:
        if self.failing is not None:
            raise self.failing
        self.codes.append((api_url, code))
        return Credentials(12, "stanch-of-robin", "pem", ("new secret",), api_url, html_url or "")


class Client:
    """A browser, or GitHub, that talks to the application without a network. It keeps cookies."""

    def __init__(self, app: FastAPI, base_url: str) -> None:
        self.app = app
        self.base_url = base_url
        self.cookies = httpx.Cookies()

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.request("POST", path, **options)

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        return asyncio.run(self._request(method, path, options))

    async def _request(self, method: str, path: str, options: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=self.base_url, cookies=self.cookies) as client:
            answer = await client.request(method, path, **options)
            self.cookies = client.cookies
            return answer


@dataclass
class Web:
    """The application, and what stands behind it."""

    client: Client
    deliveries: MemoryDeliveries
    metrics: Metrics
    credentials: MemoryCredentials

    def deliver(self, body: bytes = BODY, event: str = "pull_request", **changed: str | None) -> Any:
        """Sends a delivery as GitHub would; a header that is None is left out."""
        headers = {**signed(body, event), **{name.replace("_", "-"): value for name, value in changed.items()}}
        sent = {name: value for name, value in headers.items() if value is not None}
        return self.client.post("/webhook", content=body, headers=sent)


def signed(body: bytes, event: str = "pull_request", *, secret: str = SECRET) -> dict[str, str]:
    """The headers of a delivery."""
    return {
        "Content-Type": "application/json",
        "X-GitHub-Delivery": GUID,
        "X-GitHub-Event": event,
        "X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
    }


def make_web(
    *,
    credentials: MemoryCredentials | None = None,
    checks: Mapping[str, Callable[[], str | None]] | None = None,
    metrics: Metrics | None = None,
    setup: Setup | None = None,
    body_limit: int = 1_000_000,
    base_url: str = "http://testserver",
    api_docs: bool = False,
) -> Web:
    deliveries = MemoryDeliveries()
    counted = metrics if metrics is not None else Metrics()
    store = credentials if credentials is not None else MemoryCredentials()
    events = frozenset({"pull_request", "push"})
    parts = Parts(deliveries, events, store, checks or {}, counted, setup)
    app = create_app(parts, body_limit=body_limit, api_docs=api_docs)
    return Web(Client(app, base_url), deliveries, counted, store)
