"""Text that moves to another line: its indentation follows, the inside of literals and comments does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

    from fixers.fixes.javascript.layout import Layout
    from fixers.fixes.javascript.script import Script


def moved(script: Script, layout: Layout, node: Node, indent: str) -> str:
    """The text of a node as it reads on a line that is indented by `indent`."""
    old = layout.indent(node.start_byte)
    text = script.text(node)
    if old == indent or "\n" not in text:
        return text
    fixed = layout.fixed_spans(node)
    pieces: list[str] = []
    position = node.start_byte
    for line in text.split("\n"):
        inside = any(span.start < position <= span.end for span in fixed)
        if position > node.start_byte and not inside and line.startswith(old):
            pieces.append(indent + line[len(old) :])
        else:
            pieces.append(line)
        position += len(line.encode("utf-8", "surrogateescape")) + 1
    return "\n".join(pieces)
