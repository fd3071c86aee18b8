"""The door: GitHub's deliveries are checked, recorded and answered; whatever they ask for is done by a worker.

In this order: headers, size as declared, size as sent, signature over the raw bytes, record, answer. The body is not
parsed here: that is the worker's business.
"""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import anyio
import structlog
from anyio import to_thread
from fastapi import APIRouter, Request

from bot.github.signatures import verify
from bot.service.answers import Answer, RefusalError, answer
from bot.service.bodies import Bodies
from bot.service.credentials import CredentialsError

if TYPE_CHECKING:
    from starlette.responses import Response

    from bot.service.parts import Parts

PATH: Final = "/webhook"
RECORD_SECONDS: Final = 8.0
"""How long the database may take: GitHub waits for ten seconds in all."""
_THREADS: Final = 20
_GUID: Final = re.compile(r"[0-9A-Za-z-]{8,100}")
_EVENT: Final = re.compile(r"[a-z_]{1,60}")
_SIGNATURE: Final = "X-Hub-Signature-256"
_log = structlog.get_logger("stanch.door")

_REFUSALS: Final = {
    400: "a header is missing or malformed, or the body is truncated",
    401: "the signature is missing or wrong",
    408: "the body came too slowly",
    413: "the body is too large",
    415: "the body is not sent as JSON",
    503: "the delivery could not be recorded; GitHub keeps it as failed, and it is asked for again",
}
_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    code: {"model": Answer, "description": text} for code, text in _REFUSALS.items()
}
_INTERFACE: Final = {
    "parameters": [
        {
            "name": name,
            "in": "header",
            "required": True,
            "schema": {"type": "string", "pattern": f"^{pattern}$"},
        }
        for name, pattern in (
            ("X-GitHub-Delivery", _GUID.pattern),
            ("X-GitHub-Event", _EVENT.pattern),
            (_SIGNATURE, "sha256=[0-9a-f]{64}"),
        )
    ],
    "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}},
}


def webhook_router(parts: Parts, *, body_limit: int) -> APIRouter:
    """The route that GitHub sends deliveries to.

    Args:
        parts: where deliveries go.
        body_limit: the largest body, in bytes.
    """
    router = APIRouter()
    door = _Door(parts, body_limit)

    @router.post(
        PATH,
        status_code=202,
        response_model=Answer,
        response_model_exclude_none=True,
        responses=_RESPONSES,
        openapi_extra=_INTERFACE,
        summary="Take a delivery of GitHub's",
    )
    async def webhook(request: Request) -> Response:
        return await door.take(request)

    return router


class _Door:
    def __init__(self, parts: Parts, body_limit: int) -> None:
        self._parts = parts
        self._bodies = Bodies(body_limit)
        # Threads of its own: a database that hangs must not take those of the health checks too.
        self._threads = anyio.CapacityLimiter(_THREADS)

    async def take(self, request: Request) -> Response:
        began = time.perf_counter()
        event = "other"
        status = "error"
        with ExitStack() as bound:
            try:
                guid, name = _named(request)
                bound.enter_context(structlog.contextvars.bound_contextvars(delivery=guid, event_name=name))
                event = name if name in self._parts.events else event
                status = await self._accept(request, guid, name)
                _log.info("delivery", answer=status)
                return answer(202, status)
            except RefusalError as refusal:
                status = refusal.status
                _log.warning("delivery refused", answer=status, reason=refusal.detail)
                raise
            finally:
                self._parts.metrics.delivered(event, status, time.perf_counter() - began)

    async def _accept(self, request: Request, guid: str, event: str) -> str:
        signature = request.headers.get(_SIGNATURE)
        if signature is None:
            raise RefusalError(401, "unsigned", f"There is no {_SIGNATURE}: the webhook has no secret.")
        async with self._bodies.read(request) as body:
            work = partial(self._record, guid, event, body, signature)
            try:
                async with asyncio.timeout(RECORD_SECONDS):
                    return await to_thread.run_sync(work, abandon_on_cancel=True, limiter=self._threads)
            except TimeoutError:
                raise RefusalError(503, "database-away", "The delivery could not be recorded in time.") from None

    def _record(self, guid: str, event: str, body: bytes, signature: str) -> str:
        """Checks the signature and keeps the delivery; in a thread, because both may take a while."""
        try:
            credentials = self._parts.credentials.load()
        except CredentialsError as error:
            _log.error("no credentials", reason=str(error))
            credentials = None
        if credentials is None:
            raise RefusalError(503, "not-set-up", "This service is not set up.")
        if not verify(credentials.webhook_secrets, body, signature):
            raise RefusalError(401, "wrong-signature", "The signature is not that of this body and this App's secret.")
        if event not in self._parts.events:
            return "ignored"
        try:
            self._parts.deliveries.record(guid, event, body)
        except Exception as error:
            _log.error("delivery not recorded", exc_info=error)
            raise RefusalError(503, "database-away", "The delivery could not be recorded.") from error
        return "accepted"


def _named(request: Request) -> tuple[str, str]:
    """The guid and the event of a delivery.

    Raises:
        RefusalError: a header is missing, or is not what GitHub would send.
    """
    guid = request.headers.get("X-GitHub-Delivery", "")
    event = request.headers.get("X-GitHub-Event", "")
    if not _GUID.fullmatch(guid):
        raise RefusalError(400, "malformed", "X-GitHub-Delivery is missing, or is no guid.")
    if not _EVENT.fullmatch(event):
        raise RefusalError(400, "malformed", "X-GitHub-Event is missing, or is no name of an event.")
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise RefusalError(415, "not-json", "The content type of the webhook must be application/json.")
    return guid, event
