"""Which context manager releases a resource, and nothing more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fixers.fixes.python.changes import Naming
from fixers.fixes.python.releasing import release_of
from fixers.resources.model import OnExit

if TYPE_CHECKING:
    from fixers.leaks import Leak
    from fixers.lifetimes import Judge


@dataclass(frozen=True)
class Manager:
    """`wrapper`: what has to be put around the acquisition, None where its own exit releases."""

    wrapper: Naming | None
    is_async: bool

    @property
    def described(self) -> str:
        """For the summary."""
        if self.wrapper is not None:
            return f"`with {self.wrapper.text}(...)`"
        return "an `async with` block" if self.is_async else "a `with` block"


def manager_of(leak: Leak, judge: Judge) -> Manager | None:
    """The context manager that ends exactly this resource, None where only `try` and `finally` do."""
    resource = leak.resource
    release = release_of(resource)
    if release is None:
        return None
    if resource.on_exit is OnExit.RELEASES:
        return Manager(None, release.awaited)
    if release.awaited or release.name != "close" or resource.on_exit is OnExit.UNSUPPORTED:
        return None
    naming = _closing(leak, judge)
    return None if naming is None else Manager(naming, is_async=False)


def _closing(leak: Leak, judge: Judge) -> Naming | None:
    """How `contextlib.closing` is named in the file."""
    facts = judge.facts
    for item in facts.imports:
        is_before = leak.function != 0 or item.span.end < leak.acquisition.span.start
        if item.binding.scope == 0 and is_before and (item.module, item.name) == ("contextlib", "closing"):
            return Naming(item.binding.root)
        if item.binding.scope == 0 and is_before and (item.module, item.name) == ("contextlib", "*"):
            return Naming(f"{item.binding.root}.closing")
    if any("closing" in function.locals for function in facts.functions):
        return None
    return Naming("closing", ("contextlib", "closing"))
