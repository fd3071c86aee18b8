"""The part of a file that LibCST gets to read for a change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from fixers.fixes.python.changes import Guarded, Hold, HoldInline, HoldNamed, Insertions
from fixers.fixes.python.layout import lines
from fixers.source import Span

if TYPE_CHECKING:
    from fixers.fixes.python.layout import Layout, Path

Block = Hold | HoldNamed | Guarded | HoldInline | Insertions

_HEAD: Final = frozenset({"import_statement", "import_from_statement", "future_import_statement"})


@dataclass(frozen=True)
class Fragment:
    """Whole lines of a file: their bytes, where they start, and the number of the first among the module's lines."""

    data: bytes
    start: int
    first: int

    def relative(self, change: Block) -> Block:
        """A change of the file as a change of the fragment."""
        match change:
            case Hold():
                return replace(
                    change,
                    at=self._path(change.at),
                    last=self._number(change.last, change.at),
                    dropped=tuple(self._path(path) for path in change.dropped),
                )
            case HoldNamed():
                return replace(
                    change,
                    suite=self._path(change.suite),
                    first=self._number(change.first, change.suite),
                    last=self._number(change.last, change.suite),
                    dropped=tuple(self._path(path) for path in change.dropped),
                )
            case Guarded():
                return replace(
                    change,
                    suite=self._path(change.suite),
                    first=self._number(change.first, change.suite),
                    last=self._number(change.last, change.suite),
                    moved=tuple(self._path(path) for path in change.moved),
                )
            case HoldInline():
                lifted = None if change.lifted is None else (self._span(change.lifted[0]), change.lifted[1])
                return replace(
                    change,
                    at=self._path(change.at),
                    acquisition=self._span(change.acquisition),
                    last=self._number(change.last, change.at),
                    lifted=lifted,
                )
            case Insertions():
                return Insertions(
                    tuple(
                        replace(
                            insert, suite=self._path(insert.suite), before=self._number(insert.before, insert.suite)
                        )
                        for insert in change.inserts
                    )
                )

    def _path(self, path: Path) -> Path:
        return (path[0] - self.first, *path[1:])

    def _number(self, number: int, suite: Path) -> int:
        return number - self.first if len(suite) == 1 else number

    def _span(self, span: Span) -> Span:
        return Span(span.start - self.start, span.end - self.start)


def fragment_of(change: Block, layout: Layout) -> Fragment:
    """The statements of the module that a change concerns, and for a change between them the one that follows."""
    match change:
        case Hold() | HoldInline():
            paths, last = [change.at], change.last
        case HoldNamed() | Guarded():
            paths, last = [change.suite], change.last
        case Insertions():
            paths = [insert.suite for insert in change.inserts]
            last = max(insert.before for insert in change.inserts)
    top = lines(layout.root)
    first = min(path[0] for path in paths)
    end = max(path[0] for path in paths)
    if any(len(path) == 1 for path in paths):
        end = max(end, last) + 1
    start = top[first][0].start_byte
    stop = top[end + 1][0].start_byte if end + 1 < len(top) else len(layout.data)
    return Fragment(layout.data[start:stop], start, first)


def head_of(layout: Layout) -> Fragment:
    """The top of the file: its docstring and its imports, up to the first other statement."""
    for number, line in enumerate(lines(layout.root)):
        is_docstring = (
            number == 0 and line[0].type == "expression_statement" and "string" in line[0].named_children[0].type
        )
        if not is_docstring and any(statement.type not in _HEAD for statement in line):
            return Fragment(layout.data[: line[0].start_byte], 0, 0)
    return Fragment(layout.data, 0, 0)
