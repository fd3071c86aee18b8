"""Answers kept with their ETag: asking again costs nothing of the rate limit where nothing changed."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_ENTRIES: Final = 256
MAX_CHARACTERS: Final = 8_000_000


class Kept(NamedTuple):
    """An answer as it was."""

    etag: str
    headers: Mapping[str, str]
    text: str


class EtagCache:
    """The answers used last, within limits; of one client, since GitHub's ETags differ from token to token."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._characters = 0
        self._lock = threading.Lock()

    def get(self, url: str) -> Kept | None:
        """The answer kept for a URL."""
        with self._lock:
            kept = self._kept.get(url)
            if kept is not None:
                self._kept.move_to_end(url)
            return kept

    def put(self, url: str, headers: Mapping[str, str], text: str) -> None:
        """Keeps an answer that has an ETag and is not too large, instead of those used longest ago."""
        etag = headers.get("etag")
        with self._lock:
            self._drop(url)
            if not etag or len(text) > MAX_CHARACTERS // 4:
                return
            self._kept[url] = Kept(etag, headers, text)
            self._characters += len(text)
            while len(self._kept) > MAX_ENTRIES or self._characters > MAX_CHARACTERS:
                self._drop(next(iter(self._kept)))

    def _drop(self, url: str) -> None:
        kept = self._kept.pop(url, None)
        if kept is not None:
            self._characters -= len(kept.text)
