"""A first walk over the file: its functions and classes, what each scope binds, and which function each fault costs.

Lowering needs all bindings of a function before its first statement (a name that is assigned anywhere in a function is
local everywhere in it), and functions must exist even where the code around them cannot be lowered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fixers.facts import Class, Function, Import, Param, Place
from fixers.source import SkipCode, Source, Span
from fixers.syntax.python import python2
from fixers.syntax.python.file import File, Unit
from fixers.syntax.python.grammar import (
    COMPREHENSIONS,
    PATTERNS,
    SPLATS,
    field,
    has_word,
    one_line,
    parts,
    preorder,
    span_of,
)
from fixers.syntax.python.imports import imported_names
from fixers.syntax.python.parameters import parameters
from fixers.syntax.python.patterns import captured
from fixers.syntax.python.scopes import MAX_SCOPES, Scope, ScopeKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tree_sitter import Node

    _Landmark = Callable[["_Surveyor", Scope, Node], Scope | None]

_LEFT: Final = field("left")
_GETTERS: Final = frozenset({"property", "cached_property", "abstractproperty"})
_IMPORTS: Final = ("import_statement", "import_from_statement", "future_import_statement")


def survey(source: Source, encoding: str, root: Node) -> File:
    """Finds the functions, classes, bindings, imports and faults of a file, and whether it is Python 2."""
    file = File(source, encoding, root)
    whole = Span(0, len(source.data))
    module = Function("", "module", whole, whole, Span(0, 0), None, None)
    file.functions.append(module)
    file.units.append(Unit(module, Scope(ScopeKind.MODULE, 0), root))
    _Surveyor(file).run()
    _declare_locals(file)
    _charge_faults(file)
    return file


class _Surveyor:
    """One pass over the tree in the order of the file; each node waits together with the scope it is in."""

    def __init__(self, file: File) -> None:
        self._file = file
        self._module = file.units[0].scope
        self._decorators: dict[int, list[Node]] = {}
        self._scope_of_body: dict[int, Scope] = {}
        self._bodies_ahead: list[tuple[int, int, Scope]] = []
        data = file.source.data
        rare = {"comparison_operator": b"<>", "string": b"`", "comment": b"stanch-ignore"}
        absent = {kind for kind, mark in rare.items() if mark not in data}
        self._signs = {kind: pattern for kind, pattern in python2.SIGNS.items() if kind not in absent}
        self._landmarks = {kind: take for kind, take in _LANDMARKS.items() if kind not in absent}

    def run(self) -> None:
        if self._file.root.has_error:
            self._walk()
        else:
            self._pick()

    def _walk(self) -> None:
        """Every node, since any may hold an error."""
        file = self._file
        landmarks, signs, bodies = self._landmarks, self._signs, self._scope_of_body
        waiting = [(file.root, self._module)]
        while waiting:
            node, scope = waiting.pop()
            kind = node.type
            if kind in landmarks:
                scope = landmarks[kind](self, scope, node) or scope
            if kind in signs and file.python2 is None:
                self._note_sign(node)
            if node.has_error:
                self._note_faults(node)
            children = node.named_children
            if children:
                waiting.extend([(child, bodies.get(child.id, scope)) for child in reversed(children)])

    def _pick(self) -> None:
        """The same in a file without errors, with only those nodes that matter; their place tells their scope."""
        landmarks, signs = self._landmarks, self._signs
        around: list[tuple[int, Scope]] = []
        for node in preorder(self._file.root, frozenset(landmarks), frozenset(signs.values())):
            start = node.start_byte
            while around and around[-1][0] <= start:
                around.pop()
            while self._bodies_ahead and self._bodies_ahead[-1][0] <= start:
                _, end, scope = self._bodies_ahead.pop()
                if start < end:
                    around.append((end, scope))
            kind = node.type
            if kind in landmarks:
                inner = landmarks[kind](self, around[-1][1] if around else self._module, node)
                if inner is not None:
                    around.append((node.end_byte, inner))
            if kind in signs and self._file.python2 is None:
                self._note_sign(node)

    def _note_sign(self, node: Node) -> None:
        sign = python2.sign_of_python2(node, self._file.source.data)
        if sign is not None:
            self._file.python2 = (node.start_byte, sign)

    def _note_faults(self, node: Node) -> None:
        if node.is_error:
            self._file.faults.append(Span(node.start_byte, node.end_byte))
        missing = (child.start_byte for child in node.children if child.is_missing)
        self._file.faults.extend(Span(at, at) for at in missing)

    def comment(self, _scope: Scope, node: Node) -> None:
        self._file.comments.append(node)

    def decorated(self, _scope: Scope, node: Node) -> None:
        definition = node.child_by_field_name("definition")
        if definition is not None:
            self._decorators[definition.id] = [child for child in node.named_children if child.type == "decorator"]

    def left(self, scope: Scope, node: Node) -> None:
        target = node.child_by_field_id(_LEFT)
        if target is not None:
            self._bind_targets(scope, target)

    def targets(self, scope: Scope, node: Node) -> None:
        for target in node.named_children:
            self._bind_targets(scope, target)

    def walrus(self, scope: Scope, node: Node) -> None:
        name = node.child_by_field_name("name")
        if name is not None:
            self._bind(scope.binder, name)

    def alias(self, scope: Scope, node: Node) -> None:
        left = node.child_by_field_name("left")
        for name in left.named_children if left is not None else []:
            if name.type == "identifier":
                self._bind(scope, name)

    def case(self, scope: Scope, node: Node) -> None:
        for pattern in node.named_children:
            if pattern.type == "case_pattern":
                for name in captured(pattern):
                    self._bind(scope, name)

    def global_names(self, scope: Scope, node: Node) -> None:
        for name in parts(node):
            scope.global_names.add(self._file.name(name))
            self._bind(self._module, name)

    def outer_names(self, scope: Scope, node: Node) -> None:
        scope.outer_names.update(self._file.name(name) for name in parts(node))

    def yields(self, scope: Scope, _node: Node) -> None:
        if scope.binder.kind is ScopeKind.FUNCTION:
            self._file.functions[scope.function].is_generator = True

    def comprehension(self, scope: Scope, node: Node) -> Scope:
        inner = Scope(ScopeKind.COMPREHENSION, scope.function, scope, scope.class_)
        self._file.comprehension_of[node.id] = inner
        self._lose_if_too_deep(inner, node)
        return inner

    def imports(self, scope: Scope, node: Node) -> None:
        for module, name, bound, named in imported_names(self._file.text, node):
            binding = Place(bound, scope.function)
            if bound == "*":
                self._file.stars.append((module, span_of(named)))
            else:
                self._bind_name(scope, bound, named)
                if scope.kind is ScopeKind.CLASS:
                    binding = scope.class_place().member(bound)
                elif bound in scope.global_names:
                    binding = Place(bound, 0)
            self._file.imports.append(Import(binding, module, name, span_of(named)))

    def function(self, scope: Scope, node: Node) -> None:
        file = self._file
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        written = parameters(file.text, node)
        inner = Scope(ScopeKind.FUNCTION, len(file.functions), scope, scope.class_)
        function = Function(
            file.name(name) if name is not None else "",
            "lambda" if node.type == "lambda" else "function",
            span_of(node),
            span_of(body) if body is not None else Span(node.end_byte, node.end_byte),
            span_of(name) if name is not None else Span(node.start_byte, node.start_byte),
            scope.function,
            scope.class_,
            tuple(param for param, _ in written),
            expression_body=node.type == "lambda",
        )
        if node.type == "function_definition":
            function.is_async = has_word(node, "async")
            returns = node.child_by_field_name("return_type")
            function.returns = one_line(file.text(returns)) if returns is not None else None
            if scope.kind is ScopeKind.CLASS:
                self._make_method(function, inner, node)
            if name is not None:
                self._bind(scope, name)
        for param in function.params:
            if param.name:
                inner.bind(param.name)
        defaults = tuple((number, default) for number, (_, default) in enumerate(written) if default is not None)
        self._add(node, Unit(function, inner, body, defaults))

    def _make_method(self, function: Function, scope: Scope, node: Node) -> None:
        """Kind and receiver of a function written in a class body."""
        decorators = [self._file.text(decorator)[1:].strip() for decorator in self._decorators.get(node.id, [])]
        short = {text.rsplit(".", 1)[-1] for text in decorators}
        function.kind = "method"
        if function.name == "__init__":
            function.kind = "constructor"
        elif "staticmethod" in short:
            function.kind = "static"
        elif not short.isdisjoint(_GETTERS):
            function.kind = "getter"
        elif "setter" in short:
            function.kind = "setter"
        if function.kind != "static" and function.params and function.params[0].kind == "positional":
            receiver = function.params[0]
            scope.receiver = receiver.name
            function.params = (Param(receiver.name, "this", receiver.type), *function.params[1:])

    def class_(self, scope: Scope, node: Node) -> None:
        file = self._file
        name_node, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        name = file.name(name_node) if name_node is not None else ""
        if name_node is not None:
            self._bind(scope, name_node)
        index = len(file.classes)
        body_span = span_of(body) if body is not None else Span(node.end_byte, node.end_byte)
        name_span = span_of(name_node) if name_node is not None else Span(node.start_byte, node.start_byte)
        file.classes.append(Class(name, "class", span_of(node), body_span, scope.function))
        file.members.append({})
        file.class_of[node.id] = index
        function = Function(name, "class-body", span_of(node), body_span, name_span, scope.function, index)
        self._add(node, Unit(function, Scope(ScopeKind.CLASS, len(file.functions), scope, index, name), body))

    def _add(self, node: Node, unit: Unit) -> None:
        self._file.function_of[node.id] = len(self._file.functions)
        self._file.functions.append(unit.function)
        self._file.units.append(unit)
        if unit.body is not None:
            self._scope_of_body[unit.body.id] = unit.scope
            self._bodies_ahead.append((unit.body.start_byte, unit.body.end_byte, unit.scope))
        self._lose_if_too_deep(unit.scope, node)

    def _lose_if_too_deep(self, scope: Scope, node: Node) -> None:
        if scope.too_deep:
            self._file.lose(scope.function, SkipCode.TOO_DEEP, node.start_byte, f"more than {MAX_SCOPES} scopes deep")

    def _bind(self, scope: Scope, node: Node) -> None:
        self._bind_name(scope, self._file.name(node), node)

    def _bind_name(self, scope: Scope, name: str, node: Node) -> None:
        scope.bind(name)
        if scope.kind is ScopeKind.MODULE:
            self._file.first_bound.setdefault(name, span_of(node))

    def _bind_targets(self, scope: Scope, target: Node) -> None:
        if target.type == "identifier":
            self._bind(scope, target)
            return
        waiting = [target]
        while waiting:
            node = waiting.pop()
            if node.type == "identifier":
                self._bind(scope, node)
            elif node.type in PATTERNS or node.type in SPLATS or node.type == "parenthesized_expression":
                waiting.extend(reversed(node.named_children))


_LANDMARKS: Final[Mapping[str, _Landmark]] = {
    "comment": _Surveyor.comment,
    "decorated_definition": _Surveyor.decorated,
    "function_definition": _Surveyor.function,
    "lambda": _Surveyor.function,
    "class_definition": _Surveyor.class_,
    "assignment": _Surveyor.left,
    "augmented_assignment": _Surveyor.left,
    "for_statement": _Surveyor.left,
    "for_in_clause": _Surveyor.left,
    "as_pattern_target": _Surveyor.targets,
    "delete_statement": _Surveyor.targets,
    "named_expression": _Surveyor.walrus,
    "type_alias_statement": _Surveyor.alias,
    "case_clause": _Surveyor.case,
    "global_statement": _Surveyor.global_names,
    "nonlocal_statement": _Surveyor.outer_names,
    "yield": _Surveyor.yields,
    **dict.fromkeys(COMPREHENSIONS, _Surveyor.comprehension),
    **dict.fromkeys(_IMPORTS, _Surveyor.imports),
}
"""What is done at a node of a kind; a comprehension gives the scope of what is within it."""


def _declare_locals(file: File) -> None:
    """Lists what each function declares; a comprehension's names get roots of their own in the function around it."""
    for unit in file.units:
        if unit.scope.kind is ScopeKind.CLASS:
            continue
        declared: dict[str, str | None] = dict.fromkeys(unit.scope.roots)
        for name in (*unit.scope.global_names, *unit.scope.outer_names):
            declared.pop(name, None)
        if unit.scope.receiver is not None:
            declared.pop(unit.scope.receiver, None)
        for param in unit.function.params:
            if param.name in declared:
                declared[param.name] = param.type
        unit.function.locals = declared
    taken: dict[tuple[int, str], int] = {}
    for scope in file.comprehension_of.values():
        declared = file.functions[scope.function].locals
        for name in scope.roots:
            key = (scope.function, name)
            taken[key] = taken.get(key, int(name in declared)) + 1
            scope.roots[name] = name if taken[key] == 1 else f"{name}#{taken[key]}"
            declared[scope.roots[name]] = None


def _charge_faults(file: File) -> None:
    """Each fault costs the innermost function around it, and none of those that it holds itself."""
    units = iter(enumerate(file.functions[1:], 1))
    following = next(units, None)
    around = [(len(file.source.data) + 1, 0)]
    for fault in sorted(file.faults):
        while following is not None and following[1].span.start <= fault.start:
            _close(around, following[1].span.start)
            around.append((following[1].span.end, following[0]))
            following = next(units, None)
        _close(around, fault.start)
        innermost = next(index for end, index in reversed(around) if fault.end <= end)
        file.lose(innermost, SkipCode.SYNTAX, fault.start, "syntax that the grammar does not know")


def _close(around: list[tuple[int, int]], start: int) -> None:
    while len(around) > 1 and around[-1][0] <= start:
        around.pop()
