"""Reads a Dockerfile: its stages and their steps, and what the image that it makes is set to."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from dockerfile_parse import DockerfileParser  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from pathlib import Path

_SETTINGS: Final = frozenset(
    {"ENTRYPOINT", "CMD", "ENV", "USER", "WORKDIR", "VOLUME", "EXPOSE", "LABEL", "HEALTHCHECK"}
)
_WORK: Final = frozenset({"RUN", "COPY"})


class RecipeError(Exception):
    """A Dockerfile says something that is not understood here; the message names the line."""


@dataclass(frozen=True)
class Step:
    """A step that makes files.

    Attributes:
        instruction: RUN or COPY.
        value: what follows it.
        line: where it is, from 1.
        folder: the folder it works in.
        environment: the variables that are set for it.
    """

    instruction: str
    value: str
    line: int
    folder: str
    environment: dict[str, str]


@dataclass
class Stage:
    """What stands between one FROM and the next.

    Attributes:
        base: an image, or the name of a stage before.
        name: its own; empty where it has none.
        steps: what is done, in order.
        environment: ENV, those of the stage below included.
        folder: WORKDIR.
        user: USER; root where nobody is named.
        entrypoint: ENTRYPOINT.
        command: CMD.
        health: the command of HEALTHCHECK; empty without one.
        volumes: VOLUME.
    """

    base: str
    name: str
    steps: list[Step] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    user: str = "0:0"
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)
    volumes: list[str] = field(default_factory=list)


def read(dockerfile: Path) -> list[Stage]:
    """The stages of a Dockerfile, in order.

    Raises:
        RecipeError: an instruction, or the form of one, is not known here.
    """
    stages: list[Stage] = []
    for entry in DockerfileParser(path=str(dockerfile)).structure:
        instruction, value, line = entry["instruction"], entry["value"], entry["startline"] + 1
        if instruction == "COMMENT":
            continue
        if instruction == "FROM":
            stages.append(_stage(value, stages))
        elif not stages or instruction not in _WORK | _SETTINGS:
            raise RecipeError(f"{dockerfile.name}, line {line}: {instruction} is not known here.")
        elif instruction in _WORK:
            stage = stages[-1]
            stage.steps.append(Step(instruction, value, line, stage.folder, dict(stage.environment)))
        else:
            _set(stages[-1], instruction, value)
    return stages


def ignored(patterns: str, path: str) -> bool:
    """Whether a `.dockerignore` keeps a path out of what is copied.

    Args:
        patterns: the text of the file. The last pattern that matches the path or a folder above it decides.
        path: relative to the folder that is built.

    Raises:
        RecipeError: a pattern takes back what lies in a folder that another one leaves out.
    """
    answer = False
    for line in patterns.splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        wanted = pattern.removeprefix("!")
        if wanted != pattern and "/" in wanted:
            raise RecipeError(f".dockerignore: `{pattern}` is not known here.")
        if _matcher(wanted).fullmatch(path):
            answer = wanted == pattern
    return answer


def _stage(value: str, before: list[Stage]) -> Stage:
    base, _, name = value.partition(" AS ")
    below = {stage.name: stage for stage in before if stage.name}.get(base)
    return Stage(base, name, environment=dict(below.environment) if below else {})


def _set(stage: Stage, instruction: str, value: str) -> None:
    match instruction:
        case "ENV":
            stage.environment |= dict(pair.split("=", 1) for pair in shlex.split(value))
        case "USER":
            stage.user = value
        case "WORKDIR":
            stage.folder = str(PurePosixPath(stage.folder) / value)
        case "ENTRYPOINT":
            stage.entrypoint = json.loads(value)
        case "CMD":
            stage.command = json.loads(value)
        case "HEALTHCHECK":
            stage.health = json.loads(value.partition(" CMD ")[2])
        case "VOLUME":
            stage.volumes += shlex.split(value)


def _matcher(pattern: str) -> re.Pattern[str]:
    """A pattern of a `.dockerignore`, which also matches all that lies in a folder it matches."""
    words = {"**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]"}
    parts = re.split(r"(\*\*/|\*|\?)", pattern.strip("/"))
    return re.compile("".join(words.get(part, re.escape(part)) for part in parts) + "(?:/.*)?")
