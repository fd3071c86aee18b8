"""Small JavaScript programs before and after their fixes: the form of the tables, and what holds of every row.

A table is a text file. Each row begins with `=== <kind> <path>: <title>`; its program before and after stand on both
sides of a line `---`. `kind` is the fix's; in a row of kind `none` the words after `---` are in the reason why there is
no fix, and in one of kind `suggested` a line `why: <words>` precedes the program after.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from fixers.engine import leaks_of, scan_file
from fixers.findings import FixKind
from fixers.fixes import proposal
from fixers.mending import Mended, mend_file
from fixers.source import Language, Source, Span, language_of
from fixers.syntax.javascript.embedded import scripts
from fixers.syntax.javascript.grammar import Dialect, parse

if TYPE_CHECKING:
    from pathlib import Path

    from fixers.fixes.model import Proposal

_HEAD = re.compile(r"^=== (safe|suggested|none) (\S+): (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Row:
    """A program, and what becomes of it."""

    kind: FixKind
    path: str
    title: str
    before: str
    after: str
    why: str

    def __str__(self) -> str:
        return self.title


@cache
def rows(folder: Path) -> tuple[Row, ...]:
    """The rows of all tables in a folder."""
    found: list[Row] = []
    for table in sorted(folder.glob("*.txt")):
        text = table.read_text(encoding="utf-8")
        heads = list(_HEAD.finditer(text))
        ends = [head.start() for head in heads[1:]] + [len(text)]
        found.extend(_row(head, text[head.end() + 1 : end]) for head, end in zip(heads, ends, strict=True))
    return tuple(found)


def _row(head: re.Match[str], text: str) -> Row:
    before, _, after = text.partition("---\n")
    why = ""
    kind = FixKind(head.group(1))
    after = after.rstrip("\n") + "\n"
    if kind is FixKind.SUGGESTED:
        first, after = after.split("\n", 1)
        why = first.removeprefix("why: ")
    elif kind is FixKind.NONE:
        why, after = after.strip(), before
    return Row(kind, head.group(2), head.group(3), before, after, why)


def proposals(path: str, data: bytes) -> list[Proposal]:
    """What is proposed for each leak of a file."""
    language = language_of(path)
    assert language is not None
    source = Source(path, data, language)
    judge, leaks = leaks_of(source)
    return [proposal(leak, judge, source) for leak in leaks]


def mended(path: str, data: bytes) -> Mended:
    """A file after all its fixes, suggested ones included, each of which must be accepted."""
    result = mend_file(path, data, lambda _: True)
    assert result.refused == []
    return result


def is_silent(path: str, data: bytes) -> bool:
    """Whether the engine finds nothing that has a fix."""
    return all(finding.fix.kind is FixKind.NONE for finding in scan_file(path, data).findings)


def scripts_of(path: str, text: str) -> dict[str, str]:
    """What an independent parser reads of a file: itself, or its script blocks, each with a suffix for its language."""
    language = language_of(path)
    if language not in {Language.VUE, Language.SVELTE, Language.HTML} or language is None:
        return {path: text}
    source = Source(path, text.encode(), language)
    return {
        f"{path}.{number}.{'js' if script.dialect is Dialect.JAVASCRIPT else 'ts'}": source.text(Span(*script.span))
        for number, script in enumerate(scripts(source, parse(source, Dialect.HTML)))
    }
