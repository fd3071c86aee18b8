"""What the last scans of the default branch found, commit by commit: what the next one compares with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from bot.database.tables import NOW, SCANS

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Row

KEPT: Final = 20
"""Scans of one repository."""


@dataclass(frozen=True)
class BranchScan:
    """What a scan of a commit found.

    Attributes:
        findings: how many that are not suppressed.
        by_rule: how many of them by rule.
        totals: the report's totals that are numbers.
        is_complete: whether nothing was left unseen.
        scanned_at: when; None where it is not kept yet.
        budgets: what it held, where it was measured, by metric and profile (`timers poll`).
    """

    commit: str
    findings: int
    by_rule: Mapping[str, int]
    totals: Mapping[str, int]
    is_complete: bool
    scanned_at: datetime | None = None
    budgets: Mapping[str, float] = field(default_factory=dict)


def record(connection: Connection, repository_id: int, scan: BranchScan) -> None:
    """Keeps a scan; the commit's earlier one, if any, is replaced, and the oldest give way."""
    values = {
        "findings": scan.findings,
        "by_rule": dict(scan.by_rule),
        "totals": dict(scan.totals),
        "is_complete": scan.is_complete,
        "budgets": dict(scan.budgets),
        "scanned_at": NOW,
    }
    new = insert(SCANS).values(repository_id=repository_id, commit=scan.commit, **values)
    connection.execute(new.on_conflict_do_update(constraint="scans_commit", set_=values))
    here = SCANS.c.repository_id == repository_id
    newest = select(SCANS.c.id).where(here).order_by(SCANS.c.scanned_at.desc()).limit(KEPT)
    connection.execute(delete(SCANS).where(here, SCANS.c.id.not_in(newest)))


def history(connection: Connection, repository_id: int, count: int = 10) -> list[BranchScan]:
    """The newest scans of a repository, newest first."""
    query = select(SCANS).where(SCANS.c.repository_id == repository_id)
    return [_scan(row) for row in connection.execute(query.order_by(SCANS.c.scanned_at.desc()).limit(count))]


def _scan(row: Row[tuple[object, ...]]) -> BranchScan:
    return BranchScan(row.commit, row.findings, row.by_rule, row.totals, row.is_complete, row.scanned_at, row.budgets)
