"""Unified diffs in git's form, made without git: for fixes that are in no repository yet."""

from __future__ import annotations

import re
from difflib import unified_diff

_SPECIAL = re.compile(r'["\\\x00-\x1f\x7f]')
_ESCAPES = {'"': r"\"", "\\": r"\\", "\n": r"\n", "\t": r"\t", "\r": r"\r"}
_NO_NEWLINE = "\\ No newline at end of file\n"


def patch(path: str, before: bytes, after: bytes, context: int = 3) -> str:
    """The diff of one file as `git diff` writes it; empty when nothing differs. Lines end at `\\n` only.

    Bytes that are not UTF-8 are kept as surrogates (write the text with `errors="surrogateescape"`).
    """
    hunks = list(unified_diff(_lines(before), _lines(after), n=context, lineterm=""))[2:]
    if not hunks:
        return ""
    body = "".join(line if line.endswith("\n") else f"{line}\n{_missing_newline(line)}" for line in hunks)
    old, new = _quoted(f"a/{path}"), _quoted(f"b/{path}")
    return f"diff --git {old} {new}\n--- {old}\n+++ {new}\n{body}"


def _quoted(name: str) -> str:
    """A name as git writes it: quoted where it holds a quote, a backslash or a control character."""
    if not _SPECIAL.search(name):
        return name
    return f'"{_SPECIAL.sub(_escaped, name)}"'


def _escaped(match: re.Match[str]) -> str:
    return _ESCAPES.get(match[0]) or f"\\{ord(match[0]):03o}"


def _missing_newline(line: str) -> str:
    return "" if line.startswith("@@") else _NO_NEWLINE


def _lines(data: bytes) -> list[str]:
    pieces = data.decode("utf-8", "surrogateescape").split("\n")
    return [f"{piece}\n" for piece in pieces[:-1]] + ([pieces[-1]] if pieces[-1] else [])
