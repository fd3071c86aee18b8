"""The fake GitHub as an ASGI application: requests find their part of it, faults are injected, all is logged."""

from __future__ import annotations

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.github.answers import Answer, Refusal
from tests.github.api import Incoming, Outcome, encoded
from tests.github.auth import caller_of
from tests.github.deliveries import ENTERPRISE_VERSION
from tests.github.faults import AFTER, Fault
from tests.github.git_http import PATH as GIT_PATH
from tests.github.limits import SECONDARY, exhausted
from tests.github.serving import Listener

if TYPE_CHECKING:
    from tests.github.api import Api
    from tests.github.faults import Faults
    from tests.github.git_http import GitHttp
    from tests.github.graphql import GraphQL
    from tests.github.serving import Receive, Scope, Send
    from tests.github.web import Website
    from tests.github.world import World


@dataclass
class Request:
    """A request that was answered. `status` is what the client saw, 0 where the connection was closed."""

    method: str
    path: str
    query: dict[str, str]
    operation: str | None
    app: str | None
    repository: str | None
    body: Any
    headers: dict[str, str]
    status: int
    fault: Fault | None


@dataclass
class Server:
    """Takes requests and hands them to the API, GraphQL, git or the website."""

    api: Api
    graphql: GraphQL
    git: GitHttp
    website: Website
    faults: Faults
    requests: list[Request] = field(default_factory=list)
    failures: list[BaseException] = field(default_factory=list)

    def start(self) -> int:
        """Serve on a free port.

        Returns:
            The port.
        """
        self._executor = ThreadPoolExecutor(8, "fake-github")
        self._listener = Listener(self)
        return self._listener.start()

    def stop(self) -> None:
        """Answer nothing any more."""
        self._listener.stop()
        self._executor.shutdown(wait=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application."""
        if scope["type"] != "http":
            return
        data = bytearray()
        while True:
            message = await receive()
            data += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        path = scope["raw_path"].decode("latin-1").partition("?")[0]
        incoming = Incoming.of(scope["method"], path, scope["query_string"].decode("latin-1"), headers, bytes(data))
        outcome = Outcome()
        fault, seconds = self.faults.of_request(incoming.method, self._short(path), incoming.json()) or (None, None)
        try:
            answer = await self._answer(incoming, outcome, fault, seconds)
        except Exception as error:
            self.failures.append(error)
            answer = Answer(500, {"message": f"bug in the fake GitHub: {error!r}"})
        self._log(incoming, outcome, answer, fault)
        if fault in (Fault.DROP_BEFORE, Fault.DROP_AFTER):
            self._listener.drop(scope["client"])
            return
        await _send(send, answer, self.api.world)

    def _short(self, path: str) -> str:
        """The path without the prefix that an enterprise server has."""
        return path.removeprefix("/api/v3") if self.api.world.enterprise else path

    async def _answer(self, incoming: Incoming, outcome: Outcome, fault: Fault | None, seconds: float | None) -> Answer:
        if fault is not None and fault not in AFTER:
            return self._failing(fault, seconds, incoming, outcome)
        answer = await self._carried_out(incoming, outcome)
        if fault is Fault.SLOW:
            await asyncio.sleep(seconds or 0)
        if fault is Fault.ERROR_AFTER:
            return Refusal(500).answer()
        return answer

    async def _carried_out(self, incoming: Incoming, outcome: Outcome) -> Answer:
        path = incoming.path
        if GIT_PATH.fullmatch(path) and not path.startswith("/repos/"):
            return await self.git.handle(incoming, outcome)
        loop = asyncio.get_running_loop()
        if path == ("/api/graphql" if self.api.world.enterprise else "/graphql"):
            return await loop.run_in_executor(self._executor, partial(self.graphql.handle, incoming, outcome))
        if self.website.owns(path):
            return await loop.run_in_executor(self._executor, partial(self.website.handle, incoming, outcome))
        if self.api.world.enterprise and not path.startswith("/api/v3"):
            return Answer(404, "Not Found", content_type="text/plain")
        incoming.path = self._short(path) or "/"
        return await loop.run_in_executor(self._executor, partial(self.api.handle, incoming, outcome))

    def _failing(self, fault: Fault, seconds: float | None, incoming: Incoming, outcome: Outcome) -> Answer:
        after = {} if seconds is None else {"Retry-After": str(int(seconds))}
        match fault:
            case Fault.ERROR_BEFORE | Fault.DROP_BEFORE:
                return Refusal(500).answer()
            case Fault.BAD_GATEWAY:
                return Answer(502, "<html><h1>Unicorn!</h1></html>", content_type="text/html")
            case Fault.UNPROCESSABLE:
                return Refusal(422, errors=[{"resource": "Fault", "code": "custom", "message": "injected"}]).answer()
            case Fault.NOT_FOUND:
                return Refusal(404).answer()
            case Fault.UNAUTHORIZED:
                return Refusal(401).answer()
            case Fault.FORBIDDEN_RETRY_AFTER:
                return Refusal(403, SECONDARY, headers=after or {"Retry-After": "60"}).answer()
            case Fault.TOO_MANY:
                return Refusal(429, SECONDARY, headers=after).answer()
            case Fault.PRIMARY_LIMIT:
                return self._exhausted(incoming, outcome)
            case _:
                return Refusal(403, SECONDARY).answer()

    def _exhausted(self, incoming: Incoming, outcome: Outcome) -> Answer:
        with self.api.world.lock:
            with contextlib.suppress(Refusal):
                outcome.caller = caller_of(self.api.world, incoming.headers.get("authorization"))
            self.api.limits.exhaust(outcome.caller.token)
            return exhausted(self.api.limits.headers(outcome.caller.token)).answer()

    def _log(self, incoming: Incoming, outcome: Outcome, answer: Answer, fault: Fault | None) -> None:
        caller = outcome.caller
        app = caller.app or (caller.token.installation.app if caller.token else None)
        self.requests.append(
            Request(
                method=incoming.method,
                path=self._short(incoming.path),
                query=incoming.query,
                operation=outcome.operation,
                app=app.slug if app else None,
                repository=outcome.repository.full_name if outcome.repository else None,
                body=incoming.json(),
                headers=dict(incoming.headers),
                status=0 if fault in (Fault.DROP_BEFORE, Fault.DROP_AFTER) else answer.status,
                fault=fault,
            )
        )


async def _send(send: Send, answer: Answer, world: World) -> None:
    body = encoded(answer)
    headers = {"Content-Type": answer.content_type, **answer.headers, "X-GitHub-Media-Type": "github.v3; format=json"}
    headers |= {"X-GitHub-Request-Id": "FAKE:0:0:0:0", "Server": "github.com", "Content-Length": str(len(body))}
    headers["Date"] = formatdate(world.timestamp(), usegmt=True)
    if world.enterprise:
        headers["X-GitHub-Enterprise-Version"] = ENTERPRISE_VERSION
    if answer.status in (204, 304):
        del headers["Content-Type"]
        del headers["Content-Length"]
    pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
