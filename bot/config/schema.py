"""The JSON Schema of the configuration, for editors and for hints."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from bot.config.models import Config

if TYPE_CHECKING:
    from bot.config.document import Path


@cache
def schema_text() -> str:
    """The published schema, as in `docs/schemas/config.schema.json`."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "stanch.config/1",
        **Config.model_json_schema(by_alias=True),
        "title": "Configuration of Stanch (.github/stanch.yml)",
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def schema() -> dict[str, Any]:
    """The published schema; yours to change."""
    loaded: dict[str, Any] = json.loads(schema_text())
    return loaded


def known_keys(path: Path) -> list[str]:
    """The keys that the mapping at a path of the configuration may have."""
    whole = schema()
    here = whole
    for part in path:
        here = _only(here, whole)
        if isinstance(part, int):
            here = here.get("items", {})
        else:
            named = here.get("properties", {}).get(part)
            any_name = [here.get("additionalProperties"), *here.get("patternProperties", {}).values()]
            here = named or next(filter(None, any_name), {})
    return list(_only(here, whole).get("properties", {}))


def _only(node: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    """A node without the indirections that pydantic writes: references, and alternatives of which one is null."""
    while "$ref" in node or "anyOf" in node:
        if "$ref" in node:
            node = whole["$defs"][node["$ref"].rpartition("/")[2]]
        else:
            node = next(choice for choice in node["anyOf"] if choice.get("type") != "null")
    return node
