"""`stanch-ignore` comments: which findings they cover, and which of them cover none (contract: Suppression)."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

import msgspec

from fixers.findings import Finding, Suppressed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fixers.facts import Pragma
    from fixers.source import Source

PRAGMA_WORD = b"stanch-ignore"
"""What any file that holds a pragma contains."""

_PRAGMA = re.compile(r"stanch-ignore\s+(?P<rules>[\w*/, -]+?)\s*:\s*(?P<reason>\S.*)", re.DOTALL)

_BLOCK_COMMENTS: Final = {"{/*": "*/}", "/*": "*/", "<!--": "-->"}


@dataclass
class _Cover:
    line: int
    covered: int
    rules: tuple[str, ...]
    reason: str
    used: bool = False


def rule_matches(pattern: str, rule: str) -> bool:
    """Whether a rule pattern (`timer/never-released`, `timer/*`, `timer`, `*`) covers a rule."""
    return fnmatchcase(rule, pattern) or fnmatchcase(rule, f"{pattern}/*")


class Pragmas:
    """The pragmas of one file. A pragma without a reason covers nothing, and is reported as unused."""

    def __init__(self, source: Source, pragmas: Sequence[Pragma]) -> None:
        code_lines = _CodeLines(source)
        self._covers = [_cover(source, pragma, code_lines) for pragma in pragmas]
        self._covering: dict[int, list[_Cover]] = defaultdict(list)
        for cover in self._covers:
            self._covering[cover.covered].append(cover)

    def applied(self, finding: Finding) -> Finding:
        """The finding, suppressed if a pragma covers its line and rule."""
        for cover in self._covering.get(finding.line, ()):
            if any(rule_matches(rule, finding.rule) for rule in cover.rules):
                cover.used = True
                return msgspec.structs.replace(finding, suppressed=Suppressed(by="pragma", reason=cover.reason))
        return finding

    def unused_lines(self) -> list[int]:
        """The lines of pragmas that cover no finding."""
        return [cover.line for cover in self._covers if not cover.used]


def _cover(source: Source, pragma: Pragma, code_lines: _CodeLines) -> _Cover:
    line = source.line_of(pragma.span.start)
    match = _PRAGMA.search(pragma.text)
    rules = tuple(rule.strip() for rule in match["rules"].split(",")) if match else ()
    reason = " ".join(match["reason"].split()) if match else ""
    covered = line if pragma.trailing else code_lines.after(source.line_of(max(pragma.span.end - 1, pragma.span.start)))
    return _Cover(line, covered, tuple(rule for rule in rules if rule), reason)


class _CodeLines:
    """Finds lines that are neither blank nor a comment, or part of one; no line is looked at twice."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._found: dict[int, int | None] = {}

    def after(self, line: int) -> int:
        """The next line of code; the line itself where none follows."""
        passed: list[int] = []
        found: int | None = None
        closing = ""
        for number in range(line + 1, len(self._source.line_starts) + 1):
            if not closing:
                if number in self._found:
                    found = self._found[number]
                    break
                passed.append(number)
            closing, is_code = self._read(number, closing)
            if is_code:
                found = number
                break
        self._found.update(dict.fromkeys(passed, found))
        return line if found is None else found

    def _read(self, number: int, closing: str) -> tuple[str, bool]:
        """What closes the comment that is open after a line, and whether there is code on the line."""
        text = self._source.line_text(number).strip()
        if not closing:
            if not text or text.startswith("#" if self._source.language.is_python else "//"):
                return "", False
            opening = next((mark for mark in _BLOCK_COMMENTS if text.startswith(mark)), None)
            if opening is None or self._source.language.is_python:
                return "", True
            closing = _BLOCK_COMMENTS[opening]
            text = text.removeprefix(opening)
        _, end, rest = text.partition(closing)
        return "" if end else closing, bool(rest.strip())
