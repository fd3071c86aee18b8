"""Fixes that somebody has asked for in a pull request: a commit on its branch, or a pull request into it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.acting import Actor, Cause
from bot.acting_fixes import BranchTakenError, FixActor, Moved
from bot.database import fix_pull_requests as ledger
from bot.decisions.fix_actions import OpenFix
from bot.decisions.fix_bodies import commit_message, fork_answer, stacked_body, stacked_title
from bot.decisions.fixing_new import may_be_sent, paths_of
from bot.decisions.fixing_state import UNSETTLED, FixRecord, Purpose
from bot.decisions.state import Fault, Fixed
from bot.github.errors import Forbidden, NotFound, Unprocessable
from bot.github.limits import Priority
from bot.judged import Grouping
from bot.reports.inert import markdown_code, markdown_prose
from bot.reports.wording import count
from bot.workflows.context import FIXING, workplace
from bot.workflows.judging import Ask, judge

if TYPE_CHECKING:
    from bot.decisions.requests import FixRequested
    from bot.decisions.state import CommandState
    from bot.jobs.lease import Lease
    from bot.judged import Judged, WrittenFixes
    from bot.workflows.context import Context, Workplace

DEFAULT: Final = "Its branch is the default branch, to which Stanch never pushes."
REFUSED: Final = "GitHub does not let Stanch push to its branch."


def fix_pull_request(
    context: Context, repository_id: int, lease: Lease, state: CommandState, request: FixRequested, key: str
) -> Fixed:
    """Writes what was asked for, once.

    Args:
        context: what jobs share.
        repository_id: GitHub's.
        lease: of the job that answers.
        state: the command, and the pull request as it is now.
        request: what is to be fixed.
        key: of the command.

    Returns:
        What became of it.

    Raises:
        GitHubError: GitHub could not be asked.
    """
    with workplace(context, repository_id, FIXING, Priority.PERSON) as place:
        cause = Cause(state.author.login, "fix asked for in a pull request")
        actor = Actor(place.github, place.app, context.database, lease, cause, number=state.pull_request.number)
        fixes = FixActor(actor, place.github, context.database, lease)
        try:
            return _Asked(context, place, fixes, lease, state, request, key).run()
        except (Forbidden, NotFound, Unprocessable) as error:
            return Fixed(f"GitHub refused it, so nothing was done. {markdown_prose(str(error))}", is_done=False)


@dataclass(frozen=True)
class _Asked:
    """One request."""

    context: Context
    place: Workplace
    fixes: FixActor
    lease: Lease
    state: CommandState
    request: FixRequested
    key: str

    def run(self) -> Fixed:
        judged = self._judged()
        if isinstance(judged, Fault):
            return Fixed(f"Nothing was done. {markdown_prose(judged.sentence)}", is_done=False)
        written = judged.together
        if written is None:
            return Fixed("These fixes cannot be written together, so nothing was done.", is_done=False)
        if not may_be_sent(written):
            text = "They would change a workflow, or a file whose name GitHub's API does not take; nothing was done."
            return Fixed(text, is_done=False)
        if self.state.pull_request.from_fork:
            # A branch here with a fork's commits would run them in the workflows of this repository, with its secrets.
            return Fixed(fork_answer(judged, written), is_done=False)
        if self.state.pull_request.head.ref == self.place.github.default_branch().name:
            return self._stacked(judged, written, self.state.pull_request.head.ref, DEFAULT)
        return self._commit(judged, written)

    def _judged(self) -> Judged | Fault:
        commit = self.request.commit
        base = self.place.github.compare_base(self.state.pull_request.base.sha, commit)
        groups = Grouping(wanted=frozenset(self.request.ids), together=True)
        return judge(self.context, self.place, Ask(base=base, head=commit, groups=groups), stop=lambda: self.lease.lost)

    def _commit(self, judged: Judged, written: WrittenFixes) -> Fixed:
        branch, commit = self.state.pull_request.head.ref, self.request.commit
        message = commit_message(judged, written)
        try:
            pushed = self.fixes.commit(f"{self.key}/commit", branch, commit, message, written.files)
        except (Forbidden, NotFound, Unprocessable):
            return self._stacked(judged, written, branch, REFUSED)
        if isinstance(pushed, Moved):
            return _moved(commit)
        fixes = count(len(written.findings), "safe fix", "safe fixes")
        return Fixed(f"Pushed {pushed.commit} with {fixes}.", is_done=True)

    def _stacked(self, judged: Judged, written: WrittenFixes, base: str, reason: str) -> Fixed:
        number, commit = self.state.pull_request.number, self.request.commit
        config = judged.config.fix
        branch = f"{config.branch_prefix}pull-{number}-{_digest(commit, written)}"
        with self.context.database.begin() as connection:
            known = ledger.find(connection, self.place.ref.repository_id, branch)
        if known is not None and known.standing not in UNSETTLED:
            return Fixed(f"#{known.number} had these fixes, and is closed or merged.", is_done=False)
        if known is None and self.state.pull_request.head.sha != commit:
            return _moved(commit)
        fingerprints = {finding.fingerprint for finding in judged.report.findings if finding.id in written.findings}
        record = FixRecord(
            branch=branch,
            purpose=Purpose.STACKED,
            fingerprints=tuple(sorted(fingerprints)),
            paths=paths_of(written),
            stacked_on=number,
            requested_by=self.state.author.login,
        )
        title = stacked_title(written, number)
        blob_url = f"{self.place.html_url}/blob/{commit}"
        action = OpenFix(
            record=record,
            parent=commit,
            base=base,
            title=title,
            message=commit_message(judged, written, title),
            body=stacked_body(judged, written, number, reason=reason, blob_url=blob_url),
            files=written.files,
            labels=config.labels,
            reviewers=config.reviewers,
            draft=config.draft,
        )
        try:
            opened = self.fixes.open(action)
        except BranchTakenError:
            text = f"Somebody else has the branch {markdown_code(branch)}, so nothing was done."
            return Fixed(text, is_done=False)
        fixes = count(len(written.findings), "safe fix", "safe fixes")
        return Fixed(f"#{opened} has {fixes}. {reason}", is_done=True)


def _moved(commit: str) -> Fixed:
    text = (
        f"The branch does not stand at {markdown_code(commit[:7])} any more, for which this was asked. Nothing was "
        "pushed; ask again."
    )
    return Fixed(text, is_done=False)


def _digest(commit: str, written: WrittenFixes) -> str:
    """The same for whoever asks for the same."""
    return hashlib.sha256("\n".join((commit, *sorted(written.findings))).encode()).hexdigest()[:8]
