"""What the engine answers: findings, as the contract's report writes them. Plain data, JSON by msgspec."""

from __future__ import annotations

from enum import StrEnum

import msgspec

FINGERPRINT_VERSION = 1


class Family(StrEnum):
    """What kind of thing leaks (contract: Families)."""

    TIMER = "timer"
    LISTENER = "listener"
    OBSERVER = "observer"
    SUBSCRIPTION = "subscription"
    SOCKET = "socket"
    HTTP = "http"
    STREAM = "stream"
    DATABASE = "database"
    FILE = "file"
    TEMPFILE = "tempfile"
    PROCESS = "process"
    THREAD = "thread"
    TASK = "task"
    GROWTH = "growth"
    COMPUTE = "compute"


class Verdict(StrEnum):
    """What is wrong with a lifetime (contract: Verdicts)."""

    NEVER_RELEASED = "never-released"
    NOT_RELEASED_ON_ERROR = "not-released-on-error"
    OVERWRITTEN_WHILE_OPEN = "overwritten-while-open"
    FORGOTTEN_BY_TEARDOWN = "forgotten-by-teardown"
    RELEASED_WRONGLY = "released-wrongly"
    NOT_AWAITED = "not-awaited"
    ADDED_PER_CALL = "added-per-call"
    OUTLIVES_LOSER = "outlives-loser"
    UNBOUNDED = "unbounded"
    NO_SHUTDOWN = "no-shutdown"
    NOT_POOLED = "not-pooled"
    NO_RETENTION = "no-retention"
    SLOW_SETTINGS = "slow-settings"
    REPEATED_WORK = "repeated-work"
    OVERLAPPING_RUNS = "overlapping-runs"


class Severity(StrEnum):
    """leak: lost or accumulating while the program runs; shutdown: only its end is unclean; advice: tests, examples."""

    LEAK = "leak"
    SHUTDOWN = "shutdown"
    ADVICE = "advice"

    @property
    def rank(self) -> int:
        """0 for the gravest."""
        return list(Severity).index(self)


class Confidence(StrEnum):
    """high goes to the pull request; the rest to the full report only."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for the surest."""
        return list(Confidence).index(self)


class OwnerKind(StrEnum):
    """Who owns a handle (contract: `owner.kind`)."""

    NOBODY = "nobody"
    FUNCTION = "function"
    INSTANCE = "instance"
    EFFECT = "effect"
    COMPONENT = "component"
    CLOSURE = "closure"
    MODULE = "module"
    CONTAINER = "container"
    CALLER = "caller"


class Role(StrEnum):
    """What a step of the trail is (contract: `trail[].role`)."""

    ACQUIRE = "acquire"
    CALL = "call"
    EXIT = "exit"
    LOOKED_FOR = "looked-for"
    RELEASE = "release"
    OWNER_END = "owner-end"


class Change(StrEnum):
    """How a finding relates to the base (contract: `change`); caused: an old line that leaks because of this change."""

    INTRODUCED = "introduced"
    CAUSED = "caused"
    EXISTING = "existing"


class FixKind(StrEnum):
    """safe goes into pull requests; suggested is shown, never pushed."""

    SAFE = "safe"
    SUGGESTED = "suggested"
    NONE = "none"


class _Document(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the report."""


class Owner(_Document, frozen=True, kw_only=True):
    """Who owns the handle, and where that owner is written."""

    kind: OwnerKind
    name: str
    path: str
    path_encoded: bool | msgspec.UnsetType = msgspec.UNSET
    line: int
    end_line: int


class Step(_Document, frozen=True, kw_only=True):
    """A step of the trail: where to look, and what is there."""

    role: Role
    path: str
    path_encoded: bool | msgspec.UnsetType = msgspec.UNSET
    line: int
    column: int
    text: str


class Edit(_Document, frozen=True, kw_only=True):
    """Bytes [start_byte, end_byte) of a file become `text` (UTF-8)."""

    path: str
    path_encoded: bool | msgspec.UnsetType = msgspec.UNSET
    start_byte: int
    end_byte: int
    text: str


class Fix(_Document, frozen=True, kw_only=True):
    """What would mend a finding. `why`: why it is not safe. `edits` and `checks` are filled by `fix` and `review`."""

    kind: FixKind
    summary: str
    why: str | None = None
    edits: tuple[Edit, ...] = ()
    checks: tuple[str, ...] = ()


NO_FIX = Fix(kind=FixKind.NONE, summary="")


class Witness(_Document, frozen=True, kw_only=True):
    """A leak seen at run time."""

    profile: str
    rate: str
    exact: bool


class Suppressed(_Document, frozen=True, kw_only=True):
    """Why a finding is not shown: by a pragma, the configuration or a command; `until` is an ISO date."""

    by: str
    reason: str
    until: str | None = None


class Finding(_Document, frozen=True, kw_only=True):
    """One leak: the acquiring expression, its owner, the trail, and what would fix it (contract: The report).

    `line` and `column` are 1-based, columns in code points; `start_byte` and `end_byte` span the acquiring expression.
    """

    id: str
    fingerprint: str
    change: Change | None = None
    rule: str
    family: Family
    verdict: Verdict
    path: str
    path_encoded: bool | msgspec.UnsetType = msgspec.UNSET
    line: int
    column: int
    end_line: int
    end_column: int
    start_byte: int
    end_byte: int
    resource: str
    resource_id: str
    handle: str | None
    owner: Owner
    severity: Severity
    confidence: Confidence
    message: str
    trail: tuple[Step, ...]
    fix: Fix = NO_FIX
    witness: Witness | None = None
    suppressed: Suppressed | None = None
