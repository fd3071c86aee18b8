"""The configuration, `.github/stanch.yml` (contract: Configuration). Every key has a default."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema, model_validator

from bot.config.budgets import Budget, Profile, ProfileName
from bot.config.rules import RulePattern
from bot.config.section import Glob, OneLine, Section
from bot.gate import FailOn
from fixers.findings import Confidence, Family

CONFIG_PATH = ".github/stanch.yml"


def _branch_prefix(prefix: str) -> str:
    # git-check-ref-format(1); the rest of the rules cannot be broken with these characters.
    parts = prefix.split("/")
    wrong = ".." in prefix or "" in parts[:-1] or any(part.startswith(".") or part.endswith(".lock") for part in parts)
    if wrong:
        raise ValueError(f"`{prefix}` cannot begin the name of a git branch")
    return prefix


def _version(version: int) -> int:
    if version != 1:
        raise ValueError(f"`{version}` is not known here; this Stanch reads version 1")
    return version


Version = Annotated[int, AfterValidator(_version), WithJsonSchema({"const": 1})]
Label = Annotated[OneLine, StringConstraints(max_length=50)]
Reviewer = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]*(/[A-Za-z0-9._-]+)?$", max_length=140)]
BranchPrefix = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,49}$"), AfterValidator(_branch_prefix)
]
Fingerprint = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{4,200}$")]


class Scan(Section):
    """What is scanned, and what counts as a finding."""

    include: Annotated[tuple[Glob, ...], Field(max_length=1000)] = ()
    """Path patterns; with any, only files that they cover are scanned."""
    exclude: Annotated[tuple[Glob, ...], Field(max_length=1000)] = ()
    """Path patterns of files that are not scanned."""
    rules: Annotated[tuple[RulePattern, ...], Field(max_length=1000)] = ("*",)
    """The rules in force: `timer/never-released`, `timer/*`, `*`."""
    confidence: Confidence = Confidence.HIGH
    """Findings of at least this confidence are judged."""


class Gate(Section):
    """When the check on a pull request fails."""

    fail_on: FailOn = FailOn.NONE
    """The mildest severity of an introduced finding that fails it."""


class Comment(Section):
    """The comment on a pull request."""

    enabled: bool = True


class FixRequests(Section):
    """The pull requests that fix leaks."""

    enabled: bool = True
    families: tuple[Family, ...] = tuple(Family)
    """The families that are fixed."""
    max_open: Annotated[int, Field(ge=0, le=100)] = 3
    """How many may be open at once."""
    per_hour: Annotated[int, Field(ge=0, le=100)] = 1
    labels: Annotated[tuple[Label, ...], Field(max_length=20)] = ()
    reviewers: Annotated[tuple[Reviewer, ...], Field(max_length=15)] = ()
    """Users, or teams as `organisation/team`."""
    draft: bool = False
    branch_prefix: BranchPrefix = "stanch/"


class Ignore(Section):
    """Findings that are accepted: those that match each of the given `paths`, `rules` and `fingerprints`."""

    paths: Annotated[tuple[Glob, ...], Field(max_length=1000)] = ()
    rules: Annotated[tuple[RulePattern, ...], Field(max_length=1000)] = ()
    fingerprints: Annotated[tuple[Fingerprint, ...], Field(max_length=1000)] = ()
    reason: OneLine
    """Why; shown wherever the finding is."""
    until: date | None = None
    """The last day on which it holds."""

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if not (self.paths or self.rules or self.fingerprints):
            raise ValueError("it ignores nothing; give `paths`, `rules` or `fingerprints`")
        return self


class Config(Section):
    """The configuration of Stanch for a repository."""

    version: Version = 1
    scan: Scan = Scan()
    gate: Gate = Gate()
    comment: Comment = Comment()
    fix: FixRequests = FixRequests()
    budgets: dict[ProfileName, Budget] = Field(default_factory=dict, max_length=50)
    """What each profile may use, by the profile's name."""
    profiles: Annotated[tuple[Profile, ...], Field(max_length=50)] = ()
    """The programs that are measured."""
    ignore: Annotated[tuple[Ignore, ...], Field(max_length=1000)] = ()

    def canonical(self) -> str:
        """The effective configuration as JSON, keys sorted: equal configurations give equal text."""
        return json.dumps(self.model_dump(mode="json", by_alias=True), sort_keys=True, separators=(",", ":"))

    def digest(self) -> str:
        """The SHA-256 of the effective configuration (contract: `config` of the report)."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()
