"""How a file is written: line endings, indentation, semicolons, and the forms it prefers."""

from __future__ import annotations

import re
from collections import Counter
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from fixers.fixes.javascript.script import DECLARATIONS, FUNCTIONS, statements

if TYPE_CHECKING:
    from tree_sitter import Node

    from fixers.fixes.javascript.script import Script

_INDENTATION: Final = re.compile(rb"^([ \t]+)(?=[^\s*])", re.MULTILINE)
_ENDED: Final = frozenset({"expression_statement", "return_statement", "throw_statement", *DECLARATIONS})
_WIDTHS: Final = (80, 100, 120, 140)
_MAX_NODES: Final = 20_000


class Style:
    """The style of one script, by majority where it is not of one mind."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._data = script.source.data

    @cached_property
    def newline(self) -> str:
        """The line ending."""
        windows = self._data.count(b"\r\n")
        return "\r\n" if windows * 2 > self._data.count(b"\n") else "\n"

    @cached_property
    def unit(self) -> str:
        """One level of indentation: a tab, or so many spaces; two where nothing is indented."""
        tabs, steps = 0, Counter[int]()
        previous = 0
        span = self._script.span
        for match in _INDENTATION.finditer(self._data, span.start, span.end):
            space = match.group(1)
            if space.startswith(b"\t"):
                tabs += 1
                continue
            if len(space) > previous:
                steps[len(space) - previous] += 1
            previous = len(space)
        if tabs > sum(steps.values()):
            return "\t"
        likely = [(count, -step) for step, count in steps.items() if step in {2, 3, 4, 8}]
        return " " * (-max(likely)[1] if likely else 2)

    @cached_property
    def _census(self) -> Counter[str]:
        counts = Counter[str]()
        stack = [self._script.root]
        for _ in range(_MAX_NODES):
            if not stack:
                break
            node = stack.pop()
            counts[node.type] += 1
            if node.type in _ENDED:
                counts[";" if self._data[node.end_byte - 1 : node.end_byte] == b";" else "no ;"] += 1
            if node.type == "arguments" and node.start_point[0] < node.end_point[0]:
                inside = self._data[node.start_byte : node.end_byte - 1]
                if inside.rstrip(b" \t").endswith(b"\n"):
                    counts["last," if inside.rstrip().endswith(b",") else "last"] += 1
            stack.extend(node.children)
        return counts

    @cached_property
    def semicolon(self) -> str:
        """What ends a statement: `;` or nothing."""
        return "" if self._census["no ;"] > self._census[";"] else ";"

    @cached_property
    def const(self) -> str:
        """The word that declares what is assigned once."""
        return "var" if self._census["var"] and not self._census["const"] and not self._census["let"] else "const"

    @cached_property
    def let(self) -> str:
        """The word that declares what is assigned later."""
        return "var" if self.const == "var" else "let"

    @cached_property
    def arrows(self) -> bool:
        """Whether functions may be written as arrows."""
        return self.const != "var" or self._census["arrow_function"] > 0

    @cached_property
    def optional_chaining(self) -> bool:
        """Whether `?.` is written here."""
        if self._census["optional_chain"] > 0 or self._census["??"] > 0:
            return True
        # Both came with TypeScript 3.7 and 3.8; an older compiler, as in Angular 8, takes neither.
        return self._script.typed and b"import type " in self._script.source.data

    @cached_property
    def blank_before_cleanup(self) -> bool:
        """Whether a blank line stands before a returned cleanup; where there is none yet, before any last `return`."""
        cleanups, others = Counter[bool](), Counter[bool]()
        stack = [self._script.root]
        for _ in range(_MAX_NODES):
            if not stack:
                break
            children = stack.pop().named_children
            stack.extend(children)
            for before, node in pairwise(children):
                gap = node.start_point[0] - before.end_point[0]
                if node.type == "return_statement" and gap:
                    value = next(iter(node.named_children), None)
                    (cleanups if value is not None and value.type in FUNCTIONS else others)[gap > 1] += 1
        if cleanups:
            return cleanups[True] > cleanups[False]
        return others[True] > 3 * others[False] and others[True] >= 3

    @cached_property
    def width(self) -> int:
        """How long a line may be: the first of the usual limits that nearly all lines keep to."""
        lines = self._script.text(self._script.root).split("\n")
        for limit in _WIDTHS:
            if sum(len(line.expandtabs(4)) > limit for line in lines) * 50 <= len(lines):
                return limit
        return 10_000

    @cached_property
    def trailing_comma(self) -> bool:
        """Whether the last of several lines of arguments ends in a comma."""
        return self._census["last,"] > self._census["last"]

    @cached_property
    def handler_prefix(self) -> str:
        """How event handlers are named here: `handle` or `on`."""
        words = Counter(
            re.findall(rb"\b(handle|on)[A-Z]\w*\s*=\s*(?:async\b|\(|\w+\s*=>|function|useCallback)", self._data)
        )
        return "handle" if words[b"handle"] > words[b"on"] else "on"


def is_one_line(block: Node) -> bool:
    """Whether a block stands on one line and holds something."""
    return block.start_point[0] == block.end_point[0] and bool(statements(block))


@lru_cache(maxsize=4)
def style_of(script: Script) -> Style:
    """The style of a script, measured once."""
    return Style(script)
