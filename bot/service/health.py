"""Whether the process lives, whether it can do its work, and what it has counted."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import anyio
from anyio import to_thread
from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from bot.service.answers import Answer
from bot.service.credentials import CredentialsError
from bot.service.metrics import CONTENT_TYPE

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.service.metrics import QueueNumbers
    from bot.service.parts import Parts

CHECK_SECONDS: Final = 3.0
LATE_SECONDS: Final = 600
_THREADS: Final = 8


class Readiness(BaseModel):
    """What `/readyz` answers."""

    status: str = Field(description="`ready` or `not-ready`")
    checks: dict[str, str] = Field(description="by name, `ok` or a sentence that says what is missing")


def queue_check(queue: Callable[[], QueueNumbers]) -> Callable[[], str | None]:
    """A check that fails when jobs are due and nobody runs them: the heartbeat of all workers, wherever they are.

    Args:
        queue: reads the queue.
    """

    def check() -> str | None:
        waited = max((depth.oldest_due_seconds for depth in queue().depths.values()), default=0.0)
        if waited < LATE_SECONDS:
            return None
        return f"A job has been due for {waited / 60:.0f} minutes; is a worker running?"

    return check


def health_router(parts: Parts) -> APIRouter:
    """`/healthz`, `/readyz` and `/metrics`."""
    router = APIRouter()
    checks: dict[str, Callable[[], str | None]] = {"credentials": partial(_credentials, parts), **parts.checks}
    # Threads of their own, and few: a check that hangs must not take those of the door.
    threads = anyio.CapacityLimiter(_THREADS)
    not_ready: dict[int | str, dict[str, Any]] = {503: {"model": Readiness, "description": "something is missing"}}

    @router.get("/healthz", response_model_exclude_none=True, summary="Say that the process lives")
    async def healthz() -> Answer:
        return Answer(status="ok")

    @router.get("/readyz", response_model=Readiness, responses=not_ready, summary="Say whether work can be done")
    async def readyz() -> Response:
        answers = await asyncio.gather(*(_asked(check, threads) for check in checks.values()))
        is_ready = all(answer == "ok" for answer in answers)
        found = Readiness(status="ready" if is_ready else "not-ready", checks=dict(zip(checks, answers, strict=True)))
        return JSONResponse(found.model_dump(), 200 if is_ready else 503)

    @router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}}, summary="Count")
    async def metrics() -> Response:
        text = await to_thread.run_sync(parts.metrics.text, limiter=threads)
        return Response(text, media_type=CONTENT_TYPE)

    return router


async def _asked(check: Callable[[], str | None], threads: anyio.CapacityLimiter) -> str:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await to_thread.run_sync(check, abandon_on_cancel=True, limiter=threads) or "ok"
    except TimeoutError:
        return f"no answer within {CHECK_SECONDS:g} seconds"
    except Exception as error:
        return type(error).__name__


def _credentials(parts: Parts) -> str | None:
    try:
        return None if parts.credentials.load() is not None else "There are none; the setup page makes them."
    except CredentialsError:
        return "They cannot be used; `stanch doctor` says why."
