"""Hidden marks in what is published, by which it is found again; together with its author, whom nobody can forge."""

from __future__ import annotations

import re

_VALUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/]*(?:-[A-Za-z0-9._/]+)*")
_FIRST_LINE = re.compile(rf"<!-- stanch:v1 (?P<field>[a-z]+)=(?P<value>{_VALUE.pattern}) -->[ \t]*(?:\r?\n|\Z)")


def marker(field: str, value: str) -> str:
    """The HTML comment `<!-- stanch:v1 field=value -->`.

    Raises:
        ValueError: the value could end the HTML comment.
    """
    if not _VALUE.fullmatch(value):
        raise ValueError(f"The marker {field}={value!r} may hold letters, digits, '.', '_', '/' and single '-' only.")
    return f"<!-- stanch:v1 {field}={value} -->"


def marked(body: str, field: str) -> str | None:
    """The value of the marker that is the first line of `body`; None where that line is no marker of this field."""
    match = _FIRST_LINE.match(body)
    return match["value"] if match and match["field"] == field else None
