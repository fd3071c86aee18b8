"""The loop: poll every feed, keep what is new, copy it to the warehouse."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

import psycopg
import requests

from collector.journal import note

if TYPE_CHECKING:
    from collector.feeds import FeedClient
    from collector.metrics import Metrics
    from collector.parsing import Item
    from collector.relay import Relay
    from collector.settings import Settings
    from collector.store import Store
    from collector.warehouse import Warehouse

log = logging.getLogger(__name__)


class Runner:
    """Polls until it is stopped. It uses what it is given; who opened that closes it."""

    def __init__(
        self,
        settings: Settings,
        client: FeedClient,
        store: Store,
        metrics: Metrics,
        warehouse: Warehouse | None,
        relay: Relay | None = None,
    ) -> None:
        self._settings = settings
        self._client = client
        self._store = store
        self._metrics = metrics
        self._warehouse = warehouse
        self._relay = relay
        self._stopped = threading.Event()

    def run(self) -> None:
        """Polls every feed, again and again, until `stop()`."""
        while not self._stopped.is_set():
            self.poll()
            self.copy()
            note("polled every feed")
            self._stopped.wait(self._settings.interval_seconds)

    def poll(self) -> int:
        """Polls every feed once, and says how many items were new."""
        added = 0
        for feed in self._settings.feeds:
            try:
                added += self._store.add(self._client.fetch(feed))
                self._metrics.count("polled")
            except (requests.RequestException, ValueError) as error:
                self._metrics.count("failed")
                log.warning("%s: %s", feed.name, error)
        self._metrics.count("added", added)
        return added

    def copy(self) -> None:
        """Copies what is new to the warehouse; what fails is tried again the next time."""
        items = self._store.uncopied()
        if self._warehouse is None or not items:
            return
        try:
            self._warehouse.copy(items)
        except psycopg.Error as error:
            log.warning("warehouse: %s", error)
            return
        self._store.mark_copied(items)
        self._announce(items)

    def _announce(self, items: list[Item]) -> None:
        if self._relay is None:
            return
        try:
            self._relay.announce(items)
        except OSError as error:
            log.warning("chat: %s", error)
            self._relay.close()

    def stop(self) -> None:
        """Ends the loop after what it is doing."""
        self._stopped.set()
