"""The parts of the configuration that measure: profiles (how to run a program) and their budgets."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import msgspec

from bot.config.section import Limits, OneLine, RelativePath, Section

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

ProfileName = Annotated[str, Limits(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$")]
VariableName = Annotated[str, Limits(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,127}$")]
HeaderName = Annotated[str, Limits(pattern=r"^[A-Za-z0-9-]{1,100}$")]
Command = Annotated[str, Limits(min_length=1, max_length=4000)]
Count = Annotated[int, Limits(ge=0, le=10**12)]
Rate = Annotated[float, Limits(ge=0, le=10**12)]


def _no_giant(size: object) -> object:
    # pydantic turns the text into a float before anything bounds it.
    if len(str(size)) > 30:
        raise ValueError("it is too large; write a size such as `50 MB`")
    return size


class _Bytes:
    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic import ByteSize  # noqa: PLC0415
        from pydantic_core import core_schema  # noqa: PLC0415

        size = core_schema.no_info_before_validator_function(_no_giant, handler.generate_schema(ByteSize))
        return core_schema.no_info_after_validator_function(int, size)


Size = Annotated[int, _Bytes()]
"""A number of bytes; in the file also with a unit, such as `50 MB`."""


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
    LISTENERS_PER_EMITTER = "listeners-per-emitter"
    """The most that one emitter has for one event."""
    SERVERS = "servers"
    WORKERS = "workers"
    HANDLES = "handles"
    """Open files, watchers and the like, as the runtime counts them by their class."""
    TASKS = "tasks"
    CLIENTS = "clients"
    CONNECTIONS = "connections"
    """Connections to databases."""
    UNCLOSED = "unclosed"
    """What was dropped without being closed, and closed by Python itself."""
    FREED_BY_GC = "freed-by-gc"
    """Descriptors that stayed open until the garbage collector came."""
    OBJECTS = "objects"
    """Objects that the garbage collector knows."""
    DATABASE_SIZE = "database-size"
    WAL = "wal"
    """The size of a database's write-ahead log."""
    CPU = "cpu"


class GrowthVerdict(StrEnum):
    """Which growth fails a profile."""

    NEW_GROWTH = "new-growth"
    ANY_GROWTH = "any-growth"
    NEVER = "never"


class Ready(Section, frozen=True):
    """How the program shows that it is ready: exactly one of these."""

    line: OneLine | None = None
    """Text in a line that it prints."""
    url: Annotated[str, Limits(pattern=r"^https?://", max_length=2000)] | None = None
    """An address that answers with a status below 500."""
    port: Annotated[int, Limits(ge=1, le=65535)] | None = None
    """A local port that accepts connections."""

    def __post_init__(self) -> None:
        if [self.line, self.url, self.port].count(None) != 2:
            raise ValueError("give exactly one of `line`, `url` and `port`")


class Request(Section, frozen=True, kw_only=True):
    """A request of the workload."""

    method: Annotated[str, Limits(pattern=r"^[A-Z]{1,20}$")] = "GET"
    url: Annotated[str, Limits(min_length=1, max_length=2000)]
    """An address, or a path on the address or port of `ready`."""
    headers: dict[HeaderName, OneLine] = msgspec.field(default_factory=dict)
    body: Annotated[str, Limits(max_length=16_000)] | None = None


class Workload(Section, frozen=True):
    """What is done in each iteration: exactly one of these."""

    requests: Annotated[tuple[Request, ...], Limits(max_length=100)] = ()
    """Requests, one after the other."""
    run: Command | None = None
    """A command."""

    def __post_init__(self) -> None:
        if bool(self.requests) == (self.run is not None):
            raise ValueError("give exactly one of `requests` and `run`")


class Companion(Section, frozen=True, kw_only=True):
    """A program that has to run while another one is measured, such as a database."""

    command: Command
    """What starts it, in the words of a shell; no shell runs it."""
    cwd: RelativePath = "."
    env: dict[VariableName, Annotated[str, Limits(max_length=4000)]] = msgspec.field(default_factory=dict)
    ready: Ready | None = None


class Profile(Section, frozen=True, kw_only=True):
    """A program to run, and what to do to it while it is measured."""

    name: ProfileName
    command: Command
    """What starts the program, in the words of a shell; no shell runs it."""
    cwd: RelativePath = "."
    """The folder to start it in, relative to the repository."""
    env: dict[VariableName, Annotated[str, Limits(max_length=4000)]] = msgspec.field(default_factory=dict)
    ready: Ready | None = None
    setup: Command | None = None
    """What to run before, once for each revision, such as the installation of its dependencies."""
    beside: Annotated[tuple[Companion, ...], Limits(max_length=10)] = ()
    """What is started before it and ended after it, and not measured."""
    databases: Annotated[tuple[OneLine, ...], Limits(max_length=10)] = ()
    """What it stores: SQLite files, relative to the repository, and addresses of PostgreSQL, `postgresql://...`."""
    workload: Workload
    iterations_per_batch: Annotated[int, Limits(ge=1, le=1_000_000)] = 100
    warm_up_batches: Annotated[int, Limits(ge=0, le=100)] = 2
    stages: Annotated[int, Limits(ge=1, le=5)] = 3
    """How often growth must show again, each time with three times the iterations."""
    pairs: Annotated[int, Limits(ge=1, le=20)] = 3
    """How many runs of base and head are compared."""
    timeout: Annotated[int, Limits(ge=1, le=3600)] = 300
    """Seconds for one run."""
    concurrency: Annotated[int, Limits(ge=1, le=1000)] = 1
    """How many iterations at once."""


class RowLimit(Section, frozen=True):
    """How many rows a table of an SQLite database may have."""

    database: RelativePath
    table: OneLine
    max: Count


class Growth(Section, frozen=True):
    """What may be added by each iteration, for ever."""

    timers: Rate = 0.0
    listeners: Rate = 0.0
    sockets: Rate = 0.0
    open_files: Rate = 0.0
    collections: Rate = 0.0
    """Entries of maps, sets, lists and dictionaries."""
    threads: Rate = 0.0
    children: Rate = 0.0
    servers: Rate = 0.0
    workers: Rate = 0.0
    handles: Rate = 0.0
    tasks: Rate = 0.0
    clients: Rate = 0.0
    connections: Rate = 0.0
    unclosed: Rate = 0.0
    rows: Rate | None = None
    """Rows of databases; what a program stores is not judged unless this says so."""
    objects: Rate = 1.0
    """Objects of Python; they vary a little."""
    heap: Size = 100
    rss: Size = 1000
    """Only warned about: the size of a process is too noisy to fail on."""


class Allowance(Section, frozen=True, kw_only=True):
    """Growth that is known and accepted."""

    metric: Metric
    site: OneLine | None = None
    """Where it is created: `src/poll.ts:42`, or a file."""
    class_: OneLine | None = None
    """The class of what grows."""
    reason: OneLine
    until: date | None = None

    def __post_init__(self) -> None:
        if (self.site is None) == (self.class_ is None):
            raise ValueError("give exactly one of `site` and `class`")


class Budget(Section, frozen=True):
    """The most that a profile's program may hold at a quiet moment, and may grow."""

    heap_after_gc: Size | None = None
    rss: Size | None = None
    open_files: Count | None = None
    sockets: Count | None = None
    timers: Count | None = None
    listeners_per_emitter: Count | None = None
    threads: Count | None = None
    children: Count | None = None
    rows: Annotated[tuple[RowLimit, ...], Limits(max_length=100)] = ()
    database_pages: Count | None = None
    growth: Growth = Growth()
    allow: Annotated[tuple[Allowance, ...], Limits(max_length=200)] = ()
    fail_on: GrowthVerdict = GrowthVerdict.NEW_GROWTH
