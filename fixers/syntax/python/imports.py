"""Import statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node


def imported_names(text: Callable[[Node], str], node: Node) -> Iterator[tuple[str, str, str, Node]]:
    """Each binding of an import statement: module as written, name taken (`*`: the module itself), name bound, node.

    `import a.b` binds `a` to the module `a`. `from m import *` has `*` for both names.
    """
    named = node.children_by_field_name("name")
    if node.type == "import_statement":
        for item in named:
            module, alias = _named(text, item)
            if alias is None:
                module = alias = module.split(".", 1)[0]
            yield module, "*", alias, item
        return
    module_node = node.child_by_field_name("module_name")
    module = "__future__" if module_node is None else _dotted(text, module_node)
    for item in named:
        name, alias = _named(text, item)
        yield module, name, alias or name, item
    for item in node.named_children:
        if item.type == "wildcard_import":
            yield module, "*", "*", item


def _named(text: Callable[[Node], str], item: Node) -> tuple[str, str | None]:
    name, alias = item.child_by_field_name("name"), item.child_by_field_name("alias")
    if name is None:
        return _dotted(text, item), None
    return _dotted(text, name), text(alias) if alias is not None else None


def _dotted(text: Callable[[Node], str], node: Node) -> str:
    return "".join(text(node).split()).replace("\\", "")
