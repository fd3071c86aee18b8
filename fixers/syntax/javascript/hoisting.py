"""What a block, a function or the module declares before its first statement runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fixers.source import Span
from fixers.syntax.javascript.classes import CLASS_DECLARATIONS
from fixers.syntax.javascript.closures import FUNCTION_DECLARATIONS, closure
from fixers.syntax.javascript.imports import declare_imports
from fixers.syntax.javascript.lowering import Body
from fixers.syntax.javascript.patterns import assign, declare_names
from fixers.syntax.javascript.written_types import type_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

LEXICAL: Final = frozenset({"lexical_declaration", "using_declaration"})
NAMESPACES: Final = frozenset({"internal_module", "module"})
_NAMED: Final = CLASS_DECLARATIONS | FUNCTION_DECLARATIONS | NAMESPACES | {"enum_declaration"}
SCOPED: Final = LEXICAL | _NAMED | {"export_statement", "expression_statement", "import_alias"}
"""Statements that may declare a name of their block."""
_HOLDS_STATEMENTS: Final = frozenset(
    {
        "statement_block", "if_statement", "else_clause", "for_statement", "for_in_statement", "while_statement",
        "do_statement", "try_statement", "catch_clause", "finally_clause", "switch_statement", "switch_body",
        "switch_case", "switch_default", "labeled_statement", "with_statement", "export_statement",
    }
)  # fmt: skip


def hoist(body: Body, statements: Sequence[Node]) -> None:
    """Declares the names of a block, and binds its functions."""
    functions = [declared for node in statements if (declared := _declare(body, node)) is not None]
    for node in functions:
        name = node.child_by_field_name("name")
        if name is not None:
            place = body.lookup(body.file.text(name))
            assign(body, place, closure(body, node), Span(*node.byte_range), declares=True)


def _declare(body: Body, node: Node) -> Node | None:
    """Declares what one statement names; a function declaration comes back, to be bound."""
    kind = node.type
    if kind == "export_statement":
        declaration = node.child_by_field_name("declaration")
        return None if declaration is None else _declare(body, declaration)
    if kind in LEXICAL:
        declare_declarators(body, node)
    elif kind in _NAMED:
        name = node.child_by_field_name("name")
        if name is not None and name.type in {"identifier", "type_identifier"}:
            body.scope.declare(body.file.text(name))
            return node if kind in FUNCTION_DECLARATIONS else None
    elif kind == "import_statement":
        declare_imports(body, node)
    elif kind == "import_alias":
        for name in node.named_children[:1]:
            body.scope.declare(body.file.text(name))
    elif kind == "expression_statement" and node.named_child_count and node.named_children[0].type in NAMESPACES:
        return _declare(body, node.named_children[0])
    return None


def declare_declarators(body: Body, node: Node) -> None:
    """Declares the names of `let a, {b} = c` in the current scope."""
    for declarator in node.named_children:
        name = declarator.child_by_field_name("name") if declarator.type == "variable_declarator" else None
        if name is not None:
            written = type_text(body.file.data, declarator.child_by_field_name("type"))
            declare_names(body.scope, body.file, name, written)


def declare_vars(body: Body, statements: Sequence[Node]) -> None:
    """Declares every `var` of a function, wherever in its blocks it stands."""
    function_scope, body.scope = body.scope, body.scope.function_scope
    stack = list(reversed(statements))
    while stack:
        node = stack.pop()
        if not body.file.may_have_var(node):
            continue
        kind = node.type
        if kind == "variable_declaration":
            declare_declarators(body, node)
            continue
        if kind == "for_in_statement":
            word = node.child_by_field_name("kind")
            left = node.child_by_field_name("left")
            if word is not None and word.type == "var" and left is not None:
                declare_names(body.scope, body.file, left)
        if kind in _HOLDS_STATEMENTS:
            stack.extend(reversed(node.named_children))
    body.scope = function_scope
