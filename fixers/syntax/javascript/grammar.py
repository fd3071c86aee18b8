"""Parses script text with tree-sitter, and measures what a tree is worth: how deep it is, where it failed."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Final

import tree_sitter_html
import tree_sitter_javascript
import tree_sitter_typescript
from tree_sitter import Language, Node, Parser, Point, Range, Tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixers.source import Source, Span

MAX_TREE_DEPTH: Final = 10_000
"""Beyond this a file is skipped as `too-deep` (engine.md 2). A chain that only grows to the left is one level."""

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


def parse(source: Source, dialect: Dialect, within: Span | None = None) -> Tree:
    """Parses a file, or the part of it that `within` names; positions are of the whole file either way."""
    if within is None:
        return Parser(_language(dialect)).parse(source.data)
    ranges = [Range(_point(source, within.start), _point(source, within.end), within.start, within.end)]
    return Parser(_language(dialect), included_ranges=ranges).parse(source.data)


def parse_script(source: Source, dialect: Dialect, within: Span | None = None) -> Tree:
    """Parses a script. JavaScript that is not, but is rather Flow or TypeScript, is parsed as TSX instead."""
    tree = parse(source, dialect, within)
    if dialect is not Dialect.JAVASCRIPT or not tree.root_node.has_error:
        return tree
    other = parse(source, Dialect.TSX, within)
    return other if _error_count(other.root_node) < _error_count(tree.root_node) else tree


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
    """The outermost nodes that the grammar could not make sense of, in the order of the file.

    Those among types are left out: they say nothing about what runs.
    """
    stack = [root] if root.has_error else []
    while stack:
        node = stack.pop()
        if node.is_error or node.is_missing:
            yield node
        elif node.type == "export_statement":
            stack.extend(child for child in reversed(node.children) if child.has_error and child.text != b"type")
        elif node.type not in _TYPE_NODES:
            stack.extend(child for child in reversed(node.children) if child.has_error)


def _error_count(root: Node) -> int:
    return sum(1 for _ in error_nodes(root))
