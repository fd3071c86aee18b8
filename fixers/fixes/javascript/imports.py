"""Taking one more name from a module that the file imports from already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fixers.fixes.javascript.script import span_of
from fixers.fixes.model import CannotFixError

if TYPE_CHECKING:
    from tree_sitter import Node

    from fixers.fixes.javascript.context import Context

_EVIDENT_ORDER: Final = 3
"""So many names in alphabetical order are so on purpose; linters ask for it."""


def add_name(context: Context, module: str, name: str) -> None:
    """Adds a name to `import { ... } from 'module'`; nothing where it is there already.

    Raises:
        CannotFixError: the module is not imported from in that form, or the name is taken.
    """
    clauses = [clause for node in _imports(context) if (clause := _named(context, node, module)) is not None]
    if any(name in _names(context, clause) for clause in clauses):
        return
    if not clauses:
        raise CannotFixError(f"`{name}` would have to be imported from '{module}'")
    if name in context.script.words(span_of(context.script.root)):
        raise CannotFixError(f"`{name}` is the name of something else here")
    specifiers = [child for child in clauses[0].named_children if child.type == "import_specifier"]
    if not specifiers:
        raise CannotFixError(f"`{name}` would have to be imported from '{module}'")
    last = specifiers[-1]
    if clauses[0].start_point[0] == clauses[0].end_point[0]:
        after = _next_in_order(context, specifiers, name)
        if after is None:
            context.patch.insert(last.end_byte, f", {name}")
        else:
            context.patch.insert(after.start_byte, f"{name}, ")
        return
    indent = context.layout.indent(last.start_byte)
    newline = context.style.newline
    if not context.layout.is_first_on_line(last):
        context.patch.insert(last.end_byte, f", {name}")
    elif context.script.slice(last.end_byte, clauses[0].end_byte).lstrip().startswith(","):
        at = context.source.data.index(b",", last.end_byte) + 1
        context.patch.insert(at, f"{newline}{indent}{name},")
    else:
        context.patch.insert(last.end_byte, f",{newline}{indent}{name}")


def _next_in_order(context: Context, specifiers: list[Node], name: str) -> Node | None:
    """The imported name before which a new one stands where they are in alphabetical order; None: after all."""
    written = [context.script.text(specifier).lower() for specifier in specifiers]
    if len(written) < _EVIDENT_ORDER or written != sorted(written):
        return None
    return next((item for item, text in zip(specifiers, written, strict=True) if text > name.lower()), None)


def add_import(context: Context, module: str, name: str) -> None:
    """Adds an import of a name from a module, below the imports that there are.

    Raises:
        CannotFixError: there is none to take the form from, or the name is taken.
    """
    written = _imports(context)
    source = written[-1].child_by_field_name("source") if written else None
    if source is None or name in context.script.words(span_of(context.script.root)):
        raise CannotFixError(f"`{name}` would have to be imported from '{module}'")
    quote = context.script.text(source)[0]
    text = context.layout.statement(f"import {{ {name} }} from {quote}{module}{quote}")
    indent = context.layout.indent(written[-1].start_byte)
    at = context.layout.line_end(written[-1].end_byte) + len(context.style.newline)
    context.patch.insert(at, indent + text + context.style.newline)


def has_name(context: Context, module: str, name: str) -> bool:
    """Whether the file imports a name, under itself, from a module."""
    return any(item.module == module and item.name == name == str(item.binding) for item in context.facts.imports)


def _imports(context: Context) -> list[Node]:
    return [node for node in context.script.root.named_children if node.type == "import_statement"]


def _named(context: Context, node: Node, module: str) -> Node | None:
    """The braces of an import of values from a module."""
    source = node.child_by_field_name("source")
    if (
        source is None
        or context.script.text(source)[1:-1] != module
        or any(child.type == "type" for child in node.children)
    ):
        return None
    clause = next((child for child in node.named_children if child.type == "import_clause"), None)
    return next((child for child in clause.named_children if child.type == "named_imports"), None) if clause else None


def _names(context: Context, clause: Node) -> list[str]:
    found = []
    for child in clause.named_children:
        name = child.child_by_field_name("name")
        if child.type == "import_specifier" and name is not None and child.child_by_field_name("alias") is None:
            found.append(context.script.text(name))
    return found
