"""The command line: `collector feeds.json --database items.db`."""

from __future__ import annotations

import argparse
import logging
import signal
from contextlib import ExitStack, closing
from pathlib import Path

from collector.export import start_export
from collector.feeds import FeedClient
from collector.metrics import Metrics
from collector.relay import Relay
from collector.runner import Runner
from collector.settings import load_settings
from collector.store import Store
from collector.warehouse import Warehouse


def main() -> None:
    """Runs the collector until SIGTERM."""
    parser = argparse.ArgumentParser(prog="collector", description="Polls feeds and keeps what is new.")
    parser.add_argument("settings", type=Path, help="feeds.json")
    parser.add_argument("--database", type=Path, default=Path("items.db"))
    parser.add_argument("--export", type=Path, help="write what the warehouse does not have into this file, and end")
    parser.add_argument("--once", action="store_true", help="poll every feed once")
    arguments = parser.parse_args()

    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    settings = load_settings(arguments.settings)
    with ExitStack() as stack:
        store = stack.enter_context(Store(arguments.database))
        store.prepare()
        client = stack.enter_context(closing(FeedClient()))
        metrics = stack.enter_context(closing(Metrics(settings.statsd_host, settings.statsd_port)))
        warehouse = stack.enter_context(closing(Warehouse(settings.warehouse))) if settings.warehouse else None
        if arguments.export:
            export = stack.enter_context(closing(start_export(arguments.export)))
            for item in store.uncopied():
                export.write(item)
            return
        relay = Relay(settings.chat_host, settings.chat_port) if settings.chat_host else None
        if relay is not None:
            stack.callback(relay.close)
        runner = Runner(settings, client, store, metrics, warehouse, relay)
        signal.signal(signal.SIGTERM, lambda *_: runner.stop())
        if arguments.once:
            runner.poll()
            runner.copy()
        else:
            runner.run()


if __name__ == "__main__":
    main()
