"""What witnesses see: where live objects were made, files opened, and collections defined that grow."""

from __future__ import annotations

import _io
import builtins
import gc
import io
import os
import sys
from typing import TYPE_CHECKING, Any

from . import definitions, frames, unclosed
from .frames import here

if TYPE_CHECKING:
    from collections.abc import Callable

    from .census import Tally

_MOST_PATHS = 20_000

CONSTRUCTORS = {
    "threading": ("Thread",),
    "socket": ("socket",),
    "subprocess": ("Popen",),
    "multiprocessing.process": ("BaseProcess",),
    "concurrent.futures.thread": ("ThreadPoolExecutor",),
    "concurrent.futures.process": ("ProcessPoolExecutor",),
    "http.client": ("HTTPConnection",),
    "aiohttp.client": ("ClientSession",),
    "httpx._client": ("Client", "AsyncClient"),
    "requests.sessions": ("Session",),
    "psycopg._connection_base": ("BaseConnection",),
    "pymysql.connections": ("Connection",),
    "redis.connection": ("AbstractConnection",),
    "redis.asyncio.connection": ("AbstractConnection",),
    "asyncpg.connection": ("Connection",),
}
"""By module, the classes whose constructors are observed."""
FACTORIES = {"asyncio.base_events": {"BaseEventLoop": ("create_task", "call_at")}}
"""By module and class, the methods whose results are observed."""


class Sites:
    """Where things were made, by their ids: whatever is made under an id that was free is seen here again."""

    def __init__(self) -> None:
        self.made: dict[int, str] = {}
        self._opened: dict[str, str] = {}
        self._unclosed: dict[str, int] = {}
        self._growing = definitions.Growing()

    def of(self, found: object) -> str | None:
        """Where an object was made."""
        return self.made.get(id(found))

    def note(self, made: object, site: str | None) -> None:
        """Remembers where an object was made."""
        if site is not None:
            self.made[id(made)] = site

    def opened(self, path: object) -> None:
        """Remembers where a file is being opened, which may be anywhere below Python's own functions."""
        site = None if isinstance(path, int) else here()
        if site is not None:
            if len(self._opened) >= _MOST_PATHS:
                self._opened.clear()
            self._opened[os.fsdecode(path)] = site  # type: ignore[arg-type]

    def unclosed(self) -> None:
        """Remembers where something was dropped that is not closed."""
        site = here()
        if site is not None:
            self._unclosed[site] = self._unclosed.get(site, 0) + 1

    def own_collections(self) -> list[object]:
        """What is large only because witnesses remember it."""
        return [self.made, self._opened, self._unclosed, frames.known, *self._growing.own_collections()]

    def collections(self, found: list[tuple[Any, str, int]], names: dict[int, str], tally: Tally) -> None:
        """Tells where large collections are defined that have grown since the last time."""
        self._growing.tell(found, names, tally)

    def finish(self, tally: Tally, gone: set[int]) -> None:
        """Tells of files and what was not closed, and forgets objects that are gone."""
        for key in gone:
            self.made.pop(key, None)
        for site, number in tuple(self._unclosed.items()):
            tally.place("unclosed", "", site, number)
        for site in self._sites_of_open_files():
            tally.place("open-files", "file", site, 1)

    def _sites_of_open_files(self) -> list[str]:
        """By descriptor where `open` has returned it, else by path."""
        by_descriptor: dict[int, str] = {}
        for found in gc.get_objects():
            if type(found) is _io.FileIO and id(found) in self.made and not found.closed:
                by_descriptor[found.fileno()] = self.made[id(found)]
        by_name: dict[str, list[tuple[str, str]]] = {}
        for path, site in tuple(self._opened.items()):
            by_name.setdefault(os.path.basename(path), []).append((path, site))
        sites: list[str] = []
        for number, target in _open_files():
            if number in by_descriptor:
                sites.append(by_descriptor[number])
                continue
            candidates = by_name.get(os.path.basename(target), ())
            sites += [site for path, site in candidates if os.path.realpath(path) == target][-1:]
        return sites


class _Open:
    """In the place of `open`: an object, because a function would be bound as a method where it is kept in a class."""

    def __init__(self, original: Any, sites: Sites) -> None:
        self._original = original
        self._sites = sites
        self.__name__ = "open"
        self.__qualname__ = "open"
        self.__module__ = original.__module__
        self.__doc__ = original.__doc__
        self.__wrapped__ = original

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        made = self._original(*arguments, **named)
        try:
            raw = made
            for layer in ("buffer", "raw"):
                raw = getattr(raw, layer, raw)
            self._sites.note(raw, here())
        except Exception:
            pass
        return made


def _open_files() -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    try:
        numbers = os.listdir("/proc/self/fd")
    except OSError:
        return found
    for number in numbers:
        try:
            target = os.readlink(f"/proc/self/fd/{number}")
        except OSError:
            continue
        if target.startswith("/"):
            found.append((int(number), target))
    return found


def watch(sites: Sites) -> None:
    """Begins to see; what is imported later is observed when it is."""
    unclosed.see(sites.unclosed)
    for name in (*CONSTRUCTORS, *FACTORIES):
        module = sys.modules.get(name)
        if module is not None:
            _observe(module, name, sites)
    builtins.open = io.open = _Open(open, sites)
    sys.meta_path.insert(0, _Finder(sites))
    sys.addaudithook(_hook(sites))


def _hook(sites: Sites) -> Callable[[str, tuple[Any, ...]], None]:
    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        # An exception here would be one in the program.
        try:
            if event in ("open", "sqlite3.connect"):
                sites.opened(arguments[0])
            elif event == "sqlite3.connect/handle":
                sites.note(arguments[0], here())
        except Exception:
            pass

    return hook


class _Finder:
    """Observes modules as soon as they are loaded; finds none itself."""

    def __init__(self, sites: Sites) -> None:
        self._sites = sites

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name not in CONSTRUCTORS and name not in FACTORIES:
            return None
        for finder in sys.meta_path:
            if finder is self:
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                self._follow(spec.loader, name)
                return spec
        return None

    def _follow(self, loader: Any, name: str) -> None:
        # Loaders that are classes serve many modules.
        if loader is None or isinstance(loader, type):
            return
        execute = loader.exec_module

        def exec_module(module: Any) -> None:
            del loader.exec_module
            execute(module)
            _observe(module, name, self._sites)

        try:
            loader.exec_module = exec_module
        except AttributeError:
            pass


def _observe(module: Any, name: str, sites: Sites) -> None:
    try:
        for owner in CONSTRUCTORS.get(name, ()):
            _replace(getattr(module, owner), "__init__", sites, before=True)
        for owner, methods in FACTORIES.get(name, {}).items():
            for method in methods:
                _replace(getattr(module, owner), method, sites, before=False)
    except Exception:
        # A version of the library that is made otherwise: only its sites are lost.
        pass


def _replace(owner: Any, name: str, sites: Sites, *, before: bool) -> None:
    original = owner.__dict__.get(name)
    if original is None:
        return

    def constructor(self: Any, *arguments: Any, **named: Any) -> Any:
        try:
            sites.note(self, here(self))
        except Exception:
            pass
        return original(self, *arguments, **named)

    def factory(self: Any, *arguments: Any, **named: Any) -> Any:
        made = original(self, *arguments, **named)
        try:
            sites.note(made, here())
        except Exception:
            pass
        return made

    replacement = constructor if before else factory
    for attribute in ("__module__", "__name__", "__qualname__", "__doc__"):
        setattr(replacement, attribute, getattr(original, attribute))
    replacement.__wrapped__ = original  # type: ignore[attr-defined]
    setattr(owner, name, replacement)
