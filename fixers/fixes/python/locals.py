"""Handles in a local variable: `with`, `with closing(...)`, or `try`/`finally`, from the acquisition to the last use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixers.findings import Verdict
from fixers.fixes.python.changes import Draft, Guarded, Hold, Insert, nothing
from fixers.fixes.python.layout import awaits
from fixers.fixes.python.managers import manager_of
from fixers.fixes.python.regions import Region, Regions, Unsuitable
from fixers.fixes.python.releasing import release_of, written
from fixers.fixes.python.uses import Uses, uses_of

if TYPE_CHECKING:
    from fixers.fixes.python.sites import Site
    from fixers.leaks import Leak
    from fixers.lifetimes import Judge


def draft(leak: Leak, judge: Judge, site: Site) -> Draft:
    """How a handle in a local variable is released on every way out."""
    obstacle = _obstacle(leak, judge, site)
    if obstacle is not None:
        return nothing(obstacle)
    uses = uses_of(leak, judge)
    try:
        region = Regions(leak, judge, site, uses).find()
    except Unsuitable as reason:
        return nothing(f"{reason}.")
    if region.is_empty:
        return _released_at_once(leak, site, region)
    leaving = [how for span, how in _escapes(uses, region)]
    if any(_goes_with_the_handle(how) for how in leaving):
        return nothing(f"{leaving[0][0].upper()}{leaving[0][1:]}, which needs it open.")
    return _block(leak, judge, site, region, _doubt(leak, site, leaving))


def _obstacle(leak: Leak, judge: Judge, site: Site) -> str | None:
    release = release_of(leak.resource)
    function = judge.facts.functions[leak.function]
    if release is None:
        return "it is not released by a method of its own."
    if release.awaited and not function.is_async:
        return "the release must be awaited, and this function is not async."
    if awaits(site.call) and not release.awaited:
        return "it is acquired with `await` and released without."
    if site.name is None:
        return "the statement does more than to give it a name."
    if not site.alone:
        return "the statement shares its line with another."
    return None


def _escapes(uses: Uses, region: Region) -> list[tuple[object, str]]:
    """The ways out of sight that the block's end would come before."""
    if region.is_folded and not region.jumps:
        return [(span, how) for span, how in uses.escapes if region.span.contains(span) and how.startswith("the ")]
    if region.is_folded:
        return [(span, how) for span, how in uses.escapes if region.span.contains(span)]
    return list(uses.escapes)


def _goes_with_the_handle(how: str) -> bool:
    return how.startswith("the ") and " is given to " not in how


def _doubt(leak: Leak, site: Site, leaving: list[str]) -> str | None:
    if leaving:
        return f"{leaving[0][0].upper()}{leaving[0][1:]}; it may need the {leak.resource.noun} after the block."
    if leak.function == 0 and leak.verdict is Verdict.NEVER_RELEASED and not site.statement.parent_is_main:
        return "Other modules may import it from here."
    return None
