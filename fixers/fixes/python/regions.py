"""Which lines after an acquisition the handle lives in, and what keeps them from becoming a block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fixers.facts import Assign, Place
from fixers.fixes.python.changes import Tail
from fixers.fixes.python.layout import (
    LOOPS,
    SHELTERS,
    Path,
    ancestors,
    leaving_jumps,
    path_to,
    rebound_target,
)
from fixers.fixes.python.releasing import is_release_of, redundant, released_name, tail_of
from fixers.fixes.python.uses import acquired_spans
from fixers.source import Span

if TYPE_CHECKING:
    from fixers.fixes.python.sites import Site
    from fixers.fixes.python.uses import Uses
    from fixers.leaks import Leak
    from fixers.lifetimes import Judge


@dataclass(frozen=True)
class Region:
    """The lines of the acquiring suite in which the handle lives.

    Args:
        first, last: numbers of the lines after the acquisition; none when `last` is below `first`.
        is_folded: a line of the suite releases the handle, so that the block's end takes its place.
        is_empty: nothing but releases is among the lines.
        tail: what becomes of the last line, where it releases the handle by itself.
        dropped: the releases that the end of the block makes superfluous.
        jumps: the jumps by which control leaves the lines.
        span: from the acquisition to the last line.
    """

    first: int
    last: int
    is_folded: bool
    is_empty: bool
    tail: Tail
    dropped: tuple[Path, ...]
    jumps: frozenset[str]
    span: Span


class UnsuitableError(Exception):
    """No block can hold the handle; the sentence says why."""


class Regions:
    """Finds the region of one acquisition that is bound to a local name."""

    def __init__(self, leak: Leak, judge: Judge, site: Site, uses: Uses) -> None:
        self._leak = leak
        self._judge = judge
        self._site = site
        self._uses = uses
        self._layout = site.layout
        self._function = judge.facts.functions[leak.function]
        self._name = site.name
        self._suite = site.suite
        self._start = site.number
        self._handles = self._mentions(uses.handles if site.name is None else {*uses.handles, site.name})
        self._derived = self._mentions(uses.derived)

    def find(self) -> Region:
        """The region.

        Raises:
            UnsuitableError: the handle, or what reads from it, is used outside any block that could be written.
        """
        self._refuse_foreign_scopes()
        bound = self._rebound()
        folded = self._last_release(bound)
        last = folded if folded is not None else self._last_use(bound)
        tail = (
            Tail.KEPT
            if folded is not None
            else tail_of(self._suite[last], self._name, self._leak.resource, self._layout)
        )
        enclosed = self._enclosed(last)
        end = max([last, *enclosed.values()])
        if folded is not None and end > folded and not self._only_releases(folded + 1, end, set(enclosed)):
            folded = None
        if end > last:
            tail = Tail.KEPT
        release = None if folded is None else self._suite[folded][0]
        inside = [node for line in self._suite[self._start + 1 : end + 1] for node in line if node != release]
        jumps = frozenset(leaving_jumps(inside))
        span = Span(self._site.statement.start_byte, self._suite[end][-1].end_byte)
        is_folded = release is not None or tail is not Tail.KEPT
        self._refuse_outside_uses(span, bound, jumps, is_folded=is_folded)
        self._refuse_rebinding(span)
        dropped = [] if self._name is None else redundant(inside, self._name, self._leak.resource, self._layout)
        if release is not None:
            dropped.append(release)
        return Region(
            self._start + 1,
            end,
            is_folded,
            not inside,
            tail,
            tuple(path_to(node) for node in dropped),
            jumps,
            span,
        )

    def _mentions(self, names: set[str]) -> dict[str, list[int]]:
        return {name: self._layout.mentions(name, self._function.span) for name in sorted(names)}

    def _refuse_foreign_scopes(self) -> None:
        handle = self._leak.handle
        if self._name is None:
            return
        if handle is None or handle.scope != self._leak.function or handle.path or "#" in handle.root:
            raise UnsuitableError(f"`{self._name}` is not a variable of this function alone")
        if self._function.kind == "class-body":
            raise UnsuitableError(f"`{self._name}` belongs to the class")

    def _rebound(self) -> int:
        """The first later line of the suite that gives the name another value for good, or the end of the suite."""
        if self._name is None:
            return len(self._suite)
        for number in range(self._start + 1, len(self._suite)):
            line = self._suite[number]
            target = rebound_target(line[0]) if len(line) == 1 else None
            mentioned = self._layout.mentions(self._name, Span(line[0].start_byte, line[0].end_byte))
            if target is None or mentioned[:1] != [target.start_byte]:
                continue
            if len(mentioned) == 1 or line[0].type == "with_statement":
                return number
        return len(self._suite)

    def _last_release(self, bound: int) -> int | None:
        if self._name is None:
            return None
        releases = [
            number
            for number in range(self._start + 1, bound)
            if len(self._suite[number]) == 1
            and is_release_of(self._suite[number][0], self._name, self._leak.resource, self._layout)
        ]
        return releases[-1] if releases else None

    def _last_use(self, bound: int) -> int:
        if self._uses.lingers:
            return bound - 1
        last = self._start
        for offsets in (*self._handles.values(), *self._derived.values()):
            for offset in offsets:
                last = max(last, self._line_of(offset, bound))
        return last

    def _line_of(self, offset: int, bound: int) -> int:
        for number in range(self._start, bound):
            line = self._suite[number]
            if line[0].start_byte <= offset < line[-1].end_byte:
                return number
        return -1

    def _enclosed(self, last: int) -> dict[str, int]:
        """Other resources acquired inside the region, and the last line that uses each: blocks must nest, not cross."""
        others = acquired_spans(self._judge, self._leak.function)
        found: dict[str, int] = {}
        for number in range(self._start + 1, last + 1):
            for node in self._suite[number]:
                assignment = node.named_children[0] if node.named_children else None
                if node.type != "expression_statement" or assignment is None or assignment.type != "assignment":
                    continue
                target, value = (assignment.child_by_field_name(field) for field in ("left", "right"))
                if target is None or value is None or Span(value.start_byte, value.end_byte) not in others:
                    continue
                name = self._layout.text(target)
                offsets = self._layout.mentions(name, self._function.span)
                found[name] = max([number, *(self._line_of(offset, len(self._suite)) for offset in offsets)])
        return found

    def _only_releases(self, first: int, last: int, names: set[str]) -> bool:
        """Whether lines do nothing but release other handles, so that the order of the releases is all that changes."""
        return all(
            len(line) == 1 and released_name(line[0], self._leak.resource, self._layout) in names
            for line in self._suite[first : last + 1]
        )

    def _refuse_outside_uses(self, span: Span, bound: int, jumps: frozenset[str], *, is_folded: bool) -> None:
        after_rebinding = self._suite[bound][0].start_byte if bound < len(self._suite) else None
        suite = self._site.statement.parent
        assert suite is not None
        sheltered = any(outer.type in SHELTERS for outer in ancestors(self._site.statement))
        loops = [outer for outer in ancestors(self._site.statement) if outer.type in LOOPS]
        harmless_after = is_folded and not sheltered and not jumps & {"break_statement", "continue_statement"}
        names = self._handles if is_folded else {**self._handles, **self._derived}
        for name, offsets in names.items():
            for offset in offsets:
                if not is_folded and self._in_inner_scope(offset):
                    raise UnsuitableError(f"an inner function uses `{name}`, and may run later")
                if span.start <= offset < span.end:
                    continue
                before = offset < span.start
                if before and not any(loop.start_byte <= offset for loop in loops):
                    continue
                if (
                    not before
                    and name == self._name
                    and after_rebinding is not None
                    and after_rebinding <= offset < suite.end_byte
                ):
                    continue
                if not harmless_after:
                    raise UnsuitableError(f"`{name}` is also used outside the block that could hold it")

    def _in_inner_scope(self, offset: int) -> bool:
        body = self._function.body
        return any(
            inner.span.start <= offset < inner.span.end
            for number, inner in enumerate(self._judge.facts.functions)
            if number != self._leak.function and body.contains(inner.span) and inner.span != self._function.span
        )

    def _refuse_rebinding(self, span: Span) -> None:
        place = Place(self._name or "", self._leak.function)
        for op in self._function.ops():
            if (
                isinstance(op, Assign)
                and op.target == place
                and self._site.statement.end_byte <= op.span.start < span.end
            ):
                raise UnsuitableError(f"`{self._name}` is given another value while it is open")
