"""Class declarations and expressions: bases, members, decorators; field values become an initializer function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fixers.facts import Assign, Class, ClassValue, Function, Member, Value
from fixers.source import Span
from fixers.syntax.javascript.closures import FUNCTION_EXPRESSIONS, closure, method, queue
from fixers.syntax.javascript.literals import named_children, unwrapped
from fixers.syntax.javascript.lowering import (
    BODIES,
    EXPRESSIONS,
    NOTHING,
    THIS_PLACE,
    Body,
    expression,
    lowers,
    name_value,
    statement,
)
from fixers.syntax.javascript.objects import property_key
from fixers.syntax.javascript.written_types import type_text

if TYPE_CHECKING:
    from tree_sitter import Node

CLASS_DECLARATIONS: Final = frozenset({"class_declaration", "abstract_class_declaration"})
_FIELDS: Final = frozenset({"field_definition", "public_field_definition"})
_METHODS: Final = frozenset({"method_definition", "abstract_method_signature", "method_signature"})
_ACCESSORS: Final = {"get": "getter", "set": "setter"}


@lowers(EXPRESSIONS, "class")
def _class_expression(body: Body, node: Node) -> Value:
    name = node.child_by_field_name("name")
    if name is None:
        return lower_class(body, node)
    outer = body.scope
    body.scope = body.inner_scope(node.start_byte)
    place = body.scope.declare(body.file.text(name))
    value = lower_class(body, node)
    body.scope = outer
    body.emit(Assign(place, value, Span(*node.byte_range), declares=True))
    return value


def lower_class(body: Body, node: Node, outer_decorators: tuple[Node, ...] = ()) -> ClassValue:
    """Lowers a class: what its head computes is done here, its functions are queued.

    `outer_decorators` are those written before an `export`.
    """
    file = body.file
    known = file.classes_at.get(node.start_byte)
    if known is not None:
        return ClassValue(known)
    own_decorators = [child for child in node.children if child.type == "decorator"]
    decorators = tuple(_decorator(body, child) for child in (*outer_decorators, *own_decorators))
    bases = tuple(expression(body, base) for base in _base_nodes(node))
    block = node.child_by_field_name("body")
    start, end = block.byte_range if block is not None else (node.end_byte, node.end_byte)
    name = node.child_by_field_name("name")
    inside = Span(start + 1, max(start + 1, end - 1)) if block is not None else Span(start, end)
    class_ = Class(
        file.text(name) if name is not None else "", "class", Span(*node.byte_range), inside, body.index,
        bases=bases, decorators=decorators,
    )  # fmt: skip
    index = file.classes_at[node.start_byte] = file.add_class(class_)
    if block is not None:
        class_.members = tuple(_Members(body, index, block).lower())
    return ClassValue(index)


def _decorator(body: Body, node: Node) -> Value:
    inner = named_children(node)
    return expression(body, inner[0]) if inner else NOTHING


def _base_nodes(node: Node) -> list[Node]:
    heritage = next((child for child in node.named_children if child.type == "class_heritage"), None)
    if heritage is None:
        return []
    bases: list[Node] = []
    for child in named_children(heritage):
        if child.type == "extends_clause":
            bases.extend(child.children_by_field_name("value"))
        elif child.type != "implements_clause":
            bases.append(child)
    return bases


class _Members:
    """The members of one class body, in the order they are written."""

    def __init__(self, body: Body, class_: int, block: Node) -> None:
        self.body = body
        self.class_ = class_
        self.block = block
        self.initializers: dict[str, int] = {}
        self.members: list[Member] = []

    def lower(self) -> list[Member]:
        pending: list[Node] = []
        for child in self.block.named_children:
            kind = child.type
            if kind == "decorator":
                pending.append(child)
                continue
            nodes = (*pending, *(part for part in child.children if part.type == "decorator"))
            pending = []
            decorators = tuple(_decorator(self.body, decorator) for decorator in nodes)
            if kind in _METHODS:
                self._method(child, decorators)
            elif kind in _FIELDS:
                self._field(child, decorators)
            elif kind == "class_static_block":
                self._initializer("static")
        return self.members

    def _method(self, node: Node, decorators: tuple[Value, ...]) -> None:
        body = self.body
        name_node = node.child_by_field_name("name")
        name = property_key(body, name_node)
        words = _words_before(node, name_node)
        static = "static" in words
        kind = next((_ACCESSORS[word] for word in words if word in _ACCESSORS), "method")
        if name == "constructor" and not static:
            kind = "constructor"
        function = None
        if node.type == "method_definition":
            function_kind = "static" if static and kind == "method" else kind
            function = method(body, node, function_kind, name, self.class_, decorators).function
        span = Span(*node.byte_range)
        member_type = type_text(body.file.data, node.child_by_field_name("return_type")) if kind == "getter" else None
        self.members.append(Member(name, kind, span, function, member_type, static, decorators))
        if kind == "constructor":
            self._parameter_properties(node)

    def _parameter_properties(self, constructor: Node) -> None:
        parameters = constructor.child_by_field_name("parameters")
        for parameter in parameters.named_children if parameters is not None else ():
            name = parameter_property(parameter)
            if name is None:
                continue
            decorators = tuple(_decorator(self.body, part) for part in parameter.children if part.type == "decorator")
            written = type_text(self.body.file.data, parameter.child_by_field_name("type"))
            text = self.body.file.text(name)
            self.members.append(Member(text, "field", Span(*parameter.byte_range), type=written, decorators=decorators))

    def _field(self, node: Node, decorators: tuple[Value, ...]) -> None:
        name_node = node.child_by_field_name("name") or node.child_by_field_name("property")
        name = property_key(self.body, name_node)
        static = "static" in _words_before(node, name_node)
        value = node.child_by_field_name("value")
        function = None
        if value is not None:
            initializer = self._initializer("static" if static else "initializer")
            if unwrapped(value).type in FUNCTION_EXPRESSIONS:
                function = self._field_function(unwrapped(value), initializer, name)
        written = type_text(self.body.file.data, node.child_by_field_name("type"))
        kind = "field" if function is None else "method"
        self.members.append(Member(name, kind, Span(*node.byte_range), function, written, static, decorators))

    def _initializer(self, kind: str) -> int:
        index = self.initializers.get(kind)
        if index is not None:
            return index
        file = self.body.file
        start, end = self.block.byte_range
        span = Span(start, end)
        inside = Span(start + 1, max(start + 1, end - 1))
        index = file.add_function(Function("", kind, span, inside, Span(start, start), self.body.index, self.class_))
        self.initializers[kind] = index
        queue(self.body, index, self.block, self.body.scope, THIS_PLACE)
        return index

    def _field_function(self, node: Node, initializer: int, name: str) -> int:
        """The function of `onTick = () => {...}`; its number is known now, the initializer meets it again."""
        function = closure(Body(self.body.file, initializer, self.body.scope, THIS_PLACE), node)
        name_value(self.body.file, function, name, name)
        return function.function


def _words_before(node: Node, name: Node | None) -> set[str]:
    """The modifiers of a member: `static`, `get`, `async`."""
    words: set[str] = set()
    for child in node.children:
        if name is not None and child.start_byte >= name.start_byte:
            break
        words.add(child.type)
    return words


def parameter_property(parameter: Node) -> Node | None:
    """The name of a TypeScript parameter that is a field too (`constructor(private pool: Pool)`)."""
    if parameter.type not in {"required_parameter", "optional_parameter"}:
        return None
    pattern = parameter.child_by_field_name("pattern")
    if pattern is None or pattern.type != "identifier":
        return None
    modifiers = {"accessibility_modifier", "readonly", "override_modifier"}
    return pattern if any(child.type in modifiers for child in parameter.children) else None


@lowers(BODIES, "class_body")
def _lower_initializer(body: Body, block: Node) -> None:
    """Lowers the values of the fields of a class, or with kind `static` those of static fields and static blocks."""
    static = body.function.kind == "static"
    for child in block.named_children:
        if child.type == "class_static_block" and static:
            inner = child.child_by_field_name("body")
            if inner is not None:
                statement(body, inner)
        elif child.type in _FIELDS:
            _initialize(body, child, static=static)


def _initialize(body: Body, field: Node, *, static: bool) -> None:
    name_node = field.child_by_field_name("name") or field.child_by_field_name("property")
    value_node = field.child_by_field_name("value")
    if value_node is None or ("static" in _words_before(field, name_node)) is not static:
        return
    name = property_key(body, name_node)
    value = expression(body, value_node)
    name_value(body.file, value, name, name)
    body.emit(Assign(THIS_PLACE.member(name), value, Span(*field.byte_range)))
