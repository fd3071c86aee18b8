"""Fixes that are checked together: a rescan costs as much as a scan, so one rescan judges many fixes.

Fixes of one batch are written from the same facts, so they must not meet: no two of them touch the same outermost
function, nor both what lies outside of functions, where each would take the same fresh name. They may share an import,
which is then written once.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

from fixers.engine import leaks_of
from fixers.fixes import proposal
from fixers.fixes.checks import refusal
from fixers.fixes.model import CannotFixError
from fixers.rescans import TooManyRescansError
from fixers.source import Source, language_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from fixers.engine import FileResult
    from fixers.facts import FileFacts
    from fixers.findings import Edit, Finding
    from fixers.source import Span

_ENCLOSING_KINDS = frozenset({"module", "class-body", "initializer", "setup"})
"""What the facts hold as a function and nobody writes as one; names in it are seen by the functions in it."""
_OUTSIDE = -1
TOO_MANY: Final = "the file has more fixes than are checked at once; fix it again once the others are written"


class Attempt(NamedTuple):
    """A finding, and the edits that fix it; or why they cannot be written (`regions` are then empty).

    `regions` are the outermost functions that the edits touch, by number; `imports` those edits that do nothing but
    import, which are in no region.
    """

    finding: Finding
    edits: tuple[Edit, ...] = ()
    refused: str | None = None
    regions: frozenset[int] = frozenset()
    imports: frozenset[Edit] = frozenset()


def attempts(path: str, data: bytes, findings: Iterable[Finding]) -> list[Attempt]:
    """Writes the fix of each finding by itself; one judgement serves all.

    Args:
        path: the file.
        data: its bytes.
        findings: findings of exactly these bytes.
    """
    language = language_of(path)
    if language is None:
        return [Attempt(finding, refused="this is not a file that Stanch reads") for finding in findings]
    source = Source(path, data, language)
    judge, leaks = leaks_of(source)
    by_place = {(*leak.acquisition.span, leak.resource.id, leak.verdict): leak for leak in leaks}
    functions = _outermost(judge.facts)
    made = []
    for finding in findings:
        leak = by_place.get((finding.start_byte, finding.end_byte, finding.resource_id, finding.verdict))
        if leak is None:
            made.append(Attempt(finding, refused="the finding is not in the file any more"))
            continue
        try:
            edits = proposal(leak, judge, source).write()
        except CannotFixError as error:
            made.append(Attempt(finding, refused=str(error)))
        else:
            imports = frozenset(edit for edit in edits if _only_imports(edit, data))
            regions = [_regions(edit, functions, data) for edit in edits if edit not in imports]
            made.append(Attempt(finding, edits, None, frozenset().union(*regions), imports))
    return made


def first_batch(written: Iterable[Attempt]) -> list[Attempt]:
    """The first attempt and, in order, those that meet none before them."""
    batch: list[Attempt] = []
    taken: set[int] = set()
    imports: frozenset[Edit] = frozenset()
    for attempt in written:
        if taken.isdisjoint(attempt.regions) and (not attempt.imports or not imports or attempt.imports == imports):
            batch.append(attempt)
            taken |= attempt.regions
            imports |= attempt.imports
    return batch


def edits_of(batch: Iterable[Attempt]) -> list[Edit]:
    """The edits of all attempts; an import that several make is one."""
    return list(dict.fromkeys(edit for attempt in batch for edit in attempt.edits))


def sifted(
    batch: Sequence[Attempt], data: bytes, before: FileResult, rescan: Callable[[bytes], FileResult]
) -> tuple[list[Attempt], list[Attempt]]:
    """The attempts of a batch that pass their checks together, and the others with the reason.

    Args:
        batch: attempts that were written, and that meet nowhere.
        data: the file.
        before: what the scan said of it.
        rescan: scans new bytes of the same file, until it raises TooManyRescansError.
    """
    accepted: list[Attempt] = []
    refused: list[Attempt] = []
    waiting = [list(batch)] if batch else []
    while waiting:
        part = waiting.pop()
        together = [*accepted, *part]
        try:
            reason = refusal(data, edits_of(together), before, [attempt.finding for attempt in together], rescan)
        except TooManyRescansError:
            refused += [attempt._replace(refused=TOO_MANY) for left in (part, *reversed(waiting)) for attempt in left]
            break
        if reason is None:
            accepted = together
        elif len(part) == 1:
            refused.append(part[0]._replace(refused=reason))
        else:
            middle = len(part) // 2
            waiting += [part[middle:], part[:middle]]
    return accepted, refused


def _only_imports(edit: Edit, data: bytes) -> bool:
    """Whether an edit adds or changes whole lines that import, as both languages write them."""
    old = data[edit.start_byte : edit.end_byte].decode("utf-8", "surrogateescape")
    lines = [*old.splitlines(), *edit.text.splitlines()]
    return edit.text.endswith("\n") and all(line.startswith(("import ", "from ")) for line in lines)


def _outermost(facts: FileFacts) -> list[Span]:
    """The functions that no other surrounds, in order."""
    outside = {index for index, function in enumerate(facts.functions) if function.kind in _ENCLOSING_KINDS}
    return sorted(
        function.span
        for index, function in enumerate(facts.functions)
        if index not in outside and _stands_outside(index, facts, outside)
    )


def _stands_outside(index: int, facts: FileFacts, outside: set[int]) -> bool:
    parent = facts.functions[index].parent
    while parent is not None and parent in outside:
        parent = facts.functions[parent].parent
    return parent is None


def _regions(edit: Edit, functions: Sequence[Span], data: bytes) -> frozenset[int]:
    """The numbers of the outermost functions that an edit touches, and `_OUTSIDE` unless it lies in one of them.

    An edit of whole lines may end after the last one of its function, and what it inserts there may belong to both.
    """
    first = max(bisect_right(functions, edit.start_byte, key=lambda span: span.start) - 1, 0)
    last = bisect_right(functions, edit.end_byte, key=lambda span: span.start)
    touched = [
        number
        for number in range(first, last)
        if edit.start_byte < functions[number].end or not data[functions[number].end : edit.start_byte].strip()
    ]
    if len(touched) == 1:
        start, end = functions[touched[0]]
        if start <= edit.start_byte < end and not data[end : edit.end_byte].strip():
            return frozenset(touched)
    return frozenset({*touched, _OUTSIDE})
