"""What every job has at hand, and how a job works in one repository."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog

from bot.acting import NotYetError, SupersededError
from bot.database import checks, installations
from bot.decisions.check_runs import may_write_checks
from bot.github.errors import Forbidden, GitHubError, Limited, NotFound, Unauthorized, Unavailable
from bot.github.limits import Priority
from bot.jobs.model import Done, Drop, Outcome, Retry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bot.database.checks import OpenCheck
    from bot.database.engine import Database
    from bot.github.client import App
    from bot.github.models import AppIdentity, CheckRunState, RepositoryRef
    from bot.github.repository import RepositoryClient
    from bot.jobs.queue import Queue
    from bot.object_store import ObjectStore
    from bot.service.metrics import Metrics
    from bot.settings import Settings

REVIEWING: Final[Mapping[str, str]] = {"contents": "read", "pull_requests": "write", "checks": "write"}
"""What the review of a pull request needs."""
SCANNING: Final[Mapping[str, str]] = {"contents": "read", "checks": "write", "security_events": "write"}
"""What a scan of the default branch needs, code scanning where it is granted."""
TRACKING: Final[Mapping[str, str]] = {"issues": "write"}
"""What the tracking issue needs."""
FIXING: Final[Mapping[str, str]] = {"contents": "write", "pull_requests": "write", "checks": "read", **TRACKING}
"""What pull requests that fix need, what was measured on them included, and the issue that tells of them."""
GITHUB_AWAY: Final = timedelta(seconds=30)
"""How long a job waits while GitHub does not answer, or answers with faults of its own."""

PATIENCE: Final = timedelta(minutes=10)
"""How long a check may be in progress while GitHub's git does not answer, before it ends without a result."""

_log = structlog.get_logger("stanch.workflows")


@dataclass(frozen=True)
class Context:
    """What the jobs of a worker share."""

    settings: Settings
    database: Database
    queue: Queue
    app: App
    objects: ObjectStore
    metrics: Metrics
    confinement: str
    """The sentence on what keeps scans from doing harm here."""


@dataclass(frozen=True)
class Workplace:
    """A repository in which a job works: its client, what the installation grants there, and who we are."""

    app: AppIdentity
    ref: RepositoryRef
    github: RepositoryClient
    permissions: Mapping[str, str]

    @property
    def html_url(self) -> str:
        """The repository's page, without a slash at the end."""
        return self.github.clone_url().removesuffix(".git")

    @property
    def sees_checks(self) -> bool:
        """Whether the installation lets us read check runs."""
        return self.permissions.get("checks") in {"read", "write"}

    def check_runs(self, commit: str, name: str) -> tuple[CheckRunState, ...]:
        """The check runs of a name on a commit, of all Apps; none where we may not read them."""
        return tuple(self.github.check_runs(commit, name)) if self.sees_checks else ()


@dataclass
class Calls:
    """How many requests to GitHub a job has made."""

    made: int = 0


_calls: ContextVar[Calls] = ContextVar("calls")


@contextmanager
def counted_calls() -> Iterator[Calls]:
    """Counts the requests to GitHub that are made within the block, in this thread."""
    calls = Calls()
    token = _calls.set(calls)
    try:
        yield calls
    finally:
        _calls.reset(token)


class UnknownRepositoryError(Exception):
    """The repository is not (any more) one of an installation of ours."""


@contextmanager
def workplace(
    context: Context, repository_id: int, wanted: Mapping[str, str], priority: Priority = Priority.BACKGROUND
) -> Iterator[Workplace]:
    """Opens a repository for a job, with as much of what it wants as the installation grants.

    Raises:
        UnknownRepositoryError: nobody has given it to us, or not any more.
        NotYetError: less is granted than was known, which is known now; the job is to be done again.
        GitHubError: of the block, or GitHub cannot be asked.
    """
    with context.database.begin() as connection:
        ref = installations.find_repository(connection, repository_id)
        installation = None if ref is None else installations.find_installation(connection, ref.installation_id)
    if ref is None or (installation is not None and installation.suspended_at is not None):
        raise UnknownRepositoryError
    granted = installation.permissions if installation is not None else learn_installation(context, ref)
    # A token that asks for nothing would be given everything; each App may read metadata.
    permissions = {"metadata": "read"}
    permissions |= {name: found for name, level in wanted.items() if (found := _granted(granted, name, level))}
    github = context.app.repository(ref, permissions, priority)
    try:
        with github:
            yield Workplace(context.app.identity(), ref, github, granted)
    except Forbidden as error:
        # The event that tells what is granted now may be late, or lost.
        if error.missing and learn_installation(context, ref) != granted:
            raise NotYetError("The installation grants something else now.", timedelta(0)) from None
        raise
    finally:
        _calls.get(Calls()).made += github.calls


def to_be_ended(context: Context, place: Workplace, begun: list[OpenCheck]) -> list[OpenCheck]:
    """Those of the check runs that were begun which we may end; where the permission is gone, none is waited for."""
    if may_write_checks(place.permissions):
        return begun
    with context.database.begin() as connection:
        for check in begun:
            checks.ended(connection, check.repository_id, check.key)
    return []


def learn_installation(context: Context, ref: RepositoryRef) -> Mapping[str, str]:
    """Asks GitHub about an installation, and remembers it; returns what it grants."""
    found = context.app.installation(ref.installation_id)
    with context.database.begin() as connection:
        installations.save_installation(connection, found.id, found.account.id, found.account.login, found.permissions)
    return found.permissions


def guarded(work: Callable[[], Outcome | None]) -> Outcome:
    """Runs the work of a job, and says what its errors mean for the job."""
    try:
        return work() or Done()
    except SupersededError:
        return Drop("A newer job of the same kind waits.")
    except NotYetError as error:
        return Retry(str(error), error.after)
    except UnknownRepositoryError:
        return Drop("The repository is not one of an installation of ours.")
    except Limited as error:
        return Retry(str(error), error.not_before)
    except Unavailable as error:
        # An outage is not the job's fault, however long it lasts.
        return Retry(str(error), GITHUB_AWAY)
    except Unauthorized as error:
        # A key or a clock that the operator has to mend: until then nothing can be done, and nothing is lost.
        _log.error("GitHub does not take our key", reason=str(error))
        return Retry(str(error), GITHUB_AWAY)
    except (NotFound, Forbidden) as error:
        _log.warning("dropped", reason=str(error))
        return Drop(str(error))
    except GitHubError as error:
        return Retry(str(error))


def _granted(granted: Mapping[str, str], name: str, wanted: str) -> str | None:
    """The level of a permission to ask for: what is wanted, or less where less is granted; None for nothing."""
    level = granted.get(name)
    return wanted if level in {"write", "admin"} else level
