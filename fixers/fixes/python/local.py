"""Handles in a local variable: `with`, `with closing(...)`, or `try`/`finally`, from acquisition to last use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixers.findings import Verdict
from fixers.fixes.python.changes import Draft, Guarded, Hold, HoldNamed, Insert, Insertions, Tail, nothing
from fixers.fixes.python.layout import JUMPS, awaits, is_of_the_script, lines, suites
from fixers.fixes.python.managers import manager_of
from fixers.fixes.python.regions import Region, Regions, UnsuitableError
from fixers.fixes.python.releasing import release_of, verb_of, written
from fixers.fixes.python.sites import Site
from fixers.fixes.python.uses import Escape, Uses, releases_its_source, uses_of
from fixers.source import Span

if TYPE_CHECKING:
    from fixers.leaks import Leak
    from fixers.lifetimes import Judge


def draft(leak: Leak, judge: Judge, site: Site) -> Draft:
    """How a handle in a local variable is released on every way out."""
    obstacle = _obstacle(leak, judge, site)
    if obstacle is not None:
        return nothing(obstacle)
    assert site.name is not None
    uses = uses_of(leak, judge)
    late = _after_its_try(site)
    try:
        region = Regions(leak, judge, late or site, uses).find()
    except UnsuitableError as reason:
        return nothing(f"{reason}.")
    if region.is_empty:
        return _released_at_once(leak, late or site, region)
    escapes = _escapes(uses, region)
    gone = next((escape for escape in escapes if escape.is_handle and escape.is_kept), None)
    if gone is not None:
        return nothing(f"{gone.how}, which needs it open.")
    doubt = _doubt(leak, site, escapes)
    if leak.resource.release_waits and not region.is_folded:
        doubt = doubt or f"Leaving the block waits until the {leak.resource.noun} is done."
    if uses.lingers and not region.is_folded and site.statement.parent != site.layout.body_of(_span(leak, judge)):
        doubt = doubt or "It may have to stay open for longer."
    return _block(leak, judge, site, late, region, doubt)


def _span(leak: Leak, judge: Judge) -> Span:
    return judge.facts.functions[leak.function].span


def _block(leak: Leak, judge: Judge, site: Site, late: Site | None, region: Region, doubt: str | None) -> Draft:
    """The block around a region."""
    assert site.name is not None
    manager = manager_of(leak, judge)
    summary = f"hold the {leak.resource.noun} in {manager.described}" if manager is not None else ""
    if manager is None or (awaits(site.call) and not (late is None and site.plainly)):
        if region.tail is not Tail.KEPT:
            return nothing("It is released by a block that would have to begin earlier.")
        release = written(leak.resource, site.name)
        guarded = Guarded((late or site).path, region.first, region.last, release, region.dropped)
        return Draft(f"{verb_of(leak.resource)} the {leak.resource.noun} in `finally`", guarded, doubt)
    if late is None and site.plainly:
        text = site.layout.text(site.expression)
        held = Hold(
            site.path, text, site.name, region.last, region.dropped, region.tail, manager.wrapper, manager.is_async
        )
        return Draft(summary, held, doubt)
    named = HoldNamed(
        (late or site).path,
        region.first,
        region.last,
        site.name,
        region.dropped,
        region.tail,
        manager.wrapper,
        manager.is_async,
    )
    return Draft(summary, named, doubt)


def _after_its_try(site: Site) -> Site | None:
    """Where `try: name = acquire` with nothing but leaving handlers stands, after which the handle is open."""
    body = site.statement.parent
    holder = body.parent if body is not None else None
    if holder is None or holder.type != "try_statement" or body != suites(holder)[0] or holder.parent is None:
        return None
    clauses = [child for child in holder.named_children if child.type.endswith("_clause")]
    if site.number != len(site.suite) - 1 or any(clause.type != "except_clause" for clause in clauses):
        return None
    if not all(lines(suite)[-1][-1].type in JUMPS for suite in suites(holder)[1:]):
        return None
    span = Span(holder.start_byte, holder.end_byte)
    assert site.name is not None
    if len(site.layout.mentions(site.name, span)) != 1:
        return None
    return Site(site.layout, site.call, site.expression, holder, site.name, plainly=False)


def _obstacle(leak: Leak, judge: Judge, site: Site) -> str | None:
    release = release_of(leak.resource)
    function = judge.facts.functions[leak.function]
    if release is None or leak.resource.member:
        return "It is not released by a method of its own."
    if release.awaited and not function.is_async:
        return "The release must be awaited, and this function is not async."
    if awaits(site.call) and not release.awaited:
        return "It is acquired with `await` and released without."
    if releases_its_source(leak, judge):
        return "Its descriptor is closed apart from it."
    if site.name is None:
        return "The statement does more than to give it a name."
    if not site.alone:
        return "The statement shares its line with another."
    return None


def _escapes(uses: Uses, region: Region) -> list[Escape]:
    """The ways out of sight where the block would have ended the handle and the original has not."""
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
    return Draft(f"{verb_of(leak.resource)} the {leak.resource.noun}, which nothing uses", Insertions((insert,)))
