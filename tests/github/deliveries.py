"""Webhooks: which App hears of what, signed deliveries to its URL, the log of them, and redelivery."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import queue
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from tests.github.faults import Fault
from tests.github.shapes.basics import account_json, moment, repository_json
from tests.github.state import Kind
from tests.github.validation import webhook_faults

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tests.github.faults import Faults
    from tests.github.state import Account, App, Installation, Repository
    from tests.github.world import World

LONGEST_SECONDS: Final = 10.0
LARGEST_PAYLOAD: Final = 25_000_000
"""Of a larger event GitHub tells nothing at all (docs.github.com/webhooks/webhook-events-and-payloads)."""
ENTERPRISE_VERSION: Final = "3.19.0"
KEPT_SECONDS: Final = 3 * 24 * 3600
ALWAYS: Final = frozenset({"installation", "installation_repositories", "ping"})
TO_THE_OWNER: Final = frozenset({"check_suite", "check_run"})
"""An App that may write checks hears of requests for its own, subscribed or not."""


class InvalidPayloadError(Exception):
    """The fake GitHub made a webhook that GitHub's description does not allow: a bug of the fake."""


@dataclass
class Attempt:
    """One attempt to deliver an event; attempts of one event have one `guid`."""

    id: int
    guid: str
    app: App
    event: str
    action: str | None
    headers: dict[str, str]
    body: bytes
    installation_id: int | None
    repository_id: int | None
    delivered_at: datetime
    redelivery: bool = False
    duration: float = 0.0
    status: str = "pending"
    status_code: int = 0

    @property
    def payload(self) -> Any:
        """The payload, decoded."""
        return json.loads(self.body)


@dataclass
class Deliveries:
    """Sends what happens to the Apps, on threads of its own. One thread keeps the order; several do not."""

    world: World
    faults: Faults
    workers: int
    log: list[Attempt] = field(default_factory=list)
    _waiting: queue.SimpleQueue[Attempt | None] = field(default_factory=queue.SimpleQueue)
    _held: list[Attempt] = field(default_factory=list)
    _unfinished: int = 0
    _stopped: bool = False
    _finished: threading.Condition = field(default_factory=threading.Condition)
    _threads: list[threading.Thread] = field(default_factory=list)
    _timers: list[threading.Timer] = field(default_factory=list)

    def start(self) -> None:
        """Begin to send."""
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(self.workers)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Send nothing any more; what waits is lost."""
        self._stopped = True
        for timer in self._timers:
            timer.cancel()
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join(LONGEST_SECONDS + 1)

    def settle(self, seconds: float) -> bool:
        """Wait until nothing waits; False when it takes longer than so many seconds."""
        self._release_held()
        with self._finished:
            return self._finished.wait_for(lambda: self._unfinished == 0, seconds)

    def emit(
        self,
        event: str,
        action: str | None,
        sender: Account,
        payload: Callable[[], dict[str, Any]],
        *,
        repository: Repository | None = None,
        installation: Installation | None = None,
        app: App | None = None,
    ) -> None:
        """Tell the Apps that should hear of an event; the caller holds the world's lock."""
        if installation is not None:
            hearing = [installation]
        elif repository is not None:
            hearing = [one for one in self.world.installations_for(repository) if app in (None, one.app)]
        else:
            hearing = []
        hearing = [one for one in hearing if _hears(one, event, owned=app is not None)]
        if not hearing:
            return
        own = payload()
        common = self._common(action, sender, own, repository)
        for one in hearing:
            part = {"installation": {"id": one.id, "node_id": f"MDIz{one.id}"}}
            self._send(one.app, event, action, {**part, **common}, one, repository)

    def ping(self, app: App) -> None:
        """GitHub's first word to a new App."""
        config = {"content_type": "json", "insecure_ssl": "0", "secret": "********"}
        hook = {
            "type": "App",
            "id": app.id,
            "name": "web",
            "active": True,
            "events": list(app.events),
            "config": config | ({"url": app.webhook_url} if app.webhook_url else {}),
            "updated_at": moment(app.created_at),
            "created_at": moment(app.created_at),
            "app_id": app.id,
            "deliveries_url": f"{self.world.addresses.api}/app/hook/deliveries",
        }
        self._send(
            app, "ping", None, {"zen": "Keep it logically awesome.", "hook_id": app.id, "hook": hook}, None, None
        )

    def _common(
        self, action: str | None, sender: Account, own: dict[str, Any], repository: Repository | None
    ) -> dict[str, Any]:
        body: dict[str, Any] = {"action": action} if action is not None else {}
        body |= own
        if repository is not None:
            shown = repository_json(self.world, repository)
            if action is None:
                # In `push` times are numbers, and the owner has a name.
                created, pushed = (int(when.timestamp()) for when in (repository.created_at, repository.pushed_at))
                owner = {**shown["owner"], "name": repository.owner.login, "email": None}
                shown |= {"created_at": created, "pushed_at": pushed, "owner": owner}
                shown |= {"stargazers": 0, "master_branch": repository.default_branch}
            body["repository"] = shown
            if repository.owner.kind is Kind.ORGANIZATION:
                body["organization"] = self._organization(repository.owner)
        body["sender"] = account_json(self.world, sender)
        return body

    def _organization(self, owner: Account) -> dict[str, Any]:
        url = f"{self.world.addresses.api}/orgs/{owner.login}"
        return {
            "login": owner.login,
            "id": owner.id,
            "node_id": f"O_kgDO{owner.id}",
            "url": url,
            "repos_url": f"{url}/repos",
            "events_url": f"{url}/events",
            "hooks_url": f"{url}/hooks",
            "issues_url": f"{url}/issues",
            "members_url": f"{url}/members{{/member}}",
            "public_members_url": f"{url}/public_members{{/member}}",
            "avatar_url": f"{self.world.addresses.html}/avatars/{owner.id}",
            "description": None,
        }

    def _send(
        self,
        app: App,
        event: str,
        action: str | None,
        payload: dict[str, Any],
        installation: Installation | None,
        repository: Repository | None,
    ) -> None:
        if app.webhook_url is None and app.receiver is None:
            return
        if faults := webhook_faults(event, action, payload):
            raise InvalidPayloadError(f"{event} {action}: " + "; ".join(faults[:10]))
        body = json.dumps(payload, separators=(",", ":")).encode()
        if len(body) > LARGEST_PAYLOAD:
            return
        guid = str(uuid.uuid4())
        attempt = Attempt(
            id=self.world.next_id(),
            guid=guid,
            app=app,
            event=event,
            action=action,
            headers=self._headers(app, event, guid, body),
            body=body,
            installation_id=installation.id if installation else None,
            repository_id=repository.id if repository else None,
            delivered_at=self.world.now(),
        )
        self._submit(attempt, self.faults.of_delivery(event, action))

    def _headers(self, app: App, event: str, guid: str, body: bytes) -> dict[str, str]:
        headers = {
            "Accept": "*/*",
            "Content-Type": "application/json",
            "User-Agent": f"GitHub-Hookshot/{guid[:7]}",
            "X-GitHub-Delivery": guid,
            "X-GitHub-Event": event,
            "X-GitHub-Hook-ID": str(app.id),
            "X-GitHub-Hook-Installation-Target-ID": str(app.id),
            "X-GitHub-Hook-Installation-Target-Type": "integration",
        }
        if self.world.enterprise:
            headers["X-GitHub-Enterprise-Host"] = self.world.addresses.html.removeprefix("http://")
            headers["X-GitHub-Enterprise-Version"] = ENTERPRISE_VERSION
        if app.webhook_secret:
            secret = app.webhook_secret.encode()
            headers["X-Hub-Signature"] = f"sha1={hmac.new(secret, body, hashlib.sha1).hexdigest()}"
            headers["X-Hub-Signature-256"] = f"sha256={hmac.new(secret, body, hashlib.sha256).hexdigest()}"
        return headers

    def _submit(self, attempt: Attempt, fault: tuple[Fault, float] | None) -> None:
        kind, seconds = fault or (None, 0.0)
        self.log.append(attempt)
        if kind is Fault.DELIVERY_LOST:
            # GitHub believes that it could not connect; it shows in the log and can be asked for again.
            attempt.status, attempt.status_code = "failed to connect to host", 502
            return
        if kind is Fault.DELIVERY_REORDERED:
            self._held.append(attempt)
            self._count(1)
            return
        if kind is Fault.DELIVERY_DELAYED:
            self._count(1)
            timer = threading.Timer(seconds, self._waiting.put, (attempt,))
            timer.daemon = True
            self._timers.append(timer)
            timer.start()
            return
        self._queue(attempt)
        if kind is Fault.DELIVERY_TWICE:
            self._queue(attempt)
        self._release_held()

    def _queue(self, attempt: Attempt) -> None:
        self._count(1)
        self._waiting.put(attempt)

    def _release_held(self) -> None:
        """What was held back follows what came after it."""
        while self._held:
            self._waiting.put(self._held.pop())

    def _count(self, change: int) -> None:
        with self._finished:
            self._unfinished += change
            self._finished.notify_all()

    def redeliver(self, attempt: Attempt) -> None:
        """Deliver an event once more, under the same GUID."""
        again = Attempt(
            id=self.world.next_id(),
            guid=attempt.guid,
            app=attempt.app,
            event=attempt.event,
            action=attempt.action,
            headers=attempt.headers,
            body=attempt.body,
            installation_id=attempt.installation_id,
            repository_id=attempt.repository_id,
            delivered_at=self.world.now(),
            redelivery=True,
        )
        self._submit(again, self.faults.of_delivery(attempt.event, attempt.action))

    def attempts_of(self, app: App) -> list[Attempt]:
        """What GitHub still knows of its deliveries to an App; those under way are not in the list yet."""
        oldest = self.world.timestamp() - KEPT_SECONDS
        kept = (one for one in self.log if one.app is app and one.delivered_at.timestamp() >= oldest)
        return [one for one in kept if one.status != "pending"]

    def _work(self) -> None:
        while (attempt := self._waiting.get()) is not None and not self._stopped:
            started = time.monotonic()
            try:
                attempt.status_code = _post(attempt)
                attempt.status = (
                    "OK" if 200 <= attempt.status_code < 300 else f"Invalid HTTP Response: {attempt.status_code}"
                )
            except TimeoutError:
                attempt.status, attempt.status_code = "timed out", 504
            except (OSError, http.client.HTTPException):
                attempt.status, attempt.status_code = "failed to connect to host", 502
            attempt.duration = time.monotonic() - started
            self._count(-1)


def _hears(installation: Installation, event: str, *, owned: bool) -> bool:
    if event == "installation":
        return True
    if installation.suspended_at is not None:
        return False
    owns = owned and event in TO_THE_OWNER and installation.permissions.get("checks") == "write"
    return event in ALWAYS or owns or event in installation.events


def _post(attempt: Attempt) -> int:
    """Send a delivery; a redirect is not followed, and is no success."""
    app = attempt.app
    if app.receiver is not None:
        return app.receiver(attempt.headers, attempt.body)
    url = urlsplit(app.webhook_url or "")
    connection = http.client.HTTPConnection(url.hostname or "", url.port or 80, timeout=LONGEST_SECONDS)
    try:
        target = url.path + (f"?{url.query}" if url.query else "")
        connection.request("POST", target or "/", attempt.body, attempt.headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()
