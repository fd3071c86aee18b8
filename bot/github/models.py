"""What the rest of the house knows of GitHub: plain data that the client reads and decisions are made over."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class Access(StrEnum):
    """What somebody may do in a repository, from the permission endpoint; `triage` also for a custom role that may."""

    NONE = "none"
    READ = "read"
    TRIAGE = "triage"
    WRITE = "write"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """0 for none, higher for more."""
        return list(Access).index(self)


@dataclass(frozen=True)
class RepositoryRef:
    """A repository of an installation. `full_name` is `owner/name` as last heard: it changes, the ids do not."""

    installation_id: int
    repository_id: int
    full_name: str


@dataclass(frozen=True)
class Account:
    """Somebody: a person, an organisation or a bot."""

    id: int
    login: str
    is_bot: bool = False


@dataclass(frozen=True)
class AppIdentity:
    """Who we are: the App, and the account in whose name it writes (`slug[bot]`)."""

    app_id: int
    slug: str

    @property
    def login(self) -> str:
        """The login of the App's bot account."""
        return f"{self.slug}[bot]"


@dataclass(frozen=True)
class BranchTip:
    """One side of a pull request. `repository_id` is None where the fork was deleted."""

    ref: str
    sha: str
    repository_id: int | None


class DefaultBranch(NamedTuple):
    """The default branch of a repository and the commit it stands at."""

    name: str
    sha: str


@dataclass(frozen=True)
class PullRequest:
    """A pull request as it is now. `is_mergeable`: None while GitHub does not know, and in lists; `body`: hostile."""

    number: int
    title: str
    author: Account
    head: BranchTip
    base: BranchTip
    is_open: bool
    is_draft: bool = False
    is_merged: bool = False
    is_locked: bool = False
    updated_at: datetime | None = None
    is_mergeable: bool | None = field(default=None, compare=False)
    body: str = field(default="", compare=False, repr=False)
    created_at: datetime | None = field(default=None, compare=False)

    @property
    def from_fork(self) -> bool:
        """Whether the head is in another repository than the base, or in one that is gone."""
        return self.head.repository_id != self.base.repository_id


@dataclass(frozen=True)
class IssueComment:
    """A comment in the conversation of a pull request or an issue. `app_id`: the App that wrote it, if one did."""

    id: int
    author: Account
    app_id: int | None
    body: str
    created_at: datetime


@dataclass(frozen=True)
class Issue:
    """An issue as it is now."""

    number: int
    author: Account
    is_open: bool
    body: str


@dataclass(frozen=True)
class ReviewThread:
    """A thread of inline comments that we began.

    Attributes:
        node_id: GraphQL's id of the thread, by which it is resolved.
        comment_id: REST's id of its first comment.
        body: that comment's text.
        line: where the thread stands in the newest diff; None when it is outdated or on the whole file.
        is_answered: somebody else has written in it.
    """

    node_id: str
    comment_id: int
    path: str
    line: int | None
    body: str
    is_resolved: bool
    is_outdated: bool
    is_answered: bool


@dataclass(frozen=True)
class ReviewComment:
    """An inline comment on a pull request. `in_reply_to`: the first comment of its thread, None for that one itself."""

    id: int
    author: Account
    path: str
    line: int | None
    body: str
    in_reply_to: int | None


@dataclass(frozen=True)
class ChangedFile:
    """A file of a pull request. `patch` is None where GitHub shows none: that does not mean that nothing changed."""

    path: str
    previous_path: str | None
    status: str
    patch: str | None


@dataclass(frozen=True)
class CheckRunState:
    """A check run as GitHub shows it."""

    id: int
    name: str
    head_sha: str
    status: str
    conclusion: str | None
    external_id: str
    app_id: int | None
    title: str = ""
    summary: str = ""
    text: str = ""
    annotations: int = 0


@dataclass(frozen=True)
class Delivery:
    """A webhook delivery as GitHub's list of them shows it; `guid` is the same for each attempt."""

    id: int
    guid: str
    event: str
    action: str | None
    status: str
    delivered_at: datetime
    redelivery: bool


@dataclass(frozen=True)
class Installation:
    """The App on an account, with what was granted there: `permissions` maps names to `read`, `write` or `admin`."""

    id: int
    account: Account
    permissions: Mapping[str, str]
    events: tuple[str, ...]
    is_suspended: bool = False


@dataclass(frozen=True)
class AppRegistration:
    """The App as GitHub has it registered: what it asks for, and where its events go (None: nowhere)."""

    identity: AppIdentity
    name: str
    permissions: Mapping[str, str]
    events: tuple[str, ...]
    webhook_url: str | None


@dataclass(frozen=True)
class Credentials:
    """What the App is: made by the manifest flow, kept in a file that only its owner can read."""

    app_id: int
    slug: str
    private_key: str
    webhook_secrets: tuple[str, ...]
    api_url: str = "https://api.github.com"
    html_url: str = "https://github.com"

    def __repr__(self) -> str:
        return f"Credentials(app_id={self.app_id}, slug={self.slug!r}, api_url={self.api_url!r})"
