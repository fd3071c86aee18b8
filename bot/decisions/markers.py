"""Hidden marks in what is published, by which it is found again; together with its author, whom nobody can forge."""

from __future__ import annotations

import re

_VALUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/]*(?:-[A-Za-z0-9._/]+)*")


def marker(field: str, value: str) -> str:
    """The HTML comment `<!-- stanch:v1 field=value -->`.

    Raises:
        ValueError: the value could end the HTML comment.
    """
    if not _VALUE.fullmatch(value):
        raise ValueError(f"The marker {field}={value!r} may hold letters, digits, '.', '_', '/' and single '-' only.")
    return f"<!-- stanch:v1 {field}={value} -->"
