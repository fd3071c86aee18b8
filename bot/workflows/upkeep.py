"""What nobody asks for: deliveries that failed are asked for again, and what was missed altogether is found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import structlog

from bot.database import checks, deliveries, installations, pull_requests
from bot.workflows.context import UnknownRepositoryError, guarded, workplace
from bot.workflows.lanes import submit_branch, submit_delivery, submit_review

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.github.models import RepositoryRef
    from bot.jobs.lease import Lease
    from bot.jobs.model import Job, Outcome
    from bot.workflows.context import Context

_SWEPT: Final = timedelta(days=3)
"""GitHub keeps deliveries for so long (docs.github.com, "Redelivering webhooks")."""
_SETTLED: Final = timedelta(minutes=2)
"""How old a delivery is that nobody deals with any more, unless it is asked for again."""
_FORGOTTEN: Final = timedelta(minutes=10)
"""How long a check may be in progress, or a head wait for its review, before somebody looks into it."""
_log = structlog.get_logger("stanch.upkeep")


def sweep(context: Context, job: Job, lease: Lease) -> Outcome:
    """Takes up what was recorded and not dealt with, and has GitHub send again what never got here."""
    del job
    return guarded(lambda: _sweep(context, lease))


def _sweep(context: Context, lease: Lease) -> None:
    with context.database.begin() as connection:
        left = deliveries.unfinished(connection, _SETTLED)
        open_checks = checks.left_open(connection, _FORGOTTEN)
        behind = pull_requests.behind(connection, _FORGOTTEN)
        deliveries.purge(connection)
    for guid in left:
        submit_delivery(context.queue, guid)
    for check in open_checks:
        if check.number is not None:
            submit_review(context.queue, check.repository_id, check.number, revive=True)
        else:
            submit_branch(context.queue, check.repository_id, revive=True)
    for repository_id, number, _ in behind:
        submit_review(context.queue, repository_id, number)
    _ask_again(context, lease)


def _ask_again(context: Context, lease: Lease) -> None:
    """Each delivery whose newest attempt failed; the newest comes first."""
    seen: set[str] = set()
    for delivery in context.app.deliveries(datetime.now(tz=UTC) - _SWEPT):
        lease.check()
        if delivery.guid in seen:
            continue
        seen.add(delivery.guid)
        if delivery.status == "OK":
            continue
        with context.database.begin() as connection:
            known = deliveries.is_known(connection, delivery.guid)
        if not known:
            _log.info("asked for again", delivery=delivery.guid)
            context.app.redeliver(delivery.id)


def reconcile(context: Context, job: Job, lease: Lease) -> Outcome:
    """Compares what GitHub has with what was reviewed, for events that never came."""
    del job
    return guarded(lambda: _reconcile(context, lease))


def _reconcile(context: Context, lease: Lease) -> None:
    _learn_installations(context, lease)
    with context.database.begin() as connection:
        repositories = installations.active_repositories(connection)
    for ref in repositories:
        lease.check()
        try:
            _compare(context, ref)
        except UnknownRepositoryError:
            continue


def _compare(context: Context, ref: RepositoryRef) -> None:
    with workplace(context, ref.repository_id, {"pull_requests": "read"}) as place:
        for pull_request in place.github.open_pull_requests():
            with context.database.begin() as connection:
                memory = pull_requests.recall(connection, ref.repository_id, pull_request.number)
            if memory.reviewed_head != pull_request.head.sha:
                submit_review(context.queue, ref.repository_id, pull_request.number)


def _learn_installations(context: Context, lease: Lease) -> None:
    for found in context.app.installations():
        lease.check()
        with context.database.begin() as connection:
            installations.save_installation(
                connection, found.id, found.account.id, found.account.login, found.permissions
            )
            if found.is_suspended:
                installations.suspend(connection, found.id)
            else:
                installations.unsuspend(connection, found.id)
        if not found.is_suspended:
            _save_all(context, context.app.repositories_of(found.id))


def _save_all(context: Context, repositories: Iterable[RepositoryRef]) -> None:
    for ref in repositories:
        with context.database.begin() as connection:
            installations.save_repository(connection, ref)


def nightly(context: Context, job: Job, lease: Lease) -> Outcome:
    """Has each default branch scanned."""
    del job

    def work() -> None:
        lease.check()
        with context.database.begin() as connection:
            repositories = installations.active_repositories(connection)
        for ref in repositories:
            submit_branch(context.queue, ref.repository_id)

    return guarded(work)
