"""Strings and numbers as constants."""

from __future__ import annotations

import re
from typing import Final

_QUOTED: Final = re.compile(r"(?P<prefix>[A-Za-z]*)(?P<quote>'''|\"\"\"|'|\"|`)(?P<text>.*)", re.DOTALL)
_QUOTES: Final = frozenset("'\"`")
_ESCAPE: Final = re.compile(r"\\(x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[0-7]{1,3}|\r?\n|.)", re.DOTALL)
_SIMPLE: Final = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_SIMPLE_QUOTES: Final = {"\\": "\\", "'": "'", '"': '"', "\n": "", "\r\n": ""}
_LAST_CODE_POINT: Final = 0x10FFFF
_SURROGATES: Final = range(0xD800, 0xE000)


def string_value(source: str) -> str:
    """The value of a string or bytes literal, from its source text; `\\N{...}` stays as written."""
    matched = _QUOTED.match(source)
    if matched is None:
        return source
    prefix, quote, text = matched.groups()
    text = text.removesuffix(quote)
    if "\\" not in text or "r" in prefix.lower():
        return text
    return _ESCAPE.sub(_unescape, text)


def is_interpolated(source: str) -> bool:
    """Whether a string literal is an f-string or a t-string, from the beginning of its source text."""
    if source[:1] in _QUOTES:
        return False
    matched = _QUOTED.match(source)
    return matched is not None and not {"f", "t"}.isdisjoint(matched["prefix"].lower())


def unquoted(annotation: str) -> str:
    """A written type without the quotes of a forward reference."""
    if annotation[:1] in {'"', "'"} and annotation[-1:] == annotation[:1] and annotation.count(annotation[0]) == 2:
        return annotation[1:-1]
    return annotation


def _unescape(matched: re.Match[str]) -> str:
    code = matched[1]
    if code in _SIMPLE:
        return _SIMPLE[code]
    if code in _SIMPLE_QUOTES:
        return _SIMPLE_QUOTES[code]
    if code[0] in "xuU" and len(code) > 1:
        number = int(code[1:], 16)
    elif code.isascii() and code.isdigit() and code[0] < "8":
        number = int(code, 8)
    else:
        return matched[0]
    return matched[0] if number > _LAST_CODE_POINT or number in _SURROGATES else chr(number)
