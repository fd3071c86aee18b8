"""What every part of the configuration has in common: how keys are written, and the kinds of text in values."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints


def key_of(name: str) -> str:
    """How an attribute is written in the file: `fail_on` is `fail-on`, `class_` is `class`."""
    return name.rstrip("_").replace("_", "-")


class Section(BaseModel):
    """A mapping of the configuration. Its attributes' docstrings are the descriptions in the JSON Schema."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        alias_generator=key_of,
        validate_by_name=False,
        validate_by_alias=True,
    )


def _relative(path: str) -> str:
    if path.startswith(("/", "~")) or ".." in path.split("/") or "\\" in path or "\0" in path:
        raise ValueError(f"`{path}` must be a path inside the repository, with `/` and without `..`")
    return path


def _glob(pattern: str) -> str:
    if pattern.startswith("!"):
        raise ValueError(f"`{pattern}` must not start with `!`; `include` and `exclude` say which way it counts")
    if "\\" in pattern or "\0" in pattern:
        raise ValueError(f"`{pattern}` must be written with `/`, without escapes")
    if not pattern.strip("/") or ".." in pattern.split("/"):
        raise ValueError(f"`{pattern}` covers no file of the repository; write it from its root, as in `src/**`")
    return pattern


def _one_line(text: str) -> str:
    if not text.strip():
        raise ValueError("it is empty; write something")
    if re.search(r"[\x00-\x1f\x7f\u2028\u2029]", text):
        raise ValueError("it must be one line without control characters")
    return text


RelativePath = Annotated[str, StringConstraints(min_length=1, max_length=1000), AfterValidator(_relative)]
Glob = Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(_glob)]
OneLine = Annotated[str, StringConstraints(min_length=1, max_length=1000), AfterValidator(_one_line)]
