"""Webhook deliveries read into what they mean for us. Whatever we have no use for is Ignored, with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from bot.github import answers, payloads
from bot.github.models import RepositoryRef

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.github.models import Account, CheckRunState, Installation, IssueComment, PullRequest, ReviewComment

MAX_BYTES: Final = 25 * 1024 * 1024
"""GitHub sends no more (docs.github.com, "Webhook events and payloads")."""
MERGE_QUEUE: Final = "gh-readonly-queue/"
"""What the branches begin with on which a merge queue tries what it is about to merge."""


class PayloadError(ValueError):
    """A delivery is not what its event should be; the message says where, and shows nothing of it."""


@dataclass(frozen=True)
class Ignored:
    """A delivery that we have no use for."""

    reason: str


@dataclass(frozen=True)
class Pinged:
    """GitHub tries whether we are there."""


@dataclass(frozen=True)
class PullRequestChanged:
    """A pull request was opened, pushed to, closed, and so on; `edited` only where its base is another now."""

    action: str
    repository: RepositoryRef
    pull_request: PullRequest
    sender: Account


@dataclass(frozen=True)
class Pushed:
    """A branch has another commit. `after` is None where the branch was deleted."""

    repository: RepositoryRef
    branch: str
    before: str
    after: str | None
    is_default_branch: bool
    sender: Account


@dataclass(frozen=True)
class Commented:
    """A new comment in the conversation of a pull request or an issue, whose author the issue's may be."""

    repository: RepositoryRef
    number: int
    is_pull_request: bool
    is_open: bool
    issue_author: Account
    comment: IssueComment
    sender: Account


@dataclass(frozen=True)
class ReviewCommented:
    """A new inline comment, or an answer to one."""

    repository: RepositoryRef
    pull_request: PullRequest
    comment: ReviewComment
    sender: Account


@dataclass(frozen=True)
class IssueEdited:
    """Somebody changed the text of an issue, such as a box of our tracking issue; `before`: what it was."""

    repository: RepositoryRef
    number: int
    author: Account
    before: str
    body: str
    sender: Account


@dataclass(frozen=True)
class CheckRunChanged:
    """A check run: `completed` (of any App), `rerequested`, or `requested_action` with the button's identifier."""

    action: str
    repository: RepositoryRef
    check: CheckRunState
    identifier: str | None
    head_branch: str | None
    pull_requests: tuple[int, ...]
    sender: Account


@dataclass(frozen=True)
class CheckSuiteRequested:
    """Checks are wanted for a commit, for the first time (`requested`) or again (`rerequested`).

    `pull_requests` is empty for those from forks.
    """

    action: str
    repository: RepositoryRef
    head_sha: str
    head_branch: str | None
    is_default_branch: bool
    pull_requests: tuple[int, ...]
    sender: Account

    @property
    def is_merge_queue(self) -> bool:
        """Whether a merge queue waits for them."""
        return (self.head_branch or "").startswith(MERGE_QUEUE)


@dataclass(frozen=True)
class InstallationChanged:
    """The App was installed, removed, suspended, and so on; `repositories` only where it was installed or removed."""

    action: str
    installation: Installation
    repositories: tuple[RepositoryRef, ...]
    sender: Account


@dataclass(frozen=True)
class InstallationRepositoriesChanged:
    """An installation has other repositories."""

    installation: Installation
    added: tuple[RepositoryRef, ...]
    removed: tuple[RepositoryRef, ...]
    sender: Account


@dataclass(frozen=True)
class RepositoryChanged:
    """A repository was renamed, transferred, archived, deleted, and so on; it bears its new name.

    `edited` only where its default branch is another now.
    """

    action: str
    repository: RepositoryRef
    default_branch: str
    is_archived: bool
    sender: Account


Event = (
    Pinged
    | PullRequestChanged
    | Pushed
    | Commented
    | ReviewCommented
    | IssueEdited
    | CheckRunChanged
    | CheckSuiteRequested
    | InstallationChanged
    | InstallationRepositoriesChanged
    | RepositoryChanged
)


def parse_event(name: str, payload: bytes) -> Event | Ignored:
    """What a delivery says.

    Args:
        name: the header `X-GitHub-Event`.
        payload: the body, whose signature was checked.

    Raises:
        PayloadError: it is not what an event of that name and action should be.
    """
    if len(payload) > MAX_BYTES:
        raise PayloadError(f"The delivery has {len(payload):,} bytes; GitHub sends no more than {MAX_BYTES:,}.")
    reader = _READERS.get(name)
    if reader is None:
        return Ignored(f"the event {name[:60]!r} is none of ours")
    wanted, read = reader
    action = ""
    try:
        if wanted:
            action = msgspec.json.decode(payload, type=payloads.Action).action
            if action not in wanted:
                return Ignored(f"the action {action[:60]!r} of {name} is none of ours")
        return read(payload)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        what = f"{name} {action}".strip()
        raise PayloadError(f"The delivery is not what {what} should be: {_place(error)}") from None


def _place(error: Exception) -> str:
    """What msgspec says of the place and the types; it quotes nothing of the payload but names of fields."""
    return "it is nested too deeply." if isinstance(error, RecursionError) else f"{str(error)[:300]}."


def _ping(payload: bytes) -> Event | Ignored:
    msgspec.json.decode(payload, type=payloads.Ping)
    return Pinged()


def _pull_request(payload: bytes) -> Event | Ignored:
    event = msgspec.json.decode(payload, type=payloads.PullRequestEvent)
    if event.installation is None:
        return _NOT_OURS
    if event.action == "edited" and event.changes.base is None:
        return Ignored("only the words of the pull request changed")
    return PullRequestChanged(
        event.action, event.ref, answers.pull_request(event.pull_request), answers.account(event.sender)
    )


def _push(payload: bytes) -> Event | Ignored:
    event = msgspec.json.decode(payload, type=payloads.PushEvent)
    kind, _, branch = event.ref_name.removeprefix("refs/").partition("/")
    if event.installation is None:
        return _NOT_OURS
    if kind != "heads":
        return Ignored("what was pushed is no branch")
    return Pushed(
        repository=event.ref,
        branch=branch,
        before=event.before,
        after=None if event.deleted else event.after,
        is_default_branch=branch == event.repository.default_branch,
        sender=answers.account(event.sender),
    )


def _issue_comment(payload: bytes) -> Event | Ignored:
    event = msgspec.json.decode(payload, type=payloads.IssueCommentEvent)
    if event.installation is None:
        return _NOT_OURS
    return Commented(
        repository=event.ref,
        number=event.issue.number,
        is_pull_request=event.issue.pull_request is not None,
        is_open=event.issue.state == "open",
        issue_author=answers.account(event.issue.user),
        comment=answers.issue_comment(event.comment),
        sender=answers.account(event.sender),
    )


def _review_comment(payload: bytes) -> Event | Ignored:
    event = msgspec.json.decode(payload, type=payloads.ReviewCommentEvent)
    if event.installation is None:
        return _NOT_OURS
    pull_request = answers.pull_request(event.pull_request)
    return ReviewCommented(
        event.ref, pull_request, answers.review_comment(event.comment), answers.account(event.sender)
    )


def _issues(payload: bytes) -> Event | Ignored:
    event = msgspec.json.decode(payload, type=payloads.IssuesEvent)
    if event.installation is None:
        return _NOT_OURS
    if event.changes.body is None:
        return Ignored("the text of the issue did not change")
    author, sender = answers.account(event.issue.user), answers.account(event.sender)
    before, body = event.changes.body.text or "", event.issue.body or ""
    return IssueEdited(event.ref, event.issue.number, author, before, body, sender)


def _check_run(payload: bytes) -> Event | Ignored:
    event = msgspec.json.decode(payload, type=payloads.CheckRunEvent)
    if event.installation is None:
        return _NOT_OURS
    suite = event.check_run.check_suite
    return CheckRunChanged(
        action=event.action,
        repository=event.ref,
        check=answers.check_run(event.check_run),
        identifier=None if event.requested_action is None else event.requested_action.identifier,
        head_branch=None if suite is None else suite.head_branch,
        pull_requests=tuple(pull.number for pull in event.check_run.pull_requests),
        sender=answers.account(event.sender),
    )


def _check_suite(payload: bytes) -> Event | Ignored:
    event = msgspec.json.decode(payload, type=payloads.CheckSuiteEvent)
    if event.installation is None:
        return _NOT_OURS
    return CheckSuiteRequested(
        action=event.action,
        repository=event.ref,
        head_sha=event.check_suite.head_sha,
        head_branch=event.check_suite.head_branch,
        is_default_branch=event.check_suite.head_branch == event.repository.default_branch,
        pull_requests=tuple(pull.number for pull in event.check_suite.pull_requests),
        sender=answers.account(event.sender),
    )


def _installation(payload: bytes) -> Event | Ignored:
    event = msgspec.json.decode(payload, type=payloads.InstallationEvent)
    repositories = payloads.refs(event.repositories, event.installation.id)
    return InstallationChanged(
        event.action, answers.installation(event.installation), repositories, answers.account(event.sender)
    )


def _installation_repositories(payload: bytes) -> Event | Ignored:
    event = msgspec.json.decode(payload, type=payloads.InstallationRepositoriesEvent)
    return InstallationRepositoriesChanged(
        installation=answers.installation(event.installation),
        added=payloads.refs(event.repositories_added, event.installation.id),
        removed=payloads.refs(event.repositories_removed, event.installation.id),
        sender=answers.account(event.sender),
    )


def _repository(payload: bytes) -> Event | Ignored:
    event = msgspec.json.decode(payload, type=payloads.RepositoryEvent)
    if event.installation is None:
        return _NOT_OURS
    if event.action == "edited" and event.changes.default_branch is None:
        return Ignored("only the description of the repository changed")
    return RepositoryChanged(
        action=event.action,
        repository=event.ref,
        default_branch=event.repository.default_branch,
        is_archived=event.repository.archived,
        sender=answers.account(event.sender),
    )


_NOT_OURS: Final = Ignored("it comes from no installation of an App")

_PULL_REQUEST_ACTIONS: Final = frozenset(
    {"opened", "synchronize", "reopened", "ready_for_review", "converted_to_draft", "closed", "edited"}
)
_INSTALLATION_ACTIONS: Final = frozenset({"created", "deleted", "suspend", "unsuspend", "new_permissions_accepted"})
_REPOSITORY_ACTIONS: Final = frozenset(
    {"renamed", "transferred", "archived", "unarchived", "deleted", "privatized", "publicized", "edited"}
)

_READERS: Final[Mapping[str, tuple[frozenset[str], Callable[[bytes], Event | Ignored]]]] = {
    "check_run": (frozenset({"completed", "rerequested", "requested_action"}), _check_run),
    "check_suite": (frozenset({"requested", "rerequested"}), _check_suite),
    "installation": (_INSTALLATION_ACTIONS, _installation),
    "installation_repositories": (frozenset({"added", "removed"}), _installation_repositories),
    "issue_comment": (frozenset({"created"}), _issue_comment),
    "issues": (frozenset({"edited"}), _issues),
    "ping": (frozenset(), _ping),
    "pull_request": (_PULL_REQUEST_ACTIONS, _pull_request),
    "pull_request_review_comment": (frozenset({"created"}), _review_comment),
    "push": (frozenset(), _push),
    "repository": (_REPOSITORY_ACTIONS, _repository),
}

EVENTS: Final = frozenset(_READERS)
"""The events that we read."""
