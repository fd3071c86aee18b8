"""The parts of webhook payloads that we read. Whatever else is there is passed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bot.github.answers import Check, Comment, FullName, Id, InlineCommentPart, InstallationPart, Pull, Sha, User
from bot.github.models import RepositoryRef

if TYPE_CHECKING:
    from collections.abc import Sequence


class Action(msgspec.Struct):
    """What kind of its event a payload is; tells it before all is read."""

    action: str = ""


class Something(msgspec.Struct):
    """An object of which we only need to know that it is there."""


class RepositoryObject(msgspec.Struct):
    """The repository that an event is about, or one of an installation."""

    id: Id
    full_name: FullName
    default_branch: str = ""
    archived: bool = False


class InstallationObject(msgspec.Struct):
    """The installation that an event is sent for."""

    id: Id


class RepositoryPayload(msgspec.Struct, kw_only=True):
    """What events of repositories have in common. `installation` is None where it is not an App's event."""

    action: str = ""
    repository: RepositoryObject
    installation: InstallationObject | None = None
    sender: User | None = None

    @property
    def ref(self) -> RepositoryRef:
        """The repository, as part of its installation."""
        installation_id = 0 if self.installation is None else self.installation.id
        return RepositoryRef(installation_id, self.repository.id, self.repository.full_name)


class Ping(msgspec.Struct):
    """The event ping."""

    zen: str = ""


class EarlierText(msgspec.Struct):
    """What a text was before it was edited."""

    text: str | None = msgspec.field(name="from", default=None)


class Changes(msgspec.Struct):
    """What an edit changed, where it is of interest."""

    base: Something | None = None
    body: EarlierText | None = None
    default_branch: Something | None = None


class PullRequestEvent(RepositoryPayload, kw_only=True):
    """The event pull_request."""

    pull_request: Pull
    changes: Changes = msgspec.field(default_factory=Changes)


class PushEvent(RepositoryPayload, kw_only=True):
    """The event push."""

    ref_name: str = msgspec.field(name="ref")
    before: Sha
    after: Sha
    deleted: bool = False


class IssueObject(msgspec.Struct):
    """An issue, or a pull request in the shape of one."""

    number: Id
    state: str = ""
    body: str | None = None
    user: User | None = None
    pull_request: Something | None = None


class IssueCommentEvent(RepositoryPayload, kw_only=True):
    """The event issue_comment."""

    issue: IssueObject
    comment: Comment


class IssuesEvent(RepositoryPayload, kw_only=True):
    """The event issues."""

    issue: IssueObject
    changes: Changes = msgspec.field(default_factory=Changes)


class ReviewCommentEvent(RepositoryPayload, kw_only=True):
    """The event pull_request_review_comment."""

    pull_request: Pull
    comment: InlineCommentPart


class PullNumber(msgspec.Struct):
    """A pull request, as checks point to it."""

    number: Id


class SuiteObject(msgspec.Struct):
    """The suite of a check run."""

    head_branch: str | None = None


class CheckObject(Check, kw_only=True):
    """A check run, with where it belongs."""

    check_suite: SuiteObject | None = None
    pull_requests: list[PullNumber] = msgspec.field(default_factory=list)


class RequestedAction(msgspec.Struct):
    """The button that was pressed."""

    identifier: str


class CheckRunEvent(RepositoryPayload, kw_only=True):
    """The event check_run."""

    check_run: CheckObject
    requested_action: RequestedAction | None = None


class WholeSuite(msgspec.Struct):
    """A check suite."""

    head_sha: Sha
    head_branch: str | None = None
    pull_requests: list[PullNumber] = msgspec.field(default_factory=list)


class CheckSuiteEvent(RepositoryPayload, kw_only=True):
    """The event check_suite."""

    check_suite: WholeSuite


class InstallationEvent(msgspec.Struct):
    """The event installation."""

    action: str
    installation: InstallationPart
    sender: User | None = None
    repositories: list[RepositoryObject] | None = None


class InstallationRepositoriesEvent(msgspec.Struct):
    """The event installation_repositories."""

    installation: InstallationPart
    sender: User | None = None
    repositories_added: list[RepositoryObject] = []
    repositories_removed: list[RepositoryObject] = []


class RepositoryEvent(RepositoryPayload, kw_only=True):
    """The event repository."""

    changes: Changes = msgspec.field(default_factory=Changes)


def refs(repositories: Sequence[RepositoryObject] | None, installation_id: int) -> tuple[RepositoryRef, ...]:
    """Repositories as part of their installation."""
    return tuple(RepositoryRef(installation_id, each.id, each.full_name) for each in repositories or ())
