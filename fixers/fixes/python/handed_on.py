"""Handles that a function gives to its caller unless an error comes first: closed then, and the error goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixers.facts import Assign, Place
from fixers.fixes.python import local
from fixers.fixes.python.changes import Draft, Guarded, nothing
from fixers.fixes.python.layout import SHELTERS, ancestors, descendants, leaving_jumps
from fixers.fixes.python.releasing import release_of, released_name, verb_of, written
from fixers.fixes.python.uses import Escape, uses_of
from fixers.source import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from fixers.fixes.python.sites import Site
    from fixers.leaks import Leak
    from fixers.lifetimes import Judge


def draft(leak: Leak, judge: Judge, site: Site) -> Draft:
    """How a handle that is handed on is released when an error comes before that."""
    release = release_of(leak.resource)
    escapes = uses_of(leak, judge).escapes
    if not escapes:
        return local.draft(leak, judge, site)
    if release is None or site.name is None or not site.alone:
        return nothing("The handle has no name that a release could use.")
    if release.awaited and not judge.facts.functions[leak.function].is_async:
        return nothing("The release must be awaited, and this function is not async.")
    if leak.handle is None or leak.handle.path or leak.handle.scope != leak.function:
        return nothing(f"`{site.name}` is not a variable of this function alone.")
    failing = _failing_lines(leak, site)
    if not failing:
        return nothing("What may fail does not stand in the lines after the acquisition.")
    first, last = min(failing), max(failing)
    if any(_holds(node, site) for line in site.suite[first : last + 1] for node in _all(line)):
        return nothing("It is held by a `with` further on.")
    change = Guarded(site.path, first, last, written(leak.resource, site.name), on_error_only=True)
    summary = f"{verb_of(leak.resource)} the {leak.resource.noun} when an error comes before it is handed on"
    return Draft(summary, change, _doubt(leak, judge, site, first, last, escapes))


def _failing_lines(leak: Leak, site: Site) -> list[int]:
    """The lines of the suite that may fail; none where something else may fail too."""
    exits = [leaving for leaving in leak.exits if not leaving.unforeseen] or leak.exits
    found: list[int] = []
    for leaving in exits:
        if _is_lazy(leaving.span, site):
            continue
        number = next(
            (
                number
                for number in range(site.number + 1, len(site.suite))
                if site.suite[number][0].start_byte <= leaving.span.start < site.suite[number][-1].end_byte
            ),
            None,
        )
        if number is None:
            return []
        found.append(number)
    return found


def _is_lazy(span: Span, site: Site) -> bool:
    """Whether an operation stands in a generator expression, which runs later."""
    node = site.layout.root.descendant_for_byte_range(*span)
    return node is not None and any(outer.type == "generator_expression" for outer in ancestors(node))


def _doubt(leak: Leak, judge: Judge, site: Site, first: int, last: int, escapes: list[Escape]) -> str | None:
    assert site.name is not None
    lines = site.suite[first : last + 1]
    nodes = [node for line in lines for node in line]
    span = Span(nodes[0].start_byte, nodes[-1].end_byte)
    function = judge.facts.functions[leak.function]
    if leaving_jumps(nodes) - {"return_statement"}:
        return "A loop goes on from within."
    place = Place(site.name, leak.function)
    if any(isinstance(op, Assign) and op.target == place and span.contains(op.span) for op in function.ops()):
        return f"`{site.name}` is given another value there."
    if any(released_name(node, leak.resource, site.layout) == site.name for line in lines for node in _all(line)):
        return "Some of the errors are taken care of already."
    for escape in escapes:
        if not escape.is_returned and escape.span.start < span.end:
            return f"{escape.how} before the error may come."
    if not any(escape.is_handle and escape.is_kept for escape in escapes):
        return f"{escapes[-1].how}, which may not keep it."
    if any(outer.type in SHELTERS for outer in ancestors(site.statement)):
        return "An error handler around may need it open."
    return None


def _holds(node: Node, site: Site) -> bool:
    """Whether a node is an item of `with` that is the handle."""
    if node.type != "with_item":
        return False
    manager = node.named_children[0]
    if manager.type == "as_pattern":
        manager = manager.named_children[0]
    return site.layout.text(manager) == site.name


def _all(line: Sequence[Node]) -> list[Node]:
    return [inner for node in line for inner in descendants(node)]
