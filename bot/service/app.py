"""The web side of the service as one ASGI application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import structlog
from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException

from bot.service.answers import RefusalError, answer, refusal_answer
from bot.service.health import health_router
from bot.service.setup.routes import setup_router
from bot.service.webhook import webhook_router

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from bot.service.parts import Parts

BODY_LIMIT: Final = 25_000_000
"""GitHub sends no delivery with a larger payload ("Webhook events and payloads", 25 MB)."""
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_log = structlog.get_logger("stanch.web")


def create_app(parts: Parts, *, body_limit: int = BODY_LIMIT, api_docs: bool = False) -> FastAPI:
    """The application: the door, the setup page, health and metrics.

    Nothing in it looks at the Host header: no answer depends on the name under which the service was reached.

    Args:
        parts: what it is put together from.
        body_limit: the largest delivery, in bytes.
        api_docs: describe its own interface at `/openapi.json`.
    """
    app = FastAPI(
        title="Stanch",
        openapi_url="/openapi.json" if api_docs else None,
        docs_url=None,
        redoc_url=None,
        # Starlette would redirect to an address made from the Host header.
        redirect_slashes=False,
        exception_handlers={RefusalError: refusal_answer, HTTPException: _plain_answer, Exception: _fault_answer},
    )
    app.include_router(webhook_router(parts, body_limit=body_limit))
    app.include_router(health_router(parts))
    if parts.setup is not None:
        app.include_router(setup_router(parts.setup))
    app.add_middleware(_SecurityHeaders)
    return app


class _SecurityHeaders:
    """Puts the headers on every answer that does not set its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


async def _plain_answer(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    response = answer(error.status_code, error.detail.lower().replace(" ", "-"))
    response.headers.update(error.headers or {})
    return response


async def _fault_answer(request: Request, error: Exception) -> JSONResponse:
    _log.error("a request failed", route=getattr(request.scope.get("route"), "path", None), exc_info=error)
    response = answer(500, "fault", "This is a defect of Stanch; its log says more.")
    # This handler stands outside of all middleware.
    response.headers.update(_HEADERS)
    return response
