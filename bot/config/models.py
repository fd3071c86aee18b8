"""The configuration, `.github/stanch.yml` (contract: Configuration). Every key has a default."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from bot.config.budgets import Budget, Profile, ProfileName
from bot.config.faults import Value
from bot.config.rules import RulePattern
from bot.config.section import Check, Glob, Limits, OneLine, Section, one_line
from bot.gate import FailOn
from fixers.findings import Confidence, Family

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic_core import CoreSchema

CONFIG_PATH = ".github/stanch.yml"


def _branch_prefix(prefix: str) -> str:
    # git-check-ref-format(1); the rest of the rules cannot be broken with these characters.
    parts = prefix.split("/")
    wrong = ".." in prefix or "" in parts[:-1] or any(part.startswith(".") or part.endswith(".lock") for part in parts)
    if wrong:
        raise ValueError(f"`{prefix}` cannot begin the name of a git branch")
    return prefix


class _OnlyOne(Check):
    """The version of the format, of which there is one."""

    def __init__(self) -> None:
        super().__init__(self._checked)

    @staticmethod
    def _checked(version: int) -> int:
        if version != 1:
            raise ValueError(f"`{version}` is not known here; this Stanch reads version 1")
        return version

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """What the JSON Schema says of it."""
        return {"const": 1}


Version = Annotated[int, _OnlyOne()]
Label = Annotated[str, Limits(min_length=1, max_length=50), Check(one_line)]
Reviewer = Annotated[str, Limits(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]*(/[A-Za-z0-9._-]+)?$", max_length=140)]
BranchPrefix = Annotated[str, Limits(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,49}$"), Check(_branch_prefix)]
Fingerprint = Annotated[str, Limits(pattern=r"^[A-Za-z0-9._:-]{4,200}$")]


class Scan(Section, frozen=True):
    """What is scanned, and what counts as a finding."""

    include: Annotated[tuple[Glob, ...], Limits(max_length=1000)] = ()
    """Path patterns; with any, only files that they cover are scanned."""
    exclude: Annotated[tuple[Glob, ...], Limits(max_length=1000)] = ()
    """Path patterns of files that are not scanned."""
    rules: Annotated[tuple[RulePattern, ...], Limits(max_length=1000)] = ("*",)
    """The rules in force: `timer/never-released`, `timer/*`, `*`."""
    confidence: Confidence = Confidence.HIGH
    """Findings of at least this confidence are judged."""


class Gate(Section, frozen=True):
    """When the check on a pull request fails."""

    fail_on: FailOn = FailOn.NONE
    """The mildest severity of an introduced finding that fails it."""


class Comment(Section, frozen=True):
    """The comment on a pull request."""

    enabled: bool = True


class FixRequests(Section, frozen=True):
    """The pull requests that fix leaks."""

    enabled: bool = True
    families: tuple[Family, ...] = tuple(Family)
    """The families that are fixed."""
    max_open: Annotated[int, Limits(ge=0, le=100)] = 3
    """How many may be open at once."""
    per_hour: Annotated[int, Limits(ge=0, le=100)] = 1
    labels: Annotated[tuple[Label, ...], Limits(max_length=20)] = ()
    reviewers: Annotated[tuple[Reviewer, ...], Limits(max_length=15)] = ()
    """Users, or teams as `organisation/team`."""
    draft: bool = False
    branch_prefix: BranchPrefix = "stanch/"


class Ignore(Section, frozen=True, kw_only=True):
    """Findings that are accepted: those that match each of the given `paths`, `rules` and `fingerprints`."""

    paths: Annotated[tuple[Glob, ...], Limits(max_length=1000)] = ()
    rules: Annotated[tuple[RulePattern, ...], Limits(max_length=1000)] = ()
    fingerprints: Annotated[tuple[Fingerprint, ...], Limits(max_length=1000)] = ()
    reason: OneLine
    """Why; shown wherever the finding is."""
    until: date | None = None
    """The last day on which it holds."""

    def __post_init__(self) -> None:
        if not (self.paths or self.rules or self.fingerprints):
            raise ValueError("it ignores nothing; give `paths`, `rules` or `fingerprints`")


class Config(Section, frozen=True):
    """The configuration of Stanch for a repository."""

    version: Version = 1
    scan: Scan = Scan()
    gate: Gate = Gate()
    comment: Comment = Comment()
    fix: FixRequests = FixRequests()
    budgets: Annotated[dict[ProfileName, Budget], Limits(max_length=50)] = msgspec.field(default_factory=dict)
    """What each profile may use, by the profile's name."""
    profiles: Annotated[tuple[Profile, ...], Limits(max_length=50)] = ()
    """The programs that are measured."""
    ignore: Annotated[tuple[Ignore, ...], Limits(max_length=1000)] = ()

    def plain(self) -> dict[str, Value]:
        """The effective configuration as plain data, with the keys of the file in their order."""
        return msgspec.json.decode(msgspec.json.encode(self), type=dict[str, Any])

    def canonical(self) -> str:
        """The effective configuration as JSON, keys sorted: equal configurations give equal text."""
        return json.dumps(self.plain(), sort_keys=True, separators=(",", ":"))

    def digest(self) -> str:
        """The SHA-256 of the effective configuration (contract: `config` of the report)."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()
