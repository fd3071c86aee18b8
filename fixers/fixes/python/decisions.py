"""Which kind of fix a leak needs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fixers.facts import THIS
from fixers.findings import Verdict
from fixers.fixes.python import handed_on, inline, local, overwritten, teardown
from fixers.fixes.python.changes import Draft, nothing
from fixers.fixes.python.layout import layout_of
from fixers.fixes.python.sites import site_of
from fixers.resources.model import Counts

if TYPE_CHECKING:
    from fixers.leaks import Leak
    from fixers.lifetimes import Judge
    from fixers.source import Source


def decide(leak: Leak, judge: Judge, source: Source) -> Draft:
    """The fix, or why there is none."""
    if leak.resource.counts is Counts.DROPPED:
        return nothing("Who should keep it, and until when, is for a person to say.")
    draft = _draft(leak, judge, source)
    if leak.resource.release_waits and draft.why is None:
        return replace(draft, why="It waits until what runs is done, which may take long.")
    return draft


def _draft(leak: Leak, judge: Judge, source: Source) -> Draft:
    obstacle = layout_of(source.data).obstacle(leak.acquisition.span)
    if obstacle is not None:
        return nothing(obstacle)
    site = site_of(leak, source)
    if site is None:
        return nothing("The acquiring call stands where nothing can be written.")
    if leak.handle is not None and leak.handle.scope == THIS:
        if leak.verdict is Verdict.FORGOTTEN_BY_TEARDOWN:
            return teardown.draft(leak, judge, site)
        if leak.verdict is Verdict.OVERWRITTEN_WHILE_OPEN:
            return overwritten.draft(leak, judge, site)
        return nothing("Who should release it, and when, is for a person to say.")
    if leak.handle is None:
        return inline.draft(leak, judge, site)
    if leak.verdict is Verdict.NOT_RELEASED_ON_ERROR and not leak.fate.released_normally:
        return handed_on.draft(leak, judge, site)
    return local.draft(leak, judge, site)
