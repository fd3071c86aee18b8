"""GitHub's OpenAPI description, trimmed: which operation a request is, and the JSON Schemas of what goes in and out."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

FILE: Final = Path(__file__).parent / "openapi.json"
URI: Final = "urn:github"
_WITH_SLASHES: Final = frozenset({"basehead", "branch", "path", "ref"})


@dataclass(frozen=True)
class Operation:
    """One operation. `pointer` is where the description has it, for references into it."""

    id: str
    method: str
    path: str
    pattern: re.Pattern[str]
    pointer: str
    query: tuple[dict[str, Any], ...]
    has_body: bool
    body_required: bool
    statuses: dict[int, str | None]
    """The described answers; the value points to the JSON Schema, where the answer has JSON."""


@dataclass(frozen=True)
class Description:
    """The whole description, as JSON Schema of draft 2020-12 where OpenAPI 3.0 has its own dialect."""

    document: dict[str, Any]
    operations: dict[str, Operation]
    by_first: dict[tuple[str, str], tuple[Operation, ...]]

    def match(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """The operation that a request's path (not yet unquoted) belongs to, and the path's parameters."""
        for operation in self.by_first.get((method, _first(path)), ()):
            if found := operation.pattern.fullmatch(path):
                return operation, {name: unquote(value) for name, value in found.groupdict().items()}
        return None

    def methods(self, path: str) -> list[str]:
        """The methods that a path is described with."""
        methods = {method for method, first in self.by_first if first == _first(path)}
        return sorted(method for method in methods if self.match(method, path))


def _first(path: str) -> str:
    """What operations are sorted by: the subject below a repository, or the first word."""
    words = path.split("/")
    return "/".join(words[4:5]) if words[1] == "repos" else f"/{words[1]}"


@cache
def load() -> Description:
    """The description, read and prepared once."""
    document = _as_json_schema(json.loads(FILE.read_bytes()))
    _correct(document)
    operations: dict[str, Operation] = {}
    for path, item in document["paths"].items():
        for method, described in item.items():
            operation = _operation(document, path, method, described)
            operations[operation.id] = operation
    by_first: dict[tuple[str, str], list[Operation]] = {}
    # What has more literal words comes first: `issues/comments` before `issues/{issue_number}`.
    for operation in sorted(operations.values(), key=lambda one: (one.path.count("{"), -len(one.path))):
        by_first.setdefault((operation.method, _first(operation.path)), []).append(operation)
    return Description(document, operations, {key: tuple(value) for key, value in by_first.items()})


def _operation(document: dict[str, Any], path: str, method: str, described: dict[str, Any]) -> Operation:
    pointer = f"#/paths/{_escaped(path)}/{method}"
    parameters = [_resolved(document, parameter) for parameter in described.get("parameters", [])]
    statuses: dict[int, str | None] = {}
    for status, answer in described["responses"].items():
        place = answer.get("$ref", f"{pointer}/responses/{status}")
        content = _resolved(document, answer).get("content", {})
        statuses[int(status)] = f"{place}/content/application~1json/schema" if "application/json" in content else None
    body = described.get("requestBody")
    return Operation(
        id=described["operationId"],
        method=method.upper(),
        path=path,
        pattern=re.compile(re.sub(r"\\{(\w+)\\}", _group, re.escape(path))),
        pointer=pointer,
        query=tuple(parameter for parameter in parameters if parameter["in"] == "query"),
        has_body=body is not None and "application/json" in body["content"],
        body_required=bool(body and body.get("required")),
        statuses=statuses,
    )


def _group(match: re.Match[str]) -> str:
    # The root folder has an empty path.
    text = ".*" if match[1] == "path" else ".+" if match[1] in _WITH_SLASHES else "[^/]+"
    return f"(?P<{match[1]}>{text})"


def _escaped(name: str) -> str:
    """A name in a JSON pointer within a URI."""
    return name.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")


def _resolved(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in node:
        _, section, name = node["$ref"].removeprefix("#/").split("/")
        resolved: dict[str, Any] = document["components"][section][name]
        return resolved
    return node


def _as_json_schema(node: Any) -> Any:
    """`nullable` does not exist in JSON Schema: it becomes a type more."""
    if isinstance(node, list):
        return [_as_json_schema(item) for item in node]
    if not isinstance(node, dict):
        return node
    converted = {key: _as_json_schema(value) for key, value in node.items() if key != "nullable"}
    if node.get("nullable") is not True:
        return converted
    if isinstance(node.get("type"), str):
        converted["type"] = [node["type"], "null"]
        if "enum" in converted:
            converted["enum"] = [*converted["enum"], None]
        return converted
    return {"anyOf": [converted, {"type": "null"}]}


def _correct(document: dict[str, Any]) -> None:
    """Where GitHub answers otherwise than it describes.

    The head of a pull request whose fork is gone has no `repo`; an account is a person or an enterprise, not both;
    labels may be given as a bare list; a review comment that is outdated, or on a file, stands on no line.
    """
    for name in ("pull-request", "pull-request-simple"):
        head = document["components"]["schemas"][name]["properties"]["head"]["properties"]
        head["repo"] = {"anyOf": [head["repo"], {"type": "null"}]}
    for name in ("pull-request-review-comment", "review-comment"):
        properties = document["components"]["schemas"][name]["properties"]
        for line in ("line", "original_line", "start_line", "original_start_line", "position"):
            properties[line] = {"anyOf": [properties[line], {"type": "null"}]}
    listed = document["paths"]["/app/installations"]["get"]["responses"]["200"]
    listed["content"]["application/json"]["schema"]["items"] = {"$ref": "#/components/schemas/installation"}
    labels = document["paths"]["/repos/{owner}/{repo}/issues/{issue_number}/labels"]
    for method in ("post", "put"):
        body = labels[method]["requestBody"]["content"]["application/json"]
        names = {"type": "array", "items": {"type": "string"}}
        body["schema"] = {"anyOf": [body["schema"], names]}
