"""Code fetched and judged: what every workflow does between reading GitHub's API and deciding."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import structlog

from bot.acting import SupersededError
from bot.checkout import CheckoutError, CheckoutFault, Source, checkout
from bot.configurations import read_configuration
from bot.database import ignores as accepted
from bot.database import installations
from bot.decisions.budgets import CHECK_NAME, budgets_of
from bot.decisions.state import Fault, Ignored
from bot.git import GitError
from bot.github.errors import Unavailable
from bot.object_store import StoreError
from bot.sandbox.jobs import Change, judge_fetched
from bot.sandbox.limits import Limits
from bot.sandbox.outcomes import Failure, FailureKind
from bot.trees import GitTree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.configurations import Read
    from bot.database.engine import Database
    from bot.decisions.budgets import Measured
    from bot.ignores import Ignores
    from bot.judged import Grouping, Judged
    from bot.workflows.context import Context, Workplace

_STORE_FAULT: Final = "The store of git objects on the machine that runs Stanch cannot be used; its log says why."
_log = structlog.get_logger("stanch.judging")


@dataclass(frozen=True)
class Ask:
    """What is to be judged: the change from `base` to `head`, or the whole tree of `head`; and what is accepted.

    `groups`: which safe fixes are written for pull requests; None: none.
    """

    base: str | None
    head: str
    ignores: Ignores | None = None
    groups: Grouping | None = None


def judge(context: Context, place: Workplace, ask: Ask, stop: Callable[[], bool]) -> Judged | Fault:
    """Fetches what a judgement needs, and judges it in the sandbox.

    Args:
        context: where objects are kept.
        place: the repository.
        ask: what.
        stop: asked now and then; when it says yes, the work ends.

    Raises:
        SupersededError: `stop` has said yes.
        GitHubError: there is no token for git.
    """
    judged = _judged(context, place, ask, stop)
    if isinstance(judged, Fault):
        _log.warning("not judged", base=ask.base, head=ask.head, reason=judged.sentence)
    else:
        totals = judged.report.totals
        _log.info("judged", base=ask.base, head=ask.head, findings=totals.findings, introduced=totals.introduced)
    return judged


def _judged(context: Context, place: Workplace, ask: Ask, stop: Callable[[], bool]) -> Judged | Fault:
    settings = context.settings
    change = Change(
        base=ask.base,
        head=ask.head,
        today=datetime.now(tz=UTC).date(),
        ignores=ask.ignores,
        groups=ask.groups,
        blob_url=f"{place.html_url}/blob/{ask.head}",
    )
    try:
        with _fetching(context, place):
            found = judge_fetched(
                context.objects,
                _source(place),
                change,
                limits=Limits(seconds=settings.scan_seconds, memory_bytes=int(settings.scan_memory)),
                unconfined=settings.sandbox == "if-available",
                stop=stop,
            )
    except CheckoutError as error:
        return Fault(str(error), rerun_helps=error.rerun_helps)
    except StoreError:
        return Fault(_STORE_FAULT)
    if isinstance(found, Failure):
        if found.kind is FailureKind.STOPPED:
            raise SupersededError
        return Fault(found.sentence, rerun_helps=found.rerun_helps)
    return found


def configuration_at(context: Context, place: Workplace, commit: str) -> Read | Fault:
    """The configuration that a commit holds, and where each setting comes from; or why it cannot be read.

    Raises:
        GitHubError: there is no token for git, or GitHub is away.
    """
    try:
        with (
            _fetching(context, place),
            checkout(context.objects, _source(place), (commit,)) as fetched,
            GitTree(fetched.repository, commit, fetched.left_out) as tree,
        ):
            return read_configuration(fetched.repository, tree, commit)
    except CheckoutError as error:
        return Fault(str(error), rerun_helps=error.rerun_helps)
    except (StoreError, GitError) as error:
        _log.error("the configuration cannot be read", reason=str(error))
        return Fault(_STORE_FAULT)


def _source(place: Workplace) -> Source:
    return Source(place.ref.repository_id, place.github.clone_url(), place.github.token())


@contextmanager
def _fetching(context: Context, place: Workplace) -> Iterator[None]:
    """Logs why something cannot be fetched, whose words are not for the check.

    Raises:
        Unavailable: in the place of a fault that is GitHub's, or that is gone with the repository's new name.
    """
    try:
        yield
    except CheckoutError as error:
        _log.warning("not fetched", fault=error.fault, detail=error.detail)
        if error.fault is CheckoutFault.MOVED:
            renamed = replace(place.ref, full_name=place.github.full_name())
            with context.database.begin() as connection:
                installations.save_repository(connection, renamed)
        if error.fault in {CheckoutFault.UNAVAILABLE, CheckoutFault.MOVED}:
            raise Unavailable(str(error), maybe_done=False) from None
        raise
    except StoreError as error:
        _log.error("the object store cannot be used", reason=str(error))
        raise


def measured_on(context: Context, place: Workplace, commit: str) -> Measured:
    """The budget results that the Action has published on a commit; None too where we may not read them."""
    runs = place.check_runs(commit, CHECK_NAME)
    return budgets_of(runs, commit, actions_app=context.settings.actions_app_id)


def accepted_in(database: Database, repository_id: int) -> Ignores | None:
    """What a scan of a repository takes as accepted by command; None where nothing is."""
    with database.begin() as connection:
        found = accepted.in_force(connection, repository_id)
    return found if found.ignores else None


def ignored_in(database: Database, repository_id: int) -> tuple[Ignored, ...]:
    """The findings that are accepted by command in a repository, with who and why."""
    with database.begin() as connection:
        records = accepted.history(connection, repository_id)
    return tuple(
        Ignored(record.ignored.fingerprint, record.ignored.reason, record.ignored_by)
        for record in records
        if record.revoked_at is None
    )
