"""Finding and replacing statements in LibCST's tree by the paths of `layout`; no visitor walks the whole tree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, cast

import libcst as cst

from fixers.fixes.model import CannotFixError

if TYPE_CHECKING:
    from fixers.fixes.python.layout import Path

Statement = cst.SimpleStatementLine | cst.BaseCompoundStatement
Lines = tuple[Statement, ...]
Rewrite = Callable[[Lines, str | None], Sequence[Statement]]
"""From the lines of a suite and its indentation (None for the module's default) to new lines."""


class Style(NamedTuple):
    """How the file is indented, and how its lines end."""

    indentation: str
    line_ending: str


def parsed(data: bytes, style: Style) -> cst.Module:
    """LibCST's tree of some lines.

    Raises:
        CannotFixError: LibCST would not give the bytes back.
        UnicodeDecodeError: they are not UTF-8.
        cst.ParserSyntaxError: LibCST does not know the syntax.
    """
    module = cst.parse_module(data.decode("utf-8"))
    # Lines without a suite do not tell LibCST how the file is indented; its guess stands where they do.
    styled = module.with_changes(default_indent=style.indentation, default_newline=style.line_ending)
    for candidate in (styled, module):
        if candidate.bytes == data:
            return candidate
    raise CannotFixError("LibCST does not reproduce the statement byte for byte; change it by hand.")


def rewritten(module: cst.Module, statement: Path, rewrite: Rewrite) -> cst.Module:
    """The module with the lines of one suite replaced.

    Args:
        module: the tree.
        statement: the path to a statement of the suite; its own number does not matter.
        rewrite: what happens to the suite.

    Raises:
        CannotFixError: LibCST's tree has no such suite.
    """
    lines = cast("Lines", tuple(module.body))
    return module.with_changes(body=_rewritten_lines(lines, statement, rewrite, None))


def _rewritten_lines(lines: Lines, path: Path, rewrite: Rewrite, indent: str | None) -> Sequence[Statement]:
    if len(path) < 2:
        return rewrite(lines, indent)
    number, suite, *rest = path
    if number >= len(lines):
        raise CannotFixError("LibCST does not see the same statements; change it by hand.")
    changed = list(lines)
    changed[number] = cast("Statement", _with_suite(lines[number], suite, tuple(rest), rewrite))
    return changed


def _with_suite(owner: cst.CSTNode, number: int, path: Path, rewrite: Rewrite) -> cst.CSTNode:
    if isinstance(owner, cst.Match):
        cases = list(owner.cases)
        cases[number] = cst.ensure_type(_with_suite(cases[number], 0, path, rewrite), cst.MatchCase)
        return owner.with_changes(cases=cases)
    if number == 0:
        block = getattr(owner, "body", None)
        if not isinstance(block, cst.IndentedBlock):
            raise CannotFixError("The statement stands on the line of its `if` or `for`; give it a line of its own.")
        body = _rewritten_lines(cast("Lines", tuple(block.body)), path, rewrite, block.indent)
        return owner.with_changes(body=block.with_changes(body=body))
    if isinstance(owner, cst.Try | cst.TryStar):
        return _with_clause(owner, number - 1, path, rewrite)
    orelse = getattr(owner, "orelse", None)
    if orelse is None:
        raise CannotFixError("LibCST does not see the same statements; change it by hand.")
    return owner.with_changes(orelse=_with_suite(orelse, number - 1, path, rewrite))


def _with_clause(owner: cst.Try | cst.TryStar, number: int, path: Path, rewrite: Rewrite) -> cst.CSTNode:
    handlers = list(owner.handlers)
    if number < len(handlers):
        handlers[number] = cast("cst.ExceptHandler", _with_suite(handlers[number], 0, path, rewrite))
        return owner.with_changes(handlers=handlers)
    clauses = [name for name in ("orelse", "finalbody") if getattr(owner, name) is not None]
    number -= len(handlers)
    if number >= len(clauses):
        raise CannotFixError("LibCST does not see the same statements; change it by hand.")
    return owner.with_changes(**{clauses[number]: _with_suite(getattr(owner, clauses[number]), 0, path, rewrite)})


def without(lines: Sequence[Statement], paths: Sequence[Path]) -> list[Statement]:
    """Lines without some statements, whose comments go to what follows them; see `left_over` for what nothing follows.

    The paths begin with the number of a line.
    """
    gone = {path[0] for path in paths if len(path) == 1}
    kept: list[Statement] = []
    waiting: list[cst.EmptyLine] = []
    for number, line in enumerate(lines):
        if number in gone:
            waiting.extend(_remains(cst.ensure_type(line, cst.SimpleStatementLine)))
            continue
        inner = [path[1:] for path in paths if len(path) > 1 and path[0] == number]
        kept.append(preceded(_thinned(line, inner), waiting))
        waiting = []
    return kept


def _thinned(owner: Statement, paths: Sequence[Path]) -> Statement:
    """A compound statement without some statements of its suites."""
    for suite in sorted({path[0] for path in paths}):
        tails = [path[1:] for path in paths if path[0] == suite]

        def rewrite(body: Lines, _: str | None, tails: Sequence[Path] = tails) -> Sequence[Statement]:
            return without(body, tails)

        owner = cast("Statement", _with_suite(owner, suite, (0,), rewrite))
    return owner


def _remains(line: cst.SimpleStatementLine) -> list[cst.EmptyLine]:
    """What a removed statement leaves: its comments, each on a line of its own."""
    comment = line.trailing_whitespace.comment
    found = [empty for empty in line.leading_lines if empty.comment is not None]
    if comment is not None:
        found.append(cst.EmptyLine(comment=comment, newline=line.trailing_whitespace.newline))
    return found


def left_over(lines: Sequence[Statement], paths: Sequence[Path]) -> list[cst.EmptyLine]:
    """The comments of removed statements at the end of the lines, which nothing follows."""
    gone = {path[0] for path in paths if len(path) == 1}
    found: list[cst.EmptyLine] = []
    for number in range(len(lines) - 1, -1, -1):
        if number not in gone:
            break
        found = [*_remains(cst.ensure_type(lines[number], cst.SimpleStatementLine)), *found]
    return found


def preceded(line: Statement, empty: Sequence[cst.EmptyLine]) -> Statement:
    """A statement with further empty lines and comments before it."""
    return line.with_changes(leading_lines=[*empty, *leading(line)]) if empty else line


def leading(line: Statement) -> Sequence[cst.EmptyLine]:
    """The empty lines and comments before a statement."""
    found: Sequence[cst.EmptyLine] = line.leading_lines
    return found
