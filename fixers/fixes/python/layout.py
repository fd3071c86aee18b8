"""How the statements of a Python file lie: suites, logical lines, and paths to statements, which LibCST's tree shares.

The facts do not tell statements apart, so a fix looks at the tree-sitter tree once more, in files with a leak only. A
path alternates the number of a logical line in its suite and the number of a suite in its compound statement:
`(3, 1, 0)` is the first line of the second suite (an `else`, say) of the file's fourth line.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from string import ascii_letters, digits
from typing import TYPE_CHECKING, Final

from fixers.source import Span
from fixers.syntax.python.grammar import COMPREHENSIONS, depth, parse, parts, preorder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

Path = tuple[int, ...]

MAX_DEPTH: Final = 200
"""Nesting beyond which LibCST may crash (measured: 10,000 parentheses end the process)."""
_SUITES: Final = frozenset({"module", "block"})
_SCOPES: Final = frozenset({"function_definition", "lambda", "class_definition"})
_COMPOUND: Final = frozenset(
    {"if_statement", "for_statement", "while_statement", "try_statement", "with_statement", "match_statement"}
    | {"function_definition", "class_definition", "decorated_definition"}
)
_WORD_BYTES: Final = frozenset(f"{ascii_letters}{digits}_".encode()) | frozenset(range(0x80, 0x100))
LOOPS: Final = frozenset({"for_statement", "while_statement"})
JUMPS: Final = frozenset({"return_statement", "raise_statement", "break_statement", "continue_statement"})
SHELTERS: Final = frozenset({"try_statement", "with_statement"})
"""Statements that may stop an error, or run code of their own when it passes."""


class Layout:
    """The statements of one file."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        tree, _ = parse(data)
        self._tree = tree
        self.root = tree.root_node
        self.too_deep = depth(self.root, MAX_DEPTH) > MAX_DEPTH

    @cached_property
    def indentation(self) -> str:
        """One level of the file's indentation: that of its first suite with lines of its own, else four blanks."""
        for node in descendants(self.root, into_scopes=True):
            if node.type == "block" and node.named_children and node.parent is not None:
                inner, outer = (self._margin(at) for at in (node.named_children[0].start_byte, node.parent.start_byte))
                if inner is not None and outer is not None and inner.startswith(outer) and inner != outer:
                    return inner[len(outer) :].decode()
        return "    "

    @property
    def line_ending(self) -> str:
        """How the first line of the file ends."""
        end = self.data.find(b"\n")
        return "\r\n" if end > 0 and self.data[end - 1 : end] == b"\r" else "\n"

    def obstacle(self, span: Span) -> str | None:
        """Why nothing around these bytes can be rewritten; None where it can."""
        if self.too_deep:
            return "The file is nested too deep to be rewritten."
        node = self.root.descendant_for_byte_range(*span)
        while node is not None and node.parent is not None and node.parent != self.root:
            node = node.parent
        # A file that the grammar cannot read at all has no module, only an error with what could be read below it.
        if self.root.type != "module" or node is None or not _is_whole(node):
            return "The code around it has syntax that is not understood."
        return None

    def _margin(self, offset: int) -> bytes | None:
        """The white space before a byte, None where something else stands before it on its line."""
        margin = self.data[self.data.rfind(b"\n", 0, offset) + 1 : offset]
        return margin if not margin.strip(b" \t") else None

    def call_at(self, span: Span) -> Node | None:
        """The call that covers exactly these bytes, None where there is none."""
        node = self.root.descendant_for_byte_range(span.start, span.end)
        while node is not None and _same_bytes(node, span) and node.type != "call":
            node = node.parent
        return node if node is not None and _same_bytes(node, span) else None

    def mentions(self, name: str, within: Span) -> list[int]:
        """Where a name stands as a variable: neither as an attribute nor as a keyword's name."""
        found: list[int] = []
        for span in self._words(name.encode(), within):
            node = self.root.descendant_for_byte_range(*span)
            if node is not None and node.type == "identifier" and _same_bytes(node, span) and is_variable(node):
                found.append(span.start)
        return found

    def _words(self, name: bytes, within: Span) -> Iterator[Span]:
        """Where a name stands as a whole word, in comments and strings too."""
        last = within.end + len(name) - 1
        start = self.data.find(name, within.start, last) if name else -1
        while start >= 0:
            end = start + len(name)
            if _WORD_BYTES.isdisjoint(self.data[max(start - 1, 0) : start] + self.data[end : end + 1]):
                yield Span(start, end)
            start = self.data.find(name, end, last)

    def body_of(self, span: Span) -> Node | None:
        """The suite of the function that covers exactly these bytes."""
        node = self.root.descendant_for_byte_range(span.start, span.end)
        while node is not None and node.type != "function_definition":
            node = node.parent
        return node.child_by_field_name("body") if node is not None and _same_bytes(node, span) else None

    def text(self, node: Node) -> str:
        """A node as written."""
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def opens_line(self, statement: Node) -> bool:
        """Whether nothing but white space precedes a statement on its line."""
        start = self.data.rfind(b"\n", 0, statement.start_byte) + 1
        return not self.data[start : statement.start_byte].strip(b" \t\f\xef\xbb\xbf")


@lru_cache(maxsize=1)
def layout_of(data: bytes) -> Layout:
    """The layout of a file; the findings of one file follow each other, so that one is kept."""
    return Layout(data)


@lru_cache(maxsize=64)
def _is_whole(statement: Node) -> bool:
    """Whether a statement is valid Python, as far as the grammar knows, which accepts suites without a statement."""
    return not statement.has_error and all(lines(suite) for suite in preorder(statement, frozenset({"block"})))


def _same_bytes(node: Node, span: Span) -> bool:
    return node.start_byte == span.start and node.end_byte == span.end


def is_variable(identifier: Node) -> bool:
    """Whether an identifier names a variable, not an attribute or a keyword argument."""
    parent = identifier.parent
    if parent is None:
        return True
    if parent.type == "attribute":
        return parent.child_by_field_name("attribute") != identifier
    return not (parent.type == "keyword_argument" and parent.child_by_field_name("name") == identifier)


def statement_around(node: Node) -> Node:
    """The innermost statement that a node belongs to: its ancestor (or itself) right below a suite."""
    while node.parent is not None and node.parent.type not in _SUITES:
        node = node.parent
    return node


def ancestors(node: Node) -> Iterator[Node]:
    """The nodes around a node, innermost first, up to the function, class or module that it runs in."""
    parent = node.parent
    while parent is not None and parent.type not in _SCOPES:
        yield parent
        parent = parent.parent


@lru_cache(maxsize=64)
def lines(suite: Node) -> tuple[tuple[Node, ...], ...]:
    """The logical lines of a suite: one compound statement each, or simple statements with `;` between."""
    found: list[list[Node]] = []
    joined = False
    for child in suite.children:
        if child.type == ";":
            joined = True
        elif child.is_named and child.type not in {"comment", "line_continuation"}:
            if joined and found:
                found[-1].append(child)
            else:
                found.append([child])
            joined = False
    return tuple(tuple(line) for line in found)


def line_number(statement: Node) -> int:
    """Which logical line of its suite a statement stands on."""
    assert statement.parent is not None
    return next(
        number for number, line in enumerate(lines(statement.parent)) if any(part == statement for part in line)
    )


def path_to(statement: Node) -> Path:
    """The path from the module to a statement."""
    steps: list[int] = []
    while statement.parent is not None:
        suite = statement.parent
        steps.append(line_number(statement))
        if suite.type == "module":
            break
        owner = suite.parent
        assert owner is not None
        while owner.type not in _COMPOUND or (owner.parent is not None and owner.parent.type == "decorated_definition"):
            assert owner.parent is not None
            owner = owner.parent
        steps.append(next(number for number, other in enumerate(suites(owner)) if other == suite))
        statement = owner
    return tuple(reversed(steps))


def suites(statement: Node) -> list[Node]:
    """The suites of a compound statement, in the order of the file."""
    if statement.type == "decorated_definition":
        definition = statement.child_by_field_name("definition")
        return suites(definition) if definition is not None else []
    found: list[Node] = []
    for child in statement.named_children:
        if child.type == "block" and statement.type == "match_statement":
            cases = [case for case in child.named_children if case.type == "case_clause"]
            found.extend(suite for case in cases for suite in _blocks(case))
        elif child.type == "block":
            found.append(child)
        elif child.type.endswith("_clause") and child.type != "with_clause":
            found.extend(_blocks(child))
    return found


def _blocks(clause: Node) -> list[Node]:
    return [child for child in clause.named_children if child.type == "block"]


def descendants(node: Node, *, into_scopes: bool = False) -> Iterator[Node]:
    """A node and all below it; nested functions, classes and lambdas are left out unless asked for."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        if into_scopes or current.type not in _SCOPES or current == node:
            waiting.extend(reversed(current.named_children))


def leaving_jumps(nodes: Sequence[Node]) -> set[str]:
    """The kinds of jumps (`return`, `break`, `continue`) by which control leaves these statements."""
    found: set[str] = set()
    for node in nodes:
        for inner in descendants(node):
            if inner.type == "return_statement":
                found.add(inner.type)
            elif inner.type in {"break_statement", "continue_statement"}:
                loop = _loop_of(inner)
                if loop is None or loop.start_byte < node.start_byte:
                    found.add(inner.type)
    return found


def _loop_of(jump: Node) -> Node | None:
    """The loop that a `break` or `continue` means; one in the `else` of a loop means the loop around that."""
    inner = jump
    for outer in ancestors(jump):
        if outer.type in LOOPS and inner.type != "else_clause":
            return outer
        inner = outer
    return None


def unwrapped(node: Node) -> Node:
    """The expression around which only parentheses and `await` stand: the outermost of them."""
    while node.parent is not None and node.parent.type in {"await", "parenthesized_expression"}:
        node = node.parent
    return node


def awaits(node: Node) -> bool:
    """Whether an `await` stands around a call, parentheses aside."""
    return any(outer.type == "await" for outer in _wrappings(node))


def _wrappings(node: Node) -> Iterator[Node]:
    while node.parent is not None and node.parent.type in {"await", "parenthesized_expression"}:
        node = node.parent
        yield node


def rebound_target(statement: Node) -> Node | None:
    """The variable that a statement gives another value: by `=`, or by the `as` of `with`."""
    if statement.type == "with_statement":
        clause = next((child for child in statement.named_children if child.type == "with_clause"), None)
        targets = (
            [node for node in descendants(clause) if node.type == "as_pattern_target"] if clause is not None else []
        )
        return targets[0].named_children[0] if len(targets) == 1 else None
    inner = statement.named_children[0] if statement.type == "expression_statement" else None
    if inner is None or inner.type != "assignment":
        return None
    target, value = inner.child_by_field_name("left"), inner.child_by_field_name("right")
    return target if target is not None and value is not None and target.type == "identifier" else None


def is_of_the_script(statement: Node, layout: Layout) -> bool:
    """Whether a statement of the module runs only where the file is run as a program."""
    return any(outer.type == "if_statement" and _tests_main(outer, layout) for outer in ancestors(statement))


def _tests_main(statement: Node, layout: Layout) -> bool:
    condition = statement.child_by_field_name("condition")
    return condition is not None and "__name__" in layout.text(condition)


__all__ = ["COMPREHENSIONS", "JUMPS", "LOOPS", "SHELTERS", "Layout", "Path", "layout_of", "lines", "parts"]
