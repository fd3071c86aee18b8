"""What can happen to a worker between two of its writes to GitHub: it is killed, or stalls until another took over."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from bot.github.transport import Transport
from tests.bot.workflows.hand import Killed

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from bot.github.transport import Answer

# Objects have their content for a name, so that it makes no difference which of them are there; tokens are nobody's.
_NO_STEP: Final = re.compile(r"/git/(?:blobs|trees)$|/access_tokens$|^/installation/token$|^https?://")


class Fate(Enum):
    """What happens at a write."""

    KILLED_BEFORE = "killed before"
    KILLED_AFTER = "killed after"
    STALLED_AFTER = "stalled after"


@dataclass
class Trap:
    """It strikes at one of the writes to a repository."""

    at: int
    fate: Fate
    stalled: Callable[[], None]
    writes: int = 0


@dataclass
class Traps:
    """The traps that are set, by the repository's name."""

    set: dict[str, Trap] = field(default_factory=dict)
    counted: dict[str, int] = field(default_factory=dict)
    """The writes to each repository."""

    def spring(self, patch: pytest.MonkeyPatch) -> None:
        """Puts them before GitHub."""
        exchange = Transport.exchange

        def trapped(transport: Transport, verb: str, url: str, **rest: Any) -> Answer:
            name = "/".join(url.split("/")[2:4])
            if verb == "GET" or _NO_STEP.search(url):
                return exchange(transport, verb, url, **rest)
            self.counted[name] = self.counted.get(name, 0) + 1
            trap = self.set.get(name)
            if trap is None or not self._strikes(trap):
                return exchange(transport, verb, url, **rest)
            del self.set[name]
            if trap.fate is Fate.KILLED_BEFORE:
                raise Killed
            answer = exchange(transport, verb, url, **rest)
            if trap.fate is Fate.KILLED_AFTER:
                raise Killed
            trap.stalled()
            return answer

        patch.setattr(Transport, "exchange", trapped)

    @staticmethod
    def _strikes(trap: Trap) -> bool:
        trap.writes += 1
        return trap.writes == trap.at
