"""Whether code may run before a release instead of after it, and whether a handle is used later than it seems."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from fixers.facts import Assign, Await, Call, Closure, Place, Ref, Return, closures, operands, places
from fixers.fixes.javascript.script import DECLARATIONS, FUNCTIONS, Script
from fixers.resources.library import VISITOR_METHODS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tree_sitter import Node

    from fixers.facts import Op
    from fixers.fixes.javascript.context import Context
    from fixers.source import Span

_HARMLESS: Final = frozenset(
    {
        "console",
        "JSON",
        "Object",
        "Array",
        "Number",
        "String",
        "Boolean",
        "Math",
        "Date",
        "Error",
        "TypeError",
        "RangeError",
    }
    | {"Map", "Set", "parseInt", "parseFloat", "Promise"}
)
"""Globals whose calls have no effect that a release could see."""
_LATER: Final = frozenset({"await_expression", "yield_expression"})
_NAMES: Final = frozenset({"identifier", "shorthand_property_identifier", "type_identifier"})
_LISTENING: Final = frozenset({"on", "once", "addListener", "setMaxListeners"})
_MAX_NESTING: Final = 60


def _walk(nodes: Iterable[Node]) -> Iterator[Node]:
    stack = list(nodes)
    while stack:
        node = stack.pop()
        yield node
        stack.extend(node.named_children)


def declared_names(script: Script, block: Iterable[Node]) -> set[str]:
    """The names that statements declare for what follows them in their block."""
    found: set[str] = set()
    for statement in block:
        if statement.type in DECLARATIONS:
            for declarator in statement.named_children:
                pattern = declarator.child_by_field_name("name")
                if pattern is not None:
                    found |= {
                        script.text(node)
                        for node in _walk([pattern])
                        if node.type in {"identifier", "shorthand_property_identifier_pattern"}
                    }
        else:
            name = statement.child_by_field_name("name")
            if name is not None:
                found.add(script.text(name))
    return found


def used_names(script: Script, block: Iterable[Node]) -> set[str]:
    """Every name that statements use."""
    return {script.text(node) for node in _walk(block) if node.type in _NAMES}


def may_come_before(context: Context, body: list[Node], tail: list[Node]) -> bool:
    """Whether `tail` may run before the release that it followed: it waits for nothing, and uses what `body` read."""
    script = context.script
    own = declared_names(script, body) | declared_names(script, tail)
    for node in _walk(tail):
        if node.type in _LATER or node.type in {"for_statement", "while_statement", "do_statement", "try_statement"}:
            return False
        if node.type in {"call_expression", "new_expression"} and not _works_on(script, node, own):
            return False
    return True


def _works_on(script: Script, call: Node, own: set[str]) -> bool:
    callee = call.child_by_field_name("function") or call.child_by_field_name("constructor")
    root = callee
    while root is not None and root.type in {"member_expression", "call_expression", "subscript_expression"}:
        root = root.child_by_field_name("object") or root.child_by_field_name("function")
    if root is None:
        return False
    if script.text(root) in own | _HARMLESS or root.type in {"array", "string", "template_string"}:
        return True
    if _is_parameter_of_callback(script, root):
        return True
    arguments = call.child_by_field_name("arguments")
    return arguments is not None and bool(used_names(script, [arguments]) & own)


def _is_parameter_of_callback(script: Script, root: Node) -> bool:
    """Whether a name is a parameter of a function in the tail itself: `rows.map((row) => row.at.toISOString())`."""
    node = root.parent
    for _ in range(_MAX_NESTING):
        if node is None or node.type in {"return_statement", "expression_statement", *DECLARATIONS}:
            break
        if node.type in FUNCTIONS:
            head = node.child_by_field_name("parameters") or node.child_by_field_name("parameter")
            if head is not None and script.text(root) in {
                script.text(item) for item in _walk([head]) if not item.named_children
            }:
                return True
        node = node.parent
    return False


def hoistable(context: Context, body: list[Node], needed: set[str]) -> list[Node] | None:
    """The declarations of `needed` names that can be taken apart into `let` and an assignment; None if one cannot."""
    found: list[Node] = []
    for statement in body:
        names = declared_names(context.script, [statement])
        if not names & needed:
            continue
        declarators = [child for child in statement.named_children if child.type == "variable_declarator"]
        if statement.type not in DECLARATIONS or len(declarators) != 1:
            return None
        name, value = declarators[0].child_by_field_name("name"), declarators[0].child_by_field_name("value")
        if name is None or value is None or name.type != "identifier" or declarators[0].child_by_field_name("type"):
            return None
        found.append(statement)
    if context.script.typed and any(_is_captured(context, name) for name in needed):
        return None
    return found


def _is_captured(context: Context, name: str) -> bool:
    return any(
        place.scope == context.leak.function and place.root.split("#", 1)[0] == name
        for function in context.facts.functions
        for place in function.captures
    )


def is_deferred(context: Context, function: int, handle: Place | None) -> bool:
    """Whether a function that uses the handle may run later: it is not merely called, or run on each element."""
    if handle is None:
        return True
    users = {
        index
        for index, item in enumerate(context.facts.functions)
        if any(place.base == handle.base for place in item.captures)
    }
    if any(_listens(op, handle) for op in context.function(function).ops()):
        return True
    for op in context.function(function).ops():
        match op:
            case Call(callee=Closure(called)):
                users.discard(called)
            case Call(callee=Ref(Place(_, _, (*_, method)))) if method in VISITOR_METHODS:
                users -= {arg.value.function for arg in op.args if isinstance(arg.value, Closure)}
    return bool(users)


def _listens(op: Op, handle: Place) -> bool:
    """Whether a handler of the handle's own events is set."""
    match op:
        case Call(callee=Ref(place)):
            return place.owner == handle and place.path[-1:] != () and place.path[-1] in _LISTENING
        case Assign(target=target):
            return target.owner == handle and target.path[-1:] != () and target.path[-1].startswith("on")
        case _:
            return False


def leaves_unawaited(context: Context, handle: str, span: Span, returned: set[int]) -> bool:
    """Whether a promise of the handle's may still be open at the end of `span`: nobody awaits it."""
    ops = [op for op in context.function(context.leak.function).ops() if span.contains(op.span)]
    awaited: set[str] = set()
    for op in ops:
        if isinstance(op, Await | Return | Call):
            awaited |= {place.root for value in operands(op) for place in places(value)}
            for value in operands(op):
                awaited |= {str(index) for index in closures(value)}
    pattern = re.compile(rf"{re.escape(handle)}\.(\w+)\(")
    for op in ops:
        if not isinstance(op, Call) or op.span.start in returned:
            continue
        match = pattern.match(context.source.text(op.span))
        if match and match.group(1) not in _LISTENING and f"%{op.result}" not in awaited:
            return True
    return False
