"""What can leak, as data: one file a family. Every module's `RESOURCES` is found by being here."""

from __future__ import annotations

import importlib
import pkgutil
import re
from functools import cache

from fixers.resources.model import Resource, Tables

_NOT_FAMILIES = frozenset({"model", "library"})


@cache
def resources(tables: Tables) -> tuple[Resource, ...]:
    """Every resource of a language, in order of id."""
    found: list[Resource] = []
    for info in pkgutil.iter_modules(__path__):
        if info.name not in _NOT_FAMILIES:
            module = importlib.import_module(f"{__name__}.{info.name}")
            found.extend(entry for entry in module.RESOURCES if entry.tables is tables)
    return tuple(sorted(found, key=lambda entry: entry.id))


@cache
def gate(tables: Tables) -> re.Pattern[bytes]:
    """One expression for the words of a language, one of which stands in any file that acquires anything."""
    words = sorted({word for entry in resources(tables) for word in entry.words})
    return re.compile(b"|".join(re.escape(word) for word in words))


@cache
def acquisitions(tables: Tables) -> dict[str, tuple[Resource, ...]]:
    """Resources by the access path that acquires them; `*.name` entries under that text."""
    table: dict[str, list[Resource]] = {}
    for entry in resources(tables):
        for path in entry.acquired_by:
            table.setdefault(path, []).append(entry)
    return {path: tuple(entries) for path, entries in table.items()}


@cache
def acquiring_names(tables: Tables) -> frozenset[str]:
    """The last names of the access paths that acquire anything."""
    return frozenset(path.rpartition(".")[2] for path in acquisitions(tables))
