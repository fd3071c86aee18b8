"""A class with a teardown that forgets a field: the release goes into it, beside those of its other fields."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from fixers.facts import Assign, Call
from fixers.fixes.python.changes import Draft, Insert, Insertions, nothing
from fixers.fixes.python.fields import Field, field_of, mentions_field, rearmed_by, receiver_of
from fixers.fixes.python.layout import descendants, leaving_jumps, lines, path_to
from fixers.fixes.python.releasing import release_of, verb_of
from fixers.source import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from fixers.facts import Function, Member
    from fixers.fixes.python.layout import Layout
    from fixers.fixes.python.sites import Site
    from fixers.leaks import Leak
    from fixers.lifetimes import Judge
    from fixers.resources.model import Method

_DONE: Final = re.compile(r"clos|stop|shut|dispos|finish|done|clean|exit|quit|end|terminat|torn", re.IGNORECASE)
_ENDS_A_START: Final = frozenset({"stop", "disconnect", "on_stop", "logout", "leave", "exit", "unload", "deactivate"})
"""Teardowns after which only a new start may follow; `reset` or `clear` may be called in the middle of things."""
_ENDINGS: Final = frozenset(
    {"close", "aclose", "stop", "shutdown", "disconnect", "cancel", "terminate", "dispose", "join", "wait", "kill"}
)
"""Methods that end another field, or wait for a thread that may be using this one."""
_RUNS_ON: Final = "`{}` may still be using it, on a thread of its own."


def draft(leak: Leak, judge: Judge, site: Site) -> Draft:
    """Where the class's teardown releases the field."""
    field = field_of(leak, judge, site.layout)
    if field is None:
        return nothing("The handle lies in a container of the instance.")
    drafts = [_in_member(member, field, leak, judge, site.layout) for member in leak.teardown_members]
    possible = [found for found in drafts if found.change is not None]
    safe = [found for found in possible if found.why is None]
    return (safe or possible or drafts or [nothing("The class has no teardown of its own.")])[0]


def release_code(field: Field, receiver: str, release: Method, *, resets: bool) -> str:
    """The statements that release a field, behind a test where it may be None."""
    handle = f"{receiver}.{field.name}"
    code = f"{'await ' if release.awaited else ''}{handle}.{release.name}()"
    if not field.may_be_none and field.is_initialised:
        return code
    reset = f"\n    {handle} = None" if resets else ""
    return f"if {handle} is not None:\n    {code}{reset}"


def _in_member(member: Member, field: Field, leak: Leak, judge: Judge, layout: Layout) -> Draft:
    """The release in one teardown method."""
    release = release_of(leak.resource)
    if member.function is None or release is None:
        return nothing("The teardown is not a method.")
    function = judge.facts.functions[member.function]
    acquirer = receiver_of(judge.facts.functions[leak.function])
    body = layout.body_of(function.span)
    receiver = receiver_of(function)
    if body is None or receiver is None or function.class_ != leak.owner.class_ or function.kind != "method":
        return nothing(f"`{member.name}` is not a method of this class.")
    if acquirer not in {None, receiver}:
        return nothing(f"`{member.name}` belongs to the class, the field to its instances.")
    if release.awaited and not function.is_async:
        return nothing(f"The release must be awaited, and `{member.name}` is not async.")
    suite = lines(body)
    if not all(layout.opens_line(line[0]) for line in suite) or _is_abstract(suite, layout):
        return nothing(f"`{member.name}` has no code of its own.")
    if any(isinstance(op, Assign) and op.target.path[:1] == (field.name,) for op in function.ops()):
        return nothing(f"`{member.name}` gives `{receiver}.{field.name}` another value.")
    placed = _Placement(function, member.function, suite, receiver, field, judge, layout)
    position = placed.position()
    code = release_code(field, receiver, release, resets=field.may_be_none and field.is_tested)
    inserts = [Insert(path_to(suite[0][0]), position, code, replaces_pass=suite[-1][0].type == "pass_statement")]
    doubt = _doubt(member, field, leak, judge)
    user = _thread_user(field, leak, judge)
    waits = any(".join(" in layout.text(node) for line in suite[:position] for node in line)
    if doubt is None and user is not None and not waits:
        doubt = _RUNS_ON.format(user)
    if not field.is_initialised:
        initial = _initialised(field, leak, judge, layout)
        if initial is not None:
            inserts.append(initial)
        elif doubt is None:
            doubt = f"`{receiver}.{field.name}` is not set from the start, so that `{member.name}` may not find it."
    if doubt is None and any(leaving_jumps(line) for line in suite[placed.certain : position]):
        doubt = f"`{member.name}` may return before."
    inserts.sort(key=lambda insert: insert.suite)
    return Draft(
        f"{verb_of(leak.resource)} the {leak.resource.noun} in `{member.name}`", Insertions(tuple(inserts)), doubt
    )


def _is_abstract(suite: Sequence[Sequence[Node]], layout: Layout) -> bool:
    """Whether a method only says that subclasses have to write it."""
    last = suite[-1][0]
    if len(suite) > 2 or (len(suite) == 2 and not _is_docstring(suite[0][0])):
        return False
    return layout.text(last) == "..." or (last.type == "raise_statement" and "NotImplemented" in layout.text(last))


def _is_docstring(statement: Node) -> bool:
    return statement.type == "expression_statement" and statement.named_children[0].type in {
        "string",
        "concatenated_string",
    }


def _doubt(member: Member, field: Field, leak: Leak, judge: Judge) -> str | None:
    if field.is_foreign:
        return f"`{field.name}` may also hold something that this class did not acquire."
    again = rearmed_by(leak, judge)
    if again is not None:
        return f"`{again}` starts it again, which may happen after the release."
    if judge.facts.functions[leak.function].name == "run":
        return _RUNS_ON.format("run")
    if member.name == "__del__":
        return "Python decides when, and whether, `__del__` runs."
    assert leak.owner.class_ is not None
    teardown = judge.owners.teardown(leak.owner.class_)
    is_final = teardown is not None and member in teardown.final
    acquired_at_start = judge.facts.functions[leak.function].kind == "constructor"
    if not is_final and (acquired_at_start or member.name not in _ENDS_A_START):
        return f"`{member.name}` may not be the end of the instance."
    return None


def _thread_user(field: Field, leak: Leak, judge: Judge) -> str | None:
    """A function that a thread of the class runs, and that uses the field."""
    assert leak.owner.class_ is not None
    users = (
        index
        for index in sorted(judge.file.run_by_threads(leak.owner.class_))
        if mentions_field(index, field.name, judge)
    )
    return next((judge.facts.functions[index].name or "a thread" for index in users), None)


def _initialised(field: Field, leak: Leak, judge: Judge, layout: Layout) -> Insert | None:
    """`self.name = None` in the constructor, after its first plain assignments; None where that may do harm."""
    facts = judge.facts
    constructor = next(
        (
            function
            for function in facts.functions
            if function.kind == "constructor" and function.class_ == leak.owner.class_
        ),
        None,
    )
    body = layout.body_of(constructor.span) if constructor is not None else None
    receiver = receiver_of(constructor) if constructor is not None else None
    if body is None or receiver is None or leak.owner.class_ is None:
        return None
    whole = layout.data[slice(*facts.classes[leak.owner.class_].span)]
    if b"hasattr(" in whole or b"getattr(" in whole or b"__slots__" in whole:
        return None
    suite = lines(body)
    if not all(layout.opens_line(line[0]) for line in suite):
        return None
    position = 0
    while position < len(suite) and (_is_docstring(suite[position][0]) or _is_setting_up(suite[position][0], layout)):
        position += 1
    return Insert(path_to(suite[0][0]), position, f"{receiver}.{field.name} = None")


def _is_setting_up(statement: Node, layout: Layout) -> bool:
    """`super().__init__()`, or an assignment that calls nothing."""
    if statement.type != "expression_statement":
        return False
    if layout.text(statement).startswith("super()."):
        return True
    inner = statement.named_children[0]
    return inner.type == "assignment" and all(node.type not in {"call", "await"} for node in descendants(inner))


class _Placement:
    """Where in a teardown the release of a field goes."""

    def __init__(
        self,
        function: Function,
        index: int,
        suite: Sequence[Sequence[Node]],
        receiver: str,
        field: Field,
        judge: Judge,
        layout: Layout,
    ) -> None:
        self._function = function
        self._index = index
        self._suite = suite
        self._receiver = receiver
        self._field = field
        self._judge = judge
        self._layout = layout
        self.certain = self._after_guards()
        """The first position: after the docstring, and a test whether the teardown was done already."""

    def position(self) -> int:
        """After the last use of the field, beside the releases of other fields, else as early as possible."""
        position = self.certain
        for number, line in enumerate(self._suite):
            if any(self._ends_another(node) or self._uses_the_field(node) for node in line):
                position = max(position, number + 1)
        last = self._suite[-1][0]
        if last.type in {"return_statement", "raise_statement", "pass_statement"}:
            position = min(position, len(self._suite) - 1)
        return position

    def _after_guards(self) -> int:
        position = 1 if _is_docstring(self._suite[0][0]) else 0
        while position < len(self._suite) and self._is_guard(self._suite[position][0]):
            condition = self._layout.text(self._suite[position][0].named_children[0])
            position += 1
            while position < len(self._suite) and self._sets_flag(self._suite[position][0], condition):
                position += 1
        return min(position, len(self._suite) - 1) if position >= len(self._suite) else position

    def _is_guard(self, statement: Node) -> bool:
        """`if self._closed: return`."""
        if statement.type != "if_statement" or statement.child_by_field_name("alternative") is not None:
            return False
        condition, body = (statement.child_by_field_name(name) for name in ("condition", "consequence"))
        if condition is None or body is None or not _DONE.search(self._layout.text(condition)):
            return False
        quiet = all(node.type in {"identifier", "attribute"} for node in descendants(condition))
        return quiet and [node.type for node in body.named_children] == ["return_statement"]

    def _sets_flag(self, statement: Node, condition: str) -> bool:
        inner = statement.named_children[0] if statement.type == "expression_statement" else None
        if inner is None or inner.type != "assignment":
            return False
        target = inner.child_by_field_name("left")
        return target is not None and self._layout.text(target) == condition

    def _ends_another(self, statement: Node) -> bool:
        """`self.other.close()`, `self.join()`, also behind a test or awaited."""
        if statement.type == "if_statement":
            body = statement.child_by_field_name("consequence")
            return (
                statement.child_by_field_name("alternative") is None
                and body is not None
                and any(self._ends_another(inner) for inner in body.named_children)
            )
        if statement.type != "expression_statement":
            return False
        words = self._layout.text(statement).removeprefix("await ").partition("(")[0].split(".")
        return len(words) in {2, 3} and words[0] == self._receiver and words[-1] in _ENDINGS

    def _uses_the_field(self, statement: Node) -> bool:
        for node in descendants(statement, into_scopes=True):
            if node.type == "attribute" and self._layout.text(node) == f"{self._receiver}.{self._field.name}":
                return True
            is_argument = node.parent is not None and node.parent.type == "argument_list"
            if is_argument and node.type == "identifier" and self._layout.text(node) == self._receiver:
                return True
        span = Span(statement.start_byte, statement.end_byte)
        targets = [
            target
            for op in self._function.ops()
            if isinstance(op, Call) and span.contains(op.span)
            for target in self._judge.calls.targets(op, self._index)
        ]
        reached = self._judge.calls.reached(tuple(targets)) if targets else set()
        return any(mentions_field(index, self._field.name, self._judge) for index in reached)
