"""The inputs of the Action: each read from the variable `INPUT_...`, and refused with a sentence where it is wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from bot.config import CONFIG_PATH
from bot.decisions.venue import KEY, MAX_KEY
from bot.gate import FailOn
from fixers.findings import Confidence

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import StrEnum

Choice = TypeVar("Choice", bound="StrEnum")

MAX_PATHS: Final = 1000
_PATH: Final = re.compile(r"[^\x00-\x1f\x7f\\]{1,1000}")
# What git allows in a revision that names a branch, a tag or a commit; nothing that begins an option.
_REVISION: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/+@-]{0,254}")
# Names of checks, artifacts and folders that are there without any key.
_TAKEN: Final = frozenset({"budgets", "environment", "measured", "repository"})
_SWITCHES: Final = {"true": True, "false": False}


class InputError(ValueError):
    """An input, or something else that the job is given, is wrong; the message says which, and what it may be."""


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What the workflow asks for.

    Attributes:
        token: of an App, the job's own by default.
        paths: the files and folders that are scanned; none: everything.
        base: what a push is compared with; None: nothing. A pull request has its own.
        fail_on: the gate; None: the configuration's.
        confidence: the least of a finding that is judged; None: the configuration's.
        comment: whether pull requests get comments.
        sarif: whether scans of whole trees are uploaded to code scanning.
        fix: whether pull requests that fix are opened.
        budgets: a file with measurements (`stanch.budget/1`); empty for none.
        config: where the configuration lies in the repository.
        key: tells jobs in one repository apart.
    """

    token: str
    paths: tuple[str, ...] = ()
    base: str | None = None
    fail_on: FailOn | None = None
    confidence: Confidence | None = None
    comment: bool = True
    sarif: bool = False
    fix: bool = False
    budgets: str = ""
    config: str = CONFIG_PATH
    key: str = ""

    def __repr__(self) -> str:
        return f"Inputs(key={self.key!r}, paths={self.paths!r})"


def read_inputs(variables: Mapping[str, str]) -> Inputs:
    """The inputs of this job.

    Raises:
        InputError: one is wrong.
    """
    given = {name: variables.get(f"INPUT_{name.upper()}", "").strip() for name in Inputs.__dataclass_fields__}
    if not given["token"]:
        raise InputError("There is no token. Leave the input `token` away, or give the token of a GitHub App.")
    paths = tuple(_path(line.strip()) for line in given["paths"].splitlines() if line.strip())
    if len(paths) > MAX_PATHS:
        raise InputError(f"The input `paths` has {len(paths):,} lines; at most {MAX_PATHS:,} are read.")
    return Inputs(
        token=given["token"],
        paths=tuple(sorted({path for path in paths if path != "."})) if "." not in paths else (),
        base=_revision(given["base"]) if given["base"] else None,
        fail_on=_choice("fail-on", given["fail_on"], FailOn),
        confidence=_choice("confidence", given["confidence"], Confidence),
        comment=_switch("comment", given["comment"], default=True),
        sarif=_switch("sarif", given["sarif"], default=False),
        fix=_switch("fix", given["fix"], default=False),
        budgets=given["budgets"],
        config=_path(given["config"], "config") if given["config"] else CONFIG_PATH,
        key=_key(given["key"]),
    )


def _path(text: str, name: str = "paths") -> str:
    path = text.removeprefix("./").rstrip("/") or "."
    parts = path.split("/")
    if not _PATH.fullmatch(path) or path.startswith("/") or ".." in parts or (path != "." and not all(parts)):
        raise InputError(
            f"The input `{name}` has {_shown(text)}; write paths relative to the root of the repository, with `/`, "
            "one a line."
        )
    return path


def _revision(text: str) -> str:
    if not _REVISION.fullmatch(text) or ".." in text or text.endswith((".lock", "/", ".")):
        raise InputError(f"The input `base` is {_shown(text)}; give a branch, a tag or a commit, such as `main`.")
    return text


def _choice(name: str, text: str, choices: type[Choice]) -> Choice | None:
    if not text:
        return None
    try:
        return choices(text)
    except ValueError:
        known = ", ".join(f"`{choice.value}`" for choice in choices)
        raise InputError(f"The input `{name}` is {_shown(text)}; it can be {known}.") from None


def _switch(name: str, text: str, *, default: bool) -> bool:
    if not text:
        return default
    if text.lower() not in _SWITCHES:
        raise InputError(f"The input `{name}` is {_shown(text)}; it can be `true` or `false`.")
    return _SWITCHES[text.lower()]


def _key(text: str) -> str:
    if text and (not KEY.fullmatch(text) or len(text) > MAX_KEY):
        raise InputError(
            f"The input `key` is {_shown(text)}; it can have at most {MAX_KEY} lower-case letters and digits, with "
            "single dashes between them, such as `web-app`."
        )
    if text in _TAKEN:
        raise InputError(f"The input `key` is {_shown(text)}, which Stanch uses itself; take another word.")
    return text


def _shown(text: str) -> str:
    return f"`{text[:60].encode('unicode_escape').decode()}`"
