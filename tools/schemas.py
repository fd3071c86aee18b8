"""`python -m tools.schemas`: write the JSON Schemas of the published documents to docs/schemas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from bot.budgets.monitoring.samples import Sample
from bot.config.schema import schema_text
from bot.decisions.budgets import Budgets
from bot.decisions.checks import CheckRun
from bot.decisions.reviews import Review
from bot.ignores import Ignores
from bot.reports.report import Report
from bot.rules import Rules

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent.parent / "docs" / "schemas"
DOCUMENTS: dict[str, type[msgspec.Struct]] = {
    "report": Report,
    "check": CheckRun,
    "review": Review,
    "ignores": Ignores,
    "rules": Rules,
    "budget": Budgets,
    "sample": Sample,
}
VERSION = 1


def schema_of(name: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a document as it is written: what is always written is required."""
    document = DOCUMENTS[name]
    schema: dict[str, Any] = msgspec.json.schema(document)
    for struct in _structs(msgspec.inspect.type_info(document)):
        schema["$defs"][struct.cls.__name__]["required"] = sorted(_always_written(struct))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:stanch:{name}:{VERSION}",
        "title": f"stanch.{name}/{VERSION}",
        **schema,
    }


def schema_bytes(name: str) -> bytes:
    """The schema as the file that is published."""
    return (json.dumps(schema_of(name), indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def schema_path(name: str) -> Path:
    """Where the schema of a document is kept."""
    return FOLDER / f"{name}.schema.json"


def _always_written(struct: msgspec.inspect.StructType) -> Iterator[str]:
    omits = struct.cls.__struct_config__.omit_defaults
    for field in struct.fields:
        # A field that starts unset has, to `inspect`, neither a default nor is it required.
        has_default = (field.default, field.default_factory) != (msgspec.NODEFAULT, msgspec.NODEFAULT)
        if field.required or (has_default and not omits):
            yield field.encode_name


def _structs(info: msgspec.inspect.Type) -> Iterator[msgspec.inspect.StructType]:
    match info:
        case msgspec.inspect.StructType():
            yield info
            for field in info.fields:
                yield from _structs(field.type)
        case msgspec.inspect.VarTupleType(item_type=item):
            yield from _structs(item)
        case msgspec.inspect.UnionType(types=types):
            for member in types:
                yield from _structs(member)
        case _:
            return


def main() -> None:
    """Write every schema."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in DOCUMENTS:
        schema_path(name).write_bytes(schema_bytes(name))
    schema_path("config").write_text(schema_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
