"""New members of a class: a field for a handle or a handler, and the teardown that a framework calls."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from fixers.facts import GLOBAL, THIS, Closure
from fixers.findings import Family
from fixers.fixes.javascript import bindings, freshnames, imports, listeners, object_members
from fixers.fixes.javascript.listeners import Anchor
from fixers.fixes.javascript.script import span_of
from fixers.fixes.model import CannotFixError

if TYPE_CHECKING:
    from tree_sitter import Node

    from fixers.fixes.javascript.context import Context
    from fixers.lifecycles.model import ClassLifecycle

_ONCE: Final = frozenset(
    {
        "componentDidMount",
        "connectedCallback",
        "firstUpdated",
        "ngOnInit",
        "ngAfterViewInit",
        "ngAfterContentInit",
        "UNSAFE_componentWillMount",
        "componentWillMount",
        "created",
        "beforeMount",
        "mounted",
    }
)
"""Methods that a framework calls once before each teardown."""
_LIFECYCLE: Final = re.compile(
    r"^(?:constructor|component(?:Did|Will)\w+|UNSAFE_\w+|ng[A-Z]\w+|connectedCallback|firstUpdated)$"
)
_FIELDS: Final = frozenset({"public_field_definition", "field_definition"})


def keep(context: Context, class_: int) -> str:
    """Puts a dropped handle into a new field; `this.interval`.

    Raises:
        CannotFixError: it is acquired where `this` is not the instance, or its value is used otherwise.
    """
    site, patch = context.site, context.patch
    _check_method(context, class_)
    if site.simple is None:
        raise CannotFixError("its handle is not kept, and there is no statement to keep it with")
    field = _field_name(context, class_)
    if site.is_discarded:
        patch.insert(site.simple.start_byte, f"this.{field} = ")
        context.layout.break_call(patch, site.call, f"this.{field} = ")
    elif site.declarator is not None:
        local = context.script.text(bindings.declared_name(site.declarator))
        context.layout.after(patch, site.simple, context.layout.statement(f"this.{field} = {local}"))
    else:
        raise CannotFixError("its handle is used in a form that no fix is written for")
    if context.script.typed or field.startswith("#"):
        _declare(context, class_, field, bindings.handle_type(context) if context.script.typed else "")
    return f"this.{field}"


def _node(context: Context, class_: int) -> Node:
    """The class, or the object literal that stands for one."""
    owner = context.facts.classes[class_]
    return object_members.object_node(context, owner) if owner.kind == "object" else context.script.class_(owner.span)


def _check_method(context: Context, class_: int) -> None:
    function = context.function(context.leak.function)
    own = {member.function: member for member in context.facts.classes[class_].members}
    is_own_method = context.leak.function in own or function.kind == "constructor"
    if not is_own_method or function.kind in {"static", "initializer"}:
        raise CannotFixError("it is started by a function within a method, which may run any number of times")
    if function.kind != "constructor" and function.name not in _ONCE:
        context.patch.doubt(f"`{function.name}` may be called again, and the field keeps the last one only")


def _field_name(context: Context, class_: int) -> str:
    return _fresh_field(context, class_, context.leak.resource.noun.split()[-1])


def _fresh_field(context: Context, class_: int, name: str) -> str:
    node = _node(context, class_)
    text = context.script.text(node)
    hidden, private = len(re.findall(r"this\._[a-z]", text)), len(re.findall(r"this\.#[a-z]", text))
    plain = len(re.findall(r"this\.[a-z]\w*\b(?!\()", text))
    if private > max(plain, hidden):
        fresh = freshnames.fresh([name], context, span_of(context.script.root))
        return f"#{fresh}"
    trailing = len(re.findall(r"this\.[a-z]\w*_\b", text))
    names = [name, f"{name}Id"] if context.leak.resource.family is Family.TIMER else [name]
    candidates = [f"_{item}" for item in names] if hidden > plain else names
    if trailing * 2 > plain:
        candidates = [f"{item}_" for item in names]
    return freshnames.fresh(candidates, context, span_of(node))


def _declare(context: Context, class_: int, field: str, type_: str) -> None:
    """Declares a field, as TypeScript asks for it, and a private name does."""
    typed = context.script.typed
    node = _node(context, class_)
    body = node.child_by_field_name("body")
    if body is None or not body.named_children:
        raise CannotFixError("the class has a form that no fix is written for")
    fields = list(takewhile(lambda child: child.type in _FIELDS, _members(body)))
    modifier = ""
    if typed and not field.startswith("#"):
        written = [_modifiers(context, item) for item in fields]
        modifier = (
            "private " if not written or any("private" in item or "protected" in item for item in written) else ""
        )
    text = context.layout.statement(f"{modifier}{field}?: {type_}" if typed else field)
    layout, newline = context.layout, context.style.newline
    if fields:
        last = fields[-1]
        indent = layout.indent(last.start_byte)
        at = layout.line_end(last.end_byte)
        context.patch.insert(at, newline + indent + text, rank=1)
    else:
        indent = layout.inner_indent(body)
        at = layout.line_end(body.start_byte)
        context.patch.insert(at, newline + indent + text + newline, rank=-1)


def _members(body: Node) -> list[Node]:
    return [child for child in body.named_children if child.type != "comment"]


def _modifiers(context: Context, node: Node) -> str:
    name = node.child_by_field_name("name") or node.child_by_field_name("property")
    end = name.start_byte if name is not None else node.end_byte
    return context.script.slice(node.start_byte, end)


def name_handler(context: Context, class_: int, registration: listeners.Registration) -> str:
    """Puts an inline handler into a new field before it is registered; `this.onKeydown`.

    Raises:
        CannotFixError: the field's type would have to be invented, or the handler is a method's inner function's.
    """
    if context.script.typed:
        raise CannotFixError("its handler has no name, and a field for it needs a type")
    _check_method(context, class_)
    site = context.site
    if site.simple is None or site.simple != site.statement or not context.layout.is_first_on_line(site.simple):
        raise CannotFixError("its handler has no name, and there is no statement to name it before")
    value = context.leak.acquisition.argument(1)
    if isinstance(value, Closure) and any(
        place.scope not in {GLOBAL, THIS} and place.scope == context.leak.function
        for place in context.function(value.function).captures
    ):
        context.patch.doubt("the handler uses variables of the method, which the field keeps alive")
    node = _node(context, class_)
    field = _fresh_field(context, class_, freshnames.for_handler(context, span_of(node)))
    anchor = Anchor(site.simple, context.layout.indent(site.simple.start_byte), span_of(node))
    listeners.name_handler(context, registration, f"this.{field}", anchor, "")
    if field.startswith("#"):
        _declare(context, class_, field, "")
    return f"this.{field}"


def add_teardown(context: Context, class_: int, lifecycle: ClassLifecycle, release: str) -> str:
    """Writes the teardown that the framework calls; returns its name.

    Raises:
        CannotFixError: there is no method to take its form from.
    """
    owner = context.facts.classes[class_]
    if owner.kind == "object":
        return object_members.add_hook(context, owner, lifecycle, release)
    name = lifecycle.final[0]
    node = _node(context, class_)
    body = node.child_by_field_name("body")
    methods = [child for child in body.named_children if child.type == "method_definition"] if body is not None else []
    if body is None or not methods:
        raise CannotFixError("the class has a form that no fix is written for")
    if name in context.script.words(span_of(node)):
        raise CannotFixError(f"the class mentions a `{name}` of its own")
    model = _model(context, methods)
    layout, style = context.layout, context.style
    indent = layout.indent(model.start_byte)
    lines = [f"super.{name}();"] if _calls_super(context, class_, name) else []
    inner = "\n".join([*(layout.statement(line.removesuffix(";")) for line in lines), release])
    head = f"{_accessibility(context, model)}{name}(){_returns_void(context, model)} {{"
    method = f"{head}\n{style.unit}{inner.replace(chr(10), chr(10) + style.unit)}\n}}"
    end = layout.line_end(model.end_byte)
    newline = style.newline
    context.patch.insert(end, newline + newline + indent + layout.lines(method, indent), rank=2)
    if name == "ngOnDestroy":
        _implement(context, node, "OnDestroy", "@angular/core")
    return name


def _model(context: Context, methods: list[Node]) -> Node:
    """The method after which the teardown stands: the last of the lifecycle, else the one that acquires."""
    start = context.leak.acquisition.span.start
    lifecycle = [node for node in methods if _LIFECYCLE.match(_method_name(context, node))]
    acquiring = [node for node in methods if node.start_byte <= start < node.end_byte]
    return [*methods[:1], *acquiring, *lifecycle][-1]


def _method_name(context: Context, method: Node) -> str:
    name = method.child_by_field_name("name")
    return context.script.text(name) if name is not None else ""


def _accessibility(context: Context, model: Node) -> str:
    name = model.child_by_field_name("name")
    words = context.script.slice(model.start_byte, name.start_byte if name else model.start_byte).split()
    return "".join(
        f"{word} " for word in words if word in {"public", "override"} and _method_name(context, model) != "constructor"
    )


def _returns_void(context: Context, model: Node) -> str:
    written = model.child_by_field_name("return_type")
    data = context.source.data
    return ": void" if written is not None or (context.script.typed and b"(): void {" in data) else ""


def _calls_super(context: Context, class_: int, name: str) -> bool:
    """Whether a base class may have the teardown too: every base but the browser's and React's own."""
    facts = context.facts.classes[class_]
    if name != "disconnectedCallback":
        return False
    return any(context.judge.names.path_of(base, facts.scope) != "global.HTMLElement" for base in facts.bases)


def _implement(context: Context, node: Node, interface: str, module: str) -> None:
    """Says that the class implements an interface of the framework, where it says so of others."""
    heritage = next((child for child in node.named_children if child.type == "class_heritage"), None)
    clause = next(
        (child for child in (heritage.named_children if heritage else []) if child.type == "implements_clause"), None
    )
    if not context.script.typed:
        return
    imports.add_name(context, module, interface)
    if clause is not None:
        context.patch.insert(clause.end_byte, f", {interface}")
        return
    at = (
        heritage
        if heritage is not None
        else node.child_by_field_name("type_parameters") or node.child_by_field_name("name")
    )
    if at is None:
        raise CannotFixError("the class has a form that no fix is written for")
    context.patch.insert(at.end_byte, f" implements {interface}")
