"""Writes a change with LibCST, which keeps every byte outside it. Loaded only when a fix is written.

LibCST reads only the part of the file that the change concerns: the statements of the module around it, and for a new
import those at the top. It is slow (0.2 MB/s there and back), and what it cannot read elsewhere does not matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst
import msgspec

from fixers.findings import Edit
from fixers.fixes.edits import between
from fixers.fixes.model import CannotFixError
from fixers.fixes.python.changes import Append, Guarded, Hold, HoldInline, HoldNamed, Insertions
from fixers.fixes.python.layout import layout_of
from fixers.fixes.python.writing.blocks import guarded, held, held_by_name, held_inline, inserted
from fixers.fixes.python.writing.fragments import Block, Fragment, fragment_of, head_of
from fixers.fixes.python.writing.imports import with_import
from fixers.fixes.python.writing.tree import Style, parsed

if TYPE_CHECKING:
    from fixers.fixes.python.changes import Change, Naming
    from fixers.source import Source


def write(change: Change, source: Source) -> tuple[Edit, ...]:
    """The edits that carry out a change.

    Raises:
        CannotFixError: LibCST does not read this part of the file, or not as the decision did.
    """
    layout = layout_of(source.data)
    if layout.too_deep:
        raise CannotFixError(f"{source.path} is nested too deep to be rewritten safely; change it by hand.")
    try:
        if isinstance(change, Append):
            return (Edit(path=source.path, start_byte=change.after, end_byte=change.after, text=change.text),)
        style = Style(layout.indentation, layout.line_ending)
        fragment = fragment_of(change, layout)
        edits = _edits(source.path, fragment, _changed(change, fragment, style))
        return _imported(change, source, head_of(layout), style) + edits
    except (cst.ParserSyntaxError, cst.CSTValidationError) as error:
        reason = str(error).partition("\n")[0]
        raise CannotFixError(f"LibCST cannot rewrite {source.path}: {reason}") from error
    except UnicodeDecodeError as error:
        raise CannotFixError(f"{source.path} is not UTF-8 there; fixes are written for UTF-8 only.") from error
    except RecursionError as error:
        raise CannotFixError(f"{source.path} is nested too deep for LibCST; change it by hand.") from error


def _changed(change: Block, fragment: Fragment, style: Style) -> bytes:
    """The fragment after the change."""
    relative = fragment.relative(change)
    if isinstance(relative, HoldInline):
        return held_inline(fragment.data, relative, style).bytes
    module = parsed(fragment.data, style)
    match relative:
        case Hold():
            return held(module, relative).bytes
        case HoldNamed():
            return held_by_name(module, relative).bytes
        case Guarded():
            return guarded(module, relative).bytes
        case Insertions():
            for insert in reversed(relative.inserts):
                module = inserted(module, insert)
            return module.bytes


def _imported(change: Change, source: Source, head: Fragment, style: Style) -> tuple[Edit, ...]:
    """The edits that import what the change names."""
    wrapper: Naming | None = change.wrapper if isinstance(change, Hold | HoldNamed | HoldInline) else None
    if wrapper is None or wrapper.needs is None:
        return ()
    is_all = len(head.data) == len(source.data)
    after = with_import(parsed(head.data, style), *wrapper.needs, is_all=is_all).bytes
    return _edits(source.path, head, after)


def _edits(path: str, fragment: Fragment, after: bytes) -> tuple[Edit, ...]:
    return tuple(
        msgspec.structs.replace(
            edit, start_byte=edit.start_byte + fragment.start, end_byte=edit.end_byte + fragment.start
        )
        for edit in between(path, fragment.data, after)
    )
