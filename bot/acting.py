"""What writes to GitHub for the App: performs the actions of a decision, each once, whatever happened before.

What creates something is written into the ledger before and after, and looked for on GitHub where a run before this
one did not get to the after. What changes something that is there can be done again, so it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog
from sqlalchemy import select

from bot.database import audit, checks, effects
from bot.database.tables import NOW
from bot.github.errors import GitHubError, Unavailable
from bot.performing import Performer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.database.checks import OpenCheck
    from bot.database.engine import Database
    from bot.decisions.actions import Action, StartCheck
    from bot.github.models import AppIdentity, CheckRunState
    from bot.github.repository import RepositoryClient
    from bot.jobs.lease import Lease

SETTLING: Final = timedelta(seconds=30)
"""How long GitHub's lists may lack what was just made; until then it is not made a second time."""

_log = structlog.get_logger("stanch.acting")


class SupersededError(Exception):
    """A newer job waits for its turn, so that this one's result would be stale."""


class NotYetError(Exception):
    """It is not certain yet whether something is there. `after`: when it will be.

    The message is a sentence for whoever reads why the job waits.
    """

    def __init__(self, message: str, after: timedelta) -> None:
        super().__init__(message)
        self.after = after


@dataclass(frozen=True)
class Cause:
    """Why something is done: who asked (a login, or a name of ours), why, and the GUID of the delivery that said so."""

    asked_by: str
    reason: str
    delivery: str | None = None


class Actor(Performer):
    """Performs the actions of one job in one repository, with a ledger of what was begun and done."""

    def __init__(
        self,
        github: RepositoryClient,
        app: AppIdentity,
        database: Database,
        lease: Lease,
        cause: Cause,
        *,
        number: int | None = None,
        yields: bool = False,
    ) -> None:
        """Prepares; nothing is written yet.

        Args:
            github: the client of the job.
            app: who we are, to know our own again.
            database: where the ledger is.
            lease: of the job; nothing is written once it is lost.
            cause: for the audit log.
            number: the pull request that check runs are about, if they are about one.
            yields: whether to write nothing once a newer job waits in the lane.
        """
        super().__init__(github, app)
        self._database = database
        self._lease = lease
        self._cause = cause
        self._number = number
        self._yields = yields

    def check(self) -> None:
        """Asks whether something may be written now.

        Raises:
            LeaseLost: the job is another run's.
            SupersededError: a newer job waits, and this one gives way.
        """
        self._lease.check()
        if self._yields and self._lease.superseded():
            raise SupersededError

    def refused(self, action: Action, error: GitHubError) -> None:
        """Writes what GitHub does not take into the log."""
        _log.warning("GitHub refused", key=action.key, reason=str(error))

    def _check_begun(self, action: StartCheck) -> None:
        with self._database.begin() as connection:
            checks.begun(connection, self._github.ref.repository_id, action.head_sha, action.key, self._number)

    def _check_started(self, action: StartCheck, check_id: int) -> None:
        with self._database.begin() as connection:
            repository_id = self._github.ref.repository_id
            checks.started(connection, repository_id, check_id, action.head_sha, action.key, self._number)

    def unended(self, left: Sequence[OpenCheck], name: str) -> dict[str, tuple[CheckRunState, ...]]:
        """The check runs on each commit on which one that was begun is still in progress.

        Args:
            left: what was begun, as far as is known; what has ended, or was never made, is forgotten.
            name: of the check runs.
        """
        found = {}
        for head in dict.fromkeys(check.head_sha for check in left):
            runs = tuple(self._github.check_runs(head, name))
            ours = {run.external_id: run for run in runs if run.app_id == self._app.app_id}
            for check in left:
                if check.head_sha != head:
                    continue
                run = ours.get(check.key)
                if run is not None and run.status != "completed":
                    found[head] = runs
                elif run is not None or check.age > SETTLING:
                    self._check_ended(check.key)
        return found

    def _check_ended(self, key: str) -> None:
        with self._database.begin() as connection:
            checks.ended(connection, self._github.ref.repository_id, key)

    def once(self, key: str, find: Callable[[], int | None], make: Callable[[], int]) -> tuple[bool, int]:
        """Makes something that is made once.

        Returns:
            Whether this run made it, and its id.
        """
        repository = self._github.ref.repository_id
        with self._database.begin() as connection:
            standing = effects.begin(connection, repository, key, self._lease.fence)
        found: int | None = None
        match standing:
            case effects.Done(remote_id, _):
                return False, int(remote_id or 0)
            case effects.Underway():
                raise NotYetError("Another job writes the same just now.", SETTLING)
            case effects.Unfinished(begun_at):
                found = find()
                if found is None:
                    self._wait_for_lists(begun_at)
                    with self._database.begin() as connection:
                        effects.begin_anew(connection, repository, key, self._lease.fence)
        made = found is None
        if found is None:
            found = self._made(key, make)
        with self._database.begin() as connection:
            effects.finish(connection, repository, key, found)
        return made, found

    def _made(self, key: str, make: Callable[[], int]) -> int:
        try:
            return make()
        except GitHubError as error:
            if not (isinstance(error, Unavailable) and error.maybe_done):
                with self._database.begin() as connection:
                    effects.forget(connection, self._github.ref.repository_id, key)
            raise

    def _wait_for_lists(self, begun_at: datetime) -> None:
        with self._database.begin() as connection:
            age = connection.execute(select(NOW)).scalar_one() - begun_at
        if age < SETTLING:
            raise NotYetError("GitHub's lists may not show yet what was written last.", SETTLING - age)

    def audit(self, key: str, result: str) -> None:
        """Writes an outward act into the audit log."""
        cause = self._cause
        act = audit.Act(cause.asked_by, cause.reason, key, result, self._github.ref.repository_id, cause.delivery)
        with self._database.begin() as connection:
            audit.append(connection, act)
