"""The parameters of functions and lambdas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fixers.facts import Param
from fixers.syntax.python.grammar import one_line, parts
from fixers.syntax.python.literals import unquoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

_SPLAT_KIND: Final = {"list_splat_pattern": "rest", "dictionary_splat_pattern": "keywords"}


def parameters(text: Callable[[Node], str], function: Node) -> list[tuple[Param, Node | None]]:
    """Each parameter with the node of its default, which the function around evaluates."""
    written = function.child_by_field_name("parameters")
    found: list[tuple[Param, Node | None]] = []
    kind = "positional"
    for node in [] if written is None else parts(written):
        if node.type == "keyword_separator":
            kind = "keyword"
            continue
        if node.type == "positional_separator":
            continue
        pattern = node.child_by_field_name("name") or (node.named_child(0) if node.type == "typed_parameter" else node)
        if pattern is None:
            continue
        splat = _SPLAT_KIND.get(pattern.type)
        name = pattern.named_child(0) if splat else pattern
        found.append(
            (
                Param(
                    text(name) if name is not None and name.type == "identifier" else "",
                    splat or kind,
                    _type(text, node.child_by_field_name("type")),
                ),
                node.child_by_field_name("value"),
            )
        )
        if splat == "rest":
            kind = "keyword"
    return found


def _type(text: Callable[[Node], str], node: Node | None) -> str | None:
    return None if node is None else unquoted(one_line(text(node)))
