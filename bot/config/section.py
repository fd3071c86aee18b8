"""What every part of the configuration has in common: how keys are written, and the kinds of text in values.

Sections are msgspec structures, because every scan makes the default ones and most repositories have no file. Pydantic,
which finds all faults of a file at once, takes as long to load as a small scan; so constraints are notes in
`Annotated` that it understands and that do not import it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, cast

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema


def key_of(name: str) -> str:
    """How an attribute is written in the file: `fail_on` is `fail-on`, `class_` is `class`."""
    return name.rstrip("_").replace("_", "-")


class Section(msgspec.Struct, frozen=True, rename=key_of, forbid_unknown_fields=True):
    """A mapping of the configuration. Its attributes' docstrings are the descriptions in the JSON Schema."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """How pydantic validates it: as a mapping with just these keys, and then by `__post_init__`."""
        from pydantic_core import core_schema  # noqa: PLC0415

        fields = msgspec.structs.fields(cls)
        names = {field.encode_name: field.name for field in fields}

        def made(values: dict[str, Any]) -> Section:
            return cls(**{names[key]: value for key, value in values.items()})

        return core_schema.no_info_after_validator_function(
            made,
            core_schema.typed_dict_schema(
                {
                    field.encode_name: core_schema.typed_dict_field(
                        handler.generate_schema(field.type), required=field.required
                    )
                    for field in fields
                },
                cls=cls,
                extra_behavior="forbid",
            ),
            ref=f"{cls.__module__}.{cls.__qualname__}",
        )


class Limits:
    """Bounds of a value, in the words of pydantic's core schema: `ge`, `le`, `min_length`, `max_length`, `pattern`."""

    def __init__(self, **bounds: float | str) -> None:
        self._bounds = bounds

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The schema of the type, with the bounds."""
        schema: Any = handler(source)
        return cast("CoreSchema", {**schema, **self._bounds})


class Check:
    """A function that returns a value as it is to be, or raises a ValueError that says what is wrong with it."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self._function = function

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The schema of the type, and then the function."""
        from pydantic_core import core_schema  # noqa: PLC0415

        return core_schema.no_info_after_validator_function(self._function, handler(source))


def _relative(path: str) -> str:
    if path.startswith(("/", "~")) or ".." in path.split("/") or "\\" in path or "\0" in path:
        raise ValueError(f"`{path}` must be a path inside the repository, with `/` and without `..`")
    return path


def _glob(pattern: str) -> str:
    if pattern.startswith("!"):
        raise ValueError(f"`{pattern}` must not start with `!`; `include` and `exclude` say which way it counts")
    if "\\" in pattern or "\0" in pattern:
        raise ValueError(f"`{pattern}` must be written with `/`, without escapes")
    if not pattern.strip("/") or ".." in pattern.split("/"):
        raise ValueError(f"`{pattern}` covers no file of the repository; write it from its root, as in `src/**`")
    return pattern


def one_line(text: str) -> str:
    """A text that is one.

    Raises:
        ValueError: it is empty, or has control characters.
    """
    if not text.strip():
        raise ValueError("it is empty; write something")
    if re.search(r"[\x00-\x1f\x7f\u2028\u2029]", text):
        raise ValueError("it must be one line without control characters")
    return text


RelativePath = Annotated[str, Limits(min_length=1, max_length=1000), Check(_relative)]
Glob = Annotated[str, Limits(min_length=1, max_length=500), Check(_glob)]
OneLine = Annotated[str, Limits(min_length=1, max_length=1000), Check(one_line)]
