"""`require` and `module.exports`: what an assignment imports, and what it exports."""

from __future__ import annotations

from fixers.facts import GLOBAL, RESULT, ClassValue, Export, Import, Place, Record, Ref, Value
from fixers.source import Span
from fixers.syntax.javascript.lowering import UNDEFINED, Body


def assigned(body: Body, target: Place, value: Value, span: Span) -> None:
    """Notes the Import and the Exports that an assignment makes."""
    if target.scope >= 0 and not target.path:
        _import(body, target, value, span)
    elif target.scope == GLOBAL and target.root in {"module", "exports"}:
        _export(body, target, value, span)


def required(body: Body, value: Value) -> tuple[str, str] | None:
    """The module and the name in it that a value is (`require('pg').Pool`), if it is one."""
    if not isinstance(value, Ref) or value.place.scope != RESULT or value.place.root not in body.required:
        return None
    path = value.place.path
    if len(path) > 1:
        return None
    return body.required[value.place.root], path[0] if path else "*"


def _import(body: Body, target: Place, value: Value, span: Span) -> None:
    if not body.required:
        return
    source = required(body, value)
    if source is not None:
        module, name = source
        body.file.imports[target, span] = Import(target, module, name, span)


def _export(body: Body, target: Place, value: Value, span: Span) -> None:
    path = target.path if target.root == "exports" else target.path[1:]
    if target.root == "module" and target.path[:1] != ("exports",):
        return
    if len(path) > 1:
        return
    if path and value != UNDEFINED:
        body.file.exports.append(_exported(body, path[0], value, span))
    if path or target.root == "exports":
        return
    source = required(body, value)
    if source is not None and source[1] == "*":
        body.file.exports.append(Export("*", span, module=source[0], name="*"))
    body.file.exports.append(_exported(body, "default", value, span))
    export_entries(body, value, span)


def export_entries(body: Body, value: Value, span: Span) -> None:
    """Exports each entry of an object literal that is the whole of what a module gives."""
    entries = value.entries if isinstance(value, Record) else value.fields if isinstance(value, ClassValue) else ()
    for key, item in entries:
        source = required(body, item)
        if key is not None:
            body.file.exports.append(_exported(body, key, item, span))
        elif source is not None and source[1] == "*":
            body.file.exports.append(Export("*", span, module=source[0], name="*"))


def _exported(body: Body, name: str, value: Value, span: Span) -> Export:
    source = required(body, value)
    if source is not None:
        return Export(name, span, module=source[0], name=source[1])
    return Export(name, span, value=value)
