"""Acquisitions inside an expression, which get a `with` and a name: `json.load(open(path))`, `for x in open(path)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fixers.facts import Call
from fixers.fixes.python.changes import Append, Draft, HoldInline, nothing
from fixers.fixes.python.freshnames import fresh, handle_name, value_name
from fixers.fixes.python.layout import COMPREHENSIONS, awaits, descendants
from fixers.fixes.python.managers import manager_of
from fixers.fixes.python.regions import Regions, UnsuitableError
from fixers.fixes.python.releasing import release_of, verb_of
from fixers.fixes.python.uses import releases_its_source, uses_of
from fixers.fixes.python.values import PLAIN_ATTRIBUTES, PLAIN_FUNCTIONS, PLAIN_METHODS
from fixers.source import Span

if TYPE_CHECKING:
    from tree_sitter import Node

    from fixers.fixes.python.sites import Site
    from fixers.leaks import Leak
    from fixers.lifetimes import Judge

_SIMPLE: Final = frozenset({"expression_statement", "return_statement", "assert_statement", "raise_statement"})
_LONGEST_QUOTE: Final = 40
_QUIET: Final = frozenset(
    {"identifier", "attribute", "string", "string_start", "string_content", "string_end", "escape_sequence", "integer"}
    | {"concatenated_string", "float", "true", "false", "none", "tuple", "list", "dictionary", "pair", "comment"}
    | {"unary_operator", "not_operator", "binary_operator", "keyword_argument", "parenthesized_expression", "ellipsis"}
    | {"assignment", "type", "generic_type", "type_parameter"}
)
"""Expressions that may as well be evaluated after the acquisition: they run no code of note."""


def draft(leak: Leak, judge: Judge, site: Site) -> Draft:
    """How a handle that has no name is released."""
    release = release_of(leak.resource)
    function = judge.facts.functions[leak.function]
    if release is None or leak.resource.member:
        return nothing("It is not released by a method of its own.")
    if function.kind in {"class-body", "lambda"}:
        return nothing("A `with` block cannot stand there.")
    if release.awaited and not function.is_async:
        return nothing("The release must be awaited, and this function is not async.")
    if awaits(site.call) and not release.awaited:
        return nothing("It is acquired with `await` and released without.")
    if releases_its_source(leak, judge):
        return nothing("Its descriptor is closed apart from it.")
    if site.expression.parent == site.statement and site.statement.type == "expression_statement":
        return _ended_at_once(leak, site)
    obstacle = _obstacle(site)
    if obstacle is not None:
        return nothing(obstacle)
    return _held(leak, judge, site)


def _ended_at_once(leak: Leak, site: Site) -> Draft:
    release = release_of(leak.resource)
    if release is None or release.awaited:
        return nothing("Nothing uses it; it need not be acquired at all.")
    change = Append(site.expression.end_byte, f".{release.name}()")
    return Draft(f"{verb_of(leak.resource)} the {leak.resource.noun}, which nothing uses", change)


def _obstacle(site: Site) -> str | None:
    """What keeps the acquisition from being moved in front of its statement."""
    if not site.alone:
        return "The statement shares its line with another."
    child, parent = site.expression, site.expression.parent
    while parent is not None and child != site.statement:
        reason = _conditional(child, parent)
        if reason is not None:
            return reason
        child, parent = parent, parent.parent
    return None


def _conditional(child: Node, parent: Node) -> str | None:
    """Whether a part of an expression or statement is not evaluated exactly once, first of all."""
    match parent.type:
        case "lambda" | "default_parameter" | "typed_default_parameter" | "decorator":
            return "A `with` block cannot stand there."
        case "boolean_operator" if parent.child_by_field_name("left") != child:
            return "It is acquired only if what stands before it says so."
        case "conditional_expression" if parent.named_children[1] != child:
            return "It is acquired only on a condition."
        case "comparison_operator" if child not in parent.named_children[:2]:
            return "It is acquired only if what stands before it says so."
        case "for_in_clause" | "if_clause" | "pair" | "list_comprehension" | "set_comprehension":
            return _in_comprehension(child, parent)
        case "dictionary_comprehension" | "generator_expression":
            return _in_comprehension(child, parent)
        case "for_statement" | "if_statement":
            field = "right" if parent.type == "for_statement" else "condition"
            if parent.child_by_field_name(field) != child:
                return "A `with` block cannot stand there."
        case "assert_statement" if parent.named_children[0] != child:
            return "It is acquired only when the assertion fails."
        case other if other.endswith(("_statement", "_clause")) and other not in _SIMPLE:
            return "A `with` block cannot stand there."
    return None


def _in_comprehension(child: Node, parent: Node) -> str | None:
    """Only the first iterable of a comprehension is evaluated once, and before anything else of it."""
    if parent.type == "pair" and (parent.parent is None or parent.parent.type not in COMPREHENSIONS):
        return None
    if parent.type == "for_in_clause":
        owner = parent.parent
        first = (
            next((clause for clause in owner.named_children if clause.type == "for_in_clause"), None) if owner else None
        )
        if first == parent and parent.child_by_field_name("right") == child:
            return None
    elif parent.type in COMPREHENSIONS and child.type == "for_in_clause":
        return None
    return "It is acquired again for each element."


def _held(leak: Leak, judge: Judge, site: Site) -> Draft:
    manager = manager_of(leak, judge)
    if manager is None:
        return nothing("No context manager ends exactly this.")
    uses = uses_of(leak, judge)
    gone = next((escape for escape in uses.escapes if escape.is_handle and escape.is_kept), None)
    if gone is not None:
        return nothing(f"{gone.how}, which needs it open.")
    why = _disorder(site)
    if leak.resource.release_waits:
        why = why or f"Leaving the block waits until the {leak.resource.noun} is done."
    plain = _plain_value(leak, judge, site)
    if awaits(site.call):
        return nothing("It is acquired with `await` and has no name.")
    acquisition = Span(site.expression.start_byte, site.expression.end_byte)
    name = handle_name(leak, judge, site.layout)
    summary = f"hold the {leak.resource.noun} in {manager.described}"
    if plain is not None and _is_lifted(plain[0], site):
        value, how = plain
        variable = _variable(value, how, leak, judge, site)
        lifted = (Span(value.start_byte, value.end_byte), variable)
        change = HoldInline(site.path, acquisition, name, site.number, lifted, manager.wrapper, manager.is_async)
        return Draft(summary, change, why)
    if site.statement.type == "if_statement":
        return nothing("The condition still reads from it while the branches run.")
    last = site.number
    if plain is None:
        try:
            last = Regions(leak, judge, site, uses).find().last
        except UnsuitableError as reason:
            return nothing(f"{reason}.")
        if uses.escapes:
            why = why or f"{uses.escapes[0].how}; it may be needed after the block."
    return Draft(summary, HoldInline(site.path, acquisition, name, last, None, manager.wrapper, manager.is_async), why)


def _disorder(site: Site) -> str | None:
    """What would be evaluated after the acquisition and was evaluated before it."""
    child, parent = site.expression, site.expression.parent
    while parent is not None and child != site.statement:
        if parent.type not in {"assignment", "for_statement", "for_in_clause"} | COMPREHENSIONS:
            for sibling in parent.named_children:
                if sibling.start_byte < child.start_byte and not _is_quiet(sibling):
                    return f"`{_shortened(site.layout.text(sibling))}` would run after the acquisition, not before it."
        child, parent = parent, parent.parent
    return None


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_QUOTE else f"{line[: _LONGEST_QUOTE - 3]}..."


def _is_quiet(node: Node) -> bool:
    return all(inner.type in _QUIET for inner in descendants(node, into_scopes=True))


def _plain_value(leak: Leak, judge: Judge, site: Site) -> tuple[Node, str] | None:
    """The smallest expression around the acquisition whose value needs it no more, and the name of what gives it."""
    calls = {op.span: op for op in judge.facts.functions[leak.function].ops() if isinstance(op, Call)}
    node = site.expression
    while node != site.statement and node.parent is not None:
        child, node = node, node.parent
        if node.type == "attribute" and node.child_by_field_name("object") == child:
            method = site.layout.text(node.named_children[-1])
            call = node.parent
            if call is not None and call.type == "call" and call.child_by_field_name("function") == node:
                if method in PLAIN_METHODS and method not in leak.resource.dependents:
                    return _awaited(call), method
                node = call
            elif method in PLAIN_ATTRIBUTES:
                return node, method
        elif node.type == "call":
            op = calls.get(Span(node.start_byte, node.end_byte))
            path = judge.names.path_of(op.callee, leak.function) if op is not None else None
            if path in PLAIN_FUNCTIONS:
                return node, path.rsplit(".", 1)[-1]
        elif node.type in COMPREHENSIONS and node.type != "generator_expression":
            return node, "list"
        elif node.type in {"subscript", "assignment"}:
            return None
    return None


def _awaited(call: Node) -> Node:
    return call.parent if call.parent is not None and call.parent.type == "await" else call


def _is_lifted(value: Node, site: Site) -> bool:
    """Whether the value gets a name of its own before the statement, so that no more than it runs inside the block."""
    statement = site.statement
    if statement.type in {"for_statement", "if_statement"}:
        return True
    if value.parent is not None and value.parent.type in {"assignment", "return_statement"}:
        return False
    is_long = statement.start_point.row != statement.end_point.row
    return is_long or any(inner.type in {"yield", "await"} for inner in descendants(statement) if inner != value)


def _variable(value: Node, how: str, leak: Leak, judge: Judge, site: Site) -> str:
    parent = value.parent
    if parent is not None and parent.type == "keyword_argument":
        return fresh(site.layout.text(parent.named_children[0]), leak, judge, site.layout)
    return value_name(how, leak, judge, site.layout)
