"""What the conditions passed on a path say of each other, so that no way is walked that contradicts itself.

A fact about a place is `present`, `absent` or `false` (a false value that is not null), or `=` or `!=` and a constant.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from fixers.facts import Assign, Const, Guard, Place, Ref

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixers.facts import Function
    from fixers.names import Names

Facts = frozenset[tuple[Place, str]]

_GUARDS_OF_ONE_TEST: Final = 2
_MAX_FACTS: Final = 60
"""Facts that are remembered at once: a ladder of hundreds of tests teaches nothing more."""


def worth_remembering(function: Function, index: int, names: Names) -> frozenset[Place]:
    """Places of a function that are tested more than once, or tested and set to constants by this function alone."""
    tests = Counter(op.value.place for op in function.ops() if isinstance(op, Guard) and isinstance(op.value, Ref))
    flags = {
        op.target
        for op in function.ops()
        if isinstance(op, Assign) and isinstance(op.value, Const) and op.target in tests and op.target.scope == index
    }
    own = {place for place in flags if all(maker == index for maker, _ in names.assigned.get(place, ()))}
    return frozenset(place for place, count in tests.items() if count > _GUARDS_OF_ONE_TEST or place in own)


def guarded(known: Facts, guard: Guard, place: Place) -> Facts | None:
    """The facts once a guard has been passed; None when they contradict it."""
    fact = _fact_of_guard(guard)
    if fact is None:
        return known
    for other, known_fact in known:
        if other == place and _contradict(known_fact, fact, strict=guard.strict):
            return None
    return known if len(known) >= _MAX_FACTS or (place, fact) in known else known | {(place, fact)}


def assigned(known: Facts, op: Assign, remembered: frozenset[Place]) -> Facts:
    """The facts once a place has been filled."""
    gone = [item for item in known if item[0].starts_with(op.target)]
    left = known.difference(gone) if gone else known
    if op.augmented or op.target not in remembered or op.target.path or not isinstance(op.value, Const):
        return left
    return left | {(op.target, fact) for fact in _facts_of_constant(op.value)}


def _fact_of_guard(guard: Guard) -> str | None:
    if guard.outcome in {"present", "absent"}:
        return guard.outcome
    if not isinstance(guard.other, Const):
        return None
    return f"{'=' if guard.outcome == 'equal' else '!='} {guard.other.kind}:{guard.other.text}"


def _facts_of_constant(constant: Const) -> Iterator[str]:
    if constant.kind != "null":
        yield f"= {constant.kind}:{constant.text}"
    match constant.kind, constant.text.lower():
        case ("null", _):
            yield "absent"
        case ("boolean", "true"):
            yield "present"
        case ("boolean", _) | ("string", ""):
            yield "false"
        case ("string", _):
            yield "present"


def _contradict(known: str, new: str, *, strict: bool) -> bool:
    """Whether two facts of one place cannot both hold; `strict`: the new one is about null alone."""
    if known == "false":
        return new == ("absent" if strict else "present")
    if {known, new} == {"present", "absent"}:
        return True
    (sign, _, constant), (new_sign, _, new_constant) = known.partition(" "), new.partition(" ")
    if sign == new_sign == "=":
        return constant != new_constant
    return {sign, new_sign} == {"=", "!="} and constant == new_constant
