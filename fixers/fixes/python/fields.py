"""What a class does with a field that holds a handle: may it be None, something else, or not there at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fixers.facts import THIS, Assign, Await, Call, Choice, Const, Guard, Place, Ref, operands, places
from fixers.resources import acquisitions

if TYPE_CHECKING:
    from tree_sitter import Node

    from fixers.facts import Function, Op, Value
    from fixers.fixes.python.layout import Layout
    from fixers.leaks import Leak
    from fixers.lifetimes import Judge


@dataclass(frozen=True)
class Field:
    """A field `self.name` of one class.

    Args:
        name: of the attribute.
        may_be_none: None is put there somewhere.
        is_tested: some code looks whether it is None.
        is_initialised: the constructor or the class body surely sets it.
        is_foreign: something may be put there that the class did not acquire.
    """

    name: str
    may_be_none: bool
    is_tested: bool
    is_initialised: bool
    is_foreign: bool


def field_of(leak: Leak, judge: Judge, layout: Layout) -> Field | None:
    """The field that holds a leak's handle; None where it lies deeper, in a container say."""
    handle = leak.handle
    if handle is None or handle.scope != THIS or len(handle.path) != 1 or handle.path[0].startswith("["):
        return None
    name = handle.path[0]
    made = judge.names.assignments(handle, leak.function)
    facts = judge.facts
    elsewhere = any(target.path[-1:] == (name,) and target.scope != THIS for target in judge.names.assigned)
    class_ = facts.functions[leak.function].class_
    return Field(
        name,
        any(_is_none(assign.value) for _, assign in made),
        any(
            isinstance(op, Guard) and op.value == Ref(handle)
            for function in facts.functions
            if function.class_ == class_
            for op in function.ops()
        ),
        any(_is_from_the_start(facts.functions[maker], assign, layout) for maker, assign in made),
        elsewhere or not all(_is_own(assign.value, maker, leak, judge) for maker, assign in made),
    )


def _is_none(value: Value) -> bool:
    if isinstance(value, Choice):
        return any(_is_none(option) for option in value.options)
    return isinstance(value, Const) and value.kind == "null"


def _is_own(value: Value, function: int, leak: Leak, judge: Judge) -> bool:
    """Whether a value is None or something that this file acquires, with the same release."""
    if isinstance(value, Choice):
        return all(_is_own(option, function, leak, judge) for option in value.options)
    if _is_none(value):
        return True
    if not isinstance(value, Ref) or value.place.path:
        return False
    place = judge.names.canonical(value.place, function)
    made = judge.names.made_by(place, function)
    while isinstance(made, Await) and isinstance(made.value, Ref):
        made = judge.names.made_by(made.value.place, function)
    if not isinstance(made, Call):
        return False
    path = judge.names.path_of(made.callee, function)
    candidates = acquisitions(judge.tables).get(path or "", ())
    return any(candidate.released_by[:1] == leak.resource.released_by[:1] for candidate in candidates)


def _is_from_the_start(function: Function, assign: Assign, layout: Layout) -> bool:
    """Whether every instance has passed this assignment when its constructor is done."""
    if function.kind == "class-body":
        return True
    return function.kind == "constructor" and statement_at(assign.span.start, function, layout) is not None


def statement_at(offset: int, function: Function, layout: Layout) -> Node | None:
    """The simple statement of a function's own suite around a byte; None for one in an inner block."""
    body = layout.body_of(function.span)
    for statement in body.named_children if body is not None else []:
        if statement.start_byte <= offset < statement.end_byte and statement.type == "expression_statement":
            return statement
    return None


def receiver_of(function: Function) -> str | None:
    """What a method calls its instance."""
    return next((param.name for param in function.params if param.kind == "this"), None)


def mentions_field(function: int, name: str, judge: Judge) -> bool:
    """Whether a function of the class uses the field."""
    return any(
        place.scope == THIS and place.path[:1] == (name,)
        for op in judge.facts.functions[function].ops()
        for place in (*(place for value in operands(op) for place in places(value)), *_target(op))
    )


def _target(op: Op) -> tuple[Place, ...]:
    return (op.target,) if isinstance(op, Assign) else ()


def rearmed_by(leak: Leak, judge: Judge) -> str | None:
    """The function, handed over at the acquisition, that acquires again when it runs; None where there is none."""
    for arg in leak.acquisition.args:
        for function in judge.calls.functions(arg.value, leak.function):
            if leak.function in judge.calls.reached((function,)):
                return judge.facts.functions[function].name or "a function given to it"
    return None
