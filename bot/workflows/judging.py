"""Code fetched and judged: what every workflow does between reading GitHub's API and deciding."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog

from bot.acting import SupersededError
from bot.checkout import CheckoutError, CheckoutFault, Source, checkout
from bot.config import CONFIG_PATH, Config, ConfigError, load
from bot.database import ignores as accepted
from bot.decisions.budgets import CHECK_NAME, budgets_of
from bot.decisions.state import Fault, Ignored
from bot.github.errors import Unavailable
from bot.sandbox.jobs import Change
from bot.sandbox.jobs import judge as judge_in_sandbox
from bot.sandbox.limits import Limits
from bot.sandbox.outcomes import Failure, FailureKind
from bot.trees import GitTree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from bot.checkout import Checkout
    from bot.config import Origins
    from bot.database.engine import Database
    from bot.decisions.budgets import Measured
    from bot.ignores import Ignores
    from bot.judged import Judged
    from bot.workflows.context import Context, Workplace

_log = structlog.get_logger("stanch.judging")


@dataclass(frozen=True)
class Ask:
    """What is to be judged: the change from `base` to `head`, or the whole tree of `head`; and what is accepted."""

    base: str | None
    head: str
    ignores: Ignores | None = None


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
    settings = context.settings
    try:
        with _fetched(context, place, filter(None, (ask.base, ask.head))) as fetched:
            change = Change(
                git_dir=str(fetched.stored.git_dir),
                base=ask.base,
                head=ask.head,
                today=datetime.now(tz=UTC).date(),
                ignores=ask.ignores,
                blob_url=f"{place.html_url}/blob/{ask.head}",
                left_out=fetched.left_out,
            )
            limits = Limits(seconds=settings.scan_seconds, memory_bytes=int(settings.scan_memory))
            found = judge_in_sandbox(change, limits=limits, unconfined=settings.sandbox == "if-available", stop=stop)
    except CheckoutError as error:
        return Fault(str(error), rerun_helps=error.rerun_helps)
    if isinstance(found, Failure):
        if found.kind is FailureKind.STOPPED:
            raise SupersededError
        return Fault(found.sentence, rerun_helps=found.rerun_helps)
    return found


def configuration_at(context: Context, place: Workplace, commit: str) -> tuple[Config, Origins] | ConfigError:
    """The configuration that a commit holds, and where each setting comes from; or its faults.

    Raises:
        CheckoutError: the commit cannot be had.
        GitHubError: there is no token for git.
    """
    with _fetched(context, place, (commit,)) as fetched, GitTree(fetched.repository, commit) as tree:
        try:
            return load(tree.read(CONFIG_PATH), CONFIG_PATH) if tree.exists(CONFIG_PATH) else (Config(), {})
        except ConfigError as error:
            return error


@contextmanager
def _fetched(context: Context, place: Workplace, commits: Iterable[str]) -> Iterator[Checkout]:
    source = Source(place.ref.repository_id, place.github.clone_url(), place.github.token())
    try:
        with checkout(context.objects, source, tuple(commits)) as fetched:
            yield fetched
    except CheckoutError as error:
        _log.warning("not fetched", fault=error.fault, detail=error.detail)
        if error.fault is CheckoutFault.UNAVAILABLE:
            raise Unavailable(str(error), maybe_done=False) from None
        raise


def measured_on(context: Context, place: Workplace, commit: str) -> Measured:
    """The budget results that the Action has published on a commit."""
    runs = place.github.check_runs(commit, CHECK_NAME)
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
