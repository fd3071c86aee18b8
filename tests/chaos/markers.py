"""The hidden marks in what the App publishes, read without the App's own code."""

from __future__ import annotations

import re
from typing import Final

_MARK: Final = re.compile(r"\A<!-- stanch:v1 (?P<field>[a-z]+)=(?P<value>\S+) -->")


def field_of(body: str, field: str) -> str | None:
    """The value of a mark in the first line of a text, where it is of this field."""
    found = _MARK.match(body)
    return found["value"] if found is not None and found["field"] == field else None
