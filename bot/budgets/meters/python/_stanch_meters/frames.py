"""Where in the program a call comes from, as a path, a line and a column between tabs."""

from __future__ import annotations

import os
import sys
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import CodeType, FrameType

_DEEPEST = 60
_MOST_KNOWN = 100_000
_OURS = os.path.dirname(__file__)
_STANDARD = os.path.dirname(os.__file__)
_PACKAGES = ("/site-packages/", "/dist-packages/")
_LOOPS = frozenset({"_run_once", "run_forever", "run_until_complete", "serve_forever"})
"""Functions of the standard library below which is only what has started the program's loop."""
known: dict[tuple[int, int, int], str] = {}


def here(made: object = None) -> str | None:
    """The nearest call that is the program's own, else the nearest of a dependency; None where there is none.

    Args:
        made: what is being constructed, whose own constructors are not where it comes from.
    """
    frame: FrameType | None = sys._getframe(1)
    dependency: FrameType | None = None
    for _ in range(_DEEPEST):
        if frame is None:
            break
        code = frame.f_code
        path = code.co_filename
        kind = origin(path)
        if kind == "standard" and code.co_name in _LOOPS:
            break
        if kind == "program" and not _constructs(frame, made):
            return _place(frame)
        if kind == "dependency":
            dependency = dependency or frame
        frame = frame.f_back
    return None if dependency is None else _place(dependency)


def origin(path: str) -> str:
    """Whose a file is: `program`, `dependency`, `standard` for Python's own, or `ours`."""
    if path.startswith((_OURS, "<")):
        return "ours"
    if any(part in path for part in _PACKAGES):
        return "dependency"
    return "standard" if path.startswith(_STANDARD) else "program"


def _constructs(frame: FrameType, made: object) -> bool:
    code = frame.f_code
    if made is None or code.co_name != "__init__" or code.co_argcount == 0:
        return False
    return frame.f_locals.get(code.co_varnames[0]) is made


def _place(frame: FrameType) -> str:
    code, instruction = frame.f_code, frame.f_lasti
    key = (id(code), code.co_firstlineno, instruction)
    place = known.get(key)
    if place is None:
        if len(known) >= _MOST_KNOWN:
            known.clear()
        line, column = _position(code, instruction)
        path = os.path.abspath(code.co_filename).replace("\t", " ").replace("\n", " ")
        place = known[key] = f"{path}\t{line or frame.f_lineno}\t{column}"
    return place


def _position(code: CodeType, instruction: int) -> tuple[int | None, int]:
    """The line and the column, in characters from 1, of an instruction; the column is 1 where Python does not know."""
    position = next(islice(code.co_positions(), instruction // 2, None), None)
    if position is None or position[2] is None:
        return (position[0] if position else None), 1
    return position[0], position[2] + 1
