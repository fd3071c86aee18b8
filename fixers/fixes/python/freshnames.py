"""Names for what a fix has to name: readable, and used by nobody in the scope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fixers.findings import Family
from fixers.source import Span

if TYPE_CHECKING:
    from fixers.fixes.python.layout import Layout
    from fixers.leaks import Leak
    from fixers.lifetimes import Judge

_HANDLES: Final = {
    Family.FILE: "file",
    Family.TEMPFILE: "file",
    Family.SOCKET: "sock",
    Family.HTTP: "session",
    Family.DATABASE: "connection",
    Family.PROCESS: "process",
}
_VALUES: Final = {
    "read": "content",
    "readlines": "lines",
    "readline": "line",
    "load": "data",
    "safe_load": "data",
    "json": "data",
    "fetchone": "row",
    "fetchall": "rows",
    "namelist": "names",
    "getnames": "names",
    "list": "items",
    "len": "length",
}


def handle_name(leak: Leak, judge: Judge, layout: Layout) -> str:
    """A name for the handle."""
    return fresh(_HANDLES.get(leak.resource.family, "resource"), leak, judge, layout)


def value_name(how: str, leak: Leak, judge: Judge, layout: Layout) -> str:
    """A name for what a method or function called `how` gives."""
    return fresh(_VALUES.get(how, "value"), leak, judge, layout)


def fresh(wanted: str, leak: Leak, judge: Judge, layout: Layout) -> str:
    """The wanted name, with a number where its scope has it: the function, or for the module's own code the file."""
    scope = judge.facts.functions[leak.function].span if leak.function else Span(0, len(layout.data))
    name, number = wanted, 2
    while layout.mentions(name, scope):
        name, number = f"{wanted}{number}", number + 1
    return name
