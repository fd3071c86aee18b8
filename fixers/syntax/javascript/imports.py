"""ES imports and TypeScript's `import x = require()`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixers.facts import Import, Place
from fixers.source import Span
from fixers.syntax.javascript.literals import named_children, string_value
from fixers.syntax.javascript.lowering import Body

if TYPE_CHECKING:
    from tree_sitter import Node


def declare_imports(body: Body, node: Node) -> None:
    """Declares what an import statement binds, in the module's scope, and notes the imports."""
    source = node.child_by_field_name("source")
    for child in node.named_children:
        if child.type == "import_require_clause":
            _require_clause(body, child)
        elif child.type == "import_clause" and source is not None:
            module = string_value(body, source)
            for part in named_children(child):
                _clause(body, part, module)


def _require_clause(body: Body, node: Node) -> None:
    source = node.child_by_field_name("source")
    names = named_children(node)
    if source is not None and names:
        _add(body, names[0], string_value(body, source), "*", node)


def _clause(body: Body, node: Node, module: str) -> None:
    kind = node.type
    if kind == "identifier":
        _add(body, node, module, "default", node)
    elif kind == "namespace_import":
        for name in named_children(node)[:1]:
            _add(body, name, module, "*", node)
    elif kind == "named_imports":
        for specifier in named_children(node):
            exported = specifier.child_by_field_name("name")
            if specifier.type == "import_specifier" and exported is not None:
                alias = specifier.child_by_field_name("alias") or exported
                _add(body, alias, module, name_text(body, exported), specifier)


def name_text(body: Body, node: Node) -> str:
    """An imported or exported name; it may be written as a string."""
    return string_value(body, node) if node.type == "string" else body.file.text(node)


def _add(body: Body, binding: Node, module: str, name: str, node: Node) -> None:
    place: Place = body.file.module_scope.declare(body.file.text(binding))
    span = Span(*node.byte_range)
    body.file.imports[place, span] = Import(place, module, name, span)
