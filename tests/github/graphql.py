"""GraphQL of the fake GitHub: the queries and mutations that REST has nothing for, validated against the schema."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from graphql import GraphQLError, GraphQLSchema, build_schema, graphql_sync

from tests.github.answers import Answer, Refusal
from tests.github.auth import allows, caller_of
from tests.github.domain.repositories import push_files
from tests.github.domain.reviews import set_resolved
from tests.github.graphql_shapes import commit_view, pull_view, repository_view, thread_view, viewer_view

if TYPE_CHECKING:
    from tests.github.api import Incoming, Outcome
    from tests.github.limits import Limits
    from tests.github.state import Comment, Repository, ReviewComment, Thread, Token
    from tests.github.world import Actor, World

SCHEMA_FILE = Path(__file__).parent / "schema.graphql"


@cache
def schema() -> GraphQLSchema:
    """The part of GitHub's schema that is answered here."""
    return build_schema(SCHEMA_FILE.read_text("utf-8"))


@dataclass
class GraphQL:
    """The GraphQL endpoint. GitHub lets an App resolve review threads only if it may write contents too."""

    world: World
    limits: Limits
    violations: list[str]
    resolving_needs_contents: bool = True

    def handle(self, incoming: Incoming, outcome: Outcome) -> Answer:
        """Answer a query."""
        outcome.operation = "graphql"
        with self.world.lock:
            try:
                outcome.caller = caller_of(self.world, incoming.headers.get("authorization"))
                token = outcome.caller.token
                if token is None:
                    raise Refusal(401, "This endpoint requires you to be authenticated.")
                self.limits.charge(token, "POST" if b"mutation" in incoming.data else "GET", creates=False)
                answer = self._answer(incoming, token, outcome.caller.actor)
            except Refusal as refusal:
                answer = refusal.answer()
            answer.headers = {**self.limits.headers(outcome.caller.token), **answer.headers}
        return answer

    def _answer(self, incoming: Incoming, token: Token, actor: Actor) -> Answer:
        try:
            asked = msgspec.json.decode(incoming.data)
            query, variables = asked["query"], asked.get("variables")
        except (msgspec.DecodeError, KeyError, TypeError):
            self.violations.append("graphql: the body is not a JSON object with a query")
            raise Refusal(400) from None
        root = _Root(self, token, actor)
        result = graphql_sync(schema(), query, root_value=root, variable_values=variables)
        body: dict[str, Any] = {}
        if result.data is not None:
            body["data"] = result.data
        if result.errors:
            body["errors"] = [_error(error) for error in result.errors]
            self.violations += [
                f"graphql: {error.message}" for error in result.errors if not isinstance(error.original_error, _Denied)
            ]
        return Answer(200, body)


class _Denied(Exception):  # noqa: N818 - GraphQL's way to refuse
    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def _error(error: GraphQLError) -> dict[str, Any]:
    shown: dict[str, Any] = {"message": error.message}
    if isinstance(error.original_error, _Denied):
        shown["type"] = error.original_error.kind
    if error.path:
        shown["path"] = error.path
    if error.locations:
        shown["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    return shown


def _no_node(node_id: str) -> _Denied:
    return _Denied("NOT_FOUND", f"Could not resolve to a node with the global id of '{node_id}'")


@dataclass
class _Root:
    """The queries and mutations, by GraphQL's names for them."""

    graphql: GraphQL
    token: Token
    actor: Actor

    @property
    def world(self) -> World:
        return self.graphql.world

    def viewer(self, _: Any) -> dict[str, Any]:
        return viewer_view(self.world, self.actor.account)

    def rateLimit(self, _: Any) -> dict[str, Any]:  # noqa: N802
        rate = self.graphql.limits.rate(self.token)
        return {**rate, "cost": 1, "resetAt": rate["reset"]}

    def repository(self, _: Any, owner: str, name: str, followRenames: bool = True) -> dict[str, Any]:  # noqa: N803
        repository = self._repository(f"{owner}/{name}")
        if not followRenames and repository.full_name.lower() != f"{owner}/{name}".lower():
            raise _Denied("NOT_FOUND", f"Could not resolve to a Repository with the name '{owner}/{name}'.")
        view = repository_view(repository)

        def pull_request(_: Any, number: int) -> dict[str, Any]:
            self._need(repository, pull_requests="read")
            if number not in repository.pulls:
                raise _Denied("NOT_FOUND", f"Could not resolve to a PullRequest with the number of {number}.")
            return pull_view(self.world, repository.pulls[number], self.actor.account)

        return {**view, "pullRequest": pull_request}

    def node(self, _: Any, id: str) -> dict[str, Any]:
        thread = self._thread(id)
        self._need(thread.pull.repository, pull_requests="read")
        return thread_view(self.world, thread, self.actor.account)

    def resolveReviewThread(self, _: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return self._resolve(input, resolved=True)

    def unresolveReviewThread(self, _: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return self._resolve(input, resolved=False)

    def _resolve(self, given: dict[str, Any], *, resolved: bool) -> dict[str, Any]:
        thread = self._thread(given["threadId"])
        self._need(thread.pull.repository, pull_requests="write")
        if self.graphql.resolving_needs_contents:
            self._need(thread.pull.repository, contents="write")
        set_resolved(self.world, thread, self.actor, resolved=resolved)
        return {**_echo(given), "thread": thread_view(self.world, thread, self.actor.account)}

    def minimizeComment(self, _: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        comment = self._comment(input["subjectId"])
        comment.minimized = input["classifier"].lower().replace("_", "-")
        shown = {"__typename": "MinimizedComment", "isMinimized": True, "minimizedReason": comment.minimized}
        return {**_echo(input), "minimizedComment": shown}

    def unminimizeComment(self, _: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        self._comment(input["subjectId"]).minimized = None
        shown = {"__typename": "MinimizedComment", "isMinimized": False, "minimizedReason": None}
        return {**_echo(input), "unminimizedComment": shown}

    def createCommitOnBranch(self, _: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        branch = input["branch"]
        repository = self._repository(branch["repositoryNameWithOwner"])
        self._need(repository, contents="write")
        name = branch["branchName"].removeprefix("refs/heads/")
        tip = repository.git.branch(name)
        if tip is None:
            raise _Denied("NOT_FOUND", f"No branch {name} in {repository.full_name}.")
        if tip != input["expectedHeadOid"]:
            raise _Denied("STALE_DATA", f'Expected branch to point to "{input["expectedHeadOid"]}" but it did not.')
        changes = input.get("fileChanges") or {}
        files: dict[str, Any] = {one["path"]: None for one in changes.get("deletions") or []}
        files |= {one["path"]: base64.b64decode(one["contents"]) for one in changes.get("additions") or []}
        message = "\n\n".join(filter(None, [input["message"]["headline"], input["message"].get("body")]))
        sha = push_files(self.world, repository, self.actor, name, files, message)
        shown = commit_view(self.world, repository, repository.git.commit_of(sha))
        return {**_echo(input), "commit": shown, "ref": {"id": f"REF_{name}", "name": name}}

    def _repository(self, full_name: str) -> Repository:
        try:
            repository = self.world.repository(full_name)
        except Refusal:
            repository = None
        if repository is None or (repository.private and not self.token.reaches(repository)):
            raise _Denied("NOT_FOUND", f"Could not resolve to a Repository with the name '{full_name}'.")
        return repository

    def _thread(self, node_id: str) -> Thread:
        for repository in self.world.repositories.values():
            for pull in repository.pulls.values():
                for thread in pull.threads:
                    if thread.node_id == node_id:
                        return thread
        raise _no_node(node_id)

    def _comment(self, node_id: str) -> Comment | ReviewComment:
        prefix, _, number = node_id.partition("kwDO")
        for repository in self.world.repositories.values():
            found = {
                "IC_": repository.comments.get(int(number or 0)),
                "PRRC_": repository.review_comments.get(int(number or 0)),
            }.get(prefix)
            if found is not None:
                self._need(repository, pull_requests="write", **({"issues": "write"} if prefix == "IC_" else {}))
                return found
        raise _no_node(node_id)

    def _need(self, repository: Repository, **permissions: str) -> None:
        is_read = set(permissions.values()) == {"read"}
        reaches = self.token.reaches(repository) or (is_read and not repository.private)
        if not reaches or not allows(self.token.permissions, permissions):
            raise _Denied("FORBIDDEN", "Resource not accessible by integration")
        if repository.archived and not is_read:
            raise _Denied("FORBIDDEN", "Repository was archived so is read-only.")


def _echo(given: dict[str, Any]) -> dict[str, Any]:
    return {"clientMutationId": given.get("clientMutationId")}
