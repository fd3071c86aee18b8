"""How JavaScript and TypeScript are mended: byte edits in the file's own style; the scripts of Vue and Svelte too.

`propose` finds the kind of fix by who owns the handle. Each kind is a module: `effects`, `components`, `setups`,
`classes`, `functions`, `modules`, `hooks` and `overwriting`; the others are what these share. A fix is one finding's;
those of one effect or class compose because the second extends what the first wrote (`fixers.mending` writes them one
after the other).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from fixers.findings import Edit, FixKind, OwnerKind, Verdict
from fixers.fixes.javascript import classes, components, effects, functions, hooks, modules, overwriting, setups
from fixers.fixes.javascript.context import Context
from fixers.fixes.model import CannotFixError, Proposal

if TYPE_CHECKING:
    from fixers.leaks import Leak
    from fixers.lifetimes import Judge
    from fixers.source import Source

__all__ = ["propose"]

_BY_OWNER: Final[dict[OwnerKind, Callable[[Context], None]]] = {
    OwnerKind.EFFECT: effects.mend,
    OwnerKind.COMPONENT: components.mend,
    OwnerKind.INSTANCE: classes.mend,
    OwnerKind.FUNCTION: functions.mend,
    OwnerKind.MODULE: modules.mend,
}


def propose(leak: Leak, judge: Judge, source: Source) -> Proposal:
    """The fix of a leak, or why there is none. It is decided by writing it: what cannot be written has no fix."""
    try:
        context = Context(leak, judge, source)
        _mend(context)
    except CannotFixError as error:
        return _refused(str(error))
    edits, doubts = context.patch.edits(), context.patch.doubts
    kind = FixKind.SUGGESTED if doubts else FixKind.SAFE
    return Proposal(kind, context.patch.summary, doubts[0] if doubts else None, lambda: edits)


def _mend(context: Context) -> None:
    leak = context.leak
    if leak.verdict is Verdict.OVERWRITTEN_WHILE_OPEN:
        overwriting.mend(context)
    elif leak.owner.kind is OwnerKind.COMPONENT and setups.is_setup(context):
        setups.mend(context)
    elif leak.owner.kind in _BY_OWNER:
        _BY_OWNER[leak.owner.kind](context)
    elif hooks.has_hook(context):
        hooks.mend(context)
    else:
        raise CannotFixError("nothing ends it; a person has to decide what should")


def _refused(why: str) -> Proposal:
    def write() -> tuple[Edit, ...]:
        raise CannotFixError(why)

    return Proposal(FixKind.NONE, "", why, write)
