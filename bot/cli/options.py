"""Options that several commands have. Choices are written out, so that printing help loads no engine."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal, get_args

import click

ReportFormat = Literal["terminal", "json", "sarif", "markdown", "html"]
FailOnChoice = Literal["leak", "shutdown", "advice", "none"]
ConfidenceChoice = Literal["high", "medium", "low"]

FILE: Final = click.Path(path_type=Path)
"""The type of what names a file; whether it can be read shows when it is."""

paths = click.argument(
    "paths",
    metavar="[PATH]...",
    nargs=-1,
    type=FILE,
    help="Files and folders; nothing is the repository around the current folder.",
)
report_format = click.option(
    "--format",
    "report_format",
    type=click.Choice(get_args(ReportFormat)),
    default="terminal",
    help="What the report looks like; sarif is for code scanning, html one file that needs nothing else.",
)
output = click.option("--output", type=FILE, metavar="FILE", help="Write to a file instead of the terminal.")
base = click.option(
    "--base",
    metavar="REV",
    help="Only what differs from where REV and HEAD part; the configuration of that commit is in force.",
)
baseline = click.option(
    "--baseline",
    type=FILE,
    metavar="FILE",
    help="A report (--format json) whose findings are old: counted only.",
)
fail_on = click.option(
    "--fail-on",
    type=click.Choice(get_args(FailOnChoice)),
    default="leak",
    help="The mildest severity of a finding that makes the exit code 1.",
)
confidence = click.option(
    "--confidence",
    type=click.Choice(get_args(ConfidenceChoice)),
    help="Show findings that are at least this sure. [default: high; low in json]",
)
ignores = click.option("--ignores", type=FILE, metavar="FILE", help="Findings accepted by command (stanch.ignores/1).")
as_of = click.option("--as-of", metavar="DATE", help="The date that `until` is held against. [default: today, UTC]")
jobs = click.option(
    "--jobs", type=click.IntRange(min=1), metavar="N", help="Worker processes. [default: by the number of files]"
)
no_cache = click.option(
    "--no-cache", is_flag=True, help="Judge every file anew; neither use nor keep the results of runs."
)
quiet = click.option("--quiet", "-q", is_flag=True, help="No progress and no remarks on stderr.")
strict = click.option("--strict", is_flag=True, help="Exit code 3 also for files that were not judged.")
