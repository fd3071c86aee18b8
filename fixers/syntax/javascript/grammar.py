"""Parses script text with tree-sitter, and measures what a tree is worth: how deep it is, where it failed."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache, partial
from typing import TYPE_CHECKING, Final, NamedTuple

import tree_sitter_html
import tree_sitter_javascript
import tree_sitter_typescript
from tree_sitter import Language, Node, Parser, Point, Range

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixers.source import Source, Span

MAX_TREE_DEPTH: Final = 10_000
"""Beyond this a file is skipped as `too-deep` (engine.md 2). A chain that only grows to the left is one level."""

_USING: Final = re.compile(
    rb"(?:\b(await)[ \t]+)?\busing\b(?=[ \t]+[A-Za-z_$][\w$]*[ \t]*(?::[^=\n]|=[^=>]|(?<=[ \t])of\b))"
)
_TYPE_NODES: Final = frozenset({"interface_declaration", "type_alias_declaration", "type_parameters"})


class Dialect(StrEnum):
    """A grammar. JSX is part of `javascript` and of `tsx`."""

    JAVASCRIPT = "javascript"
    TYPESCRIPT = "typescript"
    TSX = "tsx"
    HTML = "html"


@cache
def _language(dialect: Dialect) -> Language:
    pointers = {
        Dialect.JAVASCRIPT: tree_sitter_javascript.language,
        Dialect.TYPESCRIPT: tree_sitter_typescript.language_typescript,
        Dialect.TSX: tree_sitter_typescript.language_tsx,
        Dialect.HTML: tree_sitter_html.language,
    }
    return Language(pointers[dialect]())


class Parsed(NamedTuple):
    """A tree, and where a `const` in it is a `using` of the text (and whether an `await using`)."""

    root: Node
    usings: dict[int, bool]


def parse(source: Source, dialect: Dialect) -> Node:
    """The root of a file's tree."""
    return Parser(_language(dialect)).parse(source.data).root_node


def parse_script(source: Source, dialect: Dialect, within: Span | None = None) -> Parsed:
    """Parses a script, the whole file or the part that `within` names; positions are of the whole file either way.

    JavaScript that is not, but is rather Flow or TypeScript, is parsed as TSX instead.
    """
    parsed = _parse(source, dialect, within)
    if dialect is not Dialect.JAVASCRIPT or not parsed.root.has_error:
        return parsed
    other = _parse(source, Dialect.TSX, within)
    return other if _error_count(other.root) < _error_count(parsed.root) else parsed


def _parse(source: Source, dialect: Dialect, within: Span | None) -> Parsed:
    usings: dict[int, bool] = {}
    data = source.data
    if dialect is not Dialect.JAVASCRIPT:
        data = _USING.sub(partial(_const_for_using, usings), data)
    ranges = None
    if within is not None:
        ranges = [Range(_point(source, within.start), _point(source, within.end), within.start, within.end)]
    return Parsed(Parser(_language(dialect), included_ranges=ranges).parse(data).root_node, usings)


def _const_for_using(usings: dict[int, bool], match: re.Match[bytes]) -> bytes:
    """`const` where `using` stood, which the TypeScript grammar does not know; as many bytes as before."""
    usings[match.end() - len(b"using")] = match.group(1) is not None
    return b" " * (match.end() - match.start() - len(b"const")) + b"const"


def _point(source: Source, offset: int) -> Point:
    line = source.line_of(offset)
    return Point(line - 1, offset - source.line_starts[line - 1])


def is_too_deep(root: Node, limit: int = MAX_TREE_DEPTH) -> bool:
    """Whether a tree is deeper than `limit`, not counting a node that begins where its parent does."""
    stack = [(root, 0)]
    while stack:
        node, depth = stack.pop()
        if depth > limit:
            return True
        if node.descendant_count <= limit - depth:
            continue
        start = node.start_byte
        stack.extend((child, depth + (child.start_byte > start)) for child in node.children)
    return False


def error_nodes(root: Node) -> Iterator[Node]:
    """The nodes that the grammar could not make sense of, in the order of the file; also those within others.

    Those among types are left out: they say nothing about what runs.
    """
    stack = [root] if root.has_error else []
    while stack:
        node = stack.pop()
        if node.is_error or node.is_missing:
            yield node
        if node.type == "export_statement":
            stack.extend(child for child in reversed(node.children) if child.has_error and child.text != b"type")
        elif node.type not in _TYPE_NODES:
            stack.extend(child for child in reversed(node.children) if child.has_error)


def _error_count(root: Node) -> int:
    return sum(1 for _ in error_nodes(root))
