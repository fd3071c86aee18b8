"""Signs that a file is written in Python 2, which the grammar partly reads and Stanch does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tree_sitter import Node

_STATEMENTS: Final = {"print_statement": "a print statement", "exec_statement": "an exec statement"}
SIGNS: Final = {
    **{kind: f"({kind})" for kind in _STATEMENTS},
    "raise_statement": "(raise_statement (expression_list))",
    "except_clause": "(except_clause value: (_) value: (identifier))",
    "parameters": "(parameters (tuple_pattern))",
    "comparison_operator": "(comparison_operator)",
    "string": "(string)",
}
"""The kinds of nodes that can be a sign, and the pattern of those that may be one."""


def sign_of_python2(node: Node, data: bytes) -> str | None:
    """What only Python 2 has in a node of SIGNS, in words; None for what Python 3 has too.

    `except A, B:` is Python 3.14 as well (PEP 758); it counts where B begins in lower case, as a variable does.
    """
    kind = node.type
    if kind in _STATEMENTS:
        return _STATEMENTS[kind]
    match kind:
        case "raise_statement" if node.named_child_count and node.named_children[0].type == "expression_list":
            return "`raise E, value`"
        case "except_clause" if _binds_by_comma(node, data):
            return "`except E, name`"
        case "parameters" if any(child.type == "tuple_pattern" for child in node.named_children):
            return "a parameter that is taken apart"
        case "comparison_operator" if any(child.type == "<>" for child in node.children):
            return "`<>`"
        case "string" if data.startswith(b"`", node.start_byte):
            return "backticks"
    return None


def _binds_by_comma(clause: Node, data: bytes) -> bool:
    values = clause.children_by_field_name("value")
    if len(values) != 2 or values[1].type != "identifier":
        return False
    return data[values[1].start_byte : values[1].start_byte + 1].islower()
