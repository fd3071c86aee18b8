"""What a decision is made over: the state of a pull request, a branch or a command, as it was gathered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.decisions.actions import NOTHING_REFUSED, Refused, Subject
from bot.decisions.venue import APP, Venue

if TYPE_CHECKING:
    from datetime import date, datetime

    from bot.decisions.budgets import Measured
    from bot.github.models import (
        Access,
        Account,
        AppIdentity,
        CheckRunState,
        IssueComment,
        PullRequest,
        ReviewThread,
    )
    from bot.judged import Judged


@dataclass(frozen=True)
class Fault:
    """Why there is no result, in one sentence that ends with a full stop; our fault, never the pull request's.

    `rerun_helps`: whether the same commit may be scanned with success later, so that a button for it is offered.
    """

    sentence: str
    rerun_helps: bool = True


@dataclass(frozen=True)
class Ignored:
    """A finding that somebody has accepted by command: its fingerprint or id, why, and who (a login)."""

    fingerprint: str
    reason: str
    login: str


@dataclass(frozen=True)
class ReviewState:
    """A pull request, and what was found in it.

    Attributes:
        pull_request: as it is now, read after the scan.
        head: the commit that was scanned; no longer the pull request's where somebody has pushed since.
        app: who we are.
        permissions: what the installation grants, by GitHub's names (`checks`, `pull_requests`), to `read` or `write`.
        judged: what was found; why nothing was; None while the scan has not begun.
        checks: the newest check run of ours of each name on `head`.
        comments: the comments of the conversation; those of others do no harm.
        threads: the threads of inline comments that we began.
        budgets: what `bot.decisions.budgets.budgets_of` says of `head`.
        ignored: findings accepted by command.
        paused: whether a command has asked for silence.
        refused: the findings whose comments GitHub has refused.
        fixing: whether this installation opens pull requests that fix.
        confinement: the sentence on what kept the scan from doing harm (see `bot.sandbox.means`); the check says it.
        html_url: of the repository, without a slash at the end; places link there.
        venue: through what we work here.
        quiet: why nothing new is commented, where whoever runs us wants that; a sentence.
    """

    pull_request: PullRequest
    head: str
    app: AppIdentity
    permissions: Mapping[str, str]
    judged: Judged | Fault | None = None
    checks: tuple[CheckRunState, ...] = ()
    comments: tuple[IssueComment, ...] = ()
    threads: tuple[ReviewThread, ...] = ()
    budgets: Measured = None
    ignored: tuple[Ignored, ...] = ()
    paused: bool = False
    refused: Refused = NOTHING_REFUSED
    fixing: bool = False
    confinement: str = ""
    html_url: str = ""
    venue: Venue = APP
    quiet: str = ""


@dataclass(frozen=True)
class MergeQueueState:
    """A branch of a merge queue: its commit, our check runs on it, and those of the pull requests in it.

    Attributes:
        head: the commit of the queue's branch.
        app: who we are.
        permissions: what the installation grants.
        checks: the newest check run of ours of each name on `head`.
        contents: our newest check run on the head of each pull request in it; None where there is none.
        venue: through what we work here.
    """

    head: str
    app: AppIdentity
    permissions: Mapping[str, str]
    checks: tuple[CheckRunState, ...] = ()
    contents: tuple[CheckRunState | None, ...] = ()
    venue: Venue = APP


@dataclass(frozen=True)
class EarlierScan:
    """What an earlier scan of the default branch counted: findings at the confidence in force, by rule."""

    commit: str
    day: date
    by_rule: Mapping[str, int]


@dataclass(frozen=True)
class DefaultBranchState:
    """The default branch, and what was found on its commit.

    Attributes:
        branch: its name, without `refs/heads/`.
        head: the commit.
        app: who we are.
        permissions: what the installation grants.
        judged: what was found in the whole tree; why nothing was; None while the scan has not begun.
        checks: the newest check run of ours of each name on `head`.
        budgets: what `bot.decisions.budgets.budgets_of` says of `head`.
        earlier: the last scans of other commits, the newest first.
        confinement: the sentence on what kept the scan from doing harm (see `bot.sandbox.means`); the check says it.
        html_url: of the repository, without a slash at the end; places link there.
        venue: through what we work here.
    """

    branch: str
    head: str
    app: AppIdentity
    permissions: Mapping[str, str]
    judged: Judged | Fault | None = None
    checks: tuple[CheckRunState, ...] = ()
    budgets: Measured = None
    earlier: tuple[EarlierScan, ...] = ()
    confinement: str = ""
    html_url: str = ""
    venue: Venue = APP


@dataclass(frozen=True)
class Written:
    """A new comment.

    Attributes:
        comment: it.
        subject: what kind of comment it is.
        thread: of an inline comment, the first comment of its thread where that is another one: GitHub takes answers
            to that one only.
    """

    comment: IssueComment
    subject: Subject = Subject.ISSUE_COMMENT
    thread: int | None = None


@dataclass(frozen=True)
class Pressed:
    """A press of a button of a check run: the button's identifier, and who pressed it when."""

    check_id: int
    identifier: str
    sender: Account
    at: datetime


@dataclass(frozen=True)
class Fixed:
    """What became of fixes that were asked for: a sentence or two of Markdown, and whether they are written."""

    text: str
    is_done: bool


@dataclass(frozen=True)
class CommandState:
    """What may be a command, and what its answer depends on.

    Attributes:
        origin: the comment or the press.
        pull_request: as it is now.
        access: what whoever asks may do, from the permission endpoint; None where that could not be learned.
        app: who we are.
        commit: the head when it was asked.
        replies: comments of the same conversation or thread, in which our reply is looked for.
        refused: whether whoever asks has been told today that they may not.
        threads: the threads of inline comments that we began.
        judged: what was found in the pull request last; why nothing was; None where it was not scanned (yet). For a
            rescan: what that rescan has given, None before it.
        fixed: what became of the fixes that were asked for; None before they are written.
        config_text: the configuration in force with its origins (see `effective_text`).
        budgets: what `bot.decisions.budgets.budgets_of` says of `commit`.
        ignored: findings accepted by command.
        paused: whether a command has asked for silence.
        fixing: whether this installation opens pull requests that fix.
        html_url: of the repository, without a slash at the end; places link there.
        sees_checks: whether the installation lets us read check runs, in which measurements are.
        on_issue: whether it was given in the tracking issue: then it is about the default branch, which
            `pull_request` stands for as a change of nothing.
        venue: through what we work here.
    """

    origin: Written | Pressed
    pull_request: PullRequest
    access: Access | None
    app: AppIdentity
    commit: str
    replies: tuple[IssueComment, ...] = ()
    refused: bool = False
    threads: tuple[ReviewThread, ...] = ()
    judged: Judged | Fault | None = None
    fixed: Fixed | None = None
    config_text: str = ""
    budgets: Measured = None
    ignored: tuple[Ignored, ...] = ()
    paused: bool = False
    fixing: bool = False
    html_url: str = ""
    sees_checks: bool = True
    on_issue: bool = False
    venue: Venue = APP

    @property
    def author(self) -> Account:
        """Who asks."""
        return self.origin.comment.author if isinstance(self.origin, Written) else self.origin.sender
