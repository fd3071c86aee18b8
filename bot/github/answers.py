"""The parts of GitHub's answers that we read, and what they are in our words. Whatever else is there is passed over."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from bot.github.models import (
    Access,
    Account,
    BranchTip,
    ChangedFile,
    CheckRunState,
    Delivery,
    Installation,
    IssueComment,
    PullRequest,
    RepositoryRef,
    ReviewComment,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

# These become parts of paths below the API's URL and keys in a database, so nothing else is taken for one.
Id = Annotated[int, msgspec.Meta(gt=0, le=2**63 - 1)]
FullName = Annotated[
    str, msgspec.Meta(pattern=r"^(?!\.{1,2}/)[A-Za-z0-9_.-]{1,100}/(?!\.{1,2}\Z)[A-Za-z0-9_.-]{1,100}\Z")
]
Sha = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")]
Time = Annotated[datetime, msgspec.Meta(tz=True)]

GHOST: Final = Account(id=10137, login="ghost")
"""Whom GitHub shows in the place of somebody who deleted the account."""


class User(msgspec.Struct):
    """An account."""

    id: Id
    login: str
    type: str = "User"


class AppPart(msgspec.Struct):
    """The App that something was written by."""

    id: Id


class Created(msgspec.Struct):
    """Anything that was just written."""

    id: Id


class RepositoryPart(msgspec.Struct):
    """A repository, as far as others point to it."""

    id: Id


class NamedRepository(RepositoryPart):
    """A repository by its name."""

    full_name: FullName


class WholeRepository(NamedRepository):
    """A repository as asked for."""

    default_branch: str


class RepositoryPage(msgspec.Struct):
    """A page of an installation's repositories."""

    repositories: list[NamedRepository]


class CommitPart(msgspec.Struct):
    """A commit."""

    sha: Sha


class Branch(msgspec.Struct):
    """A branch."""

    name: str
    commit: CommitPart


class Comparison(msgspec.Struct):
    """Two commits compared."""

    merge_base_commit: CommitPart


class Tip(msgspec.Struct):
    """A side of a pull request."""

    ref: str
    sha: Sha
    repo: RepositoryPart | None = None


class Pull(msgspec.Struct):
    """A pull request, alone or in a list."""

    number: Id
    title: str
    state: str
    head: Tip
    base: Tip
    user: User | None = None
    draft: bool = False
    locked: bool = False
    merged_at: str | None = None
    updated_at: Time | None = None
    mergeable: bool | None = None
    body: str | None = None
    created_at: Time | None = None


class Comment(msgspec.Struct):
    """A comment in a conversation."""

    id: Id
    created_at: Time
    body: str | None = None
    user: User | None = None
    performed_via_github_app: AppPart | None = None


class InlineCommentPart(msgspec.Struct):
    """An inline comment."""

    id: Id
    path: str
    body: str | None = None
    user: User | None = None
    line: int | None = None
    in_reply_to_id: int | None = None


class FilePart(msgspec.Struct):
    """A file of a pull request."""

    filename: str
    status: str
    previous_filename: str | None = None
    patch: str | None = None


class CheckOutput(msgspec.Struct):
    """What a check run shows."""

    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations_count: int = 0


class Check(msgspec.Struct):
    """A check run."""

    id: Id
    name: str
    head_sha: Sha
    status: str
    conclusion: str | None = None
    external_id: str | None = None
    app: AppPart | None = None
    output: CheckOutput = msgspec.field(default_factory=CheckOutput)


class CheckPage(msgspec.Struct):
    """A page of check runs."""

    check_runs: list[Check]


class UserPermissions(msgspec.Struct):
    """What somebody may do, level by level."""

    triage: bool = False


class PermittedUser(msgspec.Struct):
    """Somebody, with what is permitted."""

    id: Id
    permissions: UserPermissions = msgspec.field(default_factory=UserPermissions)


class Permission(msgspec.Struct):
    """The answer of the permission endpoint."""

    permission: str
    role_name: str = ""
    user: PermittedUser | None = None


class DeliveryPart(msgspec.Struct):
    """A webhook delivery in the list of them."""

    id: Id
    guid: str
    event: str
    status: str
    delivered_at: Time
    action: str | None = None
    redelivery: bool = False


class Owner(msgspec.Struct):
    """Whoever has an installation; an enterprise has a slug instead of a login."""

    id: Id
    login: str = ""
    slug: str = ""


class InstallationPart(msgspec.Struct):
    """An installation."""

    id: Id
    account: Owner | None = None
    permissions: dict[str, str] = {}
    events: list[str] = []
    suspended_at: str | None = None


class AppAnswer(msgspec.Struct):
    """The App."""

    id: Id
    slug: str
    name: str = ""
    permissions: dict[str, str] = {}
    events: list[str] = []


class HookConfig(msgspec.Struct):
    """Where the App's events go."""

    url: str | None = None


class SarifReceipt(msgspec.Struct):
    """An upload for code scanning that was taken."""

    id: str


def account(user: User | None) -> Account:
    """Somebody; the ghost where there is nobody any more."""
    return GHOST if user is None else Account(user.id, user.login, is_bot=user.type == "Bot")


def pull_request(pull: Pull) -> PullRequest:
    """A pull request."""
    return PullRequest(
        number=pull.number,
        title=pull.title,
        author=account(pull.user),
        head=_branch_tip(pull.head),
        base=_branch_tip(pull.base),
        is_open=pull.state == "open",
        is_draft=pull.draft,
        is_merged=pull.merged_at is not None,
        is_locked=pull.locked,
        updated_at=pull.updated_at,
        is_mergeable=pull.mergeable,
        body=pull.body or "",
        created_at=pull.created_at,
    )


def _branch_tip(tip: Tip) -> BranchTip:
    return BranchTip(tip.ref, tip.sha, None if tip.repo is None else tip.repo.id)


def issue_comment(comment: Comment) -> IssueComment:
    """A comment in a conversation."""
    app = comment.performed_via_github_app
    app_id = None if app is None else app.id
    return IssueComment(comment.id, account(comment.user), app_id, comment.body or "", comment.created_at)


def review_comment(comment: InlineCommentPart) -> ReviewComment:
    """An inline comment."""
    return ReviewComment(
        id=comment.id,
        author=account(comment.user),
        path=comment.path,
        line=comment.line,
        body=comment.body or "",
        in_reply_to=comment.in_reply_to_id,
    )


def changed_file(file: FilePart) -> ChangedFile:
    """A file of a pull request."""
    return ChangedFile(file.filename, file.previous_filename, file.status, file.patch)


def check_run(check: Check) -> CheckRunState:
    """A check run."""
    return CheckRunState(
        id=check.id,
        name=check.name,
        head_sha=check.head_sha,
        status=check.status,
        conclusion=check.conclusion,
        external_id=check.external_id or "",
        app_id=None if check.app is None else check.app.id,
        title=check.output.title or "",
        summary=check.output.summary or "",
        text=check.output.text or "",
        annotations=check.output.annotations_count,
    )


def delivery(part: DeliveryPart) -> Delivery:
    """A webhook delivery."""
    return Delivery(part.id, part.guid, part.event, part.action, part.status, part.delivered_at, part.redelivery)


def installation(part: InstallationPart) -> Installation:
    """An installation."""
    owner = GHOST if part.account is None else Account(part.account.id, part.account.login or part.account.slug)
    suspended = part.suspended_at is not None
    return Installation(part.id, owner, part.permissions, tuple(part.events), suspended)


def repository_ref(part: NamedRepository, installation_id: int) -> RepositoryRef:
    """A repository of an installation."""
    return RepositoryRef(installation_id, part.id, part.full_name)


_ACCESS: Final[Mapping[str, Access]] = {"admin": Access.ADMIN, "write": Access.WRITE, "read": Access.READ}


def access(permission: Permission) -> Access:
    """What somebody may do. GitHub's `permission` knows no triage: a role says it, or the levels of a custom one."""
    level = _ACCESS.get(permission.permission, Access.NONE)
    may_triage = permission.role_name == "triage" or (
        permission.user is not None and permission.user.permissions.triage
    )
    return Access.TRIAGE if level is Access.READ and may_triage else level
