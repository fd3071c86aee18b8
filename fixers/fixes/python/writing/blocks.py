"""Putting statements into `with` and `try` blocks, and new statements between others."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import libcst as cst

from fixers.fixes.model import CannotFixError
from fixers.fixes.python.changes import Tail
from fixers.fixes.python.writing.tree import (
    Lines,
    Statement,
    Style,
    leading,
    left_over,
    parsed,
    preceded,
    rewritten,
    without,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fixers.fixes.python.changes import Guarded, Hold, HoldInline, HoldNamed, Insert, Naming
    from fixers.fixes.python.layout import Path


def held(module: cst.Module, change: Hold) -> cst.Module:
    """See `Hold`."""

    def rewrite(lines: Lines, indent: str | None) -> Sequence[Statement]:
        number = change.at[-1]
        statement = lines[number]
        acquired = _assigned_value(statement)
        if acquired is None or _words(module.code_for_node(acquired)) != _words(change.acquisition):
            raise CannotFixError("LibCST does not see the same statements; change it by hand.")
        if isinstance(acquired, cst.Await) and change.is_async:
            acquired = acquired.expression
        taken = lines[number + 1 : change.last + 1]
        block = cst.With(
            items=[_item(acquired, change.name, change.wrapper)],
            body=_block(taken, _relative(change.dropped, change.at, number + 1), indent, change.tail).with_changes(
                header=_trailing(statement)
            ),
            asynchronous=cst.Asynchronous() if change.is_async else None,
            leading_lines=leading(statement),
        )
        return [*lines[:number], block, *_after(lines, change.last, change.dropped, change.at)]

    return rewritten(module, change.at, rewrite)


def held_by_name(module: cst.Module, change: HoldNamed) -> cst.Module:
    """See `HoldNamed`."""

    def rewrite(lines: Lines, indent: str | None) -> Sequence[Statement]:
        blank, taken = _without_blank_lines(lines[change.first : change.last + 1])
        relative = _relative(change.dropped, change.suite, change.first)
        block = cst.With(
            items=[_item(cst.Name(change.name), None, change.wrapper)],
            body=_block(taken, relative, indent, change.tail).with_changes(header=_header_of(lines[change.first - 1])),
            asynchronous=cst.Asynchronous() if change.is_async else None,
            leading_lines=blank,
        )
        return [*lines[: change.first], block, *_after(lines, change.last, change.dropped, change.suite)]

    return rewritten(module, change.suite, rewrite)


def guarded(module: cst.Module, change: Guarded) -> cst.Module:
    """See `Guarded`."""
    release = _statements(change.release, module)

    def rewrite(lines: Lines, indent: str | None) -> Sequence[Statement]:
        blank, taken = _without_blank_lines(lines[change.first : change.last + 1])
        relative = _relative(change.moved, change.suite, change.first)
        body = _block(taken, relative, indent).with_changes(header=_header_of(lines[change.first - 1]))
        if change.on_error_only:
            handler = cst.ExceptHandler(
                body=cst.IndentedBlock([*release, cst.SimpleStatementLine([cst.Raise()])], indent=indent),
                type=cst.Name("BaseException"),
            )
            block = cst.Try(body=body, handlers=[handler], leading_lines=blank)
        else:
            finalbody = cst.Finally(cst.IndentedBlock(release, indent=indent))
            block = cst.Try(body=body, finalbody=finalbody, leading_lines=blank)
        return [*lines[: change.first], block, *_after(lines, change.last, change.moved, change.suite)]

    return rewritten(module, change.suite, rewrite)


def held_inline(data: bytes, change: HoldInline, style: Style) -> cst.Module:
    """See `HoldInline`."""
    acquisition = data[change.acquisition.start : change.acquisition.end].decode("utf-8")
    whole, value_name = change.lifted or (change.acquisition, change.name)
    changed = data[: whole.start] + value_name.encode() + data[whole.end :]
    lifted = _spliced(data, whole.start, whole.end, change)
    module = parsed(changed, style)
    manager = cst.parse_expression(_without_indent(acquisition, data, whole.start), config=module.config_for_parsing)

    def rewrite(lines: Lines, indent: str | None) -> Sequence[Statement]:
        number = change.at[-1]
        statement = lines[number]
        bare = statement.with_changes(leading_lines=[])
        inner: Sequence[Statement] = [bare, *lines[number + 1 : change.last + 1]]
        rest: Sequence[Statement] = []
        if change.lifted is not None:
            inner, rest = _statements(f"{value_name} = {lifted}", module), inner
        block = cst.With(
            items=[_item(manager, change.name, change.wrapper)],
            body=cst.IndentedBlock(inner, indent=indent),
            asynchronous=cst.Asynchronous() if change.is_async else None,
            leading_lines=leading(statement),
        )
        return [*lines[:number], block, *rest, *lines[change.last + 1 :]]

    return rewritten(module, change.at, rewrite)


def inserted(module: cst.Module, change: Insert) -> cst.Module:
    """See `Insert`."""
    new = _statements(change.code, module)

    def rewrite(lines: Lines, indent: str | None) -> Sequence[Statement]:
        added = [_indented(statement, indent) for statement in new]
        kept = list(lines)
        if change.replaces_pass:
            kept = kept[:-1]
        return [*kept[: change.before], *added, *kept[change.before :]]

    return rewritten(module, change.suite, rewrite)


def _without_indent(text: str, data: bytes, start: int) -> str:
    """An expression without the indentation of its statement in its further lines, which LibCST writes again."""
    line = data[data.rfind(b"\n", 0, start) + 1 : start].decode("utf-8")
    indent = line[: len(line) - len(line.lstrip())]
    first, *rest = text.split("\n")
    if any(quotes in text for quotes in ('"""', "'''")) or not all(item.startswith(indent) for item in rest):
        return text
    return "\n".join((first, *(item.removeprefix(indent) for item in rest)))


def _spliced(data: bytes, start: int, end: int, change: HoldInline) -> str:
    """The bytes of an expression, with the acquisition in it replaced by its new name."""
    before, after = data[start : change.acquisition.start], data[change.acquisition.end : end]
    return (before + change.name.encode() + after).decode("utf-8")


def _without_blank_lines(lines: Lines) -> tuple[Sequence[cst.EmptyLine], Lines]:
    """The blank lines before the first of some lines, and the lines without them."""
    before = leading(lines[0])
    count = next((number for number, empty in enumerate(before) if empty.comment is not None), len(before))
    return before[:count], (lines[0].with_changes(leading_lines=before[count:]), *lines[1:])


def _words(text: str) -> list[str]:
    return text.split()


def _assigned_value(statement: Statement) -> cst.BaseExpression | None:
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return None
    assign = statement.body[0]
    return assign.value if isinstance(assign, cst.Assign) else None


def _item(acquired: cst.BaseExpression, name: str | None, wrapper: Naming | None) -> cst.WithItem:
    if wrapper is not None:
        acquired = cst.Call(func=cst.parse_expression(wrapper.text), args=[cst.Arg(acquired)])
    return cst.WithItem(item=acquired, asname=None if name is None else cst.AsName(cst.Name(name)))


def _block(
    lines: Sequence[Statement], dropped: Sequence[Path], indent: str | None, tail: Tail = Tail.KEPT
) -> cst.IndentedBlock:
    """A block of lines without the dropped statements."""
    footer = list(map(_blank, left_over(lines, dropped)))
    kept = without(lines, dropped)
    body = [line.with_changes(leading_lines=[_blank(empty) for empty in leading(line)]) for line in kept]
    if tail is Tail.UNWRAPPED:
        inner = _body_of(body[-1])
        first = preceded(cast("Statement", inner.body[0]), [*leading(body[-1]), *_own_line(inner.header)])
        footer = [*inner.footer, *footer]
        body = [*body[:-1], first, *cast("Sequence[Statement]", inner.body[1:])]
    elif tail is Tail.WITHOUT_FINALLY:
        body = [*body[:-1], body[-1].with_changes(finalbody=None)]
    return cst.IndentedBlock(body=body or [cst.SimpleStatementLine([cst.Pass()])], indent=indent, footer=footer)


def _blank(line: cst.EmptyLine) -> cst.EmptyLine:
    """A line as it was; a blank one of the module, which LibCST would indent, stays blank."""
    return line if line.comment is not None else line.with_changes(indent=False)


def _body_of(statement: Statement) -> cst.IndentedBlock:
    body = getattr(statement, "body", None)
    if not isinstance(body, cst.IndentedBlock):
        raise CannotFixError("The block that releases it has no lines of its own; change it by hand.")
    return body


def _own_line(header: cst.TrailingWhitespace) -> list[cst.EmptyLine]:
    """The comment at the end of a line, as a line of its own."""
    return [] if header.comment is None else [cst.EmptyLine(comment=header.comment)]


def _trailing(statement: Statement) -> cst.TrailingWhitespace:
    assert isinstance(statement, cst.SimpleStatementLine)
    return statement.trailing_whitespace


def _header_of(statement: Statement) -> cst.TrailingWhitespace:
    """The line ending of a statement, without its comment."""
    if isinstance(statement, cst.SimpleStatementLine):
        return cst.TrailingWhitespace(newline=statement.trailing_whitespace.newline)
    return cst.TrailingWhitespace()


def _after(lines: Lines, last: int, dropped: Sequence[Path], suite: Path) -> Sequence[Statement]:
    """The lines after a block; the blank lines before a release at its end now separate the block from them."""
    rest = list(lines[last + 1 :])
    if not rest or (*suite[:-1], last) not in dropped:
        return rest
    blank = [empty for empty in leading(lines[last]) if empty.comment is None]
    if blank and not leading(rest[0]):
        rest[0] = rest[0].with_changes(leading_lines=blank)
    return rest


def _relative(paths: Sequence[Path], suite: Path, first: int) -> list[Path]:
    """Paths of the file as paths within a suite whose lines are counted from `first`."""
    depth = len(suite) - 1
    return [(path[depth] - first, *path[depth + 1 :]) for path in paths]


def _statements(code: str, module: cst.Module) -> list[Statement]:
    small = cst.parse_module(code, config=module.config_for_parsing)
    return cast("list[Statement]", list(small.body))


def _indented(statement: Statement, indent: str | None) -> Statement:
    """A new statement whose inner block is indented as the suite around is."""
    body = getattr(statement, "body", None)
    if isinstance(statement, cst.BaseCompoundStatement) and isinstance(body, cst.IndentedBlock):
        return cast("Statement", statement.with_changes(body=body.with_changes(indent=indent)))
    return statement
