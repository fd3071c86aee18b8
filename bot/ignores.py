"""Findings that were accepted by command, as a file (contract: `--ignores FILE`). Pure."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from fixers.findings import Finding, Suppressed

if TYPE_CHECKING:
    from collections.abc import Sequence

SCHEMA: Literal["stanch.ignores/1"] = "stanch.ignores/1"


class IgnoresError(ValueError):
    """A document is not a list of ignores that this version can read; the message says why."""


class Ignored(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One accepted finding: its fingerprint or id, where it is (anywhere without a path), why, and the last day."""

    fingerprint: Annotated[str, msgspec.Meta(min_length=4, max_length=200)]
    path: str | None = None
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=1000, pattern=r"\S")]
    until: date | None = None

    def expired(self, today: date) -> bool:
        """Whether its last day is over."""
        return self.until is not None and today > self.until


class Ignores(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of them, the strongest first."""

    schema: Literal["stanch.ignores/1"] = SCHEMA
    ignores: tuple[Ignored, ...]

    def digest(self) -> str:
        """The SHA-256 of what it says (contract: `ignores` of the report)."""
        return hashlib.sha256(msgspec.json.encode(self, order="sorted")).hexdigest()

    def date_matters(self) -> bool:
        """Whether the date is an input of the answer."""
        return any(entry.until is not None for entry in self.ignores)


def load_ignores(data: bytes) -> Ignores:
    """Read a file of ignores.

    Raises:
        IgnoresError: it is no JSON, another document, or one with a part missing, unknown or of the wrong type.
    """
    try:
        return msgspec.json.decode(data, type=Ignores)
    except msgspec.MsgspecError as error:
        raise IgnoresError(f"This is no list of ignores ({SCHEMA}): {error}") from None
    except UnicodeDecodeError:
        raise IgnoresError(f"This is no list of ignores ({SCHEMA}): it is not UTF-8.") from None


def accept(findings: Sequence[Finding], ignores: Ignores | None, today: date) -> tuple[list[Finding], list[int]]:
    """Marks the findings that were accepted by command; those that are suppressed already stay as they are.

    Args:
        findings: of one tree.
        ignores: what was accepted, if anything.
        today: the UTC date; the last day of an entry counts.

    Returns:
        The findings in the same order, and the indices of entries that cover none or have expired.
    """
    if ignores is None:
        return list(findings), []
    used: set[int] = set()
    result = []
    for finding in findings:
        covering = None if finding.suppressed is not None else _covering(finding, ignores.ignores, today)
        if covering is None:
            result.append(finding)
            continue
        used.add(covering)
        entry = ignores.ignores[covering]
        until = entry.until.isoformat() if entry.until is not None else None
        suppressed = Suppressed(by="command", reason=entry.reason, until=until)
        result.append(msgspec.structs.replace(finding, suppressed=suppressed))
    return result, [index for index in range(len(ignores.ignores)) if index not in used]


def _covering(finding: Finding, entries: Sequence[Ignored], today: date) -> int | None:
    for index, entry in enumerate(entries):
        if entry.expired(today) or entry.fingerprint not in {finding.id, finding.fingerprint}:
            continue
        if entry.path is None or entry.path == finding.path:
            return index
    return None
