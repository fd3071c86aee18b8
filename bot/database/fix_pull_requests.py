"""The ledger of pull requests that fix: each that was ever opened, what was refused for ever, and what is asked for."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.database.tables import FIX_PULL_REQUESTS, FIX_REFUSALS, FIX_WISHES, IGNORES, NOW
from bot.decisions.fixing_state import UNSETTLED, FixRecord, Outcomes, Purpose, Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Row

_TABLE = FIX_PULL_REQUESTS.c


def records(connection: Connection, repository_id: int) -> list[FixRecord]:
    """All of a repository, in the order in which they were opened."""
    query = select(FIX_PULL_REQUESTS).where(_TABLE.repository_id == repository_id)
    return [_record(row) for row in connection.execute(query.order_by(_TABLE.opened_at, _TABLE.branch))]


def find(connection: Connection, repository_id: int, branch: str) -> FixRecord | None:
    """The record of a branch; None where it is not ours."""
    row = connection.execute(select(FIX_PULL_REQUESTS).where(_here(repository_id, branch))).one_or_none()
    return None if row is None else _record(row)


def concerns(connection: Connection, repository_id: int, number: int, branch: str | None) -> bool:
    """Whether a pull request is ours, or one of ours was opened for it; `branch`: None where it is in a fork."""
    query = select(_TABLE.branch).where(
        _TABLE.repository_id == repository_id, (_TABLE.branch == branch) | (_TABLE.stacked_on == number)
    )
    return connection.execute(query).first() is not None


def want(connection: Connection, repository_id: int, record: FixRecord) -> FixRecord:
    """Writes down that a pull request is about to be opened, before it is.

    Returns:
        The record as it is now: of a branch that is known, only what it fixes is new.
    """
    new = {
        "purpose": record.purpose,
        "rule": record.rule,
        "package": record.package,
        "stacked_on": record.stacked_on,
        "requested_by": record.requested_by,
        "standing": Standing.WANTED,
        "opened_at": NOW,
    }
    content = {"fingerprints": [*record.fingerprints], "paths": [*record.paths]}
    insertion = insert(FIX_PULL_REQUESTS).values(
        repository_id=repository_id, branch=record.branch, heads=[], **new, **content
    )
    connection.execute(
        insertion.on_conflict_do_update(
            index_elements=["repository_id", "branch"],
            set_={**content, "updated_at": NOW},
            where=_TABLE.standing == Standing.WANTED,
        )
    )
    if record.purpose is not Purpose.STACKED:
        withdraw(connection, repository_id, record.fingerprints)
    return _record(connection.execute(select(FIX_PULL_REQUESTS).where(_here(repository_id, record.branch))).one())


def drop(connection: Connection, repository_id: int, branch: str) -> None:
    """Forgets what was never opened, because the branch is somebody else's."""
    connection.execute(
        delete(FIX_PULL_REQUESTS).where(_here(repository_id, branch), _TABLE.standing == Standing.WANTED)
    )


def add_head(connection: Connection, repository_id: int, branch: str, commit: str) -> None:
    """Writes down a commit that is about to be put on the branch."""
    heads = _TABLE.heads.concat(func.jsonb_build_array(commit))
    _change(connection, repository_id, branch, heads=heads)


def opened(connection: Connection, repository_id: int, branch: str, number: int) -> None:
    """Writes down the number that GitHub gave."""
    _change(connection, repository_id, branch, number=number)


def settle(connection: Connection, repository_id: int, branch: str, standing: Standing) -> None:
    """Writes down how a pull request stands.

    What a refused one was to fix is remembered as refused, for ever; what was refused with it no longer is where it is
    open again.
    """
    ended = None if standing in UNSETTLED else NOW
    _change(connection, repository_id, branch, standing=standing, settled_at=ended)
    if standing in UNSETTLED:
        _change(connection, repository_id, branch, is_tidied=False)
    record = find(connection, repository_id, branch)
    if record is None or record.number is None:
        return
    if standing is Standing.REFUSED:
        for fingerprint in record.fingerprints:
            row = {"repository_id": repository_id, "fingerprint": fingerprint, "number": record.number}
            connection.execute(insert(FIX_REFUSALS).values(row).on_conflict_do_nothing())
    elif standing in UNSETTLED:
        table = FIX_REFUSALS.c
        connection.execute(
            delete(FIX_REFUSALS).where(table.repository_id == repository_id, table.number == record.number)
        )


def tidied(connection: Connection, repository_id: int, branch: str) -> None:
    """Writes down that the branch is deleted, or is not ours to delete."""
    _change(connection, repository_id, branch, is_tidied=True)


def verify(connection: Connection, repository_id: int, branch: str, *, is_verified: bool) -> None:
    """Writes down whether a scan has found gone what was merged."""
    _change(connection, repository_id, branch, is_verified=is_verified)


def refused(connection: Connection, repository_id: int) -> frozenset[str]:
    """The fingerprints that are not to be fixed."""
    query = select(FIX_REFUSALS.c.fingerprint).where(FIX_REFUSALS.c.repository_id == repository_id)
    return frozenset(connection.execute(query).scalars())


def ask(connection: Connection, repository_id: int, fingerprints: Iterable[str], by: str) -> None:
    """Remembers that somebody who may write wants these fixed, although it was refused before or would wait."""
    for fingerprint in dict.fromkeys(fingerprints):
        row = {"repository_id": repository_id, "fingerprint": fingerprint, "asked_by": by}
        connection.execute(insert(FIX_WISHES).values(row).on_conflict_do_nothing())
        table = FIX_REFUSALS.c
        connection.execute(
            delete(FIX_REFUSALS).where(table.repository_id == repository_id, table.fingerprint == fingerprint)
        )


def withdraw(connection: Connection, repository_id: int, fingerprints: Iterable[str]) -> None:
    """Forgets what somebody has asked for, and what is not opened yet."""
    table = FIX_WISHES.c
    connection.execute(
        delete(FIX_WISHES).where(table.repository_id == repository_id, table.fingerprint.in_([*fingerprints]))
    )


def asked(connection: Connection, repository_id: int) -> dict[str, str]:
    """Who has asked for what is not opened yet, by fingerprint."""
    query = select(FIX_WISHES.c.fingerprint, FIX_WISHES.c.asked_by).where(FIX_WISHES.c.repository_id == repository_id)
    return {row.fingerprint: row.asked_by for row in connection.execute(query)}


def outcomes(connection: Connection, repository_id: int) -> Mapping[str, Outcomes]:
    """What became of the fixes of each rule."""
    query = select(_TABLE.rule, _TABLE.standing).where(
        _TABLE.repository_id == repository_id,
        _TABLE.purpose == Purpose.FIX,
        _TABLE.standing.in_((Standing.MERGED, Standing.REFUSED)),
    )
    counted = Counter((row.rule, row.standing) for row in connection.execute(query))
    ignored = _ignored(connection, repository_id)
    return {
        rule: Outcomes(counted[rule, Standing.MERGED], counted[rule, Standing.REFUSED], ignored[rule])
        for rule in sorted({*ignored, *(rule for rule, _ in counted)})
    }


def now(connection: Connection) -> datetime:
    """The time, by the clock that `FixRecord.opened_at` is of."""
    time: datetime = connection.execute(select(NOW)).scalar_one()
    return time


def _ignored(connection: Connection, repository_id: int) -> Counter[str]:
    table = IGNORES.c
    query = select(table.rule).where(
        table.repository_id == repository_id, table.revoked_at.is_(None), table.rule.is_not(None)
    )
    return Counter(connection.execute(query).scalars())


def _change(connection: Connection, repository_id: int, branch: str, **values: object) -> None:
    change = update(FIX_PULL_REQUESTS).where(_here(repository_id, branch))
    connection.execute(change.values(**values, updated_at=NOW))


def _here(repository_id: int, branch: str) -> ColumnElement[bool]:
    return (_TABLE.repository_id == repository_id) & (_TABLE.branch == branch)


def _record(row: Row[tuple[object, ...]]) -> FixRecord:
    return FixRecord(
        branch=row.branch,
        purpose=Purpose(row.purpose),
        rule=row.rule,
        package=row.package,
        fingerprints=tuple(row.fingerprints),
        paths=tuple(row.paths),
        stacked_on=row.stacked_on,
        number=row.number,
        heads=tuple(row.heads),
        requested_by=row.requested_by,
        standing=Standing(row.standing),
        is_tidied=row.is_tidied,
        is_verified=row.is_verified,
        opened_at=row.opened_at,
        updated_at=row.updated_at,
    )
