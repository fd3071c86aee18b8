"""What is a leak in the examples, and what only looks like one: `examples/expected.json`."""

from __future__ import annotations

import json
from dataclasses import dataclass

from bot.example_repository import EXAMPLES


@dataclass(frozen=True)
class Expectation:
    """One acquisition of the example's pull request.

    `text` is a part of its line that no other place in the file has. `family`, and for a leak `verdict` and `change`,
    are those of the report; `why` is for people.
    """

    example: str
    path: str
    text: str
    leak: bool
    family: str
    verdict: str | None
    change: str | None
    why: str

    def line(self, source: str) -> int:
        """The 1-based line in the file's text.

        Raises:
            ValueError: the text is not there, or there more than once.
        """
        if source.count(self.text) != 1:
            raise ValueError(f"{self.path} holds {self.text!r} {source.count(self.text)} times, not once")
        return source[: source.index(self.text)].count("\n") + 1


def expectations() -> list[Expectation]:
    """Every leak and look-alike."""
    entries = json.loads((EXAMPLES / "expected.json").read_text(encoding="utf-8"))
    return [Expectation(**entry) for entry in entries]
