"""Small programs, and what the engine says of them: the tables in which the tests of the judgement are written.

A table is a text file whose name ends in the language's suffix and `.txt`. Each program begins with `=== ` and its
title; a line that should have findings ends in `  <- ` and, for each, its rule and its confidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent
from typing import TYPE_CHECKING

from fixers.engine import FileResult, scan_file

if TYPE_CHECKING:
    from pathlib import Path

Said = tuple[str, str, int]
"""A finding in short: its rule, its confidence, the line of the acquisition."""

_MARK = "  <- "


@dataclass(frozen=True)
class Row:
    """A program and everything that should be said of it."""

    title: str
    path: str
    code: str
    expected: tuple[Said, ...]

    def __str__(self) -> str:
        return self.title


def rows(folder: Path) -> list[Row]:
    """The programs of all tables in a folder."""
    found: list[Row] = []
    for table in sorted(folder.glob("*.txt")):
        for text in table.read_text(encoding="utf-8").removeprefix("=== ").split("\n\n=== "):
            title, code = text.split("\n", 1)
            found.append(_row(title, f"src/{table.name.removesuffix('.txt')}", code.rstrip("\n") + "\n"))
    return found


def _row(title: str, path: str, text: str) -> Row:
    code, expected = "", list[Said]()
    for number, line in enumerate(text.splitlines(), 1):
        written, _, marks = line.partition(_MARK)
        code += f"{written}\n"
        for mark in marks.split(", ") if marks else []:
            rule, confidence = mark.split(" ")
            expected.append((rule, confidence, number))
    return Row(title, path, code, tuple(expected))


def program(code: str) -> bytes:
    """A program as a test writes it: indented as a whole, its first line after the quotes."""
    return dedent(code).lstrip("\n").encode()


def scanned(path: str, code: str | bytes) -> FileResult:
    """What the engine says of a file; the file must be one that it can read whole."""
    result = scan_file(path, code if isinstance(code, bytes) else program(code))
    assert not result.skipped
    return result


def said(path: str, code: str | bytes) -> tuple[Said, ...]:
    """The findings of a file in short, in byte order."""
    return tuple((finding.rule, finding.confidence.value, finding.line) for finding in scanned(path, code).findings)


def check(row: Row) -> None:
    """Asserts that the engine says exactly what the row expects."""
    assert said(row.path, row.code.encode()) == row.expected
