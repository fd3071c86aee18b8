"""GraphQL: review threads, and the mutations that REST lacks."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.github import FakeGitHub
from tests.github.conftest import POLL, Site

if TYPE_CHECKING:
    from pathlib import Path

THREADS = """
query($number: Int!, $after: String) {
  repository(owner: "octo", name: "app") {
    pullRequest(number: $number) {
      reviewThreads(first: 2, after: $after) {
        totalCount
        pageInfo { hasNextPage endCursor }
        nodes {
          id isResolved isOutdated path line originalLine
          comments(first: 10) {
            totalCount
            nodes { databaseId body viewerDidAuthor author { __typename login ... on Bot { databaseId } } }
          }
        }
      }
    }
  }
}
"""
RESOLVE = """
mutation($input: ResolveReviewThreadInput!) { resolveReviewThread(input: $input) { thread { isResolved } } }
"""


def ask(client: httpx.Client, query: str, **variables: Any) -> Any:
    """The answer of GraphQL, which is 200 whatever it says."""
    answer = client.post("/graphql", json={"query": query, "variables": variables})
    assert answer.status_code == 200
    return answer.json()


def review(client: httpx.Client, lines: list[int]) -> None:
    """Comment on lines of `poll.ts`."""
    comments = [{"path": "poll.ts", "line": line, "body": f"on {line}"} for line in lines]
    body = {"event": "COMMENT", "comments": comments}
    assert client.post("/repos/octo/app/pulls/1/reviews", json=body).status_code == 200


def test_threads_come_in_pages(site: Site, client: httpx.Client) -> None:
    pull = site.pull()
    review(client, [20, 21, 22])
    pull.reply("alice", pull.threads[0], "no")
    first = ask(client, THREADS, number=1)["data"]["repository"]["pullRequest"]["reviewThreads"]
    assert first["totalCount"] == 3
    thread = first["nodes"][0]
    assert (thread["path"], thread["line"], thread["isResolved"], thread["isOutdated"]) == ("poll.ts", 20, False, False)
    ours, theirs = thread["comments"]["nodes"]
    bot = {"__typename": "Bot", "login": "stanch-review", "databaseId": site.app.account.id}
    assert (ours["author"], ours["viewerDidAuthor"]) == (bot, True)
    assert (theirs["author"]["login"], theirs["viewerDidAuthor"]) == ("alice", False)
    assert first["pageInfo"]["hasNextPage"]
    after = first["pageInfo"]["endCursor"]
    second = ask(client, THREADS, number=1, after=after)["data"]["repository"]["pullRequest"]["reviewThreads"]
    assert [thread["line"] for thread in second["nodes"]] == [22]
    assert not second["pageInfo"]["hasNextPage"]


@pytest.mark.parametrize(
    ("text", "line", "outdated"),
    [
        (POLL.replace("line 20\n", "new\nnewer\n").replace("line 2\n", "line 2\nmore\n"), 21, False),
        (POLL.replace("line 20\n", "new\nnewer\n").replace("line 2\n", ""), 19, False),
        (POLL.replace("line 20\n", "NEW\nnewer\n"), None, True),
        (POLL.replace("line 20\n", "new\n"), 20, False),
        (POLL, None, True),
        (None, None, True),
    ],
    ids=["a line above", "a line less above", "the line changed", "the next line gone", "taken back", "file gone"],
)
def test_threads_follow_their_lines(
    site: Site, client: httpx.Client, text: str | None, line: int | None, outdated: bool
) -> None:
    pull = site.pull()
    review(client, [20])
    pull.push({"poll.ts": text})
    thread = ask(client, THREADS, number=1)["data"]["repository"]["pullRequest"]["reviewThreads"]["nodes"][0]
    assert (thread["line"], thread["isOutdated"], thread["originalLine"]) == (line, outdated, 20)
    (comment,) = client.get("/repos/octo/app/pulls/1/comments").json()
    assert (comment["line"], comment["position"] is None, comment["original_line"]) == (line, outdated, 20)


def test_resolving_needs_to_write_contents(site: Site, client: httpx.Client) -> None:
    pull = site.pull()
    review(client, [20])
    (thread,) = pull.threads
    with site.client(site.installation.token({"pull_requests": "write"})) as poor:
        answer = ask(poor, RESOLVE, input={"threadId": thread.node_id})
    assert answer["errors"][0]["type"] == "FORBIDDEN"
    assert answer["data"]["resolveReviewThread"] is None
    assert not thread.is_resolved
    answer = ask(client, RESOLVE, input={"threadId": thread.node_id})
    assert answer["data"]["resolveReviewThread"]["thread"]["isResolved"] is True
    assert (thread.is_resolved, thread.resolved_by) == (True, site.app.account)
    assert site.github.violations == []


def test_a_github_that_lets_resolve(tmp_path: Path) -> None:
    with FakeGitHub(tmp_path, resolving_needs_contents=False) as github:
        repository = github.create_repository("octo/app")
        installation = github.register_app({"pull_requests": "write"}).install(repository)
        pull = repository.open_pull_request(files={"a": "b\n"})
        pull.review_comment("bob", "a", 1, "hm")
        headers = {"Authorization": f"Bearer {installation.token()}"}
        with httpx.Client(base_url=github.api_url, headers=headers, trust_env=False, verify=False) as client:
            ask(client, RESOLVE, input={"threadId": pull.threads[0].node_id})
        assert pull.threads[0].is_resolved


def test_a_comment_is_folded_away(site: Site, client: httpx.Client) -> None:
    comment = site.pull().comment("alice", "old news")
    node = client.get(f"/repos/octo/app/issues/comments/{comment.id}").json()["node_id"]
    query = """mutation($input: MinimizeCommentInput!) {
      minimizeComment(input: $input) { minimizedComment { isMinimized minimizedReason } } }"""
    answer = ask(client, query, input={"subjectId": node, "classifier": "OUTDATED"})
    shown = {"isMinimized": True, "minimizedReason": "outdated"}
    assert answer["data"]["minimizeComment"]["minimizedComment"] == shown
    assert comment.minimized == "outdated"


def test_a_commit_is_made_only_on_the_expected_head(site: Site, client: httpx.Client) -> None:
    query = """mutation($input: CreateCommitOnBranchInput!) {
      createCommitOnBranch(input: $input) { commit { oid } } }"""
    head = site.repository.head()
    given = {
        "branch": {"repositoryNameWithOwner": "octo/app", "branchName": "main"},
        "message": {"headline": "Fix"},
        "expectedHeadOid": head,
        "fileChanges": {
            "additions": [{"path": "a", "contents": base64.b64encode(b"x").decode()}],
            "deletions": [{"path": "poll.ts"}],
        },
    }
    made = ask(client, query, input=given)["data"]["createCommitOnBranch"]["commit"]["oid"]
    assert made == site.repository.head() != head
    assert site.repository.git("ls-tree", "--name-only", made) == "a"
    assert ask(client, query, input=given)["errors"][0]["type"] == "STALE_DATA"


@pytest.mark.parametrize(
    "query",
    [
        "{ nonsense }",
        "{ viewer { email } }",
        "mutation { deleteRepository(input: {}) { clientMutationId } }",
        'query { repository(owner: "octo", name: "app") { pullRequest(number: 1) { reviewThreads { totalCount } } } }',
        "{",
    ],
)
def test_a_query_that_is_not_known_is_noted(site: Site, client: httpx.Client, query: str) -> None:
    site.pull()
    assert ask(client, query)["errors"]
    assert site.github.violations
    site.github.violations.clear()


@pytest.mark.parametrize("name", ["nothing", "secret"])
def test_what_is_not_there_or_not_shown(site: Site, client: httpx.Client, name: str) -> None:
    site.github.create_repository("octo/secret", private=True)
    answer = ask(client, 'query($name: String!) { repository(owner: "octo", name: $name) { id } }', name=name)
    assert answer["errors"][0]["type"] == "NOT_FOUND"
