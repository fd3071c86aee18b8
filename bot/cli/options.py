"""Options that several commands have. Choices are written out, so that printing help loads no engine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

ReportFormat = Literal["terminal", "json", "sarif", "markdown", "html"]
FailOnChoice = Literal["leak", "shutdown", "advice", "none"]
ConfidenceChoice = Literal["high", "medium", "low"]

Paths = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[PATH]...",
        help="Files and folders; nothing is the repository around the current folder.",
        show_default=False,
    ),
]
Format = Annotated[
    ReportFormat,
    typer.Option(
        "--format",
        help="What the report looks like; sarif is for code scanning, html one file that needs nothing else.",
    ),
]
Output = Annotated[
    Path | None, typer.Option("--output", metavar="FILE", help="Write to a file instead of the terminal.")
]
Base = Annotated[
    str | None,
    typer.Option(
        "--base",
        metavar="REV",
        help="Only what differs from where REV and HEAD part; the configuration of that commit is in force.",
    ),
]
Baseline = Annotated[
    Path | None,
    typer.Option("--baseline", metavar="FILE", help="A report (--format json) whose findings are old: counted only."),
]
FailOn = Annotated[
    FailOnChoice, typer.Option("--fail-on", help="The mildest severity of a finding that makes the exit code 1.")
]
Confidence = Annotated[
    ConfidenceChoice | None,
    typer.Option(
        "--confidence",
        help="Show findings that are at least this sure. [default: high; low in json]",
        show_default=False,
    ),
]
Ignores = Annotated[
    Path | None, typer.Option("--ignores", metavar="FILE", help="Findings accepted by command (stanch.ignores/1).")
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="The date that `until` is held against. [default: today, UTC]"),
]
Jobs = Annotated[
    int | None,
    typer.Option("--jobs", min=1, metavar="N", help="Worker processes. [default: by the number of files]"),
]
NoCache = Annotated[
    bool, typer.Option("--no-cache", help="Judge every file anew; neither use nor keep the results of runs.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no remarks on stderr.")]
Strict = Annotated[bool, typer.Option("--strict", help="Exit code 3 also for files that were not judged.")]
