"""What is known of a file while it is lowered."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from fixers.source import SkipCode, Skipped, Source, Span

if TYPE_CHECKING:
    from tree_sitter import Node

    from fixers.facts import Class, Function, Import, Member
    from fixers.syntax.python.scopes import Scope


@dataclass(eq=False)
class Unit:
    """A function while the file is lowered: its facts, its scope, and the nodes that lowering needs.

    `defaults` are the parameters, by number, that have a default.
    """

    function: Function
    scope: Scope
    body: Node | None
    defaults: tuple[tuple[int, Node], ...] = ()


_NAMELESS: Final = {"module": "the code outside of functions"}


@dataclass(eq=False)
class File:
    """The facts of a file as they gather.

    The tables `..._of` are keyed by `Node.id`; `members` has an entry a class, `units` one a function. `first_bound`
    tells where each name of the module is bound first, `stars` the modules imported whole; `faults` are errors
    and where something is missing, `python2` the offset and the name of what only Python 2 has.
    """

    source: Source
    encoding: str
    root: Node
    units: list[Unit] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)
    classes: list[Class] = field(default_factory=list)
    members: list[dict[tuple[str, Span], Member]] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    comments: list[Node] = field(default_factory=list)
    faults: list[Span] = field(default_factory=list)
    function_of: dict[int, int] = field(default_factory=dict)
    class_of: dict[int, int] = field(default_factory=dict)
    comprehension_of: dict[int, Scope] = field(default_factory=dict)
    first_bound: dict[str, Span] = field(default_factory=dict)
    stars: list[tuple[str, Span]] = field(default_factory=list)
    python2: tuple[int, str] | None = None
    _ascii: str | None = field(init=False)

    def __post_init__(self) -> None:
        data = self.source.data
        self._ascii = data.decode("ascii") if data.isascii() else None

    def text(self, node: Node) -> str:
        """The source text of a node."""
        if self._ascii is not None:
            return self._ascii[node.start_byte : node.end_byte]
        return self.source.data[node.start_byte : node.end_byte].decode(self.encoding, "replace")

    def name(self, node: Node) -> str:
        """The name an identifier stands for (Python reference, 2.3: identifiers are NFKC-normalised)."""
        if self._ascii is not None:
            return self._ascii[node.start_byte : node.end_byte]
        text = self.text(node)
        return text if text.isascii() else unicodedata.normalize("NFKC", text)

    def lose(self, index: int, code: SkipCode, offset: int, reason: str) -> None:
        """A function cannot be judged; only the first reason is told."""
        function = self.functions[index]
        if function.whole:
            function.whole = False
            where = f"`{function.name}`" if function.name else _NAMELESS.get(function.kind, "an unnamed function")
            detail = f"line {self.source.line_of(offset)}: {reason}; {where} is not judged"
            self.skipped.append(Skipped(self.source.path, code, detail))
