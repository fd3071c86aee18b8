"""What depends on a handle: other names for it, what was made from it and still reads from it, and where that goes.

The question is not the judgement's (is it released?) but the fix's: where may it be released without hurting anybody?
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from fixers.facts import (
    RESULT,
    Assign,
    Await,
    Call,
    Choice,
    ClassValue,
    Derived,
    Enter,
    Place,
    Record,
    Ref,
    Return,
    Sequence,
    Value,
    Yield,
    operands,
    places,
    result,
)
from fixers.findings import Family
from fixers.fixes.python.values import (
    LINGERING_FUNCTIONS,
    LINGERING_METHODS,
    PLAIN_ANSWERS,
    PLAIN_ATTRIBUTES,
    PLAIN_FUNCTIONS,
    PLAIN_METHODS,
)
from fixers.resources import acquisitions
from fixers.resources.library import DEPENDENT_RESULTS, STORE_METHODS, WRAPPERS

if TYPE_CHECKING:
    from fixers.facts import Op
    from fixers.leaks import Leak
    from fixers.lifetimes import Judge
    from fixers.source import Span

_TAKERS: Final = WRAPPERS - {"contextlib.closing", "contextlib.aclosing"}
"""What keeps data of its own that it writes when it is closed, so that the handle must not be closed before it."""
_KNOWN: Final = PLAIN_FUNCTIONS | DEPENDENT_RESULTS | WRAPPERS
_LENDERS: Final = frozenset({"contextmanager", "asynccontextmanager", "fixture"})


class Escape(NamedTuple):
    """The handle, or something that still reads from it, goes out of sight.

    `is_handle`: it is the handle, or of no use without. `is_kept`: somebody surely has it then; else a function got it,
    which may keep it.
    """

    span: Span
    how: str
    is_handle: bool
    is_kept: bool
    is_returned: bool = False


@dataclass
class Uses:
    """Answers about one handle in the function that acquires it.

    Args:
        handles: local names of the handle itself.
        derived: local names of what still reads from it.
        escapes: where it, or what still reads from it, goes out of sight.
        lingers: it matters by being open, though nobody mentions it.
    """

    handles: set[str] = field(default_factory=set)
    derived: set[str] = field(default_factory=set)
    escapes: list[Escape] = field(default_factory=list)
    lingers: bool = False


def uses_of(leak: Leak, judge: Judge) -> Uses:
    """Follows what an acquisition gives through its function; every path at once, so that nothing is missed."""
    return _Follower(leak, judge).run()


class _Follower:
    def __init__(self, leak: Leak, judge: Judge) -> None:
        self._leak = leak
        self._judge = judge
        self._index = leak.function
        self._function = judge.facts.functions[leak.function]
        self._held: set[Place] = {result(leak.acquisition.result)}
        self._alive: set[Place] = set()
        self._dependents: set[Place] = set()
        self._pending: list[Place] = [result(leak.acquisition.result)]
        # A temporary file is there for as long as it is open, whoever uses it by its name.
        self._uses = Uses(lingers=leak.resource.family is Family.TEMPFILE)
        self._given = {*leak.fate.given, *leak.fate.returned}

    def run(self) -> Uses:
        mentioning = mentions_of(self._judge, self._index)
        touched: dict[int, Op] = {}
        while self._pending:
            for op in mentioning.get(self._pending.pop(), ()):
                touched[id(op)] = op
                self._spread(op)
        for op in touched.values():
            self._note_escape(op)
        self._uses.handles = {str(place) for place in self._held if place.scope == self._index}
        self._uses.derived = {str(place) for place in self._alive if place.scope == self._index}
        self._uses.escapes = sorted(set(self._uses.escapes))
        return self._uses

    def _note(self, place: Place, known: set[Place]) -> None:
        if place not in known:
            known.add(place)
            self._pending.append(place)

    def _spread(self, op: Op) -> None:
        match op:
            case Assign(Place(_, scope, ()) as target, value) if scope == self._index:
                self._name(target, value)
            case Await(number, value) | Enter(number, value):
                self._name(result(number), value)
            case Call():
                self._uses.lingers |= self._lingers(op)
                if self._result_lives(op):
                    self._note(result(op.result), self._alive)
                    if self._depends(op):
                        self._note(result(op.result), self._dependents)

    def _lingers(self, op: Call) -> bool:
        if not isinstance(op.callee, Ref):
            return False
        callee = op.callee.place
        if callee.path and callee.owner in self._held and callee.path[-1] in LINGERING_METHODS:
            return True
        is_known = self._judge.names.path_of(op.callee, self._index) in LINGERING_FUNCTIONS
        return is_known and any(self._carries(arg.value) for arg in op.args)

    def _name(self, target: Place, value: Value) -> None:
        if self._is_handle(value):
            self._note(target, self._held)
        elif self._carries(value):
            self._note(target, self._alive)
            if isinstance(value, Ref) and value.place in self._dependents:
                self._note(target, self._dependents)

    def _is_handle(self, value: Value | None) -> bool:
        match value:
            case Ref(place):
                return place in self._held
            case Choice(options):
                return any(self._is_handle(option) for option in options)
            case _:
                return False

    def _carries(self, value: Value | None) -> bool:
        """Whether a value is the handle or still reads from it."""
        match value:
            case Ref(place):
                return self._place_carries(place)
            case Choice(items) | Sequence(items) | Derived(items):
                return any(self._carries(item) for item in items)
            case Record(entries) | ClassValue(_, entries):
                return any(self._carries(item) for _, item in entries)
            case _:
                return False

    def _place_carries(self, place: Place) -> bool:
        if place.base not in self._held and place.base not in self._alive:
            return False
        return not place.path or not (place.path[0] in PLAIN_ATTRIBUTES or place.path[0].startswith("["))

    def _result_lives(self, op: Call) -> bool:
        if op.result == self._leak.acquisition.result and op.span == self._leak.acquisition.span:
            return False
        path = self._judge.names.path_of(op.callee, self._index)
        if isinstance(op.callee, Ref) and op.callee.place.path and self._place_carries(op.callee.place.owner):
            return not self._is_plain_method(op, op.callee.place)
        if self._carries(op.callee):
            return True
        if not any(self._carries(arg.value) for arg in op.args):
            return False
        return path not in PLAIN_FUNCTIONS or any(self._in_container(arg.value) for arg in op.args)

    def _depends(self, op: Call) -> bool:
        """Whether the result lives on the handle: a cursor, a reader."""
        if isinstance(op.callee, Ref) and op.callee.place.path and op.callee.place.owner in self._held:
            return op.callee.place.path[-1] in self._leak.resource.dependents
        return self._judge.names.path_of(op.callee, self._index) in DEPENDENT_RESULTS | WRAPPERS

    def _is_plain_method(self, op: Call, callee: Place) -> bool:
        name = callee.path[-1]
        answers = PLAIN_ANSWERS.get(self._leak.resource.id, frozenset())
        if name in answers and callee.owner in self._held:
            return not any(arg.name in {"stream", "**"} for arg in op.args)
        resource = self._leak.resource
        return name in PLAIN_METHODS | resource.configured_by | resource.opens_by and name not in resource.dependents

    def _note_escape(self, op: Op) -> None:
        match op:
            case Return(value, span):
                if self._carries(value):
                    self._escape(span, value, "returned")
            case Yield(_, value, span):
                if self._carries(value) and not self._lends():
                    self._escape(span, value, "yielded")
            case Assign(target, value, span):
                if self._carries(value) and (target.path or target.scope not in {self._index, RESULT}):
                    self._escape(span, value, f"kept in `{target}`")
                elif self._in_container(value):
                    self._escape(span, value, f"put into `{target}`")
            case Call():
                self._note_arguments(op)

    def _in_container(self, value: Value) -> bool:
        match value:
            case Sequence(items):
                return any(self._carries(item) for item in items)
            case Record(entries) | ClassValue(_, entries):
                return any(self._carries(item) for _, item in entries)
            case Choice(options):
                return any(self._in_container(option) for option in options)
            case _:
                return False

    def _note_arguments(self, op: Call) -> None:
        path = self._judge.names.path_of(op.callee, self._index)
        for arg in op.args:
            if not self._carries(arg.value):
                continue
            if path in _TAKERS | self._leak.resource.wrappers | self._leak.resource.takers:
                self._escape(op.span, arg.value, f"taken over by `{path}`")
            elif not self._is_borrower(op, arg.value, path):
                stored = isinstance(op.callee, Ref) and op.callee.place.path[-1:] in {(name,) for name in STORE_METHODS}
                self._escape(op.span, arg.value, f"given to {_callee_text(op)}", is_kept=stored)

    def _is_borrower(self, op: Call, value: Value, path: str | None) -> bool:
        """Whether a callee is done with its argument when it returns, but for what its result tells."""
        if path in _KNOWN | self._leak.resource.borrowers and not self._in_container(value):
            return True
        if isinstance(op.callee, Ref) and op.callee.place.path and self._place_carries(op.callee.place.owner):
            return True
        return self._is_handle(value) and op.span not in self._given and self._borrowed(op)

    def _borrowed(self, op: Call) -> bool:
        """Whether the judgement saw every function of this file that the call may run, and none keeps the handle."""
        return bool(self._judge.calls.targets(op, self._index))

    def _escape(self, span: Span, value: Value | None, how: str, *, is_kept: bool = True) -> None:
        needs_it = self._needs_it(value)
        noun = self._leak.resource.noun
        what = f"The {noun}" if needs_it else f"Something that may read from the {noun} later"
        self._uses.escapes.append(Escape(span, f"{what} is {how}", needs_it, is_kept, how == "returned"))

    def _needs_it(self, value: Value | None) -> bool:
        """Whether a value is the handle, holds it, is a method of it, or lives on it: of no use without it."""
        match value:
            case Ref(place):
                return self._carries(value) and (place.base in self._held or place.base in self._dependents)
            case Choice(items) | Sequence(items):
                return any(self._needs_it(item) for item in items)
            case Record(entries) | ClassValue(_, entries):
                return any(self._needs_it(item) for _, item in entries)
            case _:
                return False

    def _lends(self) -> bool:
        """Whether what is yielded comes back before the function goes on."""
        names = {
            (place.path or (place.root,))[-1] for decorator in self._function.decorators for place in places(decorator)
        }
        return bool(names & _LENDERS)


def _callee_text(op: Call) -> str:
    known = isinstance(op.callee, Ref) and op.callee.place.scope != RESULT
    return f"`{op.callee.place}`" if known and isinstance(op.callee, Ref) else "a function"


@lru_cache(maxsize=4)
def mentions_of(judge: Judge, function: int) -> dict[Place, list[Op]]:
    """The operations of a function by the variables and results that they use."""
    found: dict[Place, list[Op]] = {}
    for op in judge.facts.functions[function].ops():
        for base in {place.base for value in operands(op) for place in places(value)}:
            found.setdefault(base, []).append(op)
    return found


@lru_cache(maxsize=4)
def acquired_spans(judge: Judge, function: int) -> frozenset[Span]:
    """The calls of a function that surely acquire something."""
    table = acquisitions(judge.tables)
    return frozenset(
        op.span
        for op in judge.facts.functions[function].ops()
        if isinstance(op, Call) and judge.names.path_of(op.callee, function) in table
    )


def releases_its_source(leak: Leak, judge: Judge) -> bool:
    """Whether the function closes the descriptor that the acquisition takes over, which may be closed only once."""
    sources = {arg.value.place for arg in leak.acquisition.args if isinstance(arg.value, Ref)}
    mentioning = mentions_of(judge, leak.function)
    return any(
        isinstance(op, Call)
        and op.argument(0) == Ref(source)
        and judge.names.path_of(op.callee, leak.function) == "os.close"
        for source in sources
        for op in mentioning.get(source.base, ())
    )
