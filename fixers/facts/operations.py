"""Operations, and the blocks of a control-flow graph."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from fixers.facts.values import Place, Ref, Value
from fixers.source import Span


class Arg(msgspec.Struct, frozen=True, array_like=True):
    """An argument. `name` is the keyword in Python, `*` or `**` for a spread (`*` too for JavaScript's `...x`),
    else None.
    """

    value: Value
    name: str | None = None


class Call(msgspec.Struct, frozen=True, array_like=True, tag="call"):
    """A call, construction or JSX element; `result` is the number of the place `%result`.

    `form`: call, new, jsx, template (a tagged template), import (dynamic import or require). `callee` is a Ref as
    written (imports and types are resolved later), or a Closure that is called where it stands. `span` is the whole
    expression, `callee_span` what is called, `args_span` the arguments with their parentheses. `optional`: `f?.()`
    or a receiver reached through `?.`. `statement`: the call is an expression statement of its own (awaited or
    not), so that nothing uses its result.
    """

    result: int
    callee: Value
    args: tuple[Arg, ...]
    span: Span
    callee_span: Span
    args_span: Span
    form: str = "call"
    optional: bool = False
    statement: bool = False

    def argument(self, index: int, keyword: str | None = None) -> Value | None:
        """The value at a positional index or under a keyword; None when absent or hidden by a spread."""
        for arg in self.args:
            if keyword is not None and arg.name == keyword:
                return arg.value
        positional = self.args[: index + 1]
        if len(positional) <= index or any(arg.name is not None for arg in positional):
            return None
        return positional[index].value


class Assign(msgspec.Struct, frozen=True, array_like=True, tag="assign"):
    """A value is put into a place. `declares`: `const`, `let`, `var`, or Python's first binding; `augmented`: `+=`,
    `||=`, `??=`.
    """

    target: Place
    value: Value
    span: Span
    declares: bool = False
    augmented: bool = False


class Return(msgspec.Struct, frozen=True, array_like=True, tag="return"):
    """The function returns; finally blocks and exits of `with` follow as operations of their own."""

    value: Value | None
    span: Span


class Throw(msgspec.Struct, frozen=True, array_like=True, tag="throw"):
    """`throw` or `raise`."""

    value: Value | None
    span: Span


class Await(msgspec.Struct, frozen=True, array_like=True, tag="await"):
    """A value is awaited (`for await`, `async for` and `async with` included); `result` is the number of the
    awaited place.
    """

    result: int
    value: Value
    span: Span


class Yield(msgspec.Struct, frozen=True, array_like=True, tag="yield"):
    """`yield` (`delegates`: `yield*`, `yield from`); `result` is the number of the place sent in."""

    result: int
    value: Value | None
    span: Span
    delegates: bool = False


class Enter(msgspec.Struct, frozen=True, array_like=True, tag="enter"):
    """A context manager is entered, or a `using` declaration made; `result` is the number of what `as` binds."""

    result: int
    manager: Value
    span: Span
    is_async: bool = False


class Exit(msgspec.Struct, frozen=True, array_like=True, tag="exit"):
    """The context manager of an Enter is left, on whichever way out."""

    manager: Value
    span: Span
    is_async: bool = False


class Guard(msgspec.Struct, frozen=True, array_like=True, tag="guard"):
    """What is known of a value on this branch.

    `outcome`: present (truthy, not null), absent (falsy, null), equal or different (to `other`). A test of
    something that is not a place or constant yields no Guard. `strict`: the test was for null alone, so that 0 and
    '' count as present.
    """

    value: Value
    outcome: str
    span: Span
    other: Value | None = None
    strict: bool = False


class Delete(msgspec.Struct, frozen=True, array_like=True, tag="delete"):
    """`delete` or `del` of a place."""

    place: Place
    span: Span


Op = Call | Assign | Return | Throw | Await | Yield | Enter | Exit | Guard | Delete


class ExitKind(StrEnum):
    """How control leaves a function."""

    NORMAL = "normal"
    THROW = "throw"
    CANCEL = "cancel"
    CLOSE = "close"


EXIT_BLOCK: Final = {ExitKind.NORMAL: -1, ExitKind.THROW: -2, ExitKind.CANCEL: -3, ExitKind.CLOSE: -4}
"""The block numbers that stand for leaving the function."""
EXIT_KIND: Final = {number: kind for kind, number in EXIT_BLOCK.items()}


class Block(msgspec.Struct, array_like=True):
    """Operations without a branch between them, and where control goes.

    `next` are the successors on the normal way. Any operation of the block may go to `throw` (an error), an Await
    to `cancel` (its task is cancelled), a Yield to `close` (the generator is closed); -1 to -4 leave the function
    (EXIT_BLOCK). `dispatch`: no code, but the choice between handlers; the last successor is for what none of them
    stops.
    """

    ops: list[Op]
    next: tuple[int, ...] = ()
    throw: int = -2
    cancel: int = -3
    close: int = -4
    dispatch: bool = False


def operands(op: Op) -> tuple[Value, ...]:
    """The values an operation uses, in order; the place it fills is not among them."""
    match op:
        case Call():
            return (op.callee, *(arg.value for arg in op.args))
        case Assign() | Await():
            return (op.value,)
        case Return() | Throw() | Yield():
            return () if op.value is None else (op.value,)
        case Enter() | Exit():
            return (op.manager,)
        case Guard():
            return (op.value,) if op.other is None else (op.value, op.other)
        case Delete():
            return (Ref(op.place),)
