"""The patterns of `match`: which names they capture, and which always match."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fixers.syntax.python.grammar import parts

if TYPE_CHECKING:
    from tree_sitter import Node

_NESTING: Final = frozenset(
    {
        "case_pattern",
        "list_pattern",
        "tuple_pattern",
        "dict_pattern",
        "union_pattern",
        "as_pattern",
        "splat_pattern",
    }
)


def captured(pattern: Node) -> list[Node]:
    """The identifiers that a pattern binds, in the order of the file."""
    names: list[Node] = []
    waiting = [pattern]
    while waiting:
        node = waiting.pop()
        match node.type:
            case "identifier":
                names.append(node)
            case "dotted_name":
                inner = parts(node)
                if len(inner) == 1:
                    names.append(inner[0])
            case "class_pattern" | "keyword_pattern":
                waiting.extend(reversed(parts(node)[1:]))
            case kind if kind in _NESTING:
                waiting.extend(reversed(parts(node)))
    return names


def whole_capture(pattern: Node) -> Node | None:
    """The identifier that holds the whole subject when the pattern matches: `case x`, `case ... as x`."""
    inner = parts(pattern)
    if len(inner) != 1:
        return None
    if inner[0].type == "as_pattern":
        last = parts(inner[0])[-1]
        return last if last.type == "identifier" else None
    if inner[0].type == "dotted_name":
        names = parts(inner[0])
        return names[0] if len(names) == 1 else None
    return None


def always_matches(pattern: Node) -> bool:
    """Whether a pattern is `_` or a bare name."""
    inner = parts(pattern)
    if not inner:
        return True
    return len(inner) == 1 and inner[0].type == "dotted_name" and len(parts(inner[0])) == 1
