"""The JSON Schema of the configuration, for editors and for hints."""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec
from pydantic import TypeAdapter

from bot.config.models import Config
from bot.config.section import Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.config.faults import Path


@cache
def validator() -> TypeAdapter[Config]:
    """What finds all faults of a configuration at once."""
    return TypeAdapter(Config)


@cache
def schema_text() -> str:
    """The published schema, as in `docs/schemas/config.schema.json`."""
    made = validator().json_schema()
    nodes = {**made["$defs"], Config.__name__: made}
    for section in _sections():
        if section.__name__ in nodes:
            _describe(section, nodes[section.__name__])
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "stanch.config/1",
        **made,
        "title": "Configuration of Stanch (.github/stanch.yml)",
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _sections() -> Iterator[type[Section]]:
    waiting: list[type[Section]] = [Section]
    for section in waiting:
        waiting.extend(section.__subclasses__())
        yield section


def _describe(section: type[Section], node: dict[str, Any]) -> None:
    """Writes the defaults of a section's attributes and their docstrings into its schema."""
    texts = dict(_attribute_docstrings(section))
    for field in msgspec.structs.fields(section):
        written = node["properties"][field.encode_name]
        if field.default is not msgspec.NODEFAULT:
            written["default"] = msgspec.to_builtins(field.default)
        if field.name in texts:
            written["description"] = texts[field.name]
        node["properties"][field.encode_name] = dict(sorted(written.items()))


def _attribute_docstrings(section: type[Section]) -> Iterator[tuple[str, str]]:
    """The attributes that a class itself annotates, each with the text that stands below it."""
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(section))).body
    assert isinstance(tree, ast.ClassDef)
    for attribute, below in pairwise(tree.body):
        match attribute, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, inspect.cleandoc(text)


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
