"""The configuration file's bytes -> a valid `Config`, or every fault with its line and column."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from bot.config.faults import ConfigError, Fault, Path, Place, Value
from bot.config.models import Config
from bot.config.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic_core import ErrorDetails

    from bot.config.document import Document

Origins = Mapping[Path, Place]
"""Where each setting of the file stands, by its path: `("fix", "max-open")`. What is absent is a default."""

_EXPECTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "text; quote it",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping of keys to values",
    "byte_size": "a size, such as `50 MB`",
    "byte_size_unit": "a size, such as `50 MB`",
    "date_type": "a date, such as 2026-12-31",
    "date_parsing": "a date, such as 2026-12-31",
    "date_from_datetime_parsing": "a date, such as 2026-12-31",
    "date_from_datetime_inexact": "a date, such as 2026-12-31",
}


def load(data: bytes, path: str) -> tuple[Config, Origins]:
    """Read a configuration file.

    Args:
        data: the file's bytes; none, or only comments, are the defaults.
        path: its name, for messages.

    Returns:
        The configuration, and where each of its settings stands.

    Raises:
        ConfigError: it has faults; all that could be found at once.
    """
    # Most repositories have no configuration to read.
    from pydantic import ValidationError  # noqa: PLC0415

    from bot.config.document import parse  # noqa: PLC0415
    from bot.config.schema import validator  # noqa: PLC0415

    document = parse(data)
    if document.faults:
        raise ConfigError(path, document.faults)
    content: Value = {} if document.data is None else document.data
    try:
        config = validator().validate_json(json.dumps(content), strict=True)
    except ValidationError as error:
        raise ConfigError(path, [_fault(detail, document) for detail in error.errors()]) from None
    faults = [*_profile_faults(config, document)]
    if faults:
        raise ConfigError(path, faults)
    return config, {**document.values, **document.keys}


def from_canonical(text: str) -> Config:
    """Reads back what `Config.canonical` wrote."""
    return msgspec.json.decode(text, type=Config)


def _fault(error: ErrorDetails, document: Document) -> Fault:
    from bot.config.schema import known_keys  # noqa: PLC0415

    # A fault in a mapping's key has "[key]" after the key (pydantic's own mark).
    path: Path = tuple(part for part in error["loc"] if part != "[key]")
    if error["type"] == "extra_forbidden":
        message = f"unknown key `{path[-1]}`{did_you_mean(str(path[-1]), known_keys(path[:-1]))}"
        return Fault(*_place(document.keys, path), message)
    if error["type"] == "missing":
        message = f"{_subject(path[:-1])} lacks `{path[-1]}`; add it"
        return Fault(*_place(document.values, path[:-1]), message)
    places = document.keys if error["loc"][-1:] == ("[key]",) else document.values
    return Fault(*_place(places, path), f"{_subject(path)}: {_reason(error)}")


def _reason(error: ErrorDetails) -> str:
    kind = error["type"]
    value: Any = error["input"]
    context: Mapping[str, Any] = error.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind in {"enum", "literal_error"}:
        known = str(context["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
        return f"`{_shown(value)}` is not known{did_you_mean(str(value), known)}"
    if value is None:
        return "it has no value; give it one, or remove the key"
    if kind == "string_pattern_mismatch":
        return f"`{_shown(value)}` has characters that cannot be here; it must match {context['pattern']}"
    expected = _EXPECTED.get(kind)
    if expected:
        return f"`{_shown(value)}` is not {expected}"
    return error["msg"][:1].lower() + error["msg"][1:] + f" (it is `{_shown(value)}`)"


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=True) if not isinstance(value, str) else ascii(value)[1:-1]
    return text if len(text) <= 60 else text[:57] + "..."


def _subject(path: Path) -> str:
    """A setting's name: `fix.max-open`, `ignore[2]` (counted from 1, as people count the items of a list)."""
    name = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")
    return f"`{name}`" if name else "the file"


def _place(places: Mapping[Path, Place], path: Path) -> Place:
    """Where a path stands, or the nearest thing around it that stands anywhere."""
    while path and path not in places:
        path = path[:-1]
    return places.get(path, Place(1, 1))


def _profile_faults(config: Config, document: Document) -> Iterator[Fault]:
    names = [profile.name for profile in config.profiles]
    for number, name in enumerate(names):
        if name in names[:number]:
            place = _place(document.values, ("profiles", number, "name"))
            yield Fault(*place, f"a second profile is called `{name}`; rename one")
    for name in config.budgets:
        if name not in names:
            message = f"a budget for `{name}`, but no profile of this name{did_you_mean(name, names)}"
            yield Fault(*_place(document.keys, ("budgets", name)), message)
