"""`stanch worker`: a further worker, on this machine or another one."""

from __future__ import annotations

import asyncio
import os
from functools import partial

import click

from bot.cli.serve import open_backend
from bot.cli.service import require_sandbox, sentences, service_libraries, settings_of_this_process


@click.command()
def worker() -> None:
    """Run jobs of the service, beside the worker of `stanch serve`; needs the same database and credentials.

    Settings are environment variables: see docs/operating.md. Exit codes: 0 it was told to stop, 2 it cannot run.
    """
    with service_libraries("worker"), sentences():
        from bot.service.credentials import credentials_store  # noqa: PLC0415
        from bot.service.logs import configure_logging, log_unknown_settings  # noqa: PLC0415
        from bot.service.metrics import Metrics  # noqa: PLC0415
        from bot.service.running import run_jobs, run_until_stopped, show_metrics  # noqa: PLC0415

        settings = settings_of_this_process()
        configure_logging(settings.log_format, settings.log_level)
        log_unknown_settings(os.environ)
        require_sandbox(settings)
        store = credentials_store(settings)
        metrics = Metrics()
        with (
            show_metrics(metrics, settings.host, settings.metrics_port),
            open_backend()(settings, store, metrics) as backend,
        ):
            asyncio.run(run_until_stopped(partial(run_jobs, backend, store)))
