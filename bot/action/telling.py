"""What a job can show without any permission: lines of its log, annotations, the job's summary, outputs, files.

Foreign text goes out only through `_data` and `_property`, so that it begins no workflow command. Sources:
docs.github.com, "Workflow commands for GitHub Actions"; actions/toolkit, packages/core/src/command.ts.
"""

from __future__ import annotations

import secrets
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.reports.inert import terminal_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import TextIO

    from bot.decisions.checks import Annotation

MAX_OF_A_KIND: Final = 10
"""GitHub shows ten errors, ten warnings and ten notices of a step, and drops the others without a word."""
MAX_SUMMARY_BYTES: Final = 1024 * 1024
"""GitHub drops the whole summary of a step where it is larger."""
_TOO_LONG: Final = "\n\n(The rest is too long for this page; the report in the artifact has it.)\n"
_COMMANDS: Final = {"failure": "error", "warning": "warning", "notice": "notice"}


class Log:
    """The log of the job's step."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def say(self, sentence: str) -> None:
        """A line."""
        # What begins with `::` would be a command.
        self._write(f"Stanch: {terminal_text(sentence)}")

    def notice(self, sentence: str) -> None:
        """Something to know, shown on the page of the run."""
        self._command("notice", {}, sentence)

    def warning(self, sentence: str) -> None:
        """Something to mend, shown on the page of the run."""
        self._command("warning", {}, sentence)

    def error(self, sentence: str) -> None:
        """Why the step fails, shown on the page of the run."""
        self._command("error", {}, sentence)

    def mask(self, secret: str) -> None:
        """Has GitHub show stars in the place of a secret from now on."""
        self._write(f"::add-mask::{_data(secret)}")

    def annotate(self, annotations: Iterable[Annotation]) -> int:
        """Remarks at lines of files, as many as are shown; returns how many are left out."""
        shown: Counter[str] = Counter()
        left_out = 0
        for annotation in annotations:
            command = _COMMANDS[annotation.annotation_level]
            shown[command] += 1
            if shown[command] > MAX_OF_A_KIND:
                left_out += 1
                continue
            place: Mapping[str, str | int | None] = {
                "file": annotation.path,
                "line": annotation.start_line,
                "endLine": annotation.end_line,
                "col": annotation.start_column,
                "endColumn": annotation.end_column,
                "title": annotation.title,
            }
            self._command(command, place, annotation.message)
        return left_out

    def _command(self, name: str, properties: Mapping[str, str | int | None], data: str) -> None:
        given = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items() if value is not None)
        self._write(f"::{name}{f' {given}' if given else ''}::{_data(data)}")

    def _write(self, line: str) -> None:
        # The older form of a command is obeyed anywhere in a line (actions/runner, ActionCommand.cs).
        self._stream.write(f"{line.replace('##[', '## [')}\n")
        self._stream.flush()


class JobFiles:
    """The files through which a step hands results on: its outputs and its summary."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._output = variables.get("GITHUB_OUTPUT", "")
        self._summary = variables.get("GITHUB_STEP_SUMMARY", "")

    def write_outputs(self, outputs: Mapping[str, str]) -> None:
        """Gives the step's outputs their values."""
        for name, value in outputs.items():
            # A line that nobody could have foreseen ends the value, so that the value can set nothing else.
            end = f"stanch-{secrets.token_hex(16)}"
            _append(self._output, f"{name}<<{end}\n{value}\n{end}\n".encode("utf-8", "replace"))

    def write_summary(self, markdown: str) -> None:
        """Adds to the page of the job."""
        data = markdown.encode("utf-8", "replace")
        if len(data) > MAX_SUMMARY_BYTES:
            room = MAX_SUMMARY_BYTES - len(_TOO_LONG)
            data = data[: data.rindex(b"\n", 0, room)] + _TOO_LONG.encode()
        _append(self._summary, data)


def _append(file: str, data: bytes) -> None:
    if file:
        with Path(file).open("ab") as stream:
            stream.write(data)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
