"""Lowers each function of a file, one after the other: none waits on the stack for one written inside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fixers.facts import Return
from fixers.source import SkipCode
from fixers.syntax.graph import TooManyBlocksError
from fixers.syntax.python.assignments import ASSIGNMENTS
from fixers.syntax.python.body import Body
from fixers.syntax.python.branches import BRANCHES
from fixers.syntax.python.calls import CHAINS
from fixers.syntax.python.compounds import COMPOUNDS
from fixers.syntax.python.comprehensions import LOOPS
from fixers.syntax.python.definitions import DEFINITIONS
from fixers.syntax.python.expressions import EXPRESSIONS
from fixers.syntax.python.grammar import span_of
from fixers.syntax.python.statements import STATEMENTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fixers.syntax.python.body import Expression, Statement
    from fixers.syntax.python.file import File

_EXPRESSIONS: Final[Mapping[str, Expression]] = {**EXPRESSIONS, **CHAINS, **BRANCHES, **LOOPS}
_STATEMENTS: Final[Mapping[str, Statement]] = {**STATEMENTS, **ASSIGNMENTS, **COMPOUNDS, **DEFINITIONS}


def lower_functions(file: File) -> None:
    """Fills in the graph of every function, in the order in which they begin, and the members of every class.

    A function comes after the one it is written in, which evaluates its decorators and defaults.
    """
    for index in range(len(file.units)):
        _lower_function(file, index)
    for unit in file.units:
        unit.function.captures = tuple(unit.scope.captures)
    for class_, members in zip(file.classes, file.members, strict=True):
        class_.members = tuple(members.values())


def _lower_function(file: File, index: int) -> None:
    body = Body(file, index, _EXPRESSIONS, _STATEMENTS)
    try:
        _lower_body(body)
        body.finish()
    except TooManyBlocksError:
        file.lose(index, SkipCode.LIMIT, body.function.span.start, "too many branches")
    except RecursionError:
        file.lose(index, SkipCode.TOO_DEEP, body.function.span.start, "nested too deep")
    body.function.blocks = body.graph.blocks


def _lower_body(body: Body) -> None:
    node = body.unit.body
    if node is None:
        return
    if body.function.expression_body:
        body.graph.emit(Return(body.value(node), span_of(node)))
    else:
        body.suite(node)
