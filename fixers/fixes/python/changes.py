"""What a fix does to a file, as data: decided without LibCST, carried out by `writing` with it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fixers.fixes.python.layout import Path
    from fixers.source import Span


@dataclass(frozen=True)
class Naming:
    """A name to write, and the `from module import name` that it needs; None where the file has it already."""

    text: str
    needs: tuple[str, str] | None = None


class Tail(StrEnum):
    """What becomes of a last line that releases the handle itself."""

    KEPT = "kept"
    UNWRAPPED = "unwrapped"
    """It is `with name:`, or a `try` with nothing but `finally: release`: its body takes its place."""
    WITHOUT_FINALLY = "without-finally"
    """It is a `try` with handlers and `finally: release`, which goes."""


@dataclass(frozen=True)
class Hold:
    """`name = acquire` and the lines after it become `with acquire as name:`; `async with` awaits by itself.

    Args:
        at: the acquiring statement; what follows it in its suite, `last` included, goes into the block.
        acquisition: the acquiring expression as written, for a check of the path.
        name: what `as` binds.
        last: the number of the last logical line that goes into the block.
        dropped: releases that the block's end makes superfluous.
        tail: what becomes of the last line.
        wrapper: `closing` where leaving the manager itself does not release.
        is_async: `async with`.
    """

    at: Path
    acquisition: str
    name: str
    last: int
    dropped: tuple[Path, ...] = ()
    tail: Tail = Tail.KEPT
    wrapper: Naming | None = None
    is_async: bool = False


@dataclass(frozen=True)
class HoldNamed:
    """Lines go into `with name:`, the name having been bound before them.

    Args:
        suite: a statement of the suite that holds the lines; only its suite counts.
        first, last: numbers of the logical lines.
        name, dropped, tail, wrapper, is_async: as in `Hold`.
    """

    suite: Path
    first: int
    last: int
    name: str
    dropped: tuple[Path, ...] = ()
    tail: Tail = Tail.KEPT
    wrapper: Naming | None = None
    is_async: bool = False


@dataclass(frozen=True)
class Guarded:
    """Lines go into a `try`, which ends with `finally: release`, or with `except BaseException: release; raise`.

    Args:
        suite: a statement of the suite that holds the lines; only its suite counts.
        first, last: numbers of the logical lines.
        release: the releasing statement.
        moved: releases that the `finally` makes superfluous.
        on_error_only: `except BaseException` in place of `finally`.
    """

    suite: Path
    first: int
    last: int
    release: str
    moved: tuple[Path, ...] = ()
    on_error_only: bool = False


@dataclass(frozen=True)
class HoldInline:
    """A statement with an acquisition inside an expression goes into a `with` of its own.

    Args:
        at: the statement.
        acquisition: the acquiring expression.
        name: what `as` binds, in place of the acquisition.
        last: the number of the last logical line that goes into the block with it.
        lifted: where only this part of the statement goes into the block, and the name of its value.
        wrapper, is_async: as in `Hold`.
    """

    at: Path
    acquisition: Span
    name: str
    last: int
    lifted: tuple[Span, str] | None = None
    wrapper: Naming | None = None
    is_async: bool = False


@dataclass(frozen=True)
class Insert:
    """New statements before a line of a suite; a number beyond the last line means its end.

    Args:
        suite: a statement of the suite; only its suite counts.
        before: the number of the logical line that they precede.
        code: the statements, four blanks an indentation, lines ending in a line feed.
        replaces_pass: whether a lone `pass` of the suite goes away.
    """

    suite: Path
    before: int
    code: str
    replaces_pass: bool = False


@dataclass(frozen=True)
class Insertions:
    """Several of them, in the order of the file."""

    inserts: tuple[Insert, ...]


@dataclass(frozen=True)
class Append:
    """Text right after an expression: `.close()`."""

    after: int
    text: str


Change = Hold | HoldNamed | Guarded | HoldInline | Insertions | Append


@dataclass(frozen=True)
class Draft:
    """A decision: what would be written, in the imperative, and why it is not safe.

    Without a `change` nothing can be written, and `why` says what stands in the way.
    """

    summary: str
    change: Change | None = None
    why: str | None = None


def nothing(why: str) -> Draft:
    """The decision that no fix can be written."""
    return Draft("", None, why)
