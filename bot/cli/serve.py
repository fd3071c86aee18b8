"""`stanch serve`: the webhook service, with one worker in the same process."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import ExitStack
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

import click

from bot.cli.service import require_sandbox, sentences, service_libraries, settings_of_this_process

if TYPE_CHECKING:
    from bot.service.credentials import FileCredentials
    from bot.service.running import OpenBackend
    from bot.service.setup.flow import Setup
    from bot.settings import Settings


@click.command()
@click.option("--no-worker", is_flag=True, help="Answer requests only; run jobs elsewhere.")
def serve(no_worker: bool) -> None:
    """Run the webhook service, with one worker. On a fresh machine it prints a link to the page that sets it up.

    Settings are environment variables: see docs/operating.md. Exit codes: 0 it was told to stop, 2 it cannot run.
    """
    with service_libraries("serve"), sentences():
        from bot.service.app import create_app  # noqa: PLC0415
        from bot.service.credentials import FileCredentials, credentials_store  # noqa: PLC0415
        from bot.service.health import queue_check  # noqa: PLC0415
        from bot.service.logs import configure_logging, log_unknown_settings  # noqa: PLC0415
        from bot.service.metrics import Metrics  # noqa: PLC0415
        from bot.service.parts import Parts  # noqa: PLC0415
        from bot.service.running import listen, run_jobs, run_until_stopped, run_web  # noqa: PLC0415

        settings = settings_of_this_process()
        configure_logging(settings.log_format, settings.log_level)
        log_unknown_settings(os.environ)
        require_sandbox(settings)
        store = credentials_store(settings)
        metrics = Metrics()
        with ExitStack() as stack:
            listener = stack.enter_context(listen(settings.host, settings.port))
            backend = stack.enter_context(open_backend()(settings, store, metrics))
            metrics.watch(backend.queue_numbers)
            setup = _setup(settings, store) if isinstance(store, FileCredentials) else None
            checks = {**backend.checks, "workers": queue_check(backend.queue_numbers)}
            parts = Parts(backend.deliveries, backend.events, store, checks, metrics, setup)
            web = create_app(parts, body_limit=settings.body_limit, api_docs=settings.api_docs)
            running = [partial(run_web, web, listener)]
            if not no_worker:
                running.append(partial(run_jobs, backend, store))
            asyncio.run(run_until_stopped(*running))


def open_backend() -> OpenBackend:
    """What is behind the web side, loaded when it is needed."""
    opener: OpenBackend = import_module("bot.workflows.wiring").open_backend
    return opener


def _setup(settings: Settings, store: FileCredentials) -> Setup:
    """The setup page. Where there are no credentials yet, its link is printed, for whoever looks at the console."""
    from bot.github.manifest import convert  # noqa: PLC0415
    from bot.service.setup.flow import Setup  # noqa: PLC0415

    is_fresh = store.load() is None
    setup = Setup(
        store,
        convert,
        base_url=settings.public_url or f"http://localhost:{settings.port}",
        public_url=settings.public_url,
        github_url=settings.github_url,
        clock=time.time,
    )
    if is_fresh:
        click.echo(
            f"\nOpen this page once to set up Stanch; the link is good for 24 hours:\n\n    {setup.new_link()}\n"
        )
    return setup
