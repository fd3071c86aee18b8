"""GitHub's descriptions: requests find their operation, and what goes in and out is held against them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.github import rest
from tests.github.openapi import load
from tests.github.rest.call import OPERATIONS
from tests.github.validation import answer_faults, request_faults, webhook_faults
from tools.openapi import EVENTS as WEBHOOKS
from tools.openapi import OPERATIONS as DESCRIBED


def test_every_described_operation_is_answered() -> None:
    assert rest.__all__
    assert OPERATIONS.keys() == load().operations.keys() == DESCRIBED


@pytest.mark.parametrize(
    ("method", "path", "operation", "params"),
    [
        ("GET", "/app", "apps/get-authenticated", {}),
        ("GET", "/repos/o/r", "repos/get", {"owner": "o", "repo": "r"}),
        ("GET", "/repos/o/r/issues/comments/4", "issues/get-comment", {"comment_id": "4"}),
        ("GET", "/repos/o/r/issues/4", "issues/get", {"issue_number": "4"}),
        ("GET", "/repos/o/r/contents/a/b%20c.txt", "repos/get-content", {"path": "a/b c.txt"}),
        ("GET", "/repos/o/r/commits/a/b", "repos/get-commit", {"ref": "a/b"}),
        ("GET", "/repos/o/r/commits/a/b/check-runs", "checks/list-for-ref", {"ref": "a/b"}),
        ("GET", "/repos/o/r/commits/a%2Fb/status", "repos/get-combined-status-for-ref", {"ref": "a/b"}),
        ("GET", "/repos/o/r/branches/a/b", "repos/get-branch", {"branch": "a/b"}),
        ("GET", "/repos/o/r/compare/a/b...c/d", "repos/compare-commits-with-basehead", {"basehead": "a/b...c/d"}),
        ("PATCH", "/repos/o/r/git/refs/heads/a/b", "git/update-ref", {"ref": "heads/a/b"}),
    ],
)
def test_a_path_has_one_operation(method: str, path: str, operation: str, params: dict[str, str]) -> None:
    found = load().match(method, path)
    assert found is not None
    assert found[0].id == operation
    assert params.items() <= found[1].items()


@pytest.mark.parametrize(("method", "path"), [("GET", "/nonsense"), ("DELETE", "/repos/o/r"), ("GET", "/repos/o")])
def test_a_path_without_an_operation(method: str, path: str) -> None:
    assert load().match(method, path) is None


@pytest.mark.parametrize(
    ("operation", "query", "body", "fault"),
    [
        ("pulls/list", {"state": "all", "per_page": "100"}, None, None),
        ("pulls/list", {"state": "any"}, None, "query state"),
        ("pulls/list", {"per_page": "many"}, None, "query per_page"),
        ("pulls/list", {"sate": "all"}, None, "query: sate is not described"),
        ("issues/create-comment", {}, {"body": "x"}, None),
        ("issues/create-comment", {}, {}, "body: "),
        ("issues/create-comment", {}, {"body": 1}, "body/body"),
        ("issues/create-comment", {}, None, "body: missing"),
        ("checks/create", {}, {"name": "x", "head_sha": "y", "conclusion": "stolen"}, "body/conclusion"),
        ("apps/create-installation-access-token", {}, None, None),
        ("apps/create-installation-access-token", {}, {"repository_ids": ["1"]}, "body/repository_ids/0"),
        ("issues/add-labels", {}, ["a", "b"], None),
    ],
)
def test_requests(operation: str, query: dict[str, str], body: Any, fault: str | None) -> None:
    faults = request_faults(load().operations[operation], query, body)
    if fault is None:
        assert faults == []
    else:
        assert any(found.startswith(fault) for found in faults), faults


@pytest.mark.parametrize(
    ("status", "body", "valid"),
    [
        (200, {"sha": "x"}, False),
        (202, {}, False),
        (404, {"message": "Not Found", "documentation_url": "u", "status": "404"}, True),
        (403, {"message": 7}, False),
    ],
)
def test_answers(status: int, body: Any, valid: bool) -> None:
    assert (answer_faults(load().operations["git/get-blob"], status, body) == []) == valid


def test_webhooks() -> None:
    assert webhook_faults("pull_request", "exploded", {}) == ["there is no webhook pull-request-exploded"]
    assert any("repository" in fault for fault in webhook_faults("push", None, {"ref": "refs/heads/main"}))
    assert len(WEBHOOKS) > 40
