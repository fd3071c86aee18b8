"""Every request and every answer is held against GitHub's OpenAPI description."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import jsonschema_rs

from tests.github.openapi import URI, Operation, load

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_MESSAGE: Final = 300
WEBHOOKS_FILE: Final = Path(__file__).parent / "webhooks.json"
WEBHOOKS_URI: Final = "urn:github-webhooks"
ERROR_SCHEMA: Final = "#/components/schemas/basic-error"


def request_faults(operation: Operation, query: Mapping[str, str], body: Any) -> list[str]:
    """What is wrong with a request: its query and its JSON body (None where it has none)."""
    known = {parameter["name"]: parameter for parameter in operation.query}
    faults = [f"query: {name} is not described" for name in query if name not in known]
    for name, parameter in known.items():
        if name in query:
            faults += _query_faults(operation, name, _coerced(parameter["schema"], query[name]))
        elif parameter.get("required"):
            faults.append(f"query: {name} is missing")
    if body is None:
        return [*faults, "body: missing"] if operation.body_required else faults
    if not operation.has_body:
        return [*faults, "body: none is described"] if body not in ({}, "") else faults
    return faults + _faults(
        "body", _validator(f"{operation.pointer}/requestBody/content/application~1json/schema"), body
    )


def answer_faults(operation: Operation, status: int, body: Any) -> list[str]:
    """What is wrong with an answer of ours."""
    if status not in operation.statuses:
        if status < 300:
            return [f"status {status} is not described"]
        return _faults("answer", _validator(ERROR_SCHEMA), body) if body is not None else []
    pointer = operation.statuses[status]
    if pointer is None:
        return []
    return _faults("answer", _validator(pointer), body)


def webhook_faults(event: str, action: str | None, payload: Any) -> list[str]:
    """What is wrong with the payload of a webhook."""
    name = (f"{event}-{action}" if action else event).replace("_", "-")
    if name not in _webhooks()["webhooks"]:
        return [f"there is no webhook {name}"]
    return _faults("payload", _webhook_validator(name), payload)


def _query_faults(operation: Operation, name: str, value: Any) -> list[str]:
    return _faults(f"query {name}", _query_validator(operation.id, name), value)


def _coerced(schema: dict[str, Any], text: str) -> Any:
    match schema.get("type"):
        case "integer" if text.lstrip("-").isdigit():
            return int(text)
        case "boolean" if text in ("true", "false"):
            return text == "true"
        case "array":
            return text.split(",")
    return text


def _faults(where: str, validator: jsonschema_rs.Draft202012Validator, instance: Any) -> list[str]:
    if validator.is_valid(instance):
        return []
    return [
        f"{where}{''.join(f'/{step}' for step in error.instance_path)}: {error.message[-LONGEST_MESSAGE:]}"
        for error in validator.iter_errors(instance)
    ]


@cache
def _webhooks() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(WEBHOOKS_FILE.read_bytes())
    schemas = document["components"]["schemas"]
    # A comment on a file stands on no line, as is described where it is created, but not where it is edited.
    created = schemas["webhook-pull-request-review-comment-created"]["properties"]["comment"]["properties"]
    edited = document["$defs"][schemas["webhooks_review_comment"]["$ref"].rpartition("/")[2]]
    edited["properties"]["original_line"] = created["original_line"]
    return document


@cache
def _registry() -> jsonschema_rs.Registry:
    documents = [(URI, load().document), (WEBHOOKS_URI, _webhooks())]
    return jsonschema_rs.Registry(documents, draft=jsonschema_rs.Draft202012)


@cache
def _webhook_validator(name: str) -> jsonschema_rs.Draft202012Validator:
    return _compiled({"$ref": f"{WEBHOOKS_URI}#/webhooks/{name}"})


@cache
def _validator(pointer: str) -> jsonschema_rs.Draft202012Validator:
    return _compiled({"$ref": f"{URI}{pointer}"})


@cache
def _query_validator(operation_id: str, name: str) -> jsonschema_rs.Draft202012Validator:
    operation = load().operations[operation_id]
    schema = next(parameter["schema"] for parameter in operation.query if parameter["name"] == name)
    if "$ref" in schema:
        schema = {"$ref": f"{URI}{schema['$ref']}"}
    return _compiled(schema)


def _compiled(schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    # The addresses of bots, `1+app[bot]@users.noreply.github.com`, are none by the standard.
    formats = {"email": lambda text: "@" in text}
    return jsonschema_rs.Draft202012Validator(schema, registry=_registry(), validate_formats=True, formats=formats)
