"""What has started the job: the event, the repository, and where GitHub is; from GitHub's variables and its file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from bot.action.inputs import InputError
from bot.github import answers
from bot.github.events import MAX_BYTES
from bot.github.workflow import Server

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.github.models import IssueComment, PullRequest

Part = TypeVar("Part")

_BRANCH: Final = "refs/heads/"


@dataclass(frozen=True)
class PullRequestEvent:
    """A pull request, as it was when the event happened; the job runs for its head."""

    pull_request: PullRequest


@dataclass(frozen=True)
class TreeEvent:
    """A push, a schedule, or somebody who started the workflow: a commit, and the branch that it is of, if any."""

    commit: str
    branch: str | None


@dataclass(frozen=True)
class CommentEvent:
    """A new comment in the conversation of an open pull request."""

    number: int
    comment: IssueComment


@dataclass(frozen=True)
class QueueEvent:
    """A merge queue wants to know of the commit that it has made of a pull request."""

    commit: str
    branch: str


@dataclass(frozen=True)
class FinishedEvent:
    """Another workflow has ended, which ran for a pull request with this head."""

    head: str


@dataclass(frozen=True)
class NothingEvent:
    """Something that we have nothing to do with; the reason is a sentence."""

    reason: str


Event = PullRequestEvent | TreeEvent | CommentEvent | QueueEvent | FinishedEvent | NothingEvent


@dataclass(frozen=True)
class Where:
    """The repository of the job."""

    server: Server
    full_name: str
    repository_id: int

    @property
    def html_url(self) -> str:
        """Its page, without a slash at the end."""
        return f"{self.server.html_url}/{self.full_name}"


class _PullRequestPayload(msgspec.Struct):
    pull_request: answers.Pull


class _Empty(msgspec.Struct):
    pass


class _Issue(msgspec.Struct):
    number: answers.Id
    state: str
    pull_request: _Empty | None = None


class _CommentPayload(msgspec.Struct):
    action: str
    issue: _Issue
    comment: answers.Comment


class _MergeGroup(msgspec.Struct):
    head_sha: answers.Sha
    head_ref: str


class _QueuePayload(msgspec.Struct):
    action: str
    merge_group: _MergeGroup


class _WorkflowRun(msgspec.Struct):
    head_sha: answers.Sha
    event: str


class _FinishedPayload(msgspec.Struct):
    action: str
    workflow_run: _WorkflowRun


class _Variables(msgspec.Struct):
    api_url: str
    server_url: str
    repository: answers.FullName
    repository_id: answers.Id


def read_where(variables: Mapping[str, str]) -> Where:
    """The repository of this job.

    Raises:
        InputError: the variables that GitHub sets are not there.
    """
    given = {name: variables.get(f"GITHUB_{name.upper()}", "") for name in _Variables.__struct_fields__}
    try:
        found = msgspec.convert(given, _Variables, strict=False)
    except msgspec.ValidationError as error:
        raise InputError(f"This is no job of GitHub Actions, or not all of one: {error}.") from None
    server = Server(found.api_url.rstrip("/"), found.server_url.rstrip("/"))
    return Where(server, found.repository, found.repository_id)


def read_event(variables: Mapping[str, str]) -> Event:
    """What has started this job.

    Raises:
        InputError: the event is none that the Action is for, or its file cannot be read.
    """
    name = variables.get("GITHUB_EVENT_NAME", "")
    match name:
        case "pull_request":
            return PullRequestEvent(answers.pull_request(_payload(variables, _PullRequestPayload).pull_request))
        case "push" | "schedule" | "workflow_dispatch":
            return _tree(variables)
        case "issue_comment":
            return _comment(_payload(variables, _CommentPayload))
        case "merge_group":
            return _queue(_payload(variables, _QueuePayload))
        case "workflow_run":
            return _finished(_payload(variables, _FinishedPayload))
        case "pull_request_target":
            raise InputError(
                "The event `pull_request_target` is not for this Action. Use `pull_request`; for pull requests of "
                "forks, add a workflow on `workflow_run`."
            )
        case _:
            raise InputError(f"The event `{name[:60]}` is not one that this Action is for.")


def _payload(variables: Mapping[str, str], kind: type[Part]) -> Part:
    try:
        path = Path(variables.get("GITHUB_EVENT_PATH", ""))
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"The event has more than the {MAX_BYTES:,} bytes that GitHub sends.")
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except OSError as error:
        raise InputError(f"The file of the event cannot be read: {error.strerror}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"The file of the event is not what GitHub sends: {error}.") from None


def _tree(variables: Mapping[str, str]) -> Event:
    ref = variables.get("GITHUB_REF", "")
    branch = ref.removeprefix(_BRANCH) if ref.startswith(_BRANCH) else None
    try:
        commit = msgspec.convert(variables.get("GITHUB_SHA", ""), answers.Sha)
    except msgspec.ValidationError:
        raise InputError("The variable GITHUB_SHA holds no commit.") from None
    if not commit.strip("0"):
        return NothingEvent("The branch was deleted, so there is nothing to scan.")
    return TreeEvent(commit, branch)


def _comment(payload: _CommentPayload) -> Event:
    if payload.action != "created":
        return NothingEvent("Only a new comment can be a command.")
    if payload.issue.pull_request is None or payload.issue.state != "open":
        return NothingEvent("Only in an open pull request a comment can be a command.")
    return CommentEvent(payload.issue.number, answers.issue_comment(payload.comment))


def _queue(payload: _QueuePayload) -> Event:
    if payload.action != "checks_requested":
        return NothingEvent("The merge queue wants no checks.")
    return QueueEvent(payload.merge_group.head_sha, payload.merge_group.head_ref.removeprefix(_BRANCH))


def _finished(payload: _FinishedPayload) -> Event:
    if payload.workflow_run.event != "pull_request":
        return NothingEvent("The workflow that has ended was not for a pull request.")
    return FinishedEvent(payload.workflow_run.head_sha)
