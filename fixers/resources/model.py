"""The form of a resource entry: what can leak, how it is obtained, and how it ends. Data only; no code looks at
names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from fixers.source import Tables

if TYPE_CHECKING:
    from fixers.findings import Family

__all__ = [
    "Chain",
    "Clean",
    "Counts",
    "Example",
    "Function",
    "Handle",
    "Matching",
    "Method",
    "OnExit",
    "Release",
    "Resource",
    "Tables",
    "paths",
]


class Counts(StrEnum):
    """Where a missed release is a leak at all."""

    EVERYWHERE = "everywhere"
    OWNED = "owned"
    """Only where an instance, effect or component keeps it and ends without it; elsewhere it is meant to stay open, as
    a server is, or ends by itself, as a child process does.
    """
    DROPPED = "dropped"
    """Only where nothing uses what the acquiring call gives: an event loop keeps no strong reference to its tasks."""


class Handle(StrEnum):
    """Which value stands for the acquired resource."""

    RESULT = "result"
    REGISTRATION = "registration"
    """Nothing is returned: what was registered is named by its receiver and arguments."""


class OnExit(StrEnum):
    """What leaving `with` or `using` does to the resource."""

    RELEASES = "releases"
    COMMITS = "commits"
    """A transaction ends; the resource stays open (sqlite3, psycopg2 connections)."""
    DIFFERS = "differs"
    """It ends, but otherwise than its release ends it: a psycopg connection commits, a pool of processes is killed."""
    UNSUPPORTED = "unsupported"


def paths(prefix: str, names: str) -> frozenset[str]:
    """The access paths of several members of one thing: `paths("os", "read write")`."""
    return frozenset(f"{prefix}.{name}" for name in names.split())


@dataclass(frozen=True)
class Method:
    """A release by a method of the handle: `handle.close()`.

    `awaited`: it returns a promise or coroutine that has to be awaited.
    """

    name: str
    awaited: bool = False


@dataclass(frozen=True)
class Function:
    """A release by a function that takes the handle: `clearInterval(handle)`. `path` is an access path."""

    path: str
    argument: int = 0


@dataclass(frozen=True)
class Matching:
    """A release by a method of the registration's receiver with the same arguments:
    `target.removeEventListener(type, listener)`.

    `arguments` are positions that must agree; `capture` is that of a flag, or of options with one, that must agree too;
    `wholesale` methods release every registration of the receiver.
    """

    name: str
    arguments: tuple[int, ...] = ()
    capture: int | None = None
    wholesale: bool = False


Release = Method | Function | Matching


@dataclass(frozen=True)
class Chain:
    """Which chains of calls the acquiring call has to end for its result to be a resource at all: that of
    `interval(5).pipe(map(f)).subscribe(g)` is one, because an interval never completes.

    Args:
        endless: access paths of sources that never end: `rxjs.interval()`.
        endless_on_globals: access paths of sources that never end if their first argument is a global object.
        global_fields: fields that hold a global object by convention: `document`.
        likely: a regular expression for the last name of sources of unknown services that are likely to have no end.
        likely_in: nouns of the classes in whose methods such a source counts.
        injected_by: access paths of functions that give a class such a service, besides its constructor's parameters.
        links: methods that only change what comes: the source stands before them.
        ended_by: names of functions, in a link's arguments, or of methods after which it ends by itself: `takeUntil`.
        hesitates_by: names of those that show that it was meant to end, and end it too late: `takeWhile`.
    """

    endless: frozenset[str]
    endless_on_globals: frozenset[str]
    global_fields: frozenset[str]
    likely: str
    likely_in: frozenset[str]
    injected_by: frozenset[str]
    links: frozenset[str]
    ended_by: frozenset[str]
    hesitates_by: frozenset[str]


@dataclass(frozen=True)
class Example:
    """A whole small file. `leaking` has exactly one finding, of `verdict`; `fixed` is what Stanch makes of it, None
    where a person must choose.

    `path` matters only by its suffix.
    """

    path: str
    verdict: str
    leaking: str
    fixed: str | None = None


@dataclass(frozen=True)
class Clean:
    """A whole small file that looks like a leak and is none; `why` says what ends the resource."""

    path: str
    why: str
    code: str


@dataclass(frozen=True)
class Resource:
    """One resource.

    Args:
        id: stable name in reports, `<module>.<name>`.
        family: the contract's family.
        tables: the language.
        label: what people call the acquiring function or class: `setInterval`.
        noun: what people call the thing: `interval`.
        ended: the participle for its release: `cleared`.
        acquired_by: access paths (see `fixers/names.py`) whose call obtains it; `*.name` is a method of any receiver.
        released_by: how it ends, the one that a fix writes first.
        words: bytes one of which stands in any file that acquires it (the gate).
        form: `new` where only construction obtains it, `call` where only a plain call does.
        without_callback: with a function among its arguments, the call gives the handle to that, and returns nothing.
        handle: which value is the handle.
        member: where in the result the handle lies: `("[0]",)` for the descriptor of `mkstemp`.
        counts: where a missed release is a leak at all.
        on_exit: what `with`/`using` does to it.
        opens_by: methods that open it in earnest, so that nothing is open when they fail: `connect`.
        gives: fluent methods that return the handle itself: `unref`, `on`.
        dependents: methods whose result lives on the handle, and members that do: `cursor`, `stdout`. Giving one away
            gives the handle away.
        configured_by: methods that only set it up, and do not fail in practice: `settimeout`.
        detached_by: methods after which nobody has to end it: `unref`.
        released_by_options: an argument's key under which it ends by itself: `once`, `signal`.
        only_with: only an acquisition where the call has one of these keywords with that constant, or with what that
            access path names: ("stream", "True"), ("stdout", "subprocess.PIPE").
        first_argument: a regular expression for the first argument, which is a literal or not there.
        evident: it counts only where the acquiring function itself releases it, or uses it as no other thing is used.
        evident_by: the methods of the handle that nothing else is likely to have.
        outlived: it ends with the receiver of the acquiring call: it counts only where that outlives the function.
        given_to_callback: the position at which the functions that the acquiring call gets are given the handle.
        one_shot: it ends by itself after a while (setTimeout).
        repeats_are_one: acquiring it again with the same arguments changes nothing, so that one release ends all of it.
        release_waits: its release waits until what runs in it is done.
        chain: which chains of calls acquire it; None: it does not matter what the call is chained to.
        borrowers: access paths of functions that use the handle and leave it to its owner.
        takers: access paths of functions whose result has to be ended in its stead: `os.fdopen`.
        wrappers: access paths of functions whose result takes the handle over and ends it: `contextlib.closing`.
        error_leaks: whether a missed release on an error path alone is worth a finding.
        source: where a non-obvious fact is written down.
    """

    id: str
    family: Family
    tables: Tables
    label: str
    noun: str
    ended: str
    acquired_by: tuple[str, ...]
    released_by: tuple[Release, ...]
    words: tuple[bytes, ...]
    form: str | None = None
    without_callback: bool = False
    handle: Handle = Handle.RESULT
    member: tuple[str, ...] = ()
    counts: Counts = Counts.EVERYWHERE
    on_exit: OnExit = OnExit.UNSUPPORTED
    opens_by: frozenset[str] = frozenset()
    gives: frozenset[str] = frozenset()
    dependents: frozenset[str] = frozenset()
    configured_by: frozenset[str] = frozenset()
    detached_by: frozenset[str] = frozenset()
    released_by_options: tuple[str, ...] = ()
    only_with: tuple[tuple[str, str], ...] = ()
    first_argument: str | None = None
    evident: bool = False
    evident_by: frozenset[str] = frozenset()
    outlived: bool = False
    given_to_callback: int | None = None
    one_shot: bool = False
    repeats_are_one: bool = False
    release_waits: bool = False
    chain: Chain | None = None
    borrowers: frozenset[str] = frozenset()
    takers: frozenset[str] = frozenset()
    wrappers: frozenset[str] = frozenset()
    error_leaks: bool = True
    source: str = ""
    leaking: tuple[Example, ...] = field(default=())
    clean: tuple[Clean, ...] = field(default=())

    @property
    def release_methods(self) -> frozenset[str]:
        """Names of the handle's methods that end it."""
        return frozenset(release.name for release in self.released_by if isinstance(release, Method))

    @property
    def release_functions(self) -> dict[str, int]:
        """Access paths of functions that end it, with the position of the handle."""
        return {release.path: release.argument for release in self.released_by if isinstance(release, Function)}
