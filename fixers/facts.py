"""What code says, in one vocabulary for every language; nothing here knows a resource.

`syntax/` lowers a tree to these facts; `lifetimes.py` judges them. They are plain data: no tree nodes, no
positions other than byte spans, serialisable with msgspec. A function is a control-flow graph of blocks; a block is
a list of operations (`Op`) in evaluation order. Values name what an operation uses; every result of a call, an
await or a yield is a place of its own (`%3`), so that `setInterval(f).unref()` is two operations.

How source maps to facts (`%n` is the result of the n-th operation of a function):

    const t = setInterval(f, 5)     Call %0 setInterval(f, 5); Assign t = %0 (declares)
    this.sub = x.y.on('e', g)       Call %0 x.y.on('e', g); Assign this.sub = %0
    for (const t of ts) {...}       Assign t = ts[*] at the start of the loop's body
    const {a, b: [c]} = v           Assign a = v.a; Assign c = v.b[0]
    fd, path = mkstemp()            Call %0; Assign fd = %0[0]; Assign path = %0[1]
    with open(p) as f: ...          Call %0; Enter %1 of %0; Assign f = %1; ...; Exit %0 on each way out
    using c = make()                Call %0; Enter %1 of %0; Assign c = %1; ...; Exit %0 on each way out
    if (err) {A} else {B}           Guard err present at the start of A's block, absent at the start of B's
    delete m[k]; del m[k]           Delete m[*]
    a ? b : c, a || b, a ?? b       blocks and guards; the joined value is Choice(b, c)
    [1, x], {k: v}, (x, y)          Sequence, Record
    a + b, !a, `${a}`, a < b        Derived(a, b): made from them, but none of them
    <b onClick={f}>x</b>            Call form "jsx" of `b` with Record(onClick: f)
    @decorator                      Function.decorators, Class.decorators
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

import msgspec

from fixers.source import Language, Skipped, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "ELEMENT",
    "GLOBAL",
    "RESULT",
    "THIS",
    "Arg",
    "Assign",
    "Await",
    "Block",
    "Call",
    "Choice",
    "Class",
    "ClassValue",
    "Closure",
    "Const",
    "Delete",
    "Derived",
    "Enter",
    "Exit",
    "ExitKind",
    "Export",
    "FileFacts",
    "Function",
    "Guard",
    "Import",
    "Member",
    "Op",
    "Param",
    "Place",
    "Pragma",
    "Record",
    "Ref",
    "Return",
    "Sequence",
    "Throw",
    "Value",
    "Yield",
]

GLOBAL: Final = -1
"""`Place.scope` of a name that the file does not declare: a builtin or a global."""
THIS: Final = -2
"""`Place.scope` of the instance whose member the function is: `this`, `self`, `cls` (the root keeps the word)."""
RESULT: Final = -3
"""`Place.scope` of an operation's result; the root is `%` and the operation's number."""

ELEMENT: Final = "[*]"
"""The path step for an element at a key or index that is not a constant: `ts[i]`, an iteration, a dict's value."""


class Place(msgspec.Struct, frozen=True, array_like=True):
    """A root binding and a path: `timer`, `this.timer`, `ref.current`, `self._files[*]`, `%3.stdout`.

    `scope` is the index of the function that declares the root (0 is the module), or GLOBAL, THIS or RESULT.
    Two bindings of one name in one function (block scopes) have different roots: `t`, `t#2`. A path step is a member
    name, `[0]` for a constant index, `[*]` for any other element.
    """

    root: str
    scope: int
    path: tuple[str, ...] = ()

    def member(self, *steps: str) -> Place:
        """The place at the end of further path steps."""
        return Place(self.root, self.scope, self.path + steps)

    @property
    def base(self) -> Place:
        """The root binding alone."""
        return Place(self.root, self.scope) if self.path else self

    @property
    def owner(self) -> Place:
        """The place one step up; the base of a base is itself."""
        return Place(self.root, self.scope, self.path[:-1])

    def starts_with(self, prefix: Place) -> bool:
        """Whether this place is `prefix` or lies below it."""
        return self.root == prefix.root and self.scope == prefix.scope and self.path[: len(prefix.path)] == prefix.path

    def __str__(self) -> str:
        text = self.root.split("#", 1)[0]
        for step in self.path:
            text += step if step.startswith("[") else f".{step}"
        return text


class Ref(msgspec.Struct, frozen=True, array_like=True, tag="ref"):
    """What a place holds."""

    place: Place


class Const(msgspec.Struct, frozen=True, array_like=True, tag="const"):
    """A literal. `kind`: string, number, boolean, null (null, undefined, None), regex. `text`: a string's value, else its source."""

    kind: str
    text: str


class Closure(msgspec.Struct, frozen=True, array_like=True, tag="closure"):
    """A function written here; the number indexes `FileFacts.functions`."""

    function: int


class ClassValue(msgspec.Struct, frozen=True, array_like=True, tag="class"):
    """A class written here as an expression, or an object literal with methods; indexes `FileFacts.classes`.

    `fields` are the object literal's entries (empty for a class expression).
    """

    class_: int
    fields: tuple[tuple[str | None, Value], ...] = ()


class Record(msgspec.Struct, frozen=True, array_like=True, tag="record"):
    """An object literal or dict; a key that is not constant is ELEMENT, a spread has the key None."""

    entries: tuple[tuple[str | None, Value], ...]


class Sequence(msgspec.Struct, frozen=True, array_like=True, tag="sequence"):
    """An array, list, tuple or set literal; a spread element is Derived of what it spreads."""

    items: tuple[Value, ...]


class Choice(msgspec.Struct, frozen=True, array_like=True, tag="choice"):
    """One of several values, which one is decided at run time."""

    options: tuple[Value, ...]


class Derived(msgspec.Struct, frozen=True, array_like=True, tag="derived"):
    """Something computed from `parts` that is none of them: arithmetic, comparison, interpolation."""

    parts: tuple[Value, ...] = ()


Value = Ref | Const | Closure | ClassValue | Record | Sequence | Choice | Derived


class Arg(msgspec.Struct, frozen=True, array_like=True):
    """An argument. `name` is the keyword in Python, `*` or `**` for a spread (`*` too for JavaScript's `...x`), else None."""

    value: Value
    name: str | None = None


class Call(msgspec.Struct, frozen=True, array_like=True, tag="call"):
    """A call, construction or JSX element; `result` is the number of the place `%result`.

    `form`: call, new, jsx, template (a tagged template), import (dynamic import or require). `callee` is a Ref as written
    (imports and types are resolved later), or a Closure that is called where it stands. `span` is the whole expression,
    `callee_span` what is called, `args_span` the arguments with their parentheses. `optional`: `f?.()` or a receiver
    reached through `?.`. `statement`: the call is an expression statement of its own (awaited or not), so that nothing uses its result.
    """

    result: int
    callee: Value
    args: tuple[Arg, ...]
    span: Span
    callee_span: Span
    args_span: Span
    form: str = "call"
    optional: bool = False
    statement: bool = False

    def argument(self, index: int, keyword: str | None = None) -> Value | None:
        """The value at a positional index or under a keyword; None when absent or hidden by a spread."""
        for arg in self.args:
            if keyword is not None and arg.name == keyword:
                return arg.value
        positional = self.args[: index + 1]
        if len(positional) <= index or any(arg.name is not None for arg in positional):
            return None
        return positional[index].value


class Assign(msgspec.Struct, frozen=True, array_like=True, tag="assign"):
    """A value is put into a place. `declares`: `const`, `let`, `var`, or Python's first binding; `augmented`: `+=`, `||=`, `??=`."""

    target: Place
    value: Value
    span: Span
    declares: bool = False
    augmented: bool = False


class Return(msgspec.Struct, frozen=True, array_like=True, tag="return"):
    """The function returns; finally blocks and exits of `with` follow as operations of their own."""

    value: Value | None
    span: Span


class Throw(msgspec.Struct, frozen=True, array_like=True, tag="throw"):
    """`throw` or `raise`."""

    value: Value | None
    span: Span


class Await(msgspec.Struct, frozen=True, array_like=True, tag="await"):
    """A value is awaited (`for await`, `async for` and `async with` included); `result` is the number of the awaited place."""

    result: int
    value: Value
    span: Span


class Yield(msgspec.Struct, frozen=True, array_like=True, tag="yield"):
    """`yield` (`delegates`: `yield*`, `yield from`); `result` is the number of the place sent in."""

    result: int
    value: Value | None
    span: Span
    delegates: bool = False


class Enter(msgspec.Struct, frozen=True, array_like=True, tag="enter"):
    """A context manager is entered, or a `using` declaration made; `result` is the number of what `as` binds."""

    result: int
    manager: Value
    span: Span
    is_async: bool = False


class Exit(msgspec.Struct, frozen=True, array_like=True, tag="exit"):
    """The context manager of an Enter is left, on whichever way out."""

    manager: Value
    span: Span
    is_async: bool = False


class Guard(msgspec.Struct, frozen=True, array_like=True, tag="guard"):
    """What is known of a value on this branch.

    `outcome`: present (truthy, not null), absent (falsy, null), equal or different (to `other`). A test of something that is not a
    place or constant yields no Guard. `strict`: the test was for null alone, so that 0 and '' count as present.
    """

    value: Value
    outcome: str
    span: Span
    other: Value | None = None
    strict: bool = False


class Delete(msgspec.Struct, frozen=True, array_like=True, tag="delete"):
    """`delete` or `del` of a place."""

    place: Place
    span: Span


Op = Call | Assign | Return | Throw | Await | Yield | Enter | Exit | Guard | Delete


class ExitKind(StrEnum):
    """How control leaves a function."""

    NORMAL = "normal"
    THROW = "throw"
    CANCEL = "cancel"
    CLOSE = "close"


EXIT_BLOCK: Final = {ExitKind.NORMAL: -1, ExitKind.THROW: -2, ExitKind.CANCEL: -3, ExitKind.CLOSE: -4}
"""The block numbers that stand for leaving the function."""
EXIT_KIND: Final = {number: kind for kind, number in EXIT_BLOCK.items()}


class Block(msgspec.Struct, array_like=True):
    """Operations without a branch between them, and where control goes.

    `next` are the successors on the normal way. Any operation of the block may go to `throw` (an error), an Await to
    `cancel` (its task is cancelled), a Yield to `close` (the generator is closed); -1 to -4 leave the function (EXIT_BLOCK).
    `dispatch`: no code, but the choice between handlers; the last successor is for what none of them stops.
    """

    ops: list[Op]
    next: tuple[int, ...] = ()
    throw: int = -2
    cancel: int = -3
    close: int = -4
    dispatch: bool = False


class Param(msgspec.Struct, frozen=True, array_like=True):
    """A parameter. `kind`: positional, keyword, rest, keywords, this (Python's self or cls). A destructured one has an empty name
    and is unpacked by Assigns from `Place("<i>", function)` with i its index.
    """

    name: str
    kind: str = "positional"
    type: str | None = None
    default: Value | None = None


class Function(msgspec.Struct, array_like=True):
    """A function, method, arrow, lambda, module body (index 0), class body or component set-up, as a control-flow graph.

    `kind`: module, function, method, arrow, lambda, getter, setter, constructor, initializer (field values of one class), class-body
    (Python), setup (Vue `<script setup>`, Svelte instance script), static (a static method or block). `parent` is the function
    it is written in, `class_` the class whose instance `this`/`self` is inside it (an arrow takes its surroundings').
    `body` is the span within the braces or of the indented suite, or of an arrow's expression (`expression_body`).
    `locals` are the roots it declares, with their written types; `captures` the places of outer functions it uses.
    `given_to` names what an anonymous function is handed to or assigned to, for people and fingerprints: `useEffect`,
    `server.on('connection')`. `whole` is false when a syntax error or a limit cost part of it; then it is not judged.
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

    `module` is the specifier as written (`pg`, `./bus.js`, `.models`, `os.path`), `name` what is taken from it: `*` for the module itself,
    `default`, or an exported name.
    """

    binding: Place
    module: str
    name: str
    span: Span


class Export(msgspec.Struct, frozen=True, array_like=True):
    """A name that the module gives away. Either `place` (or `value`) of this module, or `name` of `module` (re-export; `*`: all)."""

    exported: str
    span: Span
    value: Value | None = None
    module: str | None = None
    name: str | None = None


class Pragma(msgspec.Struct, frozen=True, array_like=True):
    """A comment that holds `stanch-ignore`: its text without the comment marks, and whether code precedes it on its line."""

    text: str
    span: Span
    trailing: bool


class FileFacts(msgspec.Struct, array_like=True):
    """Everything that one file says. `functions[0]` is the module body."""

    language: Language
    functions: list[Function]
    classes: list[Class]
    imports: list[Import]
    exports: list[Export]
    pragmas: list[Pragma]
    skipped: list[Skipped]


def result(number: int) -> Place:
    """The place of an operation's result."""
    return Place(f"%{number}", RESULT)


def places(value: Value | None) -> Iterator[Place]:
    """Every place that a value mentions, closures not entered."""
    match value:
        case Ref(place):
            yield place
        case Record(entries):
            for _, item in entries:
                yield from places(item)
        case ClassValue(_, fields):
            for _, item in fields:
                yield from places(item)
        case Sequence(items) | Choice(items) | Derived(items):
            for item in items:
                yield from places(item)


def closures(value: Value | None) -> Iterator[int]:
    """Every function written within a value."""
    match value:
        case Closure(function):
            yield function
        case Record(entries):
            for _, item in entries:
                yield from closures(item)
        case ClassValue(_, fields):
            for _, item in fields:
                yield from closures(item)
        case Sequence(items) | Choice(items) | Derived(items):
            for item in items:
                yield from closures(item)


def operands(op: Op) -> tuple[Value, ...]:
    """The values an operation uses, in order; the place it fills is not among them."""
    match op:
        case Call():
            return (op.callee, *(arg.value for arg in op.args))
        case Assign() | Await():
            return (op.value,)
        case Return() | Throw() | Yield():
            return () if op.value is None else (op.value,)
        case Enter() | Exit():
            return (op.manager,)
        case Guard():
            return (op.value,) if op.other is None else (op.value, op.other)
        case Delete():
            return (Ref(op.place),)
