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
    "Clean",
    "Example",
    "Function",
    "Handle",
    "Matching",
    "Method",
    "OnExit",
    "Release",
    "Resource",
    "Tables",
]


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
    UNSUPPORTED = "unsupported"


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
        on_exit: what `with`/`using` does to it.
        opens_by: methods that open it in earnest, so that nothing is open when they fail: `connect`.
        gives: fluent methods that return the handle itself: `unref`, `on`.
        dependents: methods whose result lives on the handle: `cursor`. Giving one away gives the handle away.
        configured_by: methods that only set it up, and do not fail in practice: `settimeout`.
        detached_by: methods after which nobody has to end it: `unref`.
        released_by_options: an argument's key under which it ends by itself: `once`, `signal`.
        keyword_only: only an acquisition where the call has this keyword with this constant: ("stream", "True").
        evident: with a `*.name` path: it counts only where the acquiring function itself releases it.
        one_shot: it ends by itself after a while (setTimeout).
        borrowers: access paths of functions that use the handle and leave it to its owner.
        wrappers: access paths of functions whose result takes the handle over and ends it: `contextlib.closing`.
        error_leaks: whether a missed release on an error path alone is worth a finding.
        process_wide: created once and kept for the process's life by design when a module owns it.
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
    on_exit: OnExit = OnExit.UNSUPPORTED
    opens_by: frozenset[str] = frozenset()
    gives: frozenset[str] = frozenset()
    dependents: frozenset[str] = frozenset()
    configured_by: frozenset[str] = frozenset()
    detached_by: frozenset[str] = frozenset()
    released_by_options: tuple[str, ...] = ()
    keyword_only: tuple[str, str] | None = None
    evident: bool = False
    one_shot: bool = False
    borrowers: frozenset[str] = frozenset()
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
