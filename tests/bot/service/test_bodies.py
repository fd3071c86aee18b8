"""Bodies that come too slowly, not to their end, or too many at once; and a database that does not answer."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest
from starlette.requests import Request

from bot.service import webhook
from bot.service.answers import RefusalError
from bot.service.bodies import MOST_AT_ONCE, Bodies
from tests.bot.service.doubles import make_web

if TYPE_CHECKING:
    from collections.abc import MutableMapping, Sequence


def request(messages: Sequence[MutableMapping[str, Any]]) -> Request:
    """A request whose body comes as these messages, and then not further."""
    left = list(messages)

    async def receive() -> MutableMapping[str, Any]:
        if left:
            return left.pop(0)
        await asyncio.Event().wait()
        raise AssertionError

    return Request({"type": "http", "method": "POST", "headers": []}, receive)


def chunk(size: int, *, more: bool) -> MutableMapping[str, Any]:
    return {"type": "http.request", "body": b"x" * size, "more_body": more}


async def taken(bodies: Bodies, messages: Sequence[MutableMapping[str, Any]]) -> bytes:
    async with bodies.read(request(messages)) as body:
        return body


def refused(bodies: Bodies, messages: Sequence[MutableMapping[str, Any]]) -> tuple[int, str]:
    with pytest.raises(RefusalError) as error:
        asyncio.run(taken(bodies, messages))
    return error.value.code, error.value.status


def test_a_body_in_pieces_is_one() -> None:
    assert asyncio.run(taken(Bodies(10), [chunk(4, more=True), chunk(6, more=False)])) == b"x" * 10


def test_a_body_that_never_ends() -> None:
    assert refused(Bodies(10, seconds=0.05), [chunk(4, more=True)]) == (408, "slow")


def test_a_connection_that_ends_before_the_body() -> None:
    assert refused(Bodies(10), [chunk(4, more=True), {"type": "http.disconnect"}]) == (400, "truncated")


def test_a_body_that_grows_too_large() -> None:
    assert refused(Bodies(10), [chunk(6, more=True), chunk(6, more=True)]) == (413, "too-large")


def test_too_many_at_once_are_sent_away_until_there_is_room() -> None:
    bodies = Bodies(10)

    async def crowd() -> tuple[str, bytes]:
        halves = [asyncio.create_task(taken(bodies, [chunk(10, more=True)])) for _ in range(MOST_AT_ONCE)]
        await asyncio.sleep(0)
        status = ""
        try:
            await taken(bodies, [chunk(1, more=False)])
        except RefusalError as refusal:
            status = refusal.status
        for task in halves:
            task.cancel()
        await asyncio.wait(halves)
        return status, await taken(bodies, [chunk(10, more=False)])

    assert asyncio.run(crowd()) == ("busy", b"x" * 10)


def test_a_database_that_does_not_answer_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "RECORD_SECONDS", 0.05)
    web = make_web()
    ended = threading.Event()
    web.deliveries.record = lambda *_: ended.wait(10)  # type: ignore[method-assign]
    try:
        answer = web.deliver()
        assert (answer.status_code, answer.json()["status"]) == (503, "database-away")
        assert web.client.get("/healthz").is_success
    finally:
        ended.set()
