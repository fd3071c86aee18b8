"""`stanch doctor`: check this installation and say what to do."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from bot.cli import options
from bot.cli.console import write_result
from bot.cli.exits import FOUND, OK
from bot.cli.service import service_libraries, settings_of_this_process
from bot.reports.inert import terminal_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.service.doctor.diagnosis import Diagnosis
    from bot.settings import Settings


@click.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(["terminal", "json"]),
    default="terminal",
    help="For people or for scripts.",
)
@click.option("--output", type=options.FILE, metavar="FILE", help="A file instead of stdout.")
def doctor(form: Literal["terminal", "json"], output: Path | None) -> int:
    """Check this installation of the service, and say what to do.

    Exit codes: 0 it can work, 1 something must be mended, 2 the settings are not valid.
    """
    with service_libraries("doctor"):
        from bot.service.logs import configure_logging  # noqa: PLC0415

        settings = settings_of_this_process()
        configure_logging("console", "error")
        found = list(examine(settings))
    write_result(as_json(found) if form == "json" else as_text(found), output)
    return FOUND if any(item.state == "fail" for item in found) else OK


def examine(settings: Settings) -> Iterator[Diagnosis]:
    """All checks, in the order in which their faults should be mended."""
    from bot.service.doctor.machine import examine_credentials, examine_machine  # noqa: PLC0415
    from bot.service.doctor.reach import examine_reach  # noqa: PLC0415
    from bot.service.doctor.registration import examine_registration  # noqa: PLC0415

    yield from examine_machine(settings, os.environ)
    credentials, found = examine_credentials(settings)
    yield from found
    if credentials is None:
        return
    registration, found = examine_registration(credentials)
    yield from found
    if registration is not None:
        yield examine_reach(registration, credentials)


def as_text(found: Sequence[Diagnosis]) -> str:
    """A line for each, and below it what to do."""
    width = max((len(item.check) for item in found), default=0)
    lines = []
    for item in found:
        lines.append(f"{item.state:<4}  {item.check:<{width}}  {terminal_text(item.found)}")
        if item.advice:
            lines.append(f"{'':{width + 8}}{terminal_text(item.advice)}")
    return "\n".join(lines) + "\n"


def as_json(found: Sequence[Diagnosis]) -> str:
    """An object for each."""
    return json.dumps([asdict(item) for item in found], indent=2) + "\n"
