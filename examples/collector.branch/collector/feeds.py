"""Fetches feeds and their pictures, politely: kept connections, conditional requests, a name to complain to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests

from collector.parsing import Item, parse

if TYPE_CHECKING:
    from collector.settings import Feed

TIMEOUT_SECONDS = 20
AGENT = "collector/1.7 (feeds@example.org)"


class FeedClient:
    """Fetches feeds over one session and pictures over another, which carries no cookies; `close()` ends them."""

    def __init__(self) -> None:
        self._etags: dict[str, str] = {}
        self._session = requests.Session()
        self._pictures = requests.Session()

    def fetch(self, feed: Feed) -> list[Item]:
        """The items of a feed; none when it has not changed since the last time.

        Raises:
            requests.RequestException: the server cannot be reached, or refuses.
            ValueError: the answer is not a feed.
        """
        headers = {"User-Agent": AGENT}
        if feed.url in self._etags:
            headers["If-None-Match"] = self._etags[feed.url]
        response = self._session.get(feed.url, headers=headers, timeout=TIMEOUT_SECONDS)
        if response.status_code == requests.codes.not_modified:
            return []
        response.raise_for_status()
        if "ETag" in response.headers:
            self._etags[feed.url] = response.headers["ETag"]
        return parse(feed.name, response.text)

    def picture(self, url: str) -> bytes:
        """The picture of an item, for the chat's preview.

        Raises:
            requests.RequestException: the server cannot be reached, or refuses.
        """
        response = self._pictures.get(url, headers={"User-Agent": AGENT}, timeout=TIMEOUT_SECONDS)
        response.raise_for_status()
        return response.content

    def close(self) -> None:
        """Closes the connections that are kept open for the next request."""
        self._session.close()
