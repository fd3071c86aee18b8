"""Locals of a function: what is opened, used and closed in one block is closed in a `finally`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fixers.findings import Family, Verdict
from fixers.fixes.javascript import bindings, orders, releasing
from fixers.fixes.javascript.finally_blocks import Region, close_in_existing, wrap
from fixers.fixes.javascript.script import LISTS, is_async, is_generator, own_nodes, span_of, statements, unwrapped
from fixers.fixes.model import CannotFixError
from fixers.source import Span

if TYPE_CHECKING:
    from tree_sitter import Node

    from fixers.fixes.javascript.context import Context

_BACKGROUND: Final = frozenset({Family.TIMER, Family.LISTENER, Family.SUBSCRIPTION, Family.OBSERVER})
"""What goes on by itself, whoever has its handle."""
_BRANCHES: Final = frozenset({"statement_block", "if_statement", "else_clause"})


def mend(context: Context) -> None:
    """Puts what follows the acquisition into `try`, and the release into `finally`.

    Raises:
        CannotFixError: the handle is not a local of one block, or something may use it after the block.
    """
    leak, site = context.leak, context.site
    if leak.resource.family in _BACKGROUND and leak.verdict is not Verdict.NOT_RELEASED_ON_ERROR:
        raise CannotFixError("it goes on when its function has ended; a person has to decide what ends it")
    if site.declarator is None or site.statement is None or site.simple != site.statement or site.block is None:
        raise CannotFixError("its handle is not a name that is declared where it is acquired")
    if leak.fate.returned or leak.fate.given or leak.fate.disposers:
        raise CannotFixError("it is handed on along another path, which alone may end it")
    if leak.handle is not None and len(context.judge.names.assigned.get(leak.handle.base, [])) > 1:
        raise CannotFixError("its name is given another value later")
    function = context.function_node(leak.function)
    if is_generator(function) and leak.verdict is not Verdict.NOT_RELEASED_ON_ERROR:
        raise CannotFixError("a generator may be left before its end")
    handle = context.script.text(bindings.declared_name(site.declarator))
    releases = _releases(context, site.block)
    following = _following(site.block, site.statement)
    if not following:
        raise CannotFixError("nothing uses it")
    if close_in_existing(context, following, releases):
        pass
    elif releases:
        _close_anyway(context, handle, following, releases)
    else:
        _close_at_all(context, handle, following, function)
    context.patch.summary = f"{context.verb} the {leak.resource.noun} in a finally block"


def _following(block: Node, statement: Node) -> list[Node]:
    inside = statements(block)
    return inside[inside.index(statement) + 1 :]


def _releases(context: Context, block: Node) -> list[Node]:
    """The statements that release the handle.

    Raises:
        CannotFixError: one of them is no statement of its own, or stands in a loop or another function.
    """
    found: list[Node] = []
    for span in sorted(set(context.leak.fate.released)):
        path = context.script.path(span)
        at = next((number for number in range(len(path) - 1, 0, -1) if path[number].type == "expression_statement"), 0)
        if not at or unwrapped(path[at].named_children[0]) != path[-1] or path[at - 1].type not in LISTS:
            raise CannotFixError("a release of it is part of a larger expression")
        if block not in path[:at]:
            raise CannotFixError("a release of it stands in another block")
        found.append(path[at])
    return found


def _close_anyway(context: Context, handle: str, following: list[Node], releases: list[Node]) -> None:
    """There is a release at the end, or one at each end: it moves into `finally`."""
    texts = {context.script.text(node).rstrip(";") for node in releases}
    if len(texts) > 1:
        raise CannotFixError("it is released in different ways")
    script = context.script
    at_top = [node for node in releases if node in following]
    if len(at_top) > 1 or any(not _ends_branch(script.path(span_of(node)), following) for node in releases):
        raise CannotFixError("its releases stand in a form that no fix is written for")
    if not at_top:
        tail: list[Node] = []
        body = following
    else:
        cut = following.index(at_top[0])
        body, tail = following[:cut], following[cut + 1 :]
    if any(script.count(handle, span_of(node)) for node in tail):
        raise CannotFixError("it is used after its release")
    if not body:
        raise CannotFixError("nothing uses it between acquisition and release")
    nested = [node for node in releases if node not in at_top]
    region = Region(body, at_top[0] if at_top else None, tail, nested)
    needed = orders.declared_names(script, body) & orders.used_names(script, tail)
    if not needed and not nested:
        wrap(context, region, extended=False)
    elif nested or orders.may_come_before(context, body, tail):
        _check_nested(context, body, nested)
        wrap(context, region, extended=bool(at_top) and bool(tail))
    elif (hoisted := orders.hoistable(context, body, needed)) is not None:
        wrap(context, region, extended=False, hoisted=hoisted)
    else:
        context.patch.doubt("what follows the release needs what was read before it, and would run before it now")
        wrap(context, region, extended=True)


def _ends_branch(path: list[Node], following: list[Node]) -> bool:
    """Whether a release is a statement of the block itself, or stands before the `return` or `throw` of a branch."""
    if path[-1] in following or any(node in following for node in path[-2:-1]):
        return True
    top = next((position for position, node in enumerate(path) if node in following), None)
    if top is None:
        return False
    statement = next(node for node in reversed(path) if node.type == "expression_statement")
    if statement in following:
        return True
    outer = path[top : path.index(statement)]
    if any(node.type not in _BRANCHES for node in outer):
        return False
    after = statement.next_named_sibling
    return after is not None and after.type in {"return_statement", "throw_statement"}


def _check_nested(context: Context, body: list[Node], nested: list[Node]) -> None:
    for node in nested:
        after = node.next_named_sibling
        if after is not None and not orders.may_come_before(context, body, [after]):
            context.patch.doubt("what follows one of its releases would run before it now")


def _close_at_all(context: Context, handle: str, following: list[Node], function: Node) -> None:
    """There is no release: one is written for the end of the block."""
    leak, script = context.leak, context.script
    if orders.is_deferred(context, leak.function, leak.handle):
        if leak.resource.family is not Family.DATABASE:
            raise CannotFixError("something uses it later")
        context.patch.doubt("a function that uses it may run later")
    if leak.resource.family is Family.SOCKET:
        context.patch.doubt("whether its answers are still awaited is for a person to say")
    release = releasing.expression(context, handle)
    awaited = releasing.is_awaited(context)
    if awaited and not is_async(function):
        context.patch.doubt("its release has to be awaited, and the function is not async")
    if awaited and is_async(function):
        release = "await " + release
    promising = awaited or script.text(context.site.call.parent or context.site.call).startswith("await ")
    if promising:
        _await_uses(context, handle, following, in_async=is_async(function))
    wrap(context, Region(following, None, [], []), extended=False, release=context.layout.statement(release))


def _await_uses(context: Context, handle: str, following: list[Node], *, in_async: bool) -> None:
    """What the handle promises must be there before it is closed: `return handle.query()` has to await now."""
    script = context.script
    returned: set[int] = set()
    for statement in following:
        holder = statement if statement.type == "return_statement" else None
        for node in [holder] if holder is not None else own_nodes(statement, {"return_statement"}):
            value = next((child for child in node.named_children if child.type != "comment"), None)
            if value is None or value.type != "call_expression" or not script.text(value).startswith(handle + "."):
                continue
            if not in_async:
                raise CannotFixError("the promise that it returns still needs it")
            context.patch.insert(value.start_byte, "await ")
            returned.add(value.start_byte)
    if orders.leaves_unawaited(context, handle, Span(following[0].start_byte, following[-1].end_byte), returned):
        context.patch.doubt("something that it was asked for may still be under way when it is closed")
