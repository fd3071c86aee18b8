"""A fix while it is written: its edits, what it does in words, and what makes it less than safe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixers.findings import Edit
from fixers.source import Span

if TYPE_CHECKING:
    from tree_sitter import Node


class Patch:
    """Collects edits of one file. Insertions at one place keep the order of their rank, then of their making."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._edits: list[tuple[int, int, int, str]] = []
        self.summary = ""
        self.doubts: list[str] = []

    def insert(self, offset: int, text: str, rank: int = 0) -> None:
        """Puts text before a byte."""
        self._edits.append((offset, offset, rank, text))

    def replace(self, span: Span, text: str) -> None:
        """Puts text in the place of a span."""
        self._edits.append((span.start, span.end, 0, text))

    def replace_node(self, node: Node, text: str) -> None:
        """Puts text in the place of a node."""
        self._edits.append((node.start_byte, node.end_byte, 0, text))

    def doubt(self, why: str) -> None:
        """Makes the fix a suggestion; the first reason given is the one shown."""
        self.doubts.append(why)

    def replaced(self) -> list[Span]:
        """The spans that something else takes the place of."""
        return [Span(start, end) for start, end, _, _ in self._edits if start < end]

    def edits(self) -> tuple[Edit, ...]:
        """The edits, in byte order."""
        ordered = sorted(self._edits, key=lambda edit: edit[:3])
        return tuple(
            Edit(path=self._path, start_byte=start, end_byte=end, text=text) for start, end, _, text in ordered
        )
