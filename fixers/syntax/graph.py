"""Builds a function's control-flow graph from structured statements; shared by all languages.

Exits through `finally` (and `with`, `using`) are exact: each way out (falling through, return, each break target,
throw, cancellation, closing a generator) gets its own copy of the finally body, made when first needed. References:
the try-finally duplication of javac and CPython's compiler.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from fixers.facts import (
    EXIT_BLOCK,
    Await,
    Block,
    Call,
    Enter,
    ExitKind,
    Guard,
    Op,
    Return,
    Throw,
    Yield,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

MAX_BLOCKS: Final = 8000
"""A function with more blocks is not judged (skipped with the code `limit`)."""

_WITH_WAYS_OUT: Final = frozenset({Call, Await, Yield, Throw, Enter, Return})
"""Operations that control may leave the block from."""


class TooManyBlocksError(Exception):
    """The function's graph is beyond MAX_BLOCKS."""


@dataclass
class Handler:
    """One `catch` or `except` clause.

    `certain` are the ways out that it surely stops, `possible` those it may stop (an `except ValueError` and a throw).
    `body` lowers the clause.
    """

    body: Callable[[], None]
    certain: frozenset[ExitKind] = frozenset()
    possible: frozenset[ExitKind] = frozenset()


@dataclass(eq=False)
class _Loop:
    labels: frozenset[str]
    after: int
    again: int | None
    labelled_only: bool


@dataclass(eq=False)
class _Catch:
    handlers: Sequence[Handler]
    entries: Sequence[int]
    dispatch: dict[ExitKind, int] = field(default_factory=dict)


@dataclass(eq=False)
class _Finally:
    body: Callable[[], None]
    copies: dict[object, int] = field(default_factory=dict)


_Frame = _Loop | _Catch | _Finally


class Graph:
    """The graph of one function while it is built.

    `current` is the block that operations go to; None after a jump, when what follows is unreachable (it still gets
    blocks, which no edge reaches, so that closures in it are lowered). Where tasks are not `cancellable` (JavaScript),
    an await has no way out of its own: its `cancel` is its `throw`.
    """

    def __init__(self, *, cancellable: bool = True) -> None:
        self._cancellable = cancellable
        self.blocks: list[Block] = [Block([])]
        self.current: int | None = 0
        self._frames: list[_Frame] = []
        self._numbers = 0
        self._reached: set[int] = {0}
        self._routed: int | None = None

    def number(self) -> int:
        """A fresh operation number."""
        self._numbers += 1
        return self._numbers - 1

    def block(self) -> int:
        """A new empty block, not yet reached.

        Raises:
            TooManyBlocksError: the graph is beyond MAX_BLOCKS.
        """
        if len(self.blocks) >= MAX_BLOCKS:
            raise TooManyBlocksError
        self.blocks.append(Block([]))
        return len(self.blocks) - 1

    def start(self, block: int) -> None:
        """Operations go to `block` from here on."""
        self.current = block

    def resume(self, block: int) -> None:
        """Operations go to `block` if anything jumped there; else what follows is unreachable."""
        self.current = block if block in self._reached else None

    def jump(self, target: int) -> None:
        """Control goes on at `target` (a block or an exit); nothing more goes to the current block."""
        if self.current is not None:
            block = self.blocks[self.current]
            if target not in block.next:
                block.next = (*block.next, target)
                self._reached.add(target)
        self.current = None

    def emit(self, op: Op) -> None:
        """Adds an operation; a Return or Throw also leaves the block on its way out."""
        if self.current is None:
            self.start(self.block())
        assert self.current is not None
        block = self.blocks[self.current]
        block.ops.append(op)
        kind = type(op)
        if kind not in _WITH_WAYS_OUT:
            return
        if kind is Return:
            self.jump(self._route(ExitKind.NORMAL))
            return
        if self.current != self._routed:
            # All of a block is in the same surroundings, so one look for its way out is enough.
            self._routed = self.current
            block.throw = self._route(ExitKind.THROW)
        if kind is Await:
            block.cancel = self._route(ExitKind.CANCEL) if self._cancellable else block.throw
        elif kind is Yield:
            block.close = self._route(ExitKind.CLOSE)
        elif kind is Throw:
            self.current = None

    def split(self, when_true: int, when_false: int, true: Sequence[Guard] = (), false: Sequence[Guard] = ()) -> None:
        """Ends the current block with a branch; the guards are what is known on each side."""
        origin = self.current
        if origin is None:
            return
        for target, guards in ((when_true, true), (when_false, false)):
            self.current = origin
            edge = self.block() if guards else target
            self.jump(edge)
            if guards:
                self.start(edge)
                for guard in guards:
                    self.emit(guard)
                self.jump(target)
        self.current = None

    def fork(self, targets: Sequence[int]) -> None:
        """Ends the current block with a branch of which nothing is known (a switch, a pattern match)."""
        origin = self.current
        for target in targets:
            self.current = origin
            self.jump(target)
        self.current = None

    @contextmanager
    def loop(
        self, after: int, again: int | None, labels: Sequence[str] = (), *, labelled_only: bool = False
    ) -> Iterator[None]:
        """`break` goes to `after` and `continue` to `again` while the context lasts.

        `again` is None for a switch or a labelled block; `labelled_only` for the latter, which a bare `break` passes
        by.
        """
        with self._frame(_Loop(frozenset(labels), after, again, labelled_only)):
            yield

    def leave_loop(self, label: str | None = None) -> None:
        """`break`, through the finally blocks between."""
        self._leave(label, again=False)

    def next_turn(self, label: str | None = None) -> None:
        """`continue`, through the finally blocks between."""
        self._leave(label, again=True)

    def attempt(
        self,
        body: Callable[[], None],
        handlers: Sequence[Handler] = (),
        orelse: Callable[[], None] | None = None,
        finalizer: Callable[[], None] | None = None,
    ) -> None:
        """Lowers `try`; also `with` and `using`, whose finalizer emits the Exit."""
        join = self.block()
        if finalizer is None:
            self._attempt_handlers(body, handlers, orelse, join)
        else:
            with self._frame(_Finally(finalizer)):
                self._attempt_handlers(body, handlers, orelse, join)
        self.resume(join)
        if finalizer is not None and self.current is not None:
            finalizer()

    def _attempt_handlers(
        self,
        body: Callable[[], None],
        handlers: Sequence[Handler],
        orelse: Callable[[], None] | None,
        join: int,
    ) -> None:
        entries = [self.block() for _ in handlers]
        if handlers:
            with self._frame(_Catch(handlers, entries)):
                body()
        else:
            body()
        if orelse is not None and self.current is not None:
            self._split_block()
            orelse()
        self.jump(join)
        for handler, entry in zip(handlers, entries, strict=True):
            self.start(entry)
            handler.body()
            self.jump(join)

    @contextmanager
    def _frame(self, frame: _Frame) -> Iterator[None]:
        self._split_block()
        self._frames.append(frame)
        try:
            yield
        finally:
            self._frames.pop()
        self._split_block()

    def _split_block(self) -> None:
        """Operations under other frames need a block of their own, since a block has one way out for each kind."""
        if self.current is not None and self.blocks[self.current].ops:
            following = self.block()
            self.jump(following)
            self.start(following)

    def _leave(self, label: str | None, *, again: bool) -> None:
        for index in range(len(self._frames) - 1, -1, -1):
            frame = self._frames[index]
            if not isinstance(frame, _Loop):
                continue
            named = label in frame.labels if label is not None else not frame.labelled_only
            if named and not (again and frame.again is None):
                target = frame.again if again and frame.again is not None else frame.after
                self.jump(self._route_to((id(frame), again), target, index))
                return
        self.current = None

    def _route(self, kind: ExitKind) -> int:
        return self._route_to(kind, EXIT_BLOCK[kind], 0)

    def _route_to(self, key: object, target: int, stop: int) -> int:
        """Where control goes on its way to `target`: a handler, a copy of a finally body, or the target itself."""
        for index in range(len(self._frames) - 1, stop - 1, -1):
            frame = self._frames[index]
            if isinstance(frame, _Catch) and isinstance(key, ExitKind):
                entries, stopped = _catching(frame, key)
                if not entries:
                    continue
                if key not in frame.dispatch:
                    frame.dispatch[key] = self._dispatch(entries, stopped, key, target, stop, index)
                return frame.dispatch[key]
            if isinstance(frame, _Finally):
                if key not in frame.copies:
                    self._copy_finally(frame, key, target, stop, index)
                return frame.copies[key]
        return target

    def _dispatch(self, entries: Sequence[int], stopped: bool, key: object, target: int, stop: int, index: int) -> int:
        if stopped and len(entries) == 1:
            return entries[0]
        block = self.block()
        self.blocks[block].next = tuple(entries)
        if not stopped:
            with self._within(index):
                outward = self._route_to(key, target, stop)
            self.blocks[block].next = (*entries, outward)
            self.blocks[block].dispatch = True
        return block

    def _copy_finally(self, frame: _Finally, key: object, target: int, stop: int, index: int) -> None:
        frame.copies[key] = self.block()
        with self._within(index):
            self.start(frame.copies[key])
            frame.body()
            if self.current is not None:
                self.jump(self._route_to(key, target, stop))

    @contextmanager
    def _within(self, depth: int) -> Iterator[None]:
        """Lowers something in the surroundings of an outer frame, then comes back."""
        frames, current = self._frames, self.current
        self._frames = frames[:depth]
        try:
            yield
        finally:
            self._frames, self.current = frames, current


def _catching(frame: _Catch, kind: ExitKind) -> tuple[list[int], bool]:
    """The handlers that a way out may reach, and whether the last of them surely stops it."""
    entries: list[int] = []
    for handler, entry in zip(frame.handlers, frame.entries, strict=True):
        if kind in handler.certain:
            return [*entries, entry], True
        if kind in handler.possible:
            entries.append(entry)
    return entries, False
