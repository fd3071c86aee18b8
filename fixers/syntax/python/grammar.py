"""The tree-sitter grammar of Python: parsing, and what the other modules ask of its nodes."""

from __future__ import annotations

import re
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Final, cast

import tree_sitter_python
from tree_sitter import Language, Parser, Query, QueryCursor

from fixers.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node, Tree

_LANGUAGE: Final = Language(tree_sitter_python.language())
_EXTRAS: Final = frozenset({_LANGUAGE.id_for_node_kind(kind, True) for kind in ("comment", "line_continuation")})
"""As numbers, since `Node.type` makes a new text each time."""
_span: Final = cast("Callable[[tuple[int, int]], Span]", partial(tuple.__new__, Span))
"""What the constructor of Span comes to, without its Python code: there is a span for everything."""
_NOT_ASCII: Final = bytes(range(128)) + b"_" * 128

COMPREHENSIONS: Final = frozenset(
    {"list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression"}
)
PATTERNS: Final = frozenset({"pattern_list", "tuple_pattern", "list_pattern", "tuple", "list", "expression_list"})
"""Targets that take a value apart."""
SPLATS: Final = frozenset({"list_splat_pattern", "list_splat"})


@lru_cache(maxsize=1)
def parse(data: bytes) -> tuple[Tree, str]:
    """The tree of a file and the encoding of its text; byte offsets in the tree are those of `data`.

    One tree is kept, since a file that has findings is looked at again for their fixes.

    Bytes that are not UTF-8 are taken for Latin-1, and parsed with a letter in place of each byte beyond ASCII, since
    tree-sitter reads nothing but UTF-8 and Python allows any letter in a name.
    """
    encoding = "utf-8"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        encoding = "latin-1"
        data = data.translate(_NOT_ASCII)
    return Parser(_LANGUAGE).parse(data), encoding


def field(name: str) -> int:
    """The number of a field of the grammar: a child is found faster by it than by the name.

    Raises:
        ValueError: the grammar has no such field.
    """
    number = _LANGUAGE.field_id_for_name(name)
    if number is None:
        raise ValueError(f"the grammar has no field {name!r}")
    return number


def depth(root: Node, enough: int) -> int:
    """How deep nodes nest, counted without recursion; a first child is not deeper than its parent.

    So a chain (`a + b + c`, `a.b.c`, `a()()`), which the grammar nests to the left, has no depth: lowering walks it in
    a loop. A part of the tree with too few nodes to reach beyond `enough` is not walked.
    """
    deepest = 0
    waiting = [(root, 0)]
    while waiting:
        node, level = waiting.pop()
        deepest = max(deepest, level)
        if level + node.descendant_count > enough:
            waiting.extend((child, level + (number > 0)) for number, child in enumerate(node.children))
    return deepest


def preorder(root: Node, kinds: frozenset[str], patterns: frozenset[str] = frozenset()) -> list[Node]:
    """The nodes of some kinds, in the order in which a walk over the whole tree meets them.

    Args:
        root: where the walk begins.
        kinds: `lambda`.
        patterns: nodes of which more is known than the kind, as tree-sitter's queries write it: `(await (call))`.
    """
    found = QueryCursor(_query(frozenset({*patterns, *(f"({kind})" for kind in kinds)}))).captures(root).get("node", [])
    return sorted(found, key=lambda node: (node.start_byte, -node.end_byte, -node.descendant_count))


@cache
def _query(patterns: frozenset[str]) -> Query:
    return Query(_LANGUAGE, f"[{' '.join(sorted(patterns))}] @node")


def parts(node: Node) -> list[Node]:
    """The named children without comments."""
    return [child for child in node.named_children if child.kind_id not in _EXTRAS]


def span_of(node: Node) -> Span:
    """The bytes a node covers."""
    return _span(node.byte_range)


def has_word(node: Node, word: str) -> bool:
    """Whether a keyword or mark (`async`, `from`, `*`) is a direct child of a node."""
    return any(child.type == word for child in node.children)


_WHITE: Final = re.compile(r"\s+")


def one_line(text: str) -> str:
    """A text with every run of white space made one space."""
    return _WHITE.sub(" ", text).strip()
