"""Writing `try ... finally` around statements that stay where they are, only further in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fixers.fixes.javascript.script import own_nodes, span_of, statements
from fixers.fixes.model import CannotFixError
from fixers.source import Span

if TYPE_CHECKING:
    from tree_sitter import Node

    from fixers.fixes.javascript.context import Context

_MANY_LINES: Final = 120


@dataclass(frozen=True)
class Region:
    """What follows an acquisition: `body` before the release, `tail` after it; `nested` are releases in the body."""

    body: list[Node]
    release: Node | None
    tail: list[Node]
    nested: list[Node]


def wrap(
    context: Context, region: Region, *, extended: bool, hoisted: list[Node] | None = None, release: str | None = None
) -> None:
    """Puts the body into `try` and the release into `finally`.

    Args:
        context: the leak.
        region: what follows its acquisition.
        extended: the tail moves into `try` too.
        hoisted: declarations of the body that the tail needs; they become assignments.
        release: the release as text, where there is none yet.
    """
    layout, patch = context.layout, context.patch
    newline, unit = context.style.newline, context.style.unit
    moved = [*region.body, *region.tail] if extended else region.body
    first = _with_comments(context, moved[0])
    if not layout.is_first_on_line(first) or first.start_byte < layout.line_end(context.site.end):
        raise CannotFixError("the statements share a line")
    indent = layout.indent(first.start_byte)
    names = [_hoist(context, node) for node in hoisted or []]
    opening = "".join(layout.statement(f"{context.style.let} {name}") + newline + indent for name in names)
    patch.insert(first.start_byte, f"{opening}try {{{newline}{indent}", rank=-1)
    for node in region.nested:
        _delete(context, node)
    stays = region.release is not None and not extended
    if stays:
        assert region.release is not None
        last = _close_before_release(context, region.release, moved[-1], indent)
        layout_span = Span(first.start_byte, last)
    else:
        text = release
        if region.release is not None:
            text = context.script.text(region.release)
            _delete(context, region.release)
        elif text is None:
            text = context.script.text(region.nested[0])
        end = _end_of(context, moved[-1])
        layout_span = Span(first.start_byte, end)
        closing = f"\n}} finally {{\n{unit}{layout.lines(text, unit)}\n}}"
        closing = layout.lines(closing.replace(newline, "\n"), indent)
        patch.insert(end, closing, rank=1)
    patch.insert(first.start_byte, unit, rank=0)
    lines = context.source.data.count(b"\n", layout_span.start, layout_span.end)
    if lines > _MANY_LINES:
        patch.doubt(f"it indents {lines} lines further; a function of their own may read better")
    layout.indent_more(patch, layout_span, moved[0].parent or moved[0])


def _with_comments(context: Context, node: Node) -> Node:
    """The first of the comments that stand right above a statement, else the statement."""
    first = node
    for _ in range(40):
        before = first.prev_named_sibling
        if before is None or before.type != "comment" or not context.layout.is_first_on_line(before):
            break
        if before.start_byte < context.site.end:
            break
        first = before
    return first


def _end_of(context: Context, node: Node) -> int:
    """The end of a statement, of a comment that ends its line, and of comments below it that nothing follows."""
    end = node
    for _ in range(40):
        after = end.next_named_sibling
        if after is None or after.type != "comment":
            break
        end = after
    if end.next_named_sibling is not None:
        end = node
    rest = context.source.data[end.end_byte : context.layout.line_end(end.end_byte)].strip()
    if rest and not rest.startswith((b"//", b"/*")):
        raise CannotFixError("the statements share a line")
    return context.layout.line_end(end.end_byte)


def _close_before_release(context: Context, release: Node, last: Node, indent: str) -> int:
    """Writes `} finally {` between the body and the release, which stays; returns where the moved lines end."""
    layout, patch, newline, unit = context.layout, context.patch, context.style.newline, context.style.unit
    first = _with_comments(context, release)
    if first.start_byte < last.end_byte or not layout.is_first_on_line(first):
        raise CannotFixError("the statements share a line")
    body_end = layout.line_end(last.end_byte)
    start = layout.line_start(first.start_byte)
    patch.replace(Span(body_end, start), f"{newline}{indent}}} finally {{{newline}")
    end = layout.line_end(release.end_byte)
    if context.source.data[release.end_byte : end].strip()[:2] not in {b"", b"//"}:
        raise CannotFixError("the statements share a line")
    patch.insert(start, unit, rank=0)
    for line in range(first.start_point[0] + 1, release.end_point[0] + 1):
        patch.insert(context.source.line_starts[line], unit, rank=0)
    patch.insert(end, f"{newline}{indent}}}", rank=1)
    return body_end


def _hoist(context: Context, declaration: Node) -> str:
    declarator = declaration.named_children[0]
    name, value = declarator.child_by_field_name("name"), declarator.child_by_field_name("value")
    assert name is not None
    assert value is not None
    text = context.script.text(name)
    context.patch.replace(Span(declaration.start_byte, value.start_byte), f"{text} = ")
    return text


def _delete(context: Context, statement: Node) -> None:
    """Takes a statement away with its line, and one of two blank lines that would meet."""
    layout, data = context.layout, context.source.data
    start, end = layout.line_start(statement.start_byte), layout.line_end(statement.end_byte)
    if data[start : statement.start_byte].strip() or data[statement.end_byte : end].strip():
        raise CannotFixError("the statements share a line")
    after = data.find(b"\n", end) + 1
    blank_after = after and not data[after : layout.line_end(after)].strip() and data.find(b"\n", after) > 0
    before = layout.line_start(max(start - 1, 0))
    if blank_after and not data[before:start].strip():
        after = data.find(b"\n", after) + 1
    context.patch.replace(Span(start, after), "")


def close_in_existing(context: Context, following: list[Node], releases: list[Node]) -> bool:
    """Adds `finally` to a `try` that holds everything between acquisition and release; False where there is none."""
    statement = following[0]
    if statement.type != "try_statement" or statement.child_by_field_name("finalizer") is not None or not releases:
        return False
    inside = [node for node in releases if span_of(statement).contains(span_of(node))]
    outside = [node for node in releases if node not in inside]
    if outside and (len(outside) > 1 or len(following) < 2 or outside[0] != following[1]):
        return False
    script, layout = context.script, context.layout
    if len({script.text(node).rstrip(";") for node in releases}) > 1:
        return False
    if any(not _ends_clause(node) for node in inside):
        return False
    if outside and next(own_nodes(statement, {"return_statement"}), None) is not None and not inside:
        context.patch.doubt("the try block has ways out that leave it open on purpose, or not")
    newline, unit = context.style.newline, context.style.unit
    indent = layout.indent(statement.start_byte)
    for node in releases:
        _delete(context, node)
    text = layout.lines(script.text(releases[0]), indent + unit)
    closing = f" finally {{{newline}{indent}{unit}{text}{newline}{indent}}}"
    context.patch.insert(statement.end_byte, closing, rank=1)
    return True


def _ends_clause(node: Node) -> bool:
    """Whether a release is the last statement of a clause of the try statement, or nothing but a way out follows it."""
    block = node.parent
    if block is None or block.parent is None:
        return False
    clause = block.parent
    if clause.type not in {"try_statement", "catch_clause"}:
        return False
    rest = [item for item in statements(block) if item.start_byte > node.start_byte]
    return not rest or (len(rest) == 1 and rest[0].type in {"return_statement", "throw_statement"})
