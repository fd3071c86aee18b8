"""Written types as text: `Pool`, `pg.Pool`, `Socket | null`; type arguments are left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tree_sitter import Node

_MAX_TYPE_TEXT: Final = 200


def type_text(data: bytes, annotation: Node | None) -> str | None:
    """The text of a type annotation; None when there is none, or when it is too long to be a name."""
    if annotation is None:
        return None
    start, end = annotation.byte_range
    if end - start > _MAX_TYPE_TEXT:
        return None
    text = data[start:end].decode("utf-8", "replace").removeprefix(":")
    return " ".join(without_type_arguments(text).split()) or None


def without_type_arguments(text: str) -> str:
    """Leaves out what stands in angle brackets; the arrow of a function type is no bracket."""
    if "<" not in text:
        return text
    kept: list[str] = []
    depth = 0
    previous = ""
    for character in text:
        if character == "<":
            depth += 1
        elif character == ">" and depth and previous != "=":
            depth -= 1
        elif not depth:
            kept.append(character)
        previous = character
    return "".join(kept)
