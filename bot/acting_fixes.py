"""Performs what is decided on pull requests that fix: commits, branches, pull requests, and the ledger around them.

The ledger says what is about to be done before it is, and each step looks at what is there first. So a run that goes
on after another one, which ended anywhere, makes nothing twice, and touches no commit of anybody else.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, assert_never

import structlog

from bot.acting import SETTLING, NotYetError
from bot.database import effects
from bot.database import fix_pull_requests as ledger
from bot.database.fences import hold
from bot.decisions.actions import CreateComment
from bot.decisions.fix_actions import (
    CloseFix,
    DeleteFixBranch,
    LeaveFix,
    OpenFix,
    RefreshFix,
    SettleFix,
    VerifyFix,
)
from bot.decisions.fixing_state import Standing
from bot.decisions.keys import fix_key, fix_note_key
from bot.decisions.markers import marker
from bot.github.errors import Forbidden, NotFound, Unprocessable
from bot.github.fixes import changes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection

    from bot.acting import Actor
    from bot.database.engine import Database
    from bot.decisions.fix_actions import FixAction
    from bot.decisions.fixing_state import FixRecord
    from bot.github.repository import RepositoryClient
    from bot.jobs.lease import Lease
    from bot.judged import PatchedFile

_REFUSALS: Final = (Forbidden, NotFound, Unprocessable)
_log = structlog.get_logger("stanch.acting")


class BranchTakenError(Exception):
    """The branch that a pull request is to be from stands at somebody else's commit."""


@dataclass(frozen=True)
class Pushed:
    """The commit is on the branch."""

    commit: str


@dataclass(frozen=True)
class Moved:
    """The branch stood at another commit than was expected, or is gone (None): nothing was pushed."""

    head: str | None


class FixActor:
    """Performs the actions of one job in one repository."""

    def __init__(self, actor: Actor, github: RepositoryClient, database: Database, lease: Lease) -> None:
        """Prepares; nothing is written yet.

        Args:
            actor: what writes comments, and the audit log.
            github: the client of the job.
            database: where the ledger is.
            lease: of the job; nothing is written once it is lost.
        """
        self._actor = actor
        self._github = github
        self._database = database
        self._lease = lease
        self._writer = github.fixing()
        self._repository_id = github.ref.repository_id

    def perform(self, actions: Sequence[FixAction]) -> None:
        """Performs a decision. What GitHub refuses is left away; the rest stands.

        Raises:
            GitHubError: GitHub could not be asked; the job is to be tried again.
            LeaseLost, SupersededError, NotYetError: nothing more is to be written now.
        """
        for action in actions:
            self._actor.check()
            try:
                self._write(action)
            except (*_REFUSALS, BranchTakenError) as error:
                key = fix_key(action.record.branch, "refused")
                _log.warning("GitHub refused", key=key, reason=str(error))
                self._actor.audit(key, f"refused: {type(error).__name__}")

    def _write(self, action: FixAction) -> None:
        match action:
            case OpenFix():
                self.open(action)
            case RefreshFix():
                self._refresh(action)
            case CloseFix():
                self._close(action)
            case LeaveFix():
                if action.comment:
                    self._comment(action.record, "left", action.comment)
                self._settle(action.record, Standing.LEFT)
            case DeleteFixBranch():
                self._delete_branch(action.record)
            case SettleFix():
                self._settle(action.record, action.standing)
            case VerifyFix():
                with self._ledger() as connection:
                    ledger.verify(connection, self._repository_id, action.record.branch, is_verified=action.is_verified)
            case _:
                assert_never(action)

    def open(self, action: OpenFix) -> int:
        """Opens a pull request; returns its number.

        Raises:
            BranchTakenError: somebody else has the branch.
            GitHubError: of the kind that fits.
        """
        branch = action.record.branch
        with self._ledger() as connection:
            record = ledger.want(connection, self._repository_id, action.record)
        if record.number is None:
            self._make_branch(action, record)
        number = record.number or self._open_pull_request(action)
        with self._ledger() as connection:
            ledger.opened(connection, self._repository_id, branch, number)
        if record.standing is Standing.WANTED:
            self._dress(action, number)
            self._settle(record, Standing.OPEN)
        return number

    def _make_branch(self, action: OpenFix, record: FixRecord) -> None:
        head = self._writer.branch_head(record.branch)
        if head is None:
            commit = self._writer.commit(action.parent, action.message, changes_of(action.files))
            self._put_down(record, commit)
            self._actor.check()
            with suppress(Unprocessable):
                self._writer.create_branch(record.branch, commit)
            head = self._writer.branch_head(record.branch)
        with self._ledger() as connection:
            known = ledger.find(connection, self._repository_id, record.branch)
            if known is not None and head in known.heads:
                return
            if known is not None and known.heads and head is not None:
                ledger.settle(connection, self._repository_id, record.branch, Standing.OBSOLETE)
            else:
                ledger.drop(connection, self._repository_id, record.branch)
        raise BranchTakenError(f"The branch {record.branch} is not at a commit of ours.")

    def _open_pull_request(self, action: OpenFix) -> int:
        branch = action.record.branch

        def find() -> int | None:
            owner = self._github.full_name().partition("/")[0]
            return next((pull.number for pull in self._writer.pull_requests_of(owner, branch)), None)

        def make() -> int:
            open_it = partial(self._writer.open_pull_request, branch, action.base, action.title, action.body)
            try:
                return open_it(draft=action.draft)
            except Unprocessable:
                # There is one already, if GitHub has carried out late what was asked for long ago.
                found = find()
                if found is None and not action.draft:
                    raise
            # Not every repository has drafts (docs.github.com, "About pull requests").
            return found if found is not None else open_it()

        self._actor.check()
        made, number = self._actor.once(fix_key(branch, "open"), find, make)
        self._actor.audit(fix_key(branch, "open"), "done" if made else "found")
        return number

    def _dress(self, action: OpenFix, number: int) -> None:
        """Labels and reviewers, as far as GitHub takes them."""
        if action.labels:
            self._try(partial(self._writer.add_labels, number, action.labels))
        reviewers = action.reviewers
        if reviewers and not self._try(partial(self._writer.request_reviewers, number, reviewers)) and reviewers[1:]:
            for reviewer in reviewers:
                self._try(partial(self._writer.request_reviewers, number, [reviewer]))

    def _try(self, write: Callable[[], None]) -> bool:
        self._actor.check()
        try:
            write()
        except _REFUSALS as error:
            _log.warning("GitHub refused", reason=str(error))
            return False
        return True

    def _refresh(self, action: RefreshFix) -> None:
        record = action.record
        if self._writer.branch_head(record.branch) not in record.heads:
            return
        commit = self._writer.commit(action.parent, action.message, changes_of(action.files))
        self._put_down(record, commit)
        self._actor.check()
        # Looked at last: what somebody has pushed meanwhile is not to be lost.
        if self._writer.branch_head(record.branch) in record.heads:
            self._writer.move_branch(record.branch, commit, force=True)
            self._actor.audit(fix_key(record.branch, "refresh"), "done")

    def _close(self, action: CloseFix) -> None:
        record = action.record
        if record.number is None:
            return
        self._comment(record, "closed", action.comment)
        self._actor.check()
        self._writer.edit_pull_request(record.number, is_open=False)
        self._actor.audit(fix_key(record.branch, "close"), "done")
        self._delete_branch(record)
        self._settle(record, Standing.OBSOLETE)

    def _comment(self, record: FixRecord, word: str, text: str) -> None:
        if record.number is not None:
            key = fix_note_key(record.number, word)
            comment = CreateComment(key, record.number, f"{marker('key', key)}\n\n{text}\n")
            self._actor.act(lambda _: (comment,))

    def _delete_branch(self, record: FixRecord) -> None:
        if self._writer.branch_head(record.branch) in record.heads:
            self._actor.check()
            self._writer.delete_branch(record.branch)
            self._actor.audit(fix_key(record.branch, "delete"), "done")
        with self._ledger() as connection:
            ledger.tidied(connection, self._repository_id, record.branch)

    def commit(
        self, key: str, branch: str, expected: str, message: str, files: Sequence[PatchedFile]
    ) -> Pushed | Moved:
        """Puts one commit on somebody's branch, if that still stands at the commit that it is made for.

        Args:
            key: the same for every attempt.
            branch: in this repository.
            expected: the commit that the branch has to stand at.
            message: the commit's.
            files: what it changes.

        Raises:
            Forbidden, NotFound, Unprocessable: GitHub does not let us write there.
            GitHubError: GitHub could not be asked.
        """
        commit = self._commit_once(key, expected, message, files)
        head = self._writer.branch_head(branch)
        if head == expected:
            self._actor.check()
            try:
                # Without force it fails where the branch has moved meanwhile.
                self._writer.move_branch(branch, commit)
            except Unprocessable:
                head = self._writer.branch_head(branch)
                if head == expected:
                    raise
            else:
                self._actor.audit(key, "done")
                return Pushed(commit)
        if head is not None and (head == commit or self._github.compare_base(commit, head) == commit):
            return Pushed(commit)
        return Moved(head)

    def _commit_once(self, key: str, parent: str, message: str, files: Sequence[PatchedFile]) -> str:
        """Makes the commit, which nobody sees yet, and remembers it, so that it is known again on the branch."""
        with self._database.begin() as connection:
            standing = effects.begin(connection, self._repository_id, key, self._lease.fence)
        if isinstance(standing, effects.Underway):
            raise NotYetError("Another job writes the same just now.", SETTLING)
        if isinstance(standing, effects.Done) and standing.remote_id is not None:
            return standing.remote_id
        commit = self._writer.commit(parent, message, changes_of(files))
        with self._ledger() as connection:
            effects.finish(connection, self._repository_id, key, commit)
        return commit

    def _put_down(self, record: FixRecord, commit: str) -> None:
        with self._ledger() as connection:
            ledger.add_head(connection, self._repository_id, record.branch, commit)

    def _settle(self, record: FixRecord, standing: Standing) -> None:
        with self._ledger() as connection:
            ledger.settle(connection, self._repository_id, record.branch, standing)

    @contextmanager
    def _ledger(self) -> Iterator[Connection]:
        """A transaction that only the run whose job it is may make."""
        with self._database.begin() as connection:
            hold(connection, self._lease.fence)
            yield connection
