"""What nobody asks for: deliveries that failed are asked for again, and what was missed altogether is found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import structlog

from bot.database import checks, deliveries, effects, installations, moments, pull_requests
from bot.github.errors import Forbidden, Limited, NotFound, Unavailable, Unprocessable
from bot.workflows.context import UnknownRepositoryError, guarded, workplace
from bot.workflows.lanes import branch_lane, review_lane, submit_branch, submit_delivery, submit_fixes, submit_review

if TYPE_CHECKING:
    from bot.github.models import Delivery, RepositoryRef
    from bot.jobs.lease import Lease
    from bot.jobs.model import Job, Outcome
    from bot.workflows.context import Context

_SWEPT: Final = timedelta(days=3)
"""GitHub keeps deliveries for so long (docs.github.com, "Redelivering webhooks")."""
_SETTLED: Final = timedelta(minutes=2)
"""How old a delivery is that nobody deals with any more, unless it is asked for again."""
_FORGOTTEN: Final = timedelta(minutes=10)
"""How long a check may be in progress, or a head wait for its review, before somebody looks into it."""
_AGAIN: Final = timedelta(minutes=5)
"""How long a delivery is left alone that has failed for the second time."""
_CLOCKS: Final = timedelta(minutes=10)
"""How far GitHub's clock and ours may be apart, and how late its list may show a delivery."""
_WELL_UNTIL: Final = "deliveries-are-well-until"
_log = structlog.get_logger("stanch.upkeep")


def sweep(context: Context, job: Job, lease: Lease) -> Outcome:
    """Takes up what was recorded and not dealt with, and has GitHub send again what never got here."""
    del job
    return guarded(lambda: _sweep(context, lease))


def _sweep(context: Context, lease: Lease) -> None:
    with context.database.begin() as connection:
        deliveries.purge(connection)
        checks.purge(connection)
        effects.purge(connection)
        pull_requests.purge(connection)
        left = deliveries.unfinished(connection, _SETTLED)
        active = {ref.repository_id for ref in installations.active_repositories(connection)}
        open_checks = [check for check in checks.left_open(connection, _FORGOTTEN) if check.repository_id in active]
        behind = [found for found in pull_requests.behind(connection, _FORGOTTEN) if found[0] in active]
    for guid in left:
        submit_delivery(context.queue, guid)
    for check in open_checks:
        if check.number is not None:
            _review(context, check.repository_id, check.number, check.head_sha, revive=True)
        elif not context.queue.busy([branch_lane(check.repository_id)]):
            submit_branch(context.queue, check.repository_id, check.head_sha, revive=True)
    for repository_id, number, head in behind:
        _review(context, repository_id, number, head)
    _ask_again(context, lease)


def _review(context: Context, repository_id: int, number: int, head: str, *, revive: bool = False) -> None:
    """Has a pull request reviewed, unless that is underway: it would be begun anew."""
    if not context.queue.busy([review_lane(repository_id, number)]):
        submit_review(context.queue, repository_id, number, head, revive=revive)


def _ask_again(context: Context, lease: Lease) -> None:
    """Has GitHub send what never got here, and remembers from when on the next sweep has to look."""
    now = datetime.now(tz=UTC)
    with context.database.begin() as connection:
        well_until = moments.recall(connection, _WELL_UNTIL)
    attempts: dict[str, list[Delivery]] = {}
    for delivery in context.app.deliveries(max(now - _SWEPT, well_until or now - _SWEPT)):
        lease.check()
        attempts.setdefault(delivery.guid, []).append(delivery)
    missing = [made for guid, made in attempts.items() if _is_missing(context, guid, made)]
    for made in missing:
        lease.check()
        _redeliver(context, made, now)
    # A further attempt is a new entry of the list, but how many there were is told by all of them.
    firsts = (min(delivery.delivered_at for delivery in made) for made in missing)
    with context.database.begin() as connection:
        moments.remember(connection, _WELL_UNTIL, min((*firsts, now - _CLOCKS)))


def _is_missing(context: Context, guid: str, made: list[Delivery]) -> bool:
    if _newest(made).status == "OK":
        return False
    with context.database.begin() as connection:
        return not deliveries.is_known(connection, guid)


def _redeliver(context: Context, made: list[Delivery], now: datetime) -> None:
    """Asks for a delivery again, after a wait that doubles with each of its attempts."""
    newest = _newest(made)
    if now - newest.delivered_at < _AGAIN * (2 ** min(len(made) - 1, 10) - 1):
        return
    _log.info("asked for again", delivery=newest.guid)
    try:
        context.app.redeliver(newest.id)
    except (NotFound, Forbidden, Unprocessable) as error:
        # The others have nothing to do with it.
        _log.warning("not sent again", delivery=newest.guid, reason=str(error))


def _newest(made: list[Delivery]) -> Delivery:
    return max(made, key=lambda delivery: delivery.delivered_at)


def reconcile(context: Context, job: Job, lease: Lease) -> Outcome:
    """Compares what GitHub has with what was reviewed, for events that never came."""
    del job
    return guarded(lambda: _reconcile(context, lease))


def _reconcile(context: Context, lease: Lease) -> None:
    left = _learn_installations(context, lease)
    with context.database.begin() as connection:
        repositories = installations.active_repositories(connection)
    for ref in repositories:
        if ref.installation_id in left:
            continue
        lease.check()
        try:
            _compare(context, ref)
        except UnknownRepositoryError:
            continue
        except (NotFound, Forbidden) as error:
            # The others have nothing to do with it.
            _log.warning("not compared", repository=ref.repository_id, reason=str(error))
        except (Limited, Unavailable) as error:
            left.add(ref.installation_id)
            _log.warning("not compared", installation=ref.installation_id, reason=str(error))


def _compare(context: Context, ref: RepositoryRef) -> None:
    with workplace(context, ref.repository_id, {"pull_requests": "read"}) as place:
        for pull_request in place.github.open_pull_requests():
            with context.database.begin() as connection:
                memory = pull_requests.recall(connection, ref.repository_id, pull_request.number)
            if memory.reviewed_head != pull_request.head.sha:
                _review(context, ref.repository_id, pull_request.number, pull_request.head.sha)


def _learn_installations(context: Context, lease: Lease) -> set[int]:
    """Remembers what GitHub has, and forgets what it has no more.

    Returns:
        The installations that cannot be asked now: they are left to the next time, and hold up no other.
    """
    left: set[int] = set()
    with context.database.begin() as connection:
        # Before it is asked: what is told of meanwhile may be missing in a list that was begun before.
        gone = installations.known_installations(connection)
    for found in context.app.installations():
        lease.check()
        gone.discard(found.id)
        with context.database.begin() as connection:
            installations.save_installation(
                connection, found.id, found.account.id, found.account.login, found.permissions
            )
            if found.is_suspended:
                installations.suspend(connection, found.id)
            else:
                installations.unsuspend(connection, found.id)
        if not found.is_suspended:
            try:
                _learn_repositories(context, found.id)
            except (NotFound, Forbidden, Limited, Unavailable) as error:
                if isinstance(error, Limited | Unavailable):
                    left.add(found.id)
                _log.warning("not compared", installation=found.id, reason=str(error))
    with context.database.begin() as connection:
        for installation_id in gone:
            installations.remove_installation(connection, installation_id)
    return left


def _learn_repositories(context: Context, installation_id: int) -> None:
    with context.database.begin() as connection:
        gone = installations.known_repositories(connection, installation_id)
    for ref in context.app.repositories_of(installation_id):
        gone.discard(ref.repository_id)
        with context.database.begin() as connection:
            installations.save_repository(connection, ref)
    with context.database.begin() as connection:
        for repository_id in gone:
            installations.remove_repository(connection, repository_id, installation_id)


def nightly(context: Context, job: Job, lease: Lease) -> Outcome:
    """Has each default branch scanned, and the pull requests that fix it looked after."""
    del job

    def work() -> None:
        lease.check()
        with context.database.begin() as connection:
            repositories = installations.active_repositories(connection)
        for ref in repositories:
            submit_branch(context.queue, ref.repository_id, revive=True)
            submit_fixes(context.queue, ref.repository_id, revive=True)

    return guarded(work)
