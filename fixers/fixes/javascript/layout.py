"""Where statements are put, and how lines are indented. Statements are written with `\\n` and relative indentation."""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from fixers.fixes.javascript.script import span_of, statements
from fixers.fixes.javascript.style import Style, is_one_line
from fixers.fixes.model import CannotFixError
from fixers.source import Span

if TYPE_CHECKING:
    from tree_sitter import Node

    from fixers.fixes.javascript.patch import Patch
    from fixers.fixes.javascript.script import Script

_CONTINUES: Final = ("(", "[", "`", "/", "+", "-", ".", ",", "*")
"""What, at the start of a line, continues a statement without a semicolon before it."""
_MAX_COMMENTS: Final = 40
_OPENING: Final = -2
_BEFORE_ALL: Final = -1
_AFTER_ALL: Final = 1


class Layout:
    """Writes statements into one script, in its style."""

    def __init__(self, script: Script, style: Style) -> None:
        self._script = script
        self._data = script.source.data
        self.style = style

    # Lines

    def line_start(self, offset: int) -> int:
        """Where the line of a byte begins."""
        return self._data.rfind(b"\n", 0, offset) + 1

    def line_end(self, offset: int) -> int:
        """Where the line of a byte ends, its ending left out."""
        end = self._data.find(b"\n", offset)
        end = len(self._data) if end < 0 else end
        return end - 1 if end > offset and self._data[end - 1 : end] == b"\r" else end

    def indent(self, offset: int) -> str:
        """The white space at the beginning of the line of a byte."""
        start = self.line_start(offset)
        end = start
        while self._data[end : end + 1] in {b" ", b"\t"}:
            end += 1
        return self._data[start:end].decode()

    def is_first_on_line(self, node: Node) -> bool:
        """Whether only white space stands before a node on its line."""
        return not self._data[self.line_start(node.start_byte) : node.start_byte].strip()

    def lines(self, text: str, indent: str) -> str:
        """Statements with the file's line endings, every line after the first indented."""
        return text.replace("\n", self.style.newline + indent)

    def statement(self, text: str) -> str:
        """A statement, ended as the file ends them."""
        return text + self.style.semicolon

    def fits(self, text: str, indent: str) -> bool:
        """Whether the first line of a text, so indented, is no longer than this file's lines are."""
        return len((indent + text.split("\n", 1)[0]).expandtabs(4)) <= self.style.width

    def call(self, callee: str, arguments: list[str], indent: str, *, pad: str = "") -> str:
        """A call; each argument on a line of its own where the call would be longer than this file's lines are."""
        line = f"{callee}({pad}{', '.join(arguments)}{pad})"
        if self.fits(line + self.style.semicolon, indent) or not arguments:
            return line
        unit = self.style.unit
        inside = "".join(f"\n{unit}{argument}," for argument in arguments)
        return f"{callee}({inside if self.style.trailing_comma else inside.removesuffix(',')}\n)"

    def break_call(self, patch: Patch, call: Node, added: str) -> None:
        """Puts each argument of a call on a line of its own, if what is `added` before it makes its line too long."""
        arguments = call.child_by_field_name("arguments")
        indent = self.indent(call.start_byte)
        if arguments is None or call.start_point[0] != call.end_point[0] or not arguments.named_children:
            return
        line = self._script.slice(self.line_start(call.start_byte), self.line_end(call.end_byte))
        if self.fits(added + line, "") or not self.fits(line, "") or not self.is_first_on_line(call):
            return
        inside = arguments.named_children
        inner = self.style.newline + indent + self.style.unit
        patch.insert(arguments.start_byte + 1, inner)
        for before, after in pairwise(inside):
            comma = self._data.index(b",", before.end_byte) + 1
            patch.replace(Span(comma, after.start_byte), inner)
        last = "," if self.style.trailing_comma else ""
        patch.insert(inside[-1].end_byte, last + self.style.newline + indent)

    # Statements

    def inner_indent(self, block: Node) -> str:
        """How the statements of a block are indented, or would be."""
        for child in block.named_children:
            if self.is_first_on_line(child):
                return self.indent(child.start_byte)
        return self.indent(block.start_byte) + self.style.unit

    def before(self, patch: Patch, node: Node, text: str) -> None:
        """Puts statements before a statement."""
        start = node.start_byte
        text += self._guard(node)
        if self.is_first_on_line(node):
            indent = self.indent(start)
            patch.insert(start, self.lines(text, indent) + self.style.newline + indent, _BEFORE_ALL)
        else:
            patch.insert(start, text.replace("\n", " ") + " ", _BEFORE_ALL)

    def before_comments(self, patch: Patch, node: Node, text: str) -> None:
        """Puts statements before a statement and the comments that stand on the lines right above it."""
        first = node
        for _ in range(_MAX_COMMENTS):
            comment = first.prev_named_sibling
            if comment is None or comment.type != "comment" or not self.is_first_on_line(comment):
                break
            if first.start_point[0] - comment.end_point[0] != 1:
                break
            first = comment
        self.before(patch, first, text)

    def after(self, patch: Patch, node: Node, text: str, *, blank: bool = False) -> None:
        """Puts statements after a statement, and after a comment that ends its line."""
        end = node.end_byte
        rest = self._data[end : self.line_end(end)].strip()
        if rest and not rest.startswith((b"//", b"/*")):
            patch.insert(end, " " + text.replace("\n", " "), _AFTER_ALL)
            return
        following = node.next_named_sibling
        text += self._guard(following)
        at = self.line_end(end) if rest else end
        newline = self.style.newline
        indent = self.indent(node.start_byte)
        close = following is not None and following.start_point[0] - node.end_point[0] == 1
        gap = newline if blank else ""
        tail = gap if close else ""
        patch.insert(at, gap + newline + indent + self.lines(text, indent) + tail, _AFTER_ALL)

    def prepend(self, patch: Patch, block: Node, text: str) -> None:
        """Puts statements first into a block."""
        inside = statements(block)
        if not block.named_children:
            self._fill(patch, block, text)
            return
        if is_one_line(block):
            patch.insert(block.start_byte + 1, " " + text.replace("\n", " "))
            return
        opening_end = self.line_end(block.start_byte)
        if inside and inside[0].start_byte < opening_end:
            raise CannotFixError("the block has a layout that no fix is written for")
        indent = self.inner_indent(block)
        if inside:
            text += self._guard(inside[0])
        patch.insert(opening_end, self.style.newline + indent + self.lines(text, indent))

    def _guard(self, following: Node | None) -> str:
        """A semicolon where the next line of code would be taken for a part of this one."""
        for _ in range(_MAX_COMMENTS):
            if following is None or following.type != "comment":
                break
            following = following.next_named_sibling
        if self.style.semicolon or following is None:
            return ""
        return ";" if self._script.text(following).startswith(_CONTINUES) else ""

    def append(self, patch: Patch, block: Node, text: str, *, blank: bool = False) -> None:
        """Puts statements last into a block, which gets a line for each statement if it had one for all."""
        children = block.named_children
        if not children:
            self._fill(patch, block, text)
            return
        if block.start_point[0] == block.end_point[0]:
            self._spread(patch, block, text)
            return
        last = self._last_to_follow(children)
        closing = self.line_start(block.end_byte - 1)
        if last.end_byte > closing and block.type == "statement_block":
            raise CannotFixError("the block has a layout that no fix is written for")
        indent = self.inner_indent(block)
        newline = self.style.newline
        at = self.line_end(last.end_byte)
        patch.insert(at, (newline if blank else "") + newline + indent + self.lines(text, indent), _AFTER_ALL)

    def _last_to_follow(self, children: list[Node]) -> Node:
        """The last statement or comment; comments that speak of the line below the block stay next to it."""
        position = len(children) - 1
        while (
            position and children[position].type == "comment" and "-next-line" in self._script.text(children[position])
        ):
            position -= 1
        return children[position]

    def _fill(self, patch: Patch, block: Node, text: str) -> None:
        indent = self.indent(block.start_byte)
        inner = indent + self.style.unit
        newline = self.style.newline
        inside = Span(block.start_byte + 1, block.end_byte - 1)
        patch.replace(inside, newline + inner + self.lines(text, inner) + newline + indent)

    def _spread(self, patch: Patch, block: Node, text: str) -> None:
        indent = self.indent(block.start_byte)
        inner = indent + self.style.unit
        newline = self.style.newline
        position = block.start_byte + 1
        for child in block.named_children:
            if self._data[position : child.start_byte].strip():
                raise CannotFixError("the block has a layout that no fix is written for")
            self._gap(patch, position, child.start_byte, newline + inner)
            position = child.end_byte
        end = self._data[position - 1 : position]
        missing = self.style.semicolon if end not in {b";", b"}"} and block.named_children[-1].type != "comment" else ""
        tail = missing + newline + inner + self.lines(text, inner) + newline + indent
        patch.insert(position, tail, _AFTER_ALL)
        self._gap(patch, position, block.end_byte - 1, "")

    def _gap(self, patch: Patch, start: int, end: int, text: str) -> None:
        if start == end:
            if text:
                patch.insert(start, text, _OPENING)
        else:
            patch.replace(Span(start, end), text)

    def unfold(self, patch: Patch, body: Node, text: str, *, blank: bool = False) -> None:
        """Turns the expression that is an arrow's body into a block, with more statements after it."""
        if body.type == "parenthesized_expression" or self._script.text(body).startswith(_CONTINUES):
            raise CannotFixError("the arrow's body has a layout that no fix is written for")
        indent = self.indent(body.start_byte)
        inner = indent + self.style.unit
        newline = self.style.newline
        head = self._data[: body.start_byte].rstrip()
        if self._data[len(head) : body.start_byte].count(b"\n"):
            raise CannotFixError("the arrow's body has a layout that no fix is written for")
        patch.insert(body.start_byte, "{" + newline + inner, _OPENING)
        gap = newline if blank else ""
        tail = self.style.semicolon + gap + newline + inner + self.lines(text, inner) + newline + indent + "}"
        patch.insert(body.end_byte, tail, _AFTER_ALL)
        self.indent_more(patch, span_of(body), body)

    # Moving lines

    def indent_more(self, patch: Patch, span: Span, *nodes: Node) -> None:
        """Indents by one unit every line that begins within a span, but not within text that must stay as it is."""
        replaced = [Span(item.start - 1, item.end) for item in patch.replaced()]
        fixed = _merged([*replaced, *self.fixed_spans(*nodes)])
        starts = [item.start for item in fixed]
        line = self._data.find(b"\n", span.start, span.end) + 1
        while line:
            at = bisect_right(starts, line) - 1
            inside = at >= 0 and fixed[at].start < line < fixed[at].end
            if not inside and self._data[line : self.line_end(line)].strip():
                patch.insert(line, self.style.unit, _BEFORE_ALL)
            line = self._data.find(b"\n", line, span.end) + 1

    def fixed_spans(self, *nodes: Node) -> list[Span]:
        """Text over several lines whose white space counts: literals, and comments that are no banner of stars."""
        found: list[Span] = []
        stack = list(nodes)
        while stack:
            node = stack.pop()
            if node.start_point[0] == node.end_point[0]:
                continue
            if node.type in {"template_string", "string", "regex"} or self._is_plain_comment(node):
                found.append(span_of(node))
            else:
                stack.extend(node.children)
        return [span for span in found if span.end > span.start]

    def _is_plain_comment(self, node: Node) -> bool:
        if node.type != "comment":
            return False
        rest = self._script.text(node).split("\n")[1:]
        return any(not line.lstrip().startswith("*") for line in rest)


def _merged(spans: list[Span]) -> list[Span]:
    """Spans in order, those that overlap made one."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found
