"""The one place that writes to GitHub: performs the actions of a decision, each once, whatever happened before.

What creates something is written into the ledger before and after, and looked for on GitHub where a run before this
one did not get to the after. What changes something that is there can be done again, so it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, assert_never

import structlog
from sqlalchemy import select

from bot.database import audit, checks, effects
from bot.database.tables import NOW
from bot.decisions.actions import (
    CreateComment,
    CreateReview,
    EditComment,
    EditInlineComment,
    FinishCheck,
    React,
    ReplyInThread,
    ResolveThread,
    StartCheck,
    UploadSarif,
)
from bot.decisions.checks import neutral_check
from bot.decisions.markers import marked
from bot.decisions.own import own_comments
from bot.decisions.threads import finding_ids, smaller_reviews
from bot.github.errors import Forbidden, GitHubError, NotFound, Unavailable, Unprocessable
from bot.github.models import CheckRunState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.database.checks import OpenCheck
    from bot.database.engine import Database
    from bot.decisions.actions import Action
    from bot.github.models import AppIdentity
    from bot.github.repository import RepositoryClient
    from bot.jobs.lease import Lease

SETTLING: Final = timedelta(seconds=30)
"""How long GitHub's lists may lack what was just made; until then it is not made a second time."""

_UNTOLD: Final = "The result cannot be shown", "GitHub did not take the result, so there is none; it blocks nothing.\n"
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


class Actor:
    """Performs the actions of one job in one repository."""

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
        self._github = github
        self._app = app
        self._database = database
        self._lease = lease
        self._cause = cause
        self._number = number
        self._yields = yields
        self.started: list[CheckRunState] = []
        """The check runs that were started here, as GitHub shows them now."""

    def act(self, decide: Callable[[frozenset[str]], Sequence[Action]]) -> None:
        """Performs a decision, and decides again where GitHub refuses inline comments.

        Args:
            decide: the actions, given the ids of findings whose inline comments GitHub has refused.

        Raises:
            GitHubError: GitHub could not be asked; the job is to be tried again.
            LeaseLost, SupersededError, NotYetError: nothing more is to be written now.
        """
        refused: frozenset[str] = frozenset()
        posted: frozenset[str] = frozenset()
        performed: set[str] = set()
        while True:
            newly: frozenset[str] = frozenset()
            for action in decide(refused):
                if isinstance(action, CreateReview):
                    new, newly = self._review(_without(action, posted))
                    posted |= new
                elif action.key not in performed:
                    self._perform(action)
                    performed.add(action.key)
                if newly:
                    break
            if not newly:
                return
            refused |= newly

    def _perform(self, action: Action) -> None:
        try:
            self.check()
            result = self._write(action)
        except (Forbidden, NotFound, Unprocessable) as error:
            # The rest of the decision stands: a check has to end even where a comment may not be written.
            _log.warning("GitHub refused", key=action.key, reason=str(error))
            result = f"refused: {type(error).__name__}"
        self.audit(action.key, result)

    def check(self) -> None:
        """Asks whether something may be written now.

        Raises:
            LeaseLost: the job is another run's.
            SupersededError: a newer job waits, and this one gives way.
        """
        self._lease.check()
        if self._yields and self._lease.superseded():
            raise SupersededError

    def _write(self, action: Action) -> str:
        github = self._github
        match action:
            case CreateComment():
                return self._create_comment(action)
            case ReplyInThread():
                self.once(action.key, lambda: self._find_reply(action), lambda: self._reply(action))
            case EditComment():
                github.edit_comment(action.comment_id, action.body)
            case EditInlineComment():
                github.edit_review_comment(action.comment_id, action.body)
            case StartCheck():
                self._start_check(action)
            case FinishCheck():
                return self._finish_check(action)
            case ResolveThread():
                return self._resolve(action)
            case React():
                github.react(action.subject, action.comment_id, action.reaction)
            case UploadSarif():
                github.upload_sarif(action.commit, action.ref, action.sarif)
            case CreateReview():
                raise AssertionError("reviews are isolated before they are written")
            case _:
                assert_never(action)
        return "done"

    def _create_comment(self, action: CreateComment) -> str:
        def find() -> int | None:
            found = own_comments(self._github.issue_comments(action.number), self._app, action.key)
            return found[0].id if found else None

        def make() -> int:
            return self._github.create_comment(action.number, action.body)

        made, known = self.once(action.key, find, make)
        if made:
            return "done"
        # It was there before, and the decision did not see it: its list was older, or somebody deleted it.
        try:
            self._github.edit_comment(known, action.body)
        except NotFound:
            return "left away: somebody deleted it"
        return "done"

    def _find_reply(self, action: ReplyInThread) -> int | None:
        comments = self._github.review_comments(action.number)
        ours = (item for item in comments if item.author.login == self._app.login)
        return next((item.id for item in ours if marked(item.body, "key") == action.key), None)

    def _reply(self, action: ReplyInThread) -> int:
        return self._github.reply_in_thread(action.number, action.comment_id, action.body)

    def _find_check(self, action: StartCheck | FinishCheck, name: str) -> int | None:
        runs = self._github.check_runs(action.head_sha, name)
        return next((run.id for run in runs if run.app_id == self._app.app_id and run.external_id == action.key), None)

    def _start_check(self, action: StartCheck) -> None:
        def make() -> int:
            return self._github.create_check(action.name, action.head_sha, action.key)

        repository_id = self._github.ref.repository_id
        with self._database.begin() as connection:
            # Before it is made: where the answer is lost, somebody has to look for it, even on an old commit.
            checks.begun(connection, repository_id, action.head_sha, action.key, self._number)
        try:
            _, check_id = self.once(action.key, lambda: self._find_check(action, action.name), make)
        except (Forbidden, NotFound, Unprocessable):
            self._forget_check(action.key)
            raise
        self.started.append(
            CheckRunState(
                id=check_id,
                name=action.name,
                head_sha=action.head_sha,
                status="in_progress",
                conclusion=None,
                external_id=action.key,
                app_id=self._app.app_id,
            )
        )
        with self._database.begin() as connection:
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
                    self._forget_check(check.key)
        return found

    def _finish_check(self, action: FinishCheck) -> str:
        try:
            self._end_check(action)
        except Unprocessable as error:
            _log.warning("GitHub refused", key=action.key, reason=str(error))
        else:
            return "done"
        name = action.check.name
        try:
            self.check()
            check_id = action.check_id or self._find_check(action, name)
            self._end_check(replace(action, check_id=check_id, check=neutral_check(name, *_UNTOLD)))
        except Unprocessable:
            # There is nothing left to say that it could end with.
            self._forget_check(action.key)
            raise
        return "ended without its result: Unprocessable"

    def _end_check(self, action: FinishCheck) -> None:
        def make() -> int:
            return self._github.create_check(action.check.name, action.head_sha, action.key, action.check)

        check_id = action.check_id
        if check_id is None:
            made, check_id = self.once(action.key, lambda: self._find_check(action, action.check.name), make)
            if made:
                return
        try:
            self._github.update_check(check_id, action.check)
        except (Forbidden, NotFound) as error:
            # What is archived may be written to again one day; a permission that is gone is not waited for.
            if isinstance(error, NotFound) or error.missing:
                self._forget_check(action.key)
            raise
        self._forget_check(action.key)

    def _forget_check(self, key: str) -> None:
        with self._database.begin() as connection:
            checks.ended(connection, self._github.ref.repository_id, key)

    def _resolve(self, action: ResolveThread) -> str:
        try:
            self._github.resolve_thread(action.thread_id)
        except Forbidden:
            self._github.edit_review_comment(action.comment_id, action.otherwise)
            return "said in the comment: resolving is not permitted"
        return "done"

    def _review(self, action: CreateReview) -> tuple[frozenset[str], frozenset[str]]:
        """Posts inline comments; the ids of the findings whose comments are there now, and of those refused."""
        if not action.comments:
            return frozenset(), frozenset()
        ids = frozenset(finding_ids(action))
        try:
            self.check()
            self.once(action.key, lambda: self._find_review(action), lambda: self._create_review(action))
        except (Forbidden, NotFound) as error:
            self.audit(action.key, f"refused: {type(error).__name__}")
            return frozenset(), ids
        except Unprocessable:
            self.audit(action.key, "refused: Unprocessable")
            halves = [self._review(part) for part in smaller_reviews(action)]
            if not halves:
                return frozenset(), ids
            return frozenset().union(*(half[0] for half in halves)), frozenset().union(*(half[1] for half in halves))
        self.audit(action.key, "done")
        return ids, frozenset()

    def _create_review(self, action: CreateReview) -> int:
        return self._github.create_review(action.number, action.commit, action.comments)

    def _find_review(self, action: CreateReview) -> int | None:
        """A review is all or nothing, so that one of its comments stands for all."""
        ids = frozenset(finding_ids(action))
        comments = self._github.review_comments(action.number)
        ours = (item for item in comments if item.author.login == self._app.login)
        return next((item.id for item in ours if marked(item.body, "id") in ids), None)

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


def _without(action: CreateReview, posted: frozenset[str]) -> CreateReview:
    comments = tuple(comment for comment in action.comments if marked(comment.body, "id") not in posted)
    return replace(action, comments=comments)
