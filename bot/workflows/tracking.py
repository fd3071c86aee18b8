"""The tracking issue of a repository: kept up to date where it is granted, and its boxes heard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from bot.database import fix_pull_requests as ledger
from bot.database import scans, tracking_issues
from bot.decisions.markers import marked
from bot.decisions.tracking_body import KEY
from bot.decisions.tracking_issue import (
    CreateIssue,
    EditIssue,
    ScanPoint,
    TrackingIssue,
    TrackingState,
    decide_tracking_issue,
    may_track,
    ticked,
    unticked,
)
from bot.github.errors import Forbidden, NotFound, Unprocessable
from bot.github.models import Access
from bot.workflows.lanes import submit_fixes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.acting import Actor
    from bot.decisions.fixing_new import Waiting
    from bot.decisions.fixing_state import FixingState
    from bot.github.events import IssueEdited
    from bot.github.models import Issue
    from bot.workflows.context import Context, Workplace

_log = structlog.get_logger("stanch.tracking")


@dataclass(frozen=True)
class Tracking:
    """The tracking issue of the repository in which a job works."""

    context: Context
    place: Workplace
    actor: Actor

    def keep(self, fixing: FixingState, waiting: Sequence[Waiting]) -> None:
        """Opens the issue or edits it, where there is something new to say. What GitHub refuses is left away.

        Args:
            fixing: what was found, and decided over.
            waiting: the groups that are not opened now.

        Raises:
            GitHubError: GitHub could not be asked; the job is to be tried again.
            LeaseLost, NotYetError: nothing more is to be written now.
        """
        if not may_track(self.place.permissions):
            return
        try:
            decided = decide_tracking_issue(self._state(fixing, waiting))
            if decided is not None:
                self._write(decided)
        except (Forbidden, NotFound, Unprocessable) as error:
            # Issues may be switched off in the repository.
            _log.warning("GitHub refused", key=KEY, reason=str(error))
            self.actor.audit(KEY, f"refused: {type(error).__name__}")

    def hear(self, event: IssueEdited) -> None:
        """Has what somebody ticked opened, and what he unticked not, if he may write; else takes the tick back.

        Raises:
            GitHubError: GitHub could not be asked.
        """
        if event.sender.is_bot or not self._is_ours(event):
            return
        wanted, unwanted = ticked(event.before, event.body), ticked(event.body, event.before)
        if not (wanted or unwanted):
            return
        access = self.place.github.access(event.sender.login, event.sender.id)
        if access.rank >= Access.WRITE.rank:
            repository_id = self.place.ref.repository_id
            with self.context.database.begin() as connection:
                ledger.ask(connection, repository_id, wanted, event.sender.login)
                ledger.withdraw(connection, repository_id, unwanted)
            submit_fixes(self.context.queue, repository_id, revive=True)
        else:
            self._take_back(event.number, wanted)

    def _is_ours(self, event: IssueEdited) -> bool:
        return event.author.login == self.place.app.login and marked(event.body, "key") == KEY

    def _take_back(self, number: int, boxes: Sequence[str]) -> None:
        issues = self.place.github.issues()
        try:
            there = issues.read(number)
            body = unticked(there.body, boxes)
            if there.is_open and body != there.body:
                self._edit(number, body)
        except (Forbidden, NotFound, Unprocessable) as error:
            _log.warning("GitHub refused", key=KEY, reason=str(error))

    def _state(self, fixing: FixingState, waiting: Sequence[Waiting]) -> TrackingState:
        issue = self._issue()
        repository_id = self.place.ref.repository_id
        with self.context.database.begin() as connection:
            records = ledger.records(connection, repository_id)
            asked = ledger.asked(connection, repository_id)
            outcomes = ledger.outcomes(connection, repository_id)
            kept = scans.history(connection, repository_id)
        return TrackingState(
            permissions=self.place.permissions,
            judged=fixing.judged,
            issue=issue,
            records=tuple(records),
            waiting=tuple(waiting),
            asked=frozenset(asked),
            outcomes=outcomes,
            points=tuple(
                ScanPoint(scan.commit, scan.scanned_at.date(), scan.findings, scan.budgets)
                for scan in reversed(kept)
                if scan.scanned_at is not None
            ),
            html_url=fixing.html_url,
        )

    def _issue(self) -> TrackingIssue | None:
        """The issue as it is now; one that somebody has deleted is as if it were closed."""
        with self.context.database.begin() as connection:
            number = tracking_issues.number_of(connection, self.place.ref.repository_id)
        if number is not None:
            try:
                return _as_tracking(self.place.github.issues().read(number))
            except NotFound:
                return TrackingIssue(number, is_open=False, body="")
        found = self._look()
        if found is not None:
            self._remember(found.number)
        return None if found is None else _as_tracking(found)

    def _look(self) -> Issue | None:
        ours = self.place.github.issues().opened_by(self.place.app.login)
        return next((issue for issue in ours if marked(issue.body, "key") == KEY), None)

    def _write(self, action: CreateIssue | EditIssue) -> None:
        self.actor.check()
        if isinstance(action, EditIssue):
            self._edit(action.number, action.body)
            return
        issues = self.place.github.issues()

        def find() -> int | None:
            found = self._look()
            return None if found is None else found.number

        _, number = self.actor.once(KEY, find, lambda: issues.open(action.title, action.body))
        self._remember(number)
        self.actor.audit(KEY, "done")

    def _edit(self, number: int, body: str) -> None:
        self.place.github.issues().edit(number, body)
        self.actor.audit(KEY, "done")

    def _remember(self, number: int) -> None:
        with self.context.database.begin() as connection:
            tracking_issues.save(connection, self.place.ref.repository_id, number)


def _as_tracking(issue: Issue) -> TrackingIssue:
    return TrackingIssue(issue.number, issue.is_open, issue.body)
