"""Small programs, and what the engine says of them: rows of the tables in which tests are written."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent

from fixers.engine import FileResult, scan_file
from fixers.source import Skipped

Said = tuple[str, str, int]
"""A finding in short: its rule, its confidence, the line of the acquisition."""


@dataclass(frozen=True)
class Row:
    """A program and everything that should be said of it."""

    name: str
    path: str
    code: str
    expected: tuple[Said, ...]

    def __str__(self) -> str:
        return self.name


def js(name: str, code: str, *expected: Said) -> Row:
    return Row(name, "src/a.js", code, expected)


def jsx(name: str, code: str, *expected: Said) -> Row:
    return Row(name, "src/a.jsx", code, expected)


def ts(name: str, code: str, *expected: Said) -> Row:
    return Row(name, "src/a.ts", code, expected)


def tsx(name: str, code: str, *expected: Said) -> Row:
    return Row(name, "src/a.tsx", code, expected)


def vue(name: str, code: str, *expected: Said) -> Row:
    return Row(name, "src/A.vue", code, expected)


def svelte(name: str, code: str, *expected: Said) -> Row:
    return Row(name, "src/A.svelte", code, expected)


def html(name: str, code: str, *expected: Said) -> Row:
    return Row(name, "src/a.html", code, expected)


def py(name: str, code: str, *expected: Said) -> Row:
    return Row(name, "src/a.py", code, expected)


def program(code: str) -> bytes:
    """A program as a test writes it: indented as a whole, its first line after the quotes."""
    return dedent(code).lstrip("\n").encode()


def scanned(path: str, code: str | bytes) -> FileResult:
    """What the engine says of a file; the file must be one that it can read whole."""
    result = scan_file(path, code if isinstance(code, bytes) else program(code))
    assert result.skipped == list[Skipped]()
    return result


def said(path: str, code: str | bytes) -> tuple[Said, ...]:
    """The findings of a file in short, in byte order."""
    return tuple((finding.rule, finding.confidence.value, finding.line) for finding in scanned(path, code).findings)


def check(row: Row) -> None:
    """Asserts that the engine says exactly what the row expects."""
    assert said(row.path, row.code) == row.expected
