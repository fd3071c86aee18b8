"""Where the App is installed: accounts, what they allow, and their repositories. Tokens are never kept.

Ids stay, names do not: everything else here that is about a repository is kept under its id, and outlives a rename, a
transfer and an uninstallation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.database.tables import (
    EFFECTS,
    FIX_PULL_REQUESTS,
    FIX_REFUSALS,
    FIX_WISHES,
    IGNORES,
    INSTALLATIONS,
    NOW,
    OPEN_CHECKS,
    PULL_REQUESTS,
    REPOSITORIES,
    SCANS,
    TRACKING_ISSUES,
)
from bot.github.models import RepositoryRef

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection, Row

_ACTIVE: Final = REPOSITORIES.c.is_archived.is_(False) & INSTALLATIONS.c.suspended_at.is_(None)


@dataclass(frozen=True)
class Installation:
    """An account that installed the App. `permissions`: what it allows, such as `{"checks": "write"}`."""

    id: int
    account_id: int
    account_login: str
    permissions: Mapping[str, str]
    suspended_at: datetime | None = None


def save_installation(
    connection: Connection, installation_id: int, account_id: int, account_login: str, permissions: Mapping[str, str]
) -> None:
    """Remembers an installation, or what has changed in it."""
    values = {"account_id": account_id, "account_login": account_login, "permissions": dict(permissions)}
    new = insert(INSTALLATIONS).values(id=installation_id, **values)
    connection.execute(new.on_conflict_do_update(index_elements=["id"], set_={**values, "updated_at": NOW}))


def suspend(connection: Connection, installation_id: int) -> None:
    """Remembers that an installation may not be used for now."""
    here = (INSTALLATIONS.c.id == installation_id) & INSTALLATIONS.c.suspended_at.is_(None)
    connection.execute(update(INSTALLATIONS).where(here).values(suspended_at=NOW, updated_at=NOW))


def unsuspend(connection: Connection, installation_id: int) -> None:
    """Remembers that an installation may be used again."""
    here = INSTALLATIONS.c.id == installation_id
    connection.execute(update(INSTALLATIONS).where(here).values(suspended_at=None, updated_at=NOW))


def remove_installation(connection: Connection, installation_id: int) -> None:
    """Forgets an installation and which repositories it had; what is known of those stays."""
    connection.execute(delete(REPOSITORIES).where(REPOSITORIES.c.installation_id == installation_id))
    connection.execute(delete(INSTALLATIONS).where(INSTALLATIONS.c.id == installation_id))


def find_installation(connection: Connection, installation_id: int) -> Installation | None:
    """An installation; None where it is not known."""
    row = connection.execute(select(INSTALLATIONS).where(INSTALLATIONS.c.id == installation_id)).one_or_none()
    if row is None:
        return None
    return Installation(row.id, row.account_id, row.account_login, row.permissions, row.suspended_at)


def known_installations(connection: Connection) -> set[int]:
    """The ids of all installations that are known."""
    return set(connection.execute(select(INSTALLATIONS.c.id)).scalars())


def known_repositories(connection: Connection, installation_id: int) -> set[int]:
    """The ids of all repositories that are known to be reached through an installation."""
    query = select(REPOSITORIES.c.id).where(REPOSITORIES.c.installation_id == installation_id)
    return set(connection.execute(query).scalars())


def save_repository(connection: Connection, ref: RepositoryRef, *, is_archived: bool | None = None) -> None:
    """Remembers a repository, or its new name, installation or state; `is_archived` None: as it was."""
    values: dict[str, object] = {"installation_id": ref.installation_id, "full_name": ref.full_name}
    if is_archived is not None:
        values["is_archived"] = is_archived
    new = insert(REPOSITORIES).values(id=ref.repository_id, **values)
    connection.execute(new.on_conflict_do_update(index_elements=["id"], set_={**values, "updated_at": NOW}))


def meet_repository(connection: Connection, ref: RepositoryRef) -> None:
    """Remembers a repository that is not known in this installation; the name of one that is stays as it is.

    What a delivery about something else calls it may be older than its name: deliveries come late, and again.
    """
    values = {"installation_id": ref.installation_id, "full_name": ref.full_name}
    new = insert(REPOSITORIES).values(id=ref.repository_id, **values)
    moved = REPOSITORIES.c.installation_id != ref.installation_id
    connection.execute(
        new.on_conflict_do_update(index_elements=["id"], set_={**values, "updated_at": NOW}, where=moved)
    )


def remove_repository(connection: Connection, repository_id: int, installation_id: int) -> None:
    """Forgets that a repository can be reached through an installation; what is known of it stays.

    Another installation may have it by now, whose event came first.
    """
    here = (REPOSITORIES.c.id == repository_id) & (REPOSITORIES.c.installation_id == installation_id)
    connection.execute(delete(REPOSITORIES).where(here))


def find_repository(connection: Connection, repository_id: int) -> RepositoryRef | None:
    """A repository by its id, under the name last heard; None where it is not known."""
    row = connection.execute(select(REPOSITORIES).where(REPOSITORIES.c.id == repository_id)).one_or_none()
    return None if row is None else _ref(row)


def active_repositories(connection: Connection) -> list[RepositoryRef]:
    """The repositories to look after: not archived, and of installations that are not suspended."""
    query = (
        select(REPOSITORIES)
        .join(INSTALLATIONS, INSTALLATIONS.c.id == REPOSITORIES.c.installation_id)
        .where(_ACTIVE)
        .order_by(REPOSITORIES.c.id)
    )
    return [_ref(row) for row in connection.execute(query)]


def is_active(connection: Connection, repository_id: int) -> bool:
    """Whether a repository is one to look after."""
    query = select(REPOSITORIES.c.id).join(INSTALLATIONS, INSTALLATIONS.c.id == REPOSITORIES.c.installation_id)
    return connection.execute(query.where(_ACTIVE, REPOSITORIES.c.id == repository_id)).first() is not None


def forget_everything(connection: Connection, repository_id: int) -> None:
    """Deletes all that is known of a repository; only the audit log, which is never changed, still names its id."""
    for table in (
        PULL_REQUESTS,
        OPEN_CHECKS,
        IGNORES,
        SCANS,
        EFFECTS,
        FIX_PULL_REQUESTS,
        FIX_REFUSALS,
        FIX_WISHES,
        TRACKING_ISSUES,
    ):
        connection.execute(delete(table).where(table.c.repository_id == repository_id))
    connection.execute(delete(REPOSITORIES).where(REPOSITORIES.c.id == repository_id))


def _ref(row: Row[tuple[object, ...]]) -> RepositoryRef:
    return RepositoryRef(row.installation_id, row.id, row.full_name)
