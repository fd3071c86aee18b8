"""What GraphQL shows of pull requests, review threads and their comments; a bot's login has no `[bot]` there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from tests.github.shapes.basics import account_json, moment, text_of
from tests.github.shapes.conversations import review_comment_json
from tests.github.state import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.github.git_store import Commit
    from tests.github.state import Account, Pull, Repository, ReviewComment, Thread
    from tests.github.world import World

_Item = TypeVar("_Item")
MOST = 100


def account_view(world: World, account: Account) -> dict[str, Any]:
    """Interface `Actor`."""
    shown = account_json(world, account)
    is_bot = account.kind is Kind.BOT
    return {
        "__typename": account.kind.value,
        "id": shown["node_id"],
        "databaseId": account.id,
        "login": account.login.removesuffix("[bot]") if is_bot else account.login,
        "url": shown["html_url"],
        "avatarUrl": shown["avatar_url"],
    }


def viewer_view(world: World, account: Account) -> dict[str, Any]:
    """Who asks; here alone the login keeps its `[bot]`."""
    return {**account_view(world, account), "login": account.login}


def repository_view(repository: Repository) -> dict[str, Any]:
    """Type `Repository`, without its pull requests."""
    return {
        "id": f"R_kgDO{repository.id}",
        "databaseId": repository.id,
        "name": repository.name,
        "nameWithOwner": repository.full_name,
        "isPrivate": repository.private,
        "isArchived": repository.archived,
    }


def pull_view(world: World, pull: Pull, viewer: Account) -> dict[str, Any]:
    """Type `PullRequest`."""
    shown = [thread for thread in pull.threads if all(one.review.submitted_at for one in thread.comments[:1])]
    return {
        "__typename": "PullRequest",
        "id": f"PR_kwDO{pull.id}",
        "fullDatabaseId": str(pull.id),
        "number": pull.number,
        "title": pull.issue.title,
        "state": "MERGED" if pull.merged_at else pull.issue.state.upper(),
        "isDraft": pull.draft,
        "headRefOid": pull.head_sha,
        "baseRefOid": pull.base_sha,
        "headRefName": pull.head_ref,
        "baseRefName": pull.base_ref,
        "author": account_view(world, pull.issue.author),
        "reviewThreads": _connection(shown, lambda thread: thread_view(world, thread, viewer)),
    }


def thread_view(world: World, thread: Thread, viewer: Account) -> dict[str, Any]:
    """Type `PullRequestReviewThread`."""
    anchor = thread.anchor
    return {
        "__typename": "PullRequestReviewThread",
        "id": thread.node_id,
        "path": text_of(thread.path),
        "line": thread.line,
        "startLine": thread.start_line,
        "originalLine": anchor.line,
        "originalStartLine": anchor.start_line,
        "diffSide": anchor.side,
        "startDiffSide": anchor.start_side,
        "subjectType": anchor.subject_type.upper(),
        "isResolved": thread.is_resolved,
        "isOutdated": thread.is_outdated,
        "isCollapsed": thread.is_resolved,
        "resolvedBy": account_view(world, thread.resolved_by) if thread.resolved_by else None,
        "viewerCanResolve": True,
        "viewerCanReply": True,
        "pullRequest": lambda _: pull_view(world, thread.pull, viewer),
        "comments": _connection(thread.comments, lambda comment: comment_view(world, comment, viewer)),
    }


def comment_view(world: World, comment: ReviewComment, viewer: Account) -> dict[str, Any]:
    """Type `PullRequestReviewComment`."""
    thread = comment.thread
    return {
        "__typename": "PullRequestReviewComment",
        "id": f"PRRC_kwDO{comment.id}",
        "databaseId": comment.id,
        "fullDatabaseId": str(comment.id),
        "author": account_view(world, comment.author),
        "body": comment.body,
        "path": text_of(thread.path),
        "line": thread.line,
        "originalLine": thread.anchor.line,
        "createdAt": moment(comment.created_at),
        "updatedAt": moment(comment.updated_at),
        "url": review_comment_json(world, comment)["html_url"],
        "viewerDidAuthor": comment.author is viewer,
        "isMinimized": comment.minimized is not None,
        "minimizedReason": comment.minimized,
        "outdated": thread.is_outdated,
    }


def commit_view(world: World, repository: Repository, commit: Commit) -> dict[str, Any]:
    """Type `Commit`."""
    return {
        "id": f"C_kwDO{commit.sha}",
        "oid": commit.sha,
        "url": f"{world.addresses.html}/{repository.full_name}/commit/{commit.sha}",
        "messageHeadline": commit.message.split("\n", 1)[0],
    }


def _connection(items: Sequence[_Item], view: Callable[[_Item], dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def resolve(
        _: Any,
        first: int | None = None,
        last: int | None = None,
        after: str | None = None,
        before: str | None = None,
    ) -> dict[str, Any]:
        if (first is None) == (last is None):
            raise ValueError("You must provide a `first` or `last` value to properly paginate the connection.")
        if not 0 <= (first or last or 0) <= MOST:
            raise ValueError(f"Requesting {first or last} records exceeds the `first` limit of {MOST} records.")
        start = int(after.removeprefix("cursor:")) if after else 0
        end = int(before.removeprefix("cursor:")) - 1 if before else len(items)
        if first is not None:
            end = min(end, start + first)
        elif last is not None:
            start = max(start, end - last)
        shown = [view(item) for item in items[start:end]]
        return {
            "nodes": shown,
            "edges": [{"cursor": f"cursor:{start + index + 1}", "node": node} for index, node in enumerate(shown)],
            "totalCount": len(items),
            "pageInfo": {
                "hasNextPage": end < len(items),
                "hasPreviousPage": start > 0,
                "startCursor": f"cursor:{start + 1}" if shown else None,
                "endCursor": f"cursor:{end}" if shown else None,
            },
        }

    return resolve
