"""The scripts of Vue, Svelte and HTML files, and what each of them is to the file."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from fixers.source import Language, Source, Span
from fixers.syntax.javascript.grammar import Dialect

if TYPE_CHECKING:
    from tree_sitter import Node

_DIALECTS: Final = {
    "": Dialect.JAVASCRIPT,
    "js": Dialect.JAVASCRIPT,
    "jsx": Dialect.JAVASCRIPT,
    "javascript": Dialect.JAVASCRIPT,
    "module": Dialect.JAVASCRIPT,
    "text/javascript": Dialect.JAVASCRIPT,
    "application/javascript": Dialect.JAVASCRIPT,
    "text/ecmascript": Dialect.JAVASCRIPT,
    "text/babel": Dialect.JAVASCRIPT,
    "text/jsx": Dialect.JAVASCRIPT,
    "ts": Dialect.TYPESCRIPT,
    "typescript": Dialect.TYPESCRIPT,
    "text/typescript": Dialect.TYPESCRIPT,
    "tsx": Dialect.TSX,
    "text/tsx": Dialect.TSX,
}


class Role(StrEnum):
    """Whether a script is the module body, or runs once for each component (Vue `setup`, a Svelte instance)."""

    MODULE = "module"
    SETUP = "setup"


class Script(NamedTuple):
    """A script block: its text, how it is written, and what it is."""

    span: Span
    dialect: Dialect
    role: Role


def scripts(source: Source, document: Node) -> list[Script]:
    """The script blocks of a parsed document that are written in JavaScript or TypeScript, in order."""
    found: list[Script] = []
    stack = [document]
    while stack:
        node = stack.pop()
        if node.type == "script_element":
            script = _script(source, node)
            if script is not None:
                found.append(script)
        elif node.type in {"document", "element", "ERROR"}:
            stack.extend(reversed(node.named_children))
    return found


def _script(source: Source, node: Node) -> Script | None:
    attributes: dict[str, str] = {}
    text: Node | None = None
    for child in node.named_children:
        if child.type == "start_tag":
            attributes = _attributes(source, child)
        elif child.type == "raw_text":
            text = child
    dialect = _DIALECTS.get((attributes.get("lang") or attributes.get("type") or "").lower())
    if text is None or dialect is None or "src" in attributes:
        return None
    return Script(Span(*text.byte_range), dialect, _role(source.language, attributes))


def _role(language: Language, attributes: dict[str, str]) -> Role:
    if language is Language.VUE:
        return Role.SETUP if "setup" in attributes else Role.MODULE
    if language is Language.SVELTE:
        is_module = "module" in attributes or attributes.get("context") == "module"
        return Role.MODULE if is_module else Role.SETUP
    return Role.MODULE


def _attributes(source: Source, tag: Node) -> dict[str, str]:
    attributes: dict[str, str] = {}
    for attribute in tag.named_children:
        parts = attribute.named_children if attribute.type == "attribute" else []
        if parts:
            value = source.text(Span(*parts[1].byte_range)).strip("\"'") if len(parts) > 1 else ""
            attributes[source.text(Span(*parts[0].byte_range)).lower()] = value
    return attributes
