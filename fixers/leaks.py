"""What the judgement leaves behind: a leak with all that its message, its trail and its fix need."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fixers.facts import Assign, Call, Member, Place
    from fixers.findings import Confidence, OwnerKind, Severity, Verdict
    from fixers.resources.model import Resource
    from fixers.source import Span
    from fixers.states import Fate, Leaving


@dataclass(frozen=True)
class LeakOwner:
    """Who owns the handle. `function` or `class_` index the file's facts; `noun` is for people: `effect`, `class`,
    `React component`.
    """

    kind: OwnerKind
    name: str
    noun: str
    span: Span
    function: int | None = None
    class_: int | None = None


@dataclass
class Leak:
    """One acquisition that is not released as it should be.

    Args:
        resource: its table entry.
        function: the function that acquires, an index into the file's facts.
        acquisition: the acquiring call.
        verdict, severity, confidence: the judgement.
        owner: who should have released it.
        handle: where it lies (a local, a field, a ref's current), None where nobody keeps it.
        fate: what the walk through the acquiring function saw.
        exits: the exits that miss the release.
        lost: the assignment that drops the handle (overwritten-while-open).
        teardown: the methods or functions in which a release was looked for, by function index; the first is where
            a fix would write it.
        teardown_members: the same as class members, where the owner is an instance.
        releases_elsewhere: spans of releases of the same handle outside the teardown.
        doubt: why the confidence is not high, for `explain`.
    """

    resource: Resource
    function: int
    acquisition: Call
    verdict: Verdict
    severity: Severity
    confidence: Confidence
    owner: LeakOwner
    fate: Fate
    handle: Place | None = None
    exits: list[Leaving] = field(default_factory=list)
    lost: Assign | None = None
    teardown: tuple[int, ...] = ()
    teardown_members: tuple[Member, ...] = ()
    releases_elsewhere: tuple[Span, ...] = ()
    doubt: str = ""
