"""The API of a scripted server, in the name of a constant token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from bot.github.api import Api
from bot.github.errors import GitHubError
from bot.github.governor import Governor
from bot.github.limits import MemoryLimitStore, Priority
from bot.github.transport import Transport
from tests.bot.github.clocks import TestClock

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN = "ghs_" + "a" * 36


LIMITS = {"x-ratelimit-limit": "5000", "x-ratelimit-remaining": "4999", "x-ratelimit-reset": "1795521600"}


class Thing(msgspec.Struct):
    id: int


class Credential:
    """A constant token, of which `spares` may follow."""

    def __init__(self, clock: TestClock, spares: int = 0) -> None:
        self.governor = Governor(MemoryLimitStore(), clock, 7, Priority.PERSON)
        self.spares = spares

    def authorization(self) -> str:
        return f"Bearer {TOKEN}{self.spares}"

    def renew(self) -> bool:
        self.spares -= 1
        return self.spares >= 0


def api_at(url: str, clock: TestClock, spares: int = 0) -> Api:
    return Api(Transport(url), Credential(clock, spares), clock)


def error_of(action: Callable[[], object], kind: type[GitHubError] = GitHubError) -> Any:
    with pytest.raises(kind) as caught:
        action()
    assert TOKEN not in f"{caught.value!r} {caught.value}"
    assert caught.value.__cause__ is None
    return caught.value
