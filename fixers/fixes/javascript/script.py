"""The tree beneath the facts: from the byte spans of a finding back to statements, blocks and functions."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from fixers.fixes.model import CannotFixError
from fixers.source import Language, Source, Span
from fixers.syntax.javascript.embedded import scripts
from fixers.syntax.javascript.grammar import Dialect, parse, parse_script

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tree_sitter import Node

LISTS: Final = frozenset({"statement_block", "program"})
"""Nodes whose children are statements."""
FUNCTIONS: Final = frozenset(
    {
        "arrow_function",
        "function_expression",
        "function_declaration",
        "generator_function",
        "generator_function_declaration",
        "method_definition",
    }
)
CLASSES: Final = frozenset({"class_declaration", "class", "abstract_class_declaration"})
DECLARATIONS: Final = frozenset({"lexical_declaration", "variable_declaration"})
LOOPS: Final = frozenset({"for_statement", "for_in_statement", "while_statement", "do_statement"})

_WORD: Final = re.compile(rb"[A-Za-z_$][\w$]*")
_DIALECTS: Final = {
    Language.JAVASCRIPT: Dialect.JAVASCRIPT,
    Language.TYPESCRIPT: Dialect.TYPESCRIPT,
    Language.TSX: Dialect.TSX,
}


class Script:
    """One script: all of a JavaScript or TypeScript file, or a script block of a Vue, Svelte or HTML file."""

    def __init__(self, source: Source, root: Node, dialect: Dialect) -> None:
        self.source = source
        self.root = root
        self.typed = dialect is not Dialect.JAVASCRIPT

    @property
    def span(self) -> Span:
        """The bytes of the script."""
        return span_of(self.root)

    def text(self, node: Node) -> str:
        """The text of a node."""
        return self.slice(node.start_byte, node.end_byte)

    def slice(self, start: int, end: int) -> str:
        """The text between two bytes; bytes that are not UTF-8 survive writing it back."""
        return self.source.data[start:end].decode("utf-8", "surrogateescape")

    def path(self, span: Span) -> list[Node]:
        """The nodes from the root down to the innermost one that has exactly this span.

        Raises:
            CannotFixError: there is none.
        """
        cursor = self.root.walk()
        found: list[Node] = [self.root]
        exact = 0
        while cursor.goto_first_child_for_byte(span.start) is not None:
            node = cursor.node
            if node is None or node.start_byte > span.start or node.end_byte < span.end:
                break
            found.append(node)
            if span_of(node) == span:
                exact = len(found)
        if not exact:
            raise CannotFixError("the code there has a form that no fix is written for")
        return found[:exact]

    def function(self, span: Span) -> Node:
        """The function with this span.

        Raises:
            CannotFixError: it is none that is written as one.
        """
        for node in reversed(self.path(span)):
            if node.type in FUNCTIONS:
                return node
        raise CannotFixError("the code there has a form that no fix is written for")

    def class_(self, span: Span) -> Node:
        """The class with this span.

        Raises:
            CannotFixError: it is none that is written as one.
        """
        for node in reversed(self.path(span)):
            if node.type in CLASSES:
                return node
        raise CannotFixError("it is not written as a class")

    def words(self, span: Span) -> frozenset[str]:
        """Every word within a span that may be a name."""
        return frozenset(word.decode() for word in _WORD.findall(self.source.data, span.start, span.end))

    def count(self, word: str, span: Span) -> int:
        """How often a word stands within a span."""
        return _WORD.findall(self.source.data, span.start, span.end).count(word.encode())


def script_of(source: Source, span: Span) -> Script:
    """The script that holds a span.

    Raises:
        CannotFixError: it lies in none.
    """
    for script in _scripts(source):
        if script.span.contains(span):
            return script
    raise CannotFixError("it does not lie in a script")


@lru_cache(maxsize=2)
def _scripts(source: Source) -> tuple[Script, ...]:
    dialect = _DIALECTS.get(source.language)
    if dialect is not None:
        return (Script(source, parse_script(source, dialect).root, dialect),)
    document = parse(source, Dialect.HTML)
    return tuple(
        Script(source, parse_script(source, script.dialect, script.span).root, script.dialect)
        for script in scripts(source, document)
    )


def span_of(node: Node) -> Span:
    """The bytes of a node."""
    return Span(node.start_byte, node.end_byte)


def statements(block: Node) -> list[Node]:
    """The statements of a block or program, comments left out."""
    return [child for child in block.named_children if child.type not in {"comment", "hash_bang_line"}]


def own_nodes(function: Node, kinds: Iterable[str]) -> Iterator[Node]:
    """Nodes of these types within a function, in byte order; functions and classes within it are not entered."""
    wanted = frozenset(kinds)
    body = function.child_by_field_name("body") or function
    stack = [body]
    while stack:
        node = stack.pop()
        if node.type in wanted:
            yield node
        if node is body or node.type not in FUNCTIONS | CLASSES:
            stack.extend(reversed(node.named_children))


def unwrapped(node: Node) -> Node:
    """What an expression is beneath `await`, parentheses and TypeScript's assertions."""
    while node.type in {"await_expression", "parenthesized_expression", "as_expression", "satisfies_expression"} | {
        "non_null_expression"
    }:
        inner = [child for child in node.named_children if child.type != "comment"]
        if not inner:
            break
        node = inner[0]
    return node


def is_async(function: Node) -> bool:
    """Whether a function is async."""
    return any(child.type == "async" for child in function.children[:4])


def is_generator(function: Node) -> bool:
    """Whether a function is a generator."""
    return "generator" in function.type or any(child.type == "*" for child in function.children[:4])
