"""Sends deliveries to the door at a fixed rate, whether it keeps up or not: `python -m tests.chaos.sender`.

A process of its own, so that what it measures is the door and not the fake GitHub. On stdin: a JSON object with `url`,
`rate` (deliveries a second) and `deliveries` (pairs of headers and body). On stdout: for each delivery, in order, its
status (0: no answer), the seconds from sending it to its answer, and how many seconds too late it was sent: where that
is much, the machine was too busy to measure.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

import httpx

_LONGEST_SECONDS = 10.0
"""How long GitHub waits for an answer."""


async def _send_all(
    url: str, rate: float, deliveries: list[tuple[dict[str, str], str]]
) -> list[tuple[int, float, float]]:
    limits = httpx.Limits(max_connections=200, max_keepalive_connections=200)
    async with httpx.AsyncClient(timeout=_LONGEST_SECONDS, limits=limits, trust_env=False) as client:
        began = time.perf_counter()

        async def send(number: int, headers: dict[str, str], body: str) -> tuple[int, float, float]:
            due = began + number / rate
            await asyncio.sleep(due - time.perf_counter())
            sent = time.perf_counter()
            try:
                answer = await client.post(url, headers=headers, content=body.encode())
                status = answer.status_code
            except httpx.HTTPError:
                status = 0
            return status, time.perf_counter() - sent, sent - due

        return await asyncio.gather(*(send(number, *one) for number, one in enumerate(deliveries)))


def main() -> None:
    """Reads, sends, writes."""
    asked: dict[str, Any] = json.load(sys.stdin)
    json.dump(asyncio.run(_send_all(asked["url"], asked["rate"], asked["deliveries"])), sys.stdout)


if __name__ == "__main__":
    main()
