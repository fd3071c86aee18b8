"""ES exports, and TypeScript's `export =`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixers.facts import Assign, Choice, Export, Ref, Value
from fixers.source import Span
from fixers.syntax.javascript.classes import CLASS_DECLARATIONS, lower_class
from fixers.syntax.javascript.commonjs import export_entries
from fixers.syntax.javascript.imports import name_text
from fixers.syntax.javascript.literals import named_children, string_value
from fixers.syntax.javascript.lowering import NOTHING, STATEMENTS, Body, expression, lowers, name_value, statement
from fixers.syntax.javascript.patterns import assign, bound_names

if TYPE_CHECKING:
    from tree_sitter import Node


@lowers(STATEMENTS, "export_statement")
def _export(body: Body, node: Node) -> None:
    declaration = node.child_by_field_name("declaration")
    source = node.child_by_field_name("source")
    words = {child.type for child in node.children if not child.is_named}
    if declaration is not None:
        _declared(body, node, declaration, is_default="default" in words)
    elif source is not None:
        _from(body, node, string_value(body, source), is_star="*" in words)
    elif "default" in words or "=" in words:
        _default(body, node)
    else:
        for specifier in _specifiers(node):
            name, exported = _names(body, specifier)
            body.file.exports.append(Export(exported, Span(*specifier.byte_range), Ref(body.lookup(name))))


def _declared(body: Body, node: Node, declaration: Node, *, is_default: bool) -> None:
    """`export const a = 1`; in a Svelte instance script `export let a` is a property, which the parent may set."""
    if declaration.type in CLASS_DECLARATIONS:
        decorators = tuple(child for child in node.children if child.type == "decorator")
        declare_class(body, declaration, decorators)
    else:
        statement(body, declaration)
    is_property = body.function.kind == "setup" and declaration.type == "lexical_declaration" and _is_let(declaration)
    for name in declared_names(declaration):
        text = body.file.text(name)
        place = body.lookup(text)
        if is_property:
            body.emit(Assign(place, Choice((Ref(place), NOTHING)), Span(*name.byte_range)))
        exported = "default" if is_default else text
        if body.scope is body.file.module_scope:
            body.file.exports.append(Export(exported, Span(*name.byte_range), Ref(place)))


def _is_let(declaration: Node) -> bool:
    word = declaration.child_by_field_name("kind")
    return word is not None and word.type == "let"


def declare_class(body: Body, node: Node, decorators: tuple[Node, ...] = ()) -> None:
    """Lowers a class declaration and binds its name."""
    value = lower_class(body, node, decorators)
    name = node.child_by_field_name("name")
    if name is not None:
        place = body.lookup(body.file.text(name))
        assign(body, place, value, Span(*node.byte_range), declares=True)
        body.file.class_of_binding.setdefault(place, value.class_)


def declared_names(declaration: Node) -> list[Node]:
    """The names that a declaration binds; types bind none."""
    name = declaration.child_by_field_name("name")
    if name is not None:
        is_type = declaration.type in {"interface_declaration", "type_alias_declaration", "function_signature"}
        return [name] if not is_type and name.type in {"identifier", "type_identifier"} else []
    names: list[Node] = []
    for declarator in declaration.named_children:
        pattern = declarator.child_by_field_name("name") if declarator.type == "variable_declarator" else None
        if pattern is not None:
            names.extend(bound_names(pattern))
    return names


def _from(body: Body, node: Node, module: str, *, is_star: bool) -> None:
    """`export {a as b} from 'm'`, `export * from 'm'`, `export * as ns from 'm'`."""
    exports = body.file.exports
    for child in node.named_children:
        if child.type == "namespace_export":
            for name in named_children(child)[:1]:
                exports.append(Export(name_text(body, name), Span(*child.byte_range), module=module, name="*"))
    if is_star:
        exports.append(Export("*", Span(*node.byte_range), module=module, name="*"))
    for specifier in _specifiers(node):
        name_, exported = _names(body, specifier)
        exports.append(Export(exported, Span(*specifier.byte_range), module=module, name=name_))


def _specifiers(node: Node) -> list[Node]:
    clause = next((child for child in node.named_children if child.type == "export_clause"), None)
    return [child for child in clause.named_children if child.type == "export_specifier"] if clause is not None else []


def _names(body: Body, specifier: Node) -> tuple[str, str]:
    name = specifier.child_by_field_name("name")
    if name is None:
        return "", ""
    alias = specifier.child_by_field_name("alias") or name
    return name_text(body, name), name_text(body, alias)


def _default(body: Body, node: Node) -> None:
    """`export default x` and `export = x`."""
    written = node.child_by_field_name("value")
    if written is None:
        written = next((child for child in node.named_children if child.type not in {"comment", "decorator"}), None)
    if written is None:
        return
    if written.type == "class":
        decorators = tuple(child for child in node.children if child.type == "decorator")
        value: Value = lower_class(body, written, decorators)
    else:
        value = expression(body, written)
    name_value(body.file, value, "default", "default")
    span = Span(*node.byte_range)
    body.file.exports.append(Export("default", span, value))
    if node.child_by_field_name("value") is None:
        export_entries(body, value, span)
