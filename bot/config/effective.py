"""The effective configuration as text, each setting with its origin."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.config.faults import Path, Value
    from bot.config.load import Origins
    from bot.config.models import Config


def effective_text(config: Config, origins: Origins, path: str) -> str:
    """The configuration in force as YAML that can be read again; a comment says where each setting comes from.

    Args:
        config: what is in force.
        origins: from `load`; empty where there is no file.
        path: the file's name.
    """
    return "".join(f"{line}\n" for line in _mapping(config.plain(), (), origins, path))


def _mapping(items: dict[str, Value], at: Path, origins: Origins, path: str) -> Iterator[str]:
    for key, value in items.items():
        place = (*at, key)
        name = key if _is_word(key) else _quoted(key)
        if isinstance(value, dict) and value:
            yield f"{name}:"
            yield from (f"  {line}" for line in _mapping(value, place, origins, path))
        elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
            yield f"{name}:"
            yield from _list(value, place, origins, path)
        else:
            origin = f"{path}:{origins[place].line}" if place in origins else "default"
            yield f"{name}: {_flow(value)}  # {origin}"


def _list(items: list[Value], at: Path, origins: Origins, path: str) -> Iterator[str]:
    for number, item in enumerate(items):
        if isinstance(item, dict):
            lines = _mapping(item, (*at, number), origins, path)
            yield from (f"  {'  ' if line_number else '- '}{line}" for line_number, line in enumerate(lines))


def _flow(value: Value) -> str:
    if isinstance(value, str):
        return value if _is_word(value) else _quoted(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    return json.dumps(value)


def _is_word(text: str) -> bool:
    return bool(re.fullmatch(r"[a-z][a-z-]*", text)) and text not in {"null", "true", "false"}


def _quoted(text: str) -> str:
    """A double-quoted scalar (YAML 1.2, 5.7), everything that does not print escaped."""
    escaped = (char if char.isprintable() and char not in '"\\' else f"\\U{ord(char):08x}" for char in text)
    return f'"{"".join(escaped)}"'
