"""What the fake GitHub remembers: accounts, repositories, pull requests, issues, checks, Apps. Plain mutable data."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from tests.github.git_store import BareRepository

    Receiver = Callable[[Mapping[str, str], bytes], int]


class Kind(StrEnum):
    """What an account is."""

    USER = "User"
    ORGANIZATION = "Organization"
    BOT = "Bot"


@dataclass(eq=False)
class Account:
    """A person, an organisation, or the bot of an App."""

    id: int
    login: str
    kind: Kind = Kind.USER
    members: dict[str, bool] = field(default_factory=dict)
    """Of an organisation: the logins of its members, and whether they show it."""


@dataclass(eq=False)
class App:
    """A GitHub App. `receiver` is called instead of an HTTP request to `webhook_url`, where one is set."""

    id: int
    slug: str
    name: str
    owner: Account
    bot: Account
    private_key: str
    public_key: str
    permissions: dict[str, str]
    events: tuple[str, ...]
    webhook_url: str | None
    webhook_secret: str | None
    created_at: datetime
    receiver: Receiver | None = None

    @property
    def client_id(self) -> str:
        """The public id of the App for OAuth, which may be a JWT's issuer as well."""
        return f"Iv23li{self.id:014d}"


@dataclass(eq=False)
class Installation:
    """An App on an account. `repositories` is None where it is on all of them."""

    id: int
    app: App
    account: Account
    repositories: dict[int, Repository] | None
    permissions: dict[str, str]
    events: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    suspended_at: datetime | None = None

    def covers(self, repository: Repository) -> bool:
        """Whether the App was given this repository."""
        if self.repositories is None:
            return repository.owner is self.account
        return repository.id in self.repositories


@dataclass(eq=False)
class Token:
    """An installation's access token, perhaps narrowed to some of its repositories and permissions."""

    value: str
    installation: Installation
    permissions: dict[str, str]
    repository_ids: frozenset[int] | None
    expires_at: datetime
    revoked: bool = False

    def reaches(self, repository: Repository) -> bool:
        """Whether the token is for this repository too."""
        return self.installation.covers(repository) and (
            self.repository_ids is None or repository.id in self.repository_ids
        )


@dataclass(frozen=True)
class Role:
    """What somebody may do in a repository; `name` is the custom role's where it has one."""

    base: str
    name: str


@dataclass(eq=False)
class Repository:
    """A repository, with a bare git repository behind it."""

    id: int
    owner: Account
    name: str
    private: bool
    git: BareRepository
    default_branch: str
    created_at: datetime
    pushed_at: datetime
    fork_of: Repository | None = None
    archived: bool = False
    deleted: bool = False
    roles: dict[str, Role] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    pulls: dict[int, Pull] = field(default_factory=dict)
    comments: dict[int, Comment] = field(default_factory=dict)
    review_comments: dict[int, ReviewComment] = field(default_factory=dict)
    check_suites: dict[int, CheckSuite] = field(default_factory=dict)
    check_runs: dict[int, CheckRun] = field(default_factory=dict)
    statuses: list[Status] = field(default_factory=list)
    labels: dict[str, Label] = field(default_factory=dict)
    protected: set[str] = field(default_factory=set)
    """Branches that are changed through pull requests only."""
    sarif_uploads: list[SarifUpload] = field(default_factory=list)
    forks: int = 0

    @property
    def full_name(self) -> str:
        """`owner/name`, as it is now."""
        return f"{self.owner.login}/{self.name}"

    @property
    def open_issues(self) -> int:
        """The number of open issues and pull requests."""
        return sum(issue.state == "open" for issue in self.issues.values())


@dataclass(eq=False)
class Label:
    """A label of a repository."""

    id: int
    name: str
    color: str
    description: str | None


@dataclass(eq=False)
class Reaction:
    """A reaction to a comment."""

    id: int
    user: Account
    content: str
    created_at: datetime


@dataclass(eq=False)
class Issue:
    """An issue, or the issue side of a pull request (the two share a number, but not an id)."""

    id: int
    number: int
    repository: Repository
    author: Account
    app: App | None
    title: str
    body: str | None
    created_at: datetime
    updated_at: datetime
    state: str = "open"
    state_reason: str | None = None
    closed_at: datetime | None = None
    closed_by: Account | None = None
    locked: bool = False
    labels: list[Label] = field(default_factory=list)
    assignees: list[Account] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    pull: Pull | None = None


@dataclass(eq=False)
class Comment:
    """A comment in the conversation of an issue or pull request."""

    id: int
    issue: Issue
    author: Account
    app: App | None
    body: str
    created_at: datetime
    updated_at: datetime
    reactions: list[Reaction] = field(default_factory=list)
    minimized: str | None = None
    edits: int = 0


@dataclass(eq=False)
class Pull:
    """A pull request; `head_repository` may be a fork, and is deleted where that fork was."""

    id: int
    issue: Issue
    head_repository: Repository
    head_ref: str
    head_sha: str
    base_ref: str
    base_sha: str
    draft: bool = False
    merged_at: datetime | None = None
    merged_by: Account | None = None
    merge_commit_sha: str | None = None
    reviews: list[Review] = field(default_factory=list)
    threads: list[Thread] = field(default_factory=list)
    requested_reviewers: list[Account] = field(default_factory=list)
    requested_teams: list[str] = field(default_factory=list)
    is_mergeability_unknown: bool = False
    """GitHub has not computed yet whether it can be merged."""

    @property
    def number(self) -> int:
        """Its number in the repository, shared with issues."""
        return self.issue.number

    @property
    def repository(self) -> Repository:
        """The repository it wants to change."""
        return self.issue.repository

    @property
    def from_fork(self) -> bool:
        """Whether the head is in another repository."""
        return self.head_repository is not self.repository


@dataclass(eq=False)
class Review:
    """A review of a pull request."""

    id: int
    pull: Pull
    author: Account
    app: App | None
    body: str
    state: str
    commit_id: str
    submitted_at: datetime | None
    comments: list[ReviewComment] = field(default_factory=list)


@dataclass
class Anchor:
    """Where a review comment stands: lines of one side of a diff; no line for a whole file."""

    path: str
    line: int | None = None
    side: str = "RIGHT"
    start_line: int | None = None
    start_side: str | None = None

    @property
    def subject_type(self) -> str:
        """`file` where it stands on no line."""
        return "line" if self.line is not None else "file"


@dataclass(eq=False)
class Thread:
    """A thread of review comments. `line` moves with the pushes and is None where the thread is outdated."""

    id: int
    pull: Pull
    anchor: Anchor
    commit_id: str
    original_commit_id: str
    line: int | None
    start_line: int | None
    diff_hunk: str
    position: int
    comments: list[ReviewComment] = field(default_factory=list)
    is_outdated: bool = False
    is_resolved: bool = False
    resolved_by: Account | None = None

    @property
    def path(self) -> str:
        """The file the thread is about."""
        return self.anchor.path

    @property
    def node_id(self) -> str:
        """The id in GraphQL."""
        return f"PRRT_kwDO{self.id}"


@dataclass(eq=False)
class ReviewComment:
    """A comment of a review thread."""

    id: int
    thread: Thread
    review: Review
    author: Account
    app: App | None
    body: str
    created_at: datetime
    updated_at: datetime
    in_reply_to: ReviewComment | None = None
    reactions: list[Reaction] = field(default_factory=list)
    minimized: str | None = None
    edits: int = 0


@dataclass(eq=False)
class CheckSuite:
    """All check runs of an App on one commit."""

    id: int
    repository: Repository
    app: App
    head_sha: str
    head_branch: str | None
    created_at: datetime
    updated_at: datetime
    runs: list[CheckRun] = field(default_factory=list)

    @property
    def status(self) -> str:
        """How far its runs are together."""
        states = [run.status for run in self.runs]
        if not states:
            return "queued"
        return "completed" if set(states) == {"completed"} else "in_progress"

    @property
    def conclusion(self) -> str | None:
        """The worst of its runs' conclusions; None before the last of them ends."""
        if self.status != "completed":
            return None
        worst_first = ("failure", "timed_out", "cancelled", "action_required", "neutral", "skipped", "success")
        return next((name for name in worst_first if any(run.conclusion == name for run in self.runs)), "success")


@dataclass(eq=False)
class CheckRun:
    """One check on one commit."""

    id: int
    suite: CheckSuite
    name: str
    external_id: str
    details_url: str | None
    started_at: datetime
    status: str = "queued"
    conclusion: str | None = None
    completed_at: datetime | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: list[dict[str, Any]] = field(default_factory=list)
    actions: list[dict[str, str]] = field(default_factory=list)

    @property
    def head_sha(self) -> str:
        """The commit it is about."""
        return self.suite.head_sha

    @property
    def app(self) -> App:
        """The App that made it."""
        return self.suite.app


@dataclass(eq=False)
class Status:
    """A commit status, the older kind of check."""

    id: int
    sha: str
    state: str
    context: str
    description: str | None
    target_url: str | None
    creator: Account
    created_at: datetime


@dataclass(eq=False)
class SarifUpload:
    """What was sent to code scanning; `sarif` is decoded."""

    id: str
    commit_sha: str
    ref: str
    sarif: dict[str, Any]
