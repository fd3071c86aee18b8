"""Handles in a local variable: `with`, `with closing(...)`, or `try`/`finally`, from the acquisition to the last use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixers.findings import Verdict
from fixers.fixes.python.changes import Draft, Guarded, Hold, Insert, Insertions, nothing
from fixers.fixes.python.layout import awaits, is_of_the_script
from fixers.fixes.python.managers import manager_of
from fixers.fixes.python.regions import Region, Regions, Unsuitable
from fixers.fixes.python.releasing import release_of, written
from fixers.fixes.python.uses import Escape, Uses, uses_of

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
    escapes = _escapes(uses, region)
    gone = next((escape for escape in escapes if escape.is_handle and escape.is_kept), None)
    if gone is not None:
        return nothing(f"{gone.how}, which needs it open.")
    doubt = _doubt(leak, site, escapes)
    manager = manager_of(leak, judge)
    assert site.name is not None
    if manager is None or not site.plainly:
        return Draft(
            f"release the {leak.resource.noun} in `finally`",
            Guarded(site.path, region.first, region.last, written(leak.resource, site.name), region.dropped),
            doubt,
        )
    held = Hold(
        site.path,
        site.layout.text(site.expression),
        site.name,
        region.last,
        region.dropped,
        manager.wrapper,
        manager.is_async,
    )
    return Draft(f"hold the {leak.resource.noun} in {manager.described}", held, doubt)


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


def _escapes(uses: Uses, region: Region) -> list[Escape]:
    """The ways out of sight that the end of the block would come before, while the original still had the handle open."""
    if not region.is_folded:
        return uses.escapes
    return [
        escape for escape in uses.escapes if region.span.contains(escape.span) and (region.jumps or escape.is_handle)
    ]


def _doubt(leak: Leak, site: Site, escapes: list[Escape]) -> str | None:
    if escapes:
        return f"{escapes[0].how}; it may be needed after the block."
    if (
        leak.function == 0
        and leak.verdict is Verdict.NEVER_RELEASED
        and not is_of_the_script(site.statement, site.layout)
    ):
        return "Other modules may use it from here."
    return None


def _released_at_once(leak: Leak, site: Site, region: Region) -> Draft:
    if region.is_folded or site.name is None:
        return nothing("It is released right after it is acquired.")
    release = written(leak.resource, site.name)
    insert = Insert(site.path, site.number + 1, release)
    return Draft(f"release the {leak.resource.noun}, which nothing uses", Insertions((insert,)))
