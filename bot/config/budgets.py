"""The parts of the configuration that measure: profiles (how to run a program) and their budgets."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BeforeValidator, ByteSize, Field, StringConstraints, model_validator

from bot.config.section import OneLine, RelativePath, Section

ProfileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$")]
VariableName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,127}$")]
Command = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
Count = Annotated[int, Field(ge=0, le=10**12)]
Rate = Annotated[float, Field(ge=0, le=10**12)]


def _no_giant(size: object) -> object:
    # pydantic turns the text into a float before anything bounds it.
    if len(str(size)) > 30:
        raise ValueError("it is too large; write a size such as `50 MB`")
    return size


Size = Annotated[ByteSize, BeforeValidator(_no_giant)]


class Metric(StrEnum):
    """What is counted or weighed."""

    HEAP = "heap"
    RSS = "rss"
    OPEN_FILES = "open-files"
    SOCKETS = "sockets"
    TIMERS = "timers"
    LISTENERS = "listeners"
    THREADS = "threads"
    CHILDREN = "children"
    COLLECTIONS = "collections"
    ROWS = "rows"
    DATABASE_PAGES = "database-pages"


class GrowthVerdict(StrEnum):
    """Which growth fails a profile."""

    NEW_GROWTH = "new-growth"
    ANY_GROWTH = "any-growth"
    NEVER = "never"


class Ready(Section):
    """How the program shows that it is ready: exactly one of these."""

    line: OneLine | None = None
    """Text in a line that it prints."""
    url: Annotated[str, StringConstraints(pattern=r"^https?://", max_length=2000)] | None = None
    """An address that answers with a status below 500."""
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """A local port that accepts connections."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if [self.line, self.url, self.port].count(None) != 2:
            raise ValueError("give exactly one of `line`, `url` and `port`")
        return self


class Request(Section):
    """A request of the workload."""

    method: Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,20}$")] = "GET"
    url: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    """An address, or a path on the address or port of `ready`."""
    headers: dict[Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,100}$")], OneLine] = Field(
        default_factory=dict
    )
    body: Annotated[str, StringConstraints(max_length=16_000)] | None = None


class Workload(Section):
    """What is done in each iteration: exactly one of these."""

    requests: Annotated[tuple[Request, ...], Field(max_length=100)] = ()
    """Requests, one after the other."""
    run: Command | None = None
    """A command."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if bool(self.requests) == (self.run is not None):
            raise ValueError("give exactly one of `requests` and `run`")
        return self


class Profile(Section):
    """A program to run, and what to do to it while it is measured."""

    name: ProfileName
    command: Command
    """What starts the program, in the words of a shell; no shell runs it."""
    cwd: RelativePath = "."
    """The folder to start it in, relative to the repository."""
    env: dict[VariableName, Annotated[str, StringConstraints(max_length=4000)]] = Field(default_factory=dict)
    ready: Ready | None = None
    setup: Command | None = None
    """What to run before, once for each revision, such as the installation of its dependencies."""
    workload: Workload
    iterations_per_batch: Annotated[int, Field(ge=1, le=1_000_000)] = 100
    warm_up_batches: Annotated[int, Field(ge=0, le=100)] = 2
    stages: Annotated[int, Field(ge=1, le=5)] = 3
    """How often growth must show again, each time with three times the iterations."""
    pairs: Annotated[int, Field(ge=1, le=20)] = 3
    """How many runs of base and head are compared."""
    timeout: Annotated[int, Field(ge=1, le=3600)] = 300
    """Seconds for one run."""
    concurrency: Annotated[int, Field(ge=1, le=1000)] = 1
    """How many iterations at once."""


class RowLimit(Section):
    """How many rows a table of an SQLite database may have."""

    database: RelativePath
    table: OneLine
    max: Count


class Growth(Section):
    """What may be added by each iteration, for ever."""

    timers: Rate = 0.0
    listeners: Rate = 0.0
    sockets: Rate = 0.0
    open_files: Rate = 0.0
    collections: Rate = 0.0
    """Entries of maps, sets, lists and dictionaries."""
    heap: Size = ByteSize(100)
    rss: Size = ByteSize(1000)
    """Only warned about: the size of a process is too noisy to fail on."""


class Allowance(Section):
    """Growth that is known and accepted."""

    metric: Metric
    site: OneLine | None = None
    """Where it is created: `src/poll.ts:42`, or a file."""
    class_: OneLine | None = None
    """The class of what grows."""
    reason: OneLine
    until: date | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.site is None) == (self.class_ is None):
            raise ValueError("give exactly one of `site` and `class`")
        return self


class Budget(Section):
    """The most that a profile's program may hold at a quiet moment, and may grow."""

    heap_after_gc: Size | None = None
    rss: Size | None = None
    open_files: Count | None = None
    sockets: Count | None = None
    timers: Count | None = None
    listeners_per_emitter: Count | None = None
    threads: Count | None = None
    children: Count | None = None
    rows: Annotated[tuple[RowLimit, ...], Field(max_length=100)] = ()
    database_pages: Count | None = None
    growth: Growth = Growth()
    allow: Annotated[tuple[Allowance, ...], Field(max_length=200)] = ()
    fail_on: GrowthVerdict = GrowthVerdict.NEW_GROWTH
