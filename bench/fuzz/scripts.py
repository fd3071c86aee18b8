"""What the `typescript` package says of scripts before and after their fixes; many files in one Node process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bench.fuzz.properties import is_text
from fixers.source import Language, language_of
from tests.fixers.fixes.javascript_mending import scripts_of
from tests.js_parser import syntax_errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.fuzz.workers import Examined

BATCH: Final = 200
"""Files that are read together: starting Node costs as much as reading a hundred of them."""


class ScriptReader:
    """Collects scripts that were mended, and reads them by the batch."""

    def __init__(self) -> None:
        self._waiting: list[Examined] = []

    def add(self, examined: Examined) -> Iterator[tuple[Examined, str]]:
        """Takes an input whose fixes may have been written; gives the failures of a batch that is full."""
        language = language_of(examined.input.path)
        written = examined.outcome.written
        if written and language is not Language.PYTHON and is_text(examined.input.data) and is_text(written):
            self._waiting.append(examined)
        if len(self._waiting) >= BATCH:
            yield from self.finish()

    def finish(self) -> Iterator[tuple[Examined, str]]:
        """The failures among those that are waiting: scripts without an error before, with one after."""
        batch, self._waiting = self._waiting, []
        texts = {}
        for examined in batch:
            path = f"{examined.input.number}/{examined.input.path}"
            for when, data in (("before", examined.input.data), ("after", examined.outcome.written)):
                texts[examined.input.number, when] = scripts_of(f"{when}/{path}", data.decode())
        errors = syntax_errors({name: text for files in texts.values() for name, text in files.items()})
        for examined in batch:
            before, after = (texts[examined.input.number, when] for when in ("before", "after"))
            said = [error for name in after for error in errors.get(name, ())]
            if said and not any(name in errors for name in before):
                yield examined, f"script: typescript does not read it after all safe fixes: {said[0]}"
