"""Comments that ask Stanch to look away."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from fixers.facts import Pragma
from fixers.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tree_sitter import Node

_WORD: Final = re.compile(rb"stanch-ignore")
_COMMENTS: Final = frozenset({"comment", "html_comment"})
_OPENING: Final = re.compile(r"^(?://+|/\*+|<!--+)")
_CLOSING: Final = re.compile(r"(?:\*+/|--+>)$")
_MAX_LINE_LOOKED_AT: Final = 500


def pragmas(source: Source, roots: Iterable[Node]) -> list[Pragma]:
    """The comments with `stanch-ignore` below these roots, in the order of the file."""
    offsets = [match.start() for match in _WORD.finditer(source.data)]
    if not offsets:
        return []
    found: dict[Span, Pragma] = {}
    stack = list(roots)
    while stack:
        node = stack.pop()
        start, end = node.byte_range
        first = bisect_left(offsets, start)
        if first == len(offsets) or offsets[first] >= end:
            continue
        if node.type in _COMMENTS:
            found[Span(start, end)] = _pragma(source, Span(start, end))
        else:
            stack.extend(node.children)
    return [found[span] for span in sorted(found)]


def _pragma(source: Source, span: Span) -> Pragma:
    text = _CLOSING.sub("", _OPENING.sub("", source.text(span))).strip()
    line_start = source.line_starts[source.line_of(span.start) - 1]
    line_start = max(line_start, span.start - _MAX_LINE_LOOKED_AT)
    before = source.data[line_start : span.start].strip()
    return Pragma(text, span, trailing=before not in {b"", b"{"})
