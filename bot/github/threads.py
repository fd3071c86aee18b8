"""Review threads, which only GraphQL knows: whether they are resolved, and resolving them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from bot.github.models import ReviewThread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.github.api import Api
    from bot.github.models import AppIdentity

MAX_PAGES: Final = 50
_REPLIES: Final = 50

_THREADS: Final = """
query Threads($owner: String!, $name: String!, $number: Int!, $replies: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      reviewThreads(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes {
          id isResolved isOutdated path line
          comments(first: $replies) {
            totalCount
            nodes { fullDatabaseId body author { __typename login } }
          }
        }
      }
    }
  }
}
"""

_RESOLVE: Final = """
mutation Resolve($thread: ID!) {
  resolveReviewThread(input: {threadId: $thread}) { thread { id isResolved } }
}
"""


BigInt = Annotated[str, msgspec.Meta(pattern=r"^[1-9][0-9]{0,18}\Z")]


class _Actor(msgspec.Struct):
    kind: str = msgspec.field(name="__typename")
    login: str


class _Comment(msgspec.Struct, rename="camel"):
    body: str
    # `databaseId` has 32 bits only, and comments are beyond them. GraphQL writes the long one as a text.
    full_database_id: BigInt | None = None
    author: _Actor | None = None


class _Comments(msgspec.Struct, rename="camel"):
    total_count: int
    nodes: list[_Comment]


class _Thread(msgspec.Struct, rename="camel"):
    id: str
    is_resolved: bool
    is_outdated: bool
    path: str
    comments: _Comments
    line: int | None = None


class _PageInfo(msgspec.Struct, rename="camel"):
    has_next_page: bool
    end_cursor: str | None = None


class _Threads(msgspec.Struct, rename="camel"):
    page_info: _PageInfo
    nodes: list[_Thread]


class _PullRequest(msgspec.Struct, rename="camel"):
    review_threads: _Threads


class _Repository(msgspec.Struct, rename="camel"):
    pull_request: _PullRequest


class _Data(msgspec.Struct):
    repository: _Repository


def own_threads(api: Api, full_name: str, number: int, own: AppIdentity) -> Iterator[ReviewThread]:
    """The threads of a pull request that we began, oldest first, at most 5,000."""
    owner, _, name = full_name.partition("/")
    variables = {"owner": owner, "name": name, "number": number, "replies": _REPLIES, "after": None}
    for _ in range(MAX_PAGES):
        data = api.query(_THREADS, variables, _Data, f"list the threads of {full_name}#{number}")
        threads = data.repository.pull_request.review_threads
        yield from (ours for thread in threads.nodes if (ours := _own_thread(thread, own)) is not None)
        if not threads.page_info.has_next_page:
            return
        variables["after"] = threads.page_info.end_cursor


def resolve(api: Api, thread_id: str) -> None:
    """Resolves a thread; one that is resolved stays so."""
    api.mutate(_RESOLVE, {"thread": thread_id}, object, "resolve a thread")


def _own_thread(thread: _Thread, own: AppIdentity) -> ReviewThread | None:
    comments = thread.comments.nodes
    first = comments[0] if comments else None
    if first is None or first.full_database_id is None or not _is_own(first, own):
        return None
    more = thread.comments.total_count > len(comments)
    return ReviewThread(
        node_id=thread.id,
        comment_id=int(first.full_database_id),
        path=thread.path,
        line=thread.line,
        body=first.body,
        is_resolved=thread.is_resolved,
        is_outdated=thread.is_outdated,
        is_answered=more or not all(_is_own(comment, own) for comment in comments),
    )


def _is_own(comment: _Comment, own: AppIdentity) -> bool:
    """GraphQL gives a bot's login without `[bot]`, and no user can be of the type Bot."""
    return comment.author is not None and comment.author.kind == "Bot" and comment.author.login == own.slug
