"""`stanch-ignore` comments: which findings they cover, and which of them cover none (contract: Suppression)."""

from __future__ import annotations

import re
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
        self._covers = [_cover(source, pragma) for pragma in pragmas]

    def applied(self, finding: Finding) -> Finding:
        """The finding, suppressed if a pragma covers its line and rule."""
        for cover in self._covers:
            if cover.covered == finding.line and any(rule_matches(rule, finding.rule) for rule in cover.rules):
                cover.used = True
                return msgspec.structs.replace(finding, suppressed=Suppressed(by="pragma", reason=cover.reason))
        return finding

    def unused_lines(self) -> list[int]:
        """The lines of pragmas that cover no finding."""
        return [cover.line for cover in self._covers if not cover.used]


def _cover(source: Source, pragma: Pragma) -> _Cover:
    line = source.line_of(pragma.span.start)
    match = _PRAGMA.search(pragma.text)
    rules = tuple(rule.strip() for rule in match["rules"].split(",")) if match else ()
    reason = " ".join(match["reason"].split()) if match else ""
    covered = (
        line
        if pragma.trailing
        else _next_code_line(source, source.line_of(max(pragma.span.end - 1, pragma.span.start)))
    )
    return _Cover(line, covered, tuple(rule for rule in rules if rule), reason)


def _next_code_line(source: Source, line: int) -> int:
    """The next line that is neither blank nor a comment, or part of one."""
    closing = ""
    for number in range(line + 1, len(source.line_starts) + 1):
        text = source.line_text(number).strip()
        if not closing:
            if not text or text.startswith("#" if source.language.is_python else "//"):
                continue
            opening = next((mark for mark in _BLOCK_COMMENTS if text.startswith(mark)), None)
            if opening is None or source.language.is_python:
                return number
            closing = _BLOCK_COMMENTS[opening]
            text = text.removeprefix(opening)
        _, end, rest = text.partition(closing)
        if rest.strip():
            return number
        if end:
            closing = ""
    return line
