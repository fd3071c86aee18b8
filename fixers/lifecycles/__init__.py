"""Who ends, and where the teardown lives: one file a framework or kind of owner; data that `owners.py` reads."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING

from fixers.lifecycles.model import ClassLifecycle, Component, Handler, Hook

if TYPE_CHECKING:
    from fixers.resources.model import Tables


@cache
def _all(attribute: str) -> tuple[object, ...]:
    found: list[object] = []
    for module in sorted(info.name for info in pkgutil.iter_modules(__path__)):
        found.extend(getattr(importlib.import_module(f"{__name__}.{module}"), attribute, ()))
    return tuple(found)


@cache
def hooks(tables: Tables) -> tuple[Hook, ...]:
    """Every hook of a language."""
    return tuple(hook for hook in _all("HOOKS") if isinstance(hook, Hook) and hook.tables is tables)


@cache
def hook_names(tables: Tables) -> frozenset[str]:
    """The last names of the access paths of all hooks of a language."""
    return frozenset(path.rpartition(".")[2] for hook in hooks(tables) for path in hook.paths)


@cache
def components() -> tuple[Component, ...]:
    """Every kind of component function."""
    return tuple(component for component in _all("COMPONENTS") if isinstance(component, Component))


@cache
def component_names() -> frozenset[str]:
    """The last names of the access paths of all hooks that make a function a component."""
    return frozenset(path.rpartition(".")[2] for component in components() for path in component.hooks)


@cache
def class_lifecycles(tables: Tables) -> tuple[ClassLifecycle, ...]:
    """Every kind of class of a language, frameworks before plain classes."""
    found = [entry for entry in _all("CLASSES") if isinstance(entry, ClassLifecycle) and entry.tables is tables]
    return tuple(sorted(found, key=lambda entry: entry.is_any))


@cache
def handler_parameters(tables: Tables) -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    """Names of the first two parameters by which a request handler is known, wherever it is handed to."""
    return tuple(
        (entry.requests, entry.responses)
        for entry in _all("HANDLERS")
        if isinstance(entry, Handler) and entry.tables is tables
    )
