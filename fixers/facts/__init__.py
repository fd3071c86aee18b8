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

from fixers.facts.operations import (
    EXIT_BLOCK,
    EXIT_KIND,
    Arg,
    Assign,
    Await,
    Block,
    Call,
    Delete,
    Enter,
    Exit,
    ExitKind,
    Guard,
    Op,
    Return,
    Throw,
    Yield,
    operands,
)
from fixers.facts.program import Class, Export, FileFacts, Function, Import, Member, Param, Pragma
from fixers.facts.values import (
    ELEMENT,
    GLOBAL,
    RESULT,
    THIS,
    Choice,
    ClassValue,
    Closure,
    Const,
    Derived,
    Place,
    Record,
    Ref,
    Sequence,
    Value,
    closures,
    places,
    result,
)

__all__ = [
    "ELEMENT",
    "EXIT_BLOCK",
    "EXIT_KIND",
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
    "closures",
    "operands",
    "places",
    "result",
]
