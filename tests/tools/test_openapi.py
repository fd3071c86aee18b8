"""Trimming GitHub's descriptions: texts go, what is referred to stays, and the committed files are whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tools import openapi
from tools.openapi import EVENTS, OPERATIONS, REST, WEBHOOKS, description_bytes, trimmed, trimmed_webhooks

if TYPE_CHECKING:
    from collections.abc import Iterator

INFO = {"version": "1", "title": "t", "license": {"name": "MIT"}}
USER = {
    "type": "object",
    "description": "Somebody",
    "required": ["description"],
    "properties": {
        "description": {"type": "string", "description": "Text of theirs", "example": "hello"},
        "title": {"type": "string"},
        "friend": {"$ref": "#/components/schemas/friend"},
    },
}
SCHEMAS = {"user": USER, "friend": {"type": "object", "title": "Friend"}, "other": {"type": "string"}}


def references(node: Any) -> Iterator[str]:
    """Every reference in a document."""
    if isinstance(node, list):
        for item in node:
            yield from references(item)
    elif isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)


def test_only_what_is_needed_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openapi, "OPERATIONS", frozenset({"users/get"}))
    answer = {"description": "ok", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/user"}}}}
    wanted = {"operationId": "users/get", "summary": "Get", "x-github": {}, "responses": {"200": answer}}
    paths = {"/u": {"get": wanted, "post": {"operationId": "users/add"}}, "/o": {"get": {"operationId": "o/get"}}}
    description = {"openapi": "3.0.3", "info": INFO, "paths": paths, "components": {"schemas": SCHEMAS}}
    document = trimmed(description)
    assert document["paths"] == {
        "/u": {
            "get": {
                "operationId": "users/get",
                "responses": {"200": {"content": answer["content"]}},
            }
        }
    }
    assert document["components"]["schemas"] == {
        "user": {
            "type": "object",
            "required": ["description"],
            "properties": {
                "description": {"type": "string"},
                "title": {"type": "string"},
                "friend": {"$ref": "#/components/schemas/friend"},
            },
        },
        "friend": {"type": "object"},
    }
    monkeypatch.setattr(openapi, "OPERATIONS", frozenset({"users/get", "users/lost"}))
    with pytest.raises(KeyError, match="users/lost"):
        trimmed(description)


def test_what_occurs_twice_is_written_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openapi, "EVENTS", frozenset({"a", "b"}))
    names = [f"a long name of a property, number {number}" for number in range(5)]
    large = {"type": "object", "properties": {name: {"type": "string"} for name in names}}
    body = {"content": {"application/json": {"schema": {"type": "object", "properties": {"type": large}}}}}
    webhooks = {event: {"post": {"requestBody": body}} for event in ("a", "b", "c")}
    description = {"openapi": "3.1.0", "info": INFO, "webhooks": webhooks, "components": {"schemas": {}}}
    document = trimmed_webhooks(description)
    assert document["webhooks"].keys() == {"a", "b"}
    assert json.dumps(document).count(names[0]) == 1


def test_the_committed_descriptions_are_whole() -> None:
    rest = json.loads(REST.file.read_bytes())
    found = {operation["operationId"] for item in rest["paths"].values() for operation in item.values()}
    assert found == OPERATIONS
    webhooks = json.loads(WEBHOOKS.file.read_bytes())
    assert webhooks["webhooks"].keys() == EVENTS
    for source, document in ((REST, rest), (WEBHOOKS, webhooks)):
        assert f"{source.package} {source.version}" in document["info"]["title"]
        assert source.version in (REST.file.parent / "OPENAPI-LICENSE").read_text("utf-8")
        assert description_bytes(document) == source.file.read_bytes()
        for reference in references(document):
            target: Any = document
            for step in reference.removeprefix("#/").split("/"):
                target = target[step]
