"""What a step prints and writes for the runner: workflow commands, environment files, and secrets that are hidden."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

MAX_SUMMARY_BYTES: Final = 1024 * 1024
MAX_OF_A_KIND: Final = 10
_COMMAND = re.compile(r"\s*::(?P<name>[a-zA-Z-]+)(?: (?P<properties>[^:]*))?::(?P<data>.*)")
_HEREDOC = re.compile(r"(?P<name>[^=\s]+?)<<(?P<end>\S+)")


@dataclass(frozen=True)
class Annotation:
    """A remark that GitHub shows on the page of the run, or at a line of a file."""

    kind: str
    message: str
    properties: dict[str, str] = field(default_factory=dict)


class FileFormatError(ValueError):
    """A file of the step is not in the form that the runner reads; it would fail the step."""


@dataclass
class Listener:
    """Reads the lines that the steps of a job print."""

    annotations: list[Annotation] = field(default_factory=list)
    dropped: int = 0
    masks: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    _stopped: str = ""
    _of_step: Counter[str] = field(default_factory=Counter)

    def begin_step(self) -> None:
        """Limits of a step begin anew."""
        self._of_step.clear()
        self._stopped = ""

    def hear(self, line: str) -> None:
        """Takes a line."""
        command = _COMMAND.fullmatch(line)
        if self._stopped:
            if command and command["name"] == self._stopped:
                self._stopped = ""
            self.lines.append(self._hidden(line))
            return
        if command is None:
            self.lines.append(self._hidden(line))
            return
        data = _unescaped(command["data"])
        properties = _properties(command["properties"] or "")
        match command["name"].lower():
            case "add-mask":
                self.masks += [part for part in {data, *data.splitlines()} if part.strip()]
            case "stop-commands":
                self._stopped = data
            case ("error" | "warning" | "notice") as kind:
                self._of_step[kind] += 1
                if self._of_step[kind] > MAX_OF_A_KIND:
                    self.dropped += 1
                else:
                    self.annotations.append(Annotation(kind, self._hidden(data), properties))
                self.lines.append(self._hidden(f"{kind}: {data}"))
            case _:
                self.lines.append(self._hidden(line))

    def _hidden(self, text: str) -> str:
        for mask in sorted(self.masks, key=len, reverse=True):
            text = text.replace(mask, "***")
        return text


def key_values(text: str) -> dict[str, str]:
    """What a file such as GITHUB_OUTPUT or GITHUB_ENV sets.

    Raises:
        FileFormatError: it has a line that sets nothing.
    """
    found: dict[str, str] = {}
    lines = iter(text.split("\n"))
    for line in lines:
        heredoc = _HEREDOC.fullmatch(line)
        name, equals, value = line.partition("=")
        if heredoc:
            parts = []
            for part in lines:
                if part == heredoc["end"]:
                    break
                parts.append(part)
            else:
                raise FileFormatError(f"the value of {heredoc['name']} does not end")
            found[heredoc["name"]] = "\n".join(parts)
        elif equals and name:
            found[name] = value
        elif line:
            raise FileFormatError(f"invalid format {line[:60]!r}")
    return found


def _properties(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(",") if part.strip())
    return {name.strip(): _unescaped(value.replace("%3A", ":").replace("%2C", ",")) for name, _, value in pairs}


def _unescaped(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
