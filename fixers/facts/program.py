"""Functions, classes, imports and exports: a whole file."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from fixers.facts.operations import Block, Call, Op
from fixers.facts.values import Place, Value
from fixers.source import Language, Skipped, Span

if TYPE_CHECKING:
    from collections.abc import Iterator


class Param(msgspec.Struct, frozen=True, array_like=True):
    """A parameter. `kind`: positional, keyword, rest, keywords, this (Python's self or cls). A destructured one has
    an empty name and is unpacked by Assigns from `Place("<i>", function)` with i its index.
    """

    name: str
    kind: str = "positional"
    type: str | None = None
    default: Value | None = None


class Function(msgspec.Struct, array_like=True):
    """A function, method, arrow, lambda, module body (index 0), class body or component set-up, as a control-flow
    graph.

    `kind`: module, function, method, arrow, lambda, getter, setter, constructor, initializer (field values of one
    class), class-body (Python), setup (Vue `<script setup>`, Svelte instance script), static (a static method or
    block). `parent` is the function it is written in, `class_` the class whose instance `this`/`self` is inside it
    (an arrow takes its surroundings'). `body` is the span within the braces or of the indented suite, or of an
    arrow's expression (`expression_body`). `locals` are the roots it declares, with their written types; `captures`
    the places of outer functions it uses. `given_to` names what an anonymous function is handed to or assigned to,
    for people and fingerprints: `useEffect`, `server.on('connection')`. `whole` is false when a syntax error or a
    limit cost part of it; then it is not judged.
    """

    name: str
    kind: str
    span: Span
    body: Span
    name_span: Span
    parent: int | None
    class_: int | None
    params: tuple[Param, ...] = ()
    decorators: tuple[Value, ...] = ()
    is_async: bool = False
    is_generator: bool = False
    expression_body: bool = False
    returns: str | None = None
    given_to: str = ""
    blocks: list[Block] = msgspec.field(default_factory=list)
    locals: dict[str, str | None] = msgspec.field(default_factory=dict)
    captures: tuple[Place, ...] = ()
    whole: bool = True

    def ops(self) -> Iterator[Op]:
        """Every operation, block by block; copies of a finally block repeat theirs."""
        for block in self.blocks:
            yield from block.ops


class Member(msgspec.Struct, frozen=True, array_like=True):
    """A member of a class. `kind`: method, getter, setter, field, constructor. `function` is None for a field."""

    name: str
    kind: str
    span: Span
    function: int | None = None
    type: str | None = None
    static: bool = False
    decorators: tuple[Value, ...] = ()


class Class(msgspec.Struct, array_like=True):
    """A class; also a constructor function with prototype methods, and an object literal whose methods use `this`.

    `kind`: class, prototype, object. `outer` and `outer_key` tell where a nested object literal stands in its outer one
    (`methods` of a Vue component). `scope` is the function that declares it.
    """

    name: str
    kind: str
    span: Span
    body: Span
    scope: int
    bases: tuple[Value, ...] = ()
    decorators: tuple[Value, ...] = ()
    members: tuple[Member, ...] = ()
    outer: int | None = None
    outer_key: str | None = None


class Import(msgspec.Struct, frozen=True, array_like=True):
    """A binding made by an import, or by `const x = require('m')`; `binding` is the place it fills.

    `module` is the specifier as written (`pg`, `./bus.js`, `.models`, `os.path`), `name` what is taken from it: `*`
    for the module itself, `default`, or an exported name.
    """

    binding: Place
    module: str
    name: str
    span: Span


class Export(msgspec.Struct, frozen=True, array_like=True):
    """A name that the module gives away. Either `place` (or `value`) of this module, or `name` of `module`
    (re-export; `*`: all).
    """

    exported: str
    span: Span
    value: Value | None = None
    module: str | None = None
    name: str | None = None


class Pragma(msgspec.Struct, frozen=True, array_like=True):
    """A comment that holds `stanch-ignore`: its text without the comment marks, and whether code precedes it on its
    line.
    """

    text: str
    span: Span
    trailing: bool


class FileFacts(msgspec.Struct, array_like=True, dict=True):
    """Everything that one file says. `functions[0]` is the module body."""

    language: Language
    functions: list[Function]
    classes: list[Class]
    imports: list[Import]
    exports: list[Export]
    pragmas: list[Pragma]
    skipped: list[Skipped]

    @cached_property
    def calls(self) -> list[list[Call]]:
        """The calls of each function, in order; copies of a finally block repeat theirs."""
        return [[op for op in function.ops() if isinstance(op, Call)] for function in self.functions]

    @cached_property
    def whole_files(self) -> frozenset[Span]:
        """The places that stand for the code of whole files: of modules, and of the scripts of components."""
        return frozenset(function.name_span for function in self.functions if function.kind in {"module", "setup"})

    @cached_property
    def _by_start(self) -> list[tuple[int, int]]:
        return sorted((function.span.start, index) for index, function in enumerate(self.functions))

    def functions_within(self, span: Span) -> list[int]:
        """The functions that are written within a span, or are all of it."""
        first, last = (bisect_left(self._by_start, (offset, 0)) for offset in (span.start, span.end + 1))
        return sorted(index for _, index in self._by_start[first:last] if self.functions[index].span.end <= span.end)
