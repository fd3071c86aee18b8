"""Byte edits of a file: applying them, and finding the smallest ones between two texts."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from fixers.findings import Edit

if TYPE_CHECKING:
    from collections.abc import Iterable


def apply(data: bytes, edits: Iterable[Edit]) -> bytes:
    """The file after edits.

    Raises:
        ValueError: edits overlap, or lie outside the file.
    """
    ordered = sorted(edits, key=lambda edit: (edit.start_byte, edit.end_byte))
    pieces: list[bytes] = []
    position = 0
    for edit in ordered:
        if edit.start_byte < position or edit.end_byte < edit.start_byte or edit.end_byte > len(data):
            raise ValueError(f"edits overlap or leave the file at byte {edit.start_byte}")
        pieces.append(data[position : edit.start_byte])
        pieces.append(edit.text.encode("utf-8", "surrogateescape"))
        position = edit.end_byte
    pieces.append(data[position:])
    return b"".join(pieces)


def overlap(one: Iterable[Edit], other: Iterable[Edit]) -> bool:
    """Whether two fixes of one file touch the same bytes, or insert at the same place."""
    return any(
        first.start_byte <= second.end_byte and second.start_byte <= first.end_byte for first in one for second in other
    )


def between(path: str, before: bytes, after: bytes) -> tuple[Edit, ...]:
    """Edits, whole lines each, that turn `before` into `after`; both UTF-8."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    offsets = [0]
    for line in old:
        offsets.append(offsets[-1] + len(line))
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return tuple(
        Edit(
            path=path,
            start_byte=offsets[old_start],
            end_byte=offsets[old_end],
            text=b"".join(new[new_start:new_end]).decode("utf-8", "surrogateescape"),
        )
        for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes()
        if tag != "equal"
    )
