"""What decisions on pull requests that fix are made over: the ledger's records, what GitHub says of them, the scan."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.github.models import DefaultBranch
    from bot.judged import Judged, WrittenFixes


class Purpose(StrEnum):
    """What a pull request of ours is for."""

    FIX = "fix"
    """A group of leaks of the default branch is fixed."""
    ONBOARDING = "onboarding"
    """Consent is asked for, with a configuration."""
    STACKED = "stacked"
    """The leaks that another pull request brings are fixed."""


class Standing(StrEnum):
    """How a pull request of ours stands."""

    WANTED = "wanted"
    """It is being opened."""
    OPEN = "open"
    LEFT = "left"
    """It is open, and somebody else works on it: we never touch it again."""
    MERGED = "merged"
    REFUSED = "refused"
    """Somebody closed it: what it fixes is not fixed again."""
    LAPSED = "lapsed"
    """A bot closed it, as some do with what nobody looks at: what it fixes is fixed again when somebody asks."""
    OBSOLETE = "obsolete"
    """We closed it: it is not needed any more."""


UNSETTLED: Final = frozenset({Standing.WANTED, Standing.OPEN, Standing.LEFT})
"""While it stands so, its leaks are in no other pull request, and it counts as open."""


@dataclass(frozen=True, kw_only=True)
class FixRecord:
    """A pull request of ours, as the ledger has it.

    Attributes:
        branch: its name, which no other pull request of ours ever has.
        purpose: what it is for.
        rule: the rule of what it fixes; empty for other purposes.
        package: the folder of the package, as it is printed; empty for the root.
        fingerprints: of what it fixes.
        paths: the files that it changes, as they are printed.
        stacked_on: the number of the pull request whose leaks it fixes.
        number: its own; None until GitHub has told.
        heads: the commits that we have put on the branch, or were about to; the newest last.
        requested_by: who asked for it, a login; None where nobody did.
        standing: how it stands.
        is_tidied: whether its branch was deleted, or is not ours to delete.
        is_verified: of what is merged, whether a scan has found its leaks gone; None before that scan.
        opened_at: when it was decided to open it.
        updated_at: when the record was last changed.
    """

    branch: str
    purpose: Purpose
    rule: str = ""
    package: str = ""
    fingerprints: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    stacked_on: int | None = None
    number: int | None = None
    heads: tuple[str, ...] = ()
    requested_by: str | None = None
    standing: Standing = Standing.WANTED
    is_tidied: bool = False
    is_verified: bool | None = None
    opened_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True)
class SeenPull:
    """What GitHub says of a pull request of ours.

    Attributes:
        number: its number.
        is_open: it is.
        is_merged: it is.
        head: the commit that it stands at.
        has_conflicts: whether it cannot be merged; None while GitHub does not know.
        closed_by_us: whether it was us who closed it.
        closed_by_bot: whether it was another bot.
        is_needed: False for a stacked one whose pull request is closed.
    """

    number: int
    is_open: bool
    is_merged: bool
    head: str
    has_conflicts: bool | None = None
    closed_by_us: bool = False
    closed_by_bot: bool = False
    is_needed: bool = True


@dataclass(frozen=True)
class Seen:
    """A record, and what GitHub says of it; `pull` None: there is no such pull request."""

    record: FixRecord
    pull: SeenPull | None = None


@dataclass(frozen=True)
class Outcomes:
    """What became of the fixes of a rule: merged and refused pull requests, and findings ignored by command."""

    merged: int = 0
    refused: int = 0
    ignored: int = 0

    @property
    def is_demoted(self) -> bool:
        """Whether the rule is fixed on request only: refused three times or more, and more often than merged."""
        return self.refused >= 3 and self.refused > self.merged


@dataclass(frozen=True, kw_only=True)
class FixingState:
    """A repository, its pull requests that fix, and what a scan of its default branch found.

    Attributes:
        branch: the default branch, and the commit that was judged.
        permissions: what the installation grants, by GitHub's names, to `read` or `write`.
        judged: what was found, its safe fixes grouped without those of `refused` and of unsettled records.
        seen: all records.
        rewritten: the fixes of records that are to be written anew on this commit (`to_rewrite`), by branch; None
            where they cannot be. Where that could not be found out the branch is not there.
        refused: the fingerprints that are not fixed any more.
        asked: who has asked for the fix of a finding, by fingerprint.
        outcomes: by rule.
        now: the time, by the clock that `FixRecord.opened_at` is of.
        html_url: of the repository, without a slash at the end.
    """

    branch: DefaultBranch
    permissions: Mapping[str, str]
    judged: Judged
    seen: tuple[Seen, ...]
    now: datetime
    rewritten: Mapping[str, WrittenFixes | None] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()
    asked: Mapping[str, str] = field(default_factory=dict)
    outcomes: Mapping[str, Outcomes] = field(default_factory=dict)
    html_url: str = ""


def may_write_fixes(permissions: Mapping[str, str]) -> bool:
    """Whether the installation lets us open pull requests with commits."""
    return permissions.get("contents") == "write" and permissions.get("pull_requests") == "write"
