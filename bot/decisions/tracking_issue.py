"""The one issue that shows what Stanch has found and does in a repository, decided. Pure.

It exists only where the installation grants `issues: write`, is edited in place, and is never reopened: whoever closes
it has switched it off. Its boxes are commands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bot.decisions.markers import marker
from bot.decisions.own import same_text
from bot.decisions.tracking_body import BOX, is_telling, tracking_body

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from bot.decisions.fixing_new import Waiting
    from bot.decisions.fixing_state import FixRecord, Outcomes
    from bot.judged import Judged

TITLE: Final = "Resource leaks, as Stanch sees them"
MAX_TICKED: Final = 200
"""Fingerprints that one edit asks for."""
_BOX: Final = re.compile(
    r"^(?P<before>[ ]{0,3}[-*+] \[)(?P<tick>[ xX])(?P<after>\] "
    + re.escape(marker(BOX, "VALUE")).replace("VALUE", r"(?P<value>[0-9a-f]+(?:_[0-9a-f]+)*)")
    + ")",
    re.MULTILINE,
)


@dataclass(frozen=True)
class TrackingIssue:
    """The issue as GitHub has it."""

    number: int
    is_open: bool
    body: str


@dataclass(frozen=True)
class ScanPoint:
    """What a scan of the default branch counted; `budgets`: what was held, by metric and profile (`timers poll`)."""

    commit: str
    day: date
    findings: int
    budgets: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TrackingState:
    """What the issue tells.

    Attributes:
        permissions: what the installation grants, by GitHub's names.
        issue: the one that we have made; None where we never did.
        judged: the default branch.
        records: our pull requests.
        waiting: groups that are not opened now.
        asked: the fingerprints whose fixes somebody has asked for.
        outcomes: by rule.
        points: the last scans, the oldest first.
        html_url: where the repository can be read, without a slash at the end.
    """

    permissions: Mapping[str, str]
    judged: Judged
    issue: TrackingIssue | None = None
    records: tuple[FixRecord, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    asked: frozenset[str] = frozenset()
    outcomes: Mapping[str, Outcomes] = field(default_factory=dict)
    points: tuple[ScanPoint, ...] = ()
    html_url: str = ""


@dataclass(frozen=True)
class CreateIssue:
    """The issue is opened; its body holds the marker by which it is found again."""

    title: str
    body: str


@dataclass(frozen=True)
class EditIssue:
    """Other text in our issue."""

    number: int
    body: str


def may_track(permissions: Mapping[str, str]) -> bool:
    """Whether the installation lets us keep an issue, which is how it is asked for."""
    return permissions.get("issues") == "write"


def decide_tracking_issue(state: TrackingState) -> CreateIssue | EditIssue | None:
    """What is to be written now; None where nothing is."""
    if not may_track(state.permissions):
        return None
    if state.issue is None:
        return CreateIssue(TITLE, tracking_body(state)) if is_telling(state) else None
    if not state.issue.is_open:
        return None
    body = tracking_body(state)
    return None if same_text(state.issue.body, body) else EditIssue(state.issue.number, body)


def ticked(before: str, after: str) -> tuple[str, ...]:
    """The fingerprints whose boxes an edit of the issue has ticked, in their order.

    Only boxes count that stood there without a tick; hostile text is normal.

    Args:
        before: the body before the edit.
        after: and after it.
    """
    free = {match["value"] for match in _BOX.finditer(before) if match["tick"] == " "}
    values = [match["value"] for match in _BOX.finditer(after) if match["tick"] != " " and match["value"] in free]
    return tuple(dict.fromkeys(fingerprint for value in values for fingerprint in value.split("_")))[:MAX_TICKED]


def unticked(body: str, fingerprints: Iterable[str]) -> str:
    """A body without the ticks of these fingerprints; nothing else of it changes."""
    refused = set(fingerprints)

    def box(match: re.Match[str]) -> str:
        is_refused = not refused.isdisjoint(match["value"].split("_"))
        return f"{match['before']}{' ' if is_refused else match['tick']}{match['after']}"

    return _BOX.sub(box, body)
