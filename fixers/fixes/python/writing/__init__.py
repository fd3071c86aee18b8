"""Writes a change with LibCST, which keeps every byte that the change does not concern. Loaded only when a fix is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from fixers.findings import Edit
from fixers.fixes.edits import between
from fixers.fixes.model import CannotFixError
from fixers.fixes.python.changes import Append, Guarded, Hold, HoldInline, Insertions
from fixers.fixes.python.layout import layout_of
from fixers.fixes.python.writing.blocks import guarded, held, held_inline, inserted
from fixers.fixes.python.writing.tree import parsed

if TYPE_CHECKING:
    from fixers.fixes.python.changes import Change
    from fixers.source import Source


def write(change: Change, source: Source) -> tuple[Edit, ...]:
    """The edits that carry out a change.

    Raises:
        CannotFixError: LibCST does not read the file, or not as the decision did.
    """
    if layout_of(source.data).too_deep:
        raise CannotFixError(f"{source.path} is nested too deep to be rewritten safely; change it by hand.")
    try:
        after = _changed(change, source)
    except (cst.ParserSyntaxError, cst.CSTValidationError) as error:
        reason = str(error).partition("\n")[0]
        raise CannotFixError(f"LibCST cannot rewrite {source.path}: {reason}") from error
    except RecursionError as error:
        raise CannotFixError(f"{source.path} is nested too deep for LibCST; change it by hand.") from error
    return between(source.path, source.data, after)


def _changed(change: Change, source: Source) -> bytes:
    data = source.data
    if isinstance(change, Append):
        return data[: change.after] + change.text.encode() + data[change.after :]
    if isinstance(change, HoldInline):
        return held_inline(data, change, source.path).bytes
    module = parsed(data, source.path)
    match change:
        case Hold():
            return held(module, change).bytes
        case Guarded():
            return guarded(module, change).bytes
        case Insertions():
            for insert in reversed(change.inserts):
                module = inserted(module, insert)
            return module.bytes
