"""Where what grows is created, and the static finding there. Pure.

A witness has counted live objects by the place of their creation. A place and a finding belong together within `NEAR`
lines of the same file: runtimes name the line of the call, the engine that of the whole expression.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

import msgspec

from bot.budgets.limits import in_force
from bot.budgets.meters.model import Series
from bot.budgets.verdicts import shown_detail
from bot.config.budgets import Metric
from bot.decisions.budgets import MAX_GROWN, Grown, Site, State
from fixers.findings import Family, Witness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from bot.budgets.meters.model import Place
    from bot.budgets.records import Arm
    from bot.config.budgets import Allowance, Budget
    from bot.decisions.budgets import Result
    from fixers.findings import Finding

NEAR: Final = 2
_SHARE: Final = 0.05
"""A place that makes less of the growth than this is not told."""
_ANY: Final = frozenset(Family)
_FAMILIES: Final[Mapping[Metric, frozenset[Family]]] = {
    Metric.TIMERS: frozenset({Family.TIMER}),
    Metric.LISTENERS: frozenset({Family.LISTENER, Family.SUBSCRIPTION, Family.OBSERVER}),
    Metric.COLLECTIONS: frozenset({Family.GROWTH}),
    Metric.TASKS: frozenset({Family.TASK}),
    Metric.CHILDREN: frozenset({Family.PROCESS}),
    Metric.THREADS: frozenset({Family.THREAD, Family.TIMER, Family.HTTP, Family.DATABASE}),
    Metric.WORKERS: frozenset({Family.THREAD}),
}
"""The families whose leaks a metric shows; those of the others may all be files, sockets and memory."""


def located(results: Sequence[Result], witness: Arm, root: str) -> list[Result]:
    """The results with the places where what grows is created, as far as the witness knows them.

    Args:
        results: what is said of each metric.
        witness: a run with places.
        root: the folder of the revision, absolute; places outside of it are somebody else's code.
    """
    return [_located(result, witness, root) for result in results]


def without_accepted(
    results: Sequence[Result],
    budget: Budget,
    today: date,
    to_head: Callable[[str, int], tuple[str, int] | None] = lambda path, line: (path, line),
) -> list[Result]:
    """The results without growth whose place is accepted; a metric of which nothing is left to grow is kept.

    Args:
        results: with places.
        budget: what is accepted.
        today: what the ends of acceptances are held against.
        to_head: the path and line of the head for those of the configuration's revision; None where they are gone.
    """
    accepted = [entry for entry in in_force(budget, today) if entry.site is not None]
    return [_without(result, accepted, to_head) for result in results]


def confirmed(results: Sequence[Result], findings: Iterable[Finding]) -> tuple[list[Result], dict[str, Witness]]:
    """The results with the findings that they confirm, and what was measured of each of those findings, by id.

    Args:
        results: with places.
        findings: of the revision that was measured.
    """
    by_path: dict[str, list[Finding]] = {}
    for known in findings:
        by_path.setdefault(known.path, []).append(known)
    witnesses: dict[str, Witness] = {}
    joined = []
    for result in results:
        grown = []
        for one in result.grown:
            finding = _finding_at(one.site, result.metric, by_path)
            if finding is not None and (finding.id not in witnesses or _tells_more(result.metric)):
                rate = f"+{one.rate:.3g} {shown_metric(result.metric)} per iteration"
                witnesses[finding.id] = Witness(profile=result.profile, rate=rate, exact=one.whole)
            grown.append(one if finding is None else msgspec.structs.replace(one, finding=finding.id))
        joined.append(msgspec.structs.replace(result, grown=tuple(grown)))
    return joined, witnesses


def not_exercised(findings: Iterable[Finding], witnesses: Mapping[str, Witness]) -> list[Finding]:
    """The findings that no growth confirms: the workload does not reach them, or not often enough."""
    return [finding for finding in findings if finding.id not in witnesses and finding.suppressed is None]


def shown_metric(metric: Metric) -> str:
    """A metric in a sentence."""
    return metric.value.replace("-", " ")


def _tells_more(metric: Metric) -> bool:
    """Whether a metric says what it is that leaks, and not only that descriptors or bytes do."""
    return metric in _FAMILIES


def _located(result: Result, witness: Arm, root: str) -> Result:
    iterations = witness.iterations()
    if not result.grown or not iterations:
        return result
    names = {shown_detail(series.detail): series for series in witness.sites if series.metric is result.metric}
    grown: list[Grown] = []
    for one in result.grown:
        places = witness.sites.get(names.get(one.detail, Series(result.metric)), {})
        grown += _by_place(one, places, iterations, root) or [one]
    site = next((one.site for one in grown if one.site is not None), None)
    return msgspec.structs.replace(result, grown=tuple(grown[:MAX_GROWN]), site=site)


def _by_place(one: Grown, places: Mapping[Place, float], iterations: int, root: str) -> list[Grown]:
    """Growth split by where it comes from, the most first."""
    inner = {place: number for place, number in places.items() if number > 0 and _relative(place.path, root)}
    most = sum(inner.values())
    telling = sorted((-number, place) for place, number in inner.items() if number >= _SHARE * most)
    found = []
    for number, place in telling:
        path = _relative(place.path, root)
        speed = -number / iterations
        site = Site(path=path or "", line=place.line, column=place.column)
        whole = speed == int(speed)
        # Of a single place, the rate of all runs of the count is better known than that of one witness.
        alone = len(telling) == 1
        found.append(
            Grown(detail=one.detail, rate=one.rate if alone else speed, whole=one.whole if alone else whole, site=site)
        )
    return found


def _relative(path: str, root: str) -> str | None:
    """A path of the revision; None for one outside of it, or of a dependency."""
    try:
        inner = PurePosixPath(path).relative_to(root)
    except ValueError:
        return None
    text = str(inner)
    if {"node_modules", "site-packages"} & set(inner.parts) or shown_detail(text) != text:
        return None
    return text


def _without(
    result: Result, accepted: Sequence[Allowance], to_head: Callable[[str, int], tuple[str, int] | None]
) -> Result:
    if not result.grown:
        return result
    mine = [entry for entry in accepted if entry.metric is result.metric]
    left = tuple(one for one in result.grown if not any(_covers(entry, one.site, to_head) for entry in mine))
    if left == result.grown:
        return result
    if left:
        return msgspec.structs.replace(result, grown=left, site=left[0].site)
    return msgspec.structs.replace(result, grown=(), site=None, state=State.PASS, rate=None, base_rate=None)


def _covers(entry: Allowance, site: Site | None, to_head: Callable[[str, int], tuple[str, int] | None]) -> bool:
    if site is None or entry.site is None:
        return False
    path, _, number = entry.site.rpartition(":")
    if not path or not number.isdecimal():
        moved = to_head(entry.site, 1)
        return site.path in {entry.site, moved[0] if moved else entry.site}
    there = to_head(path, int(number))
    return there is not None and there[0] == site.path and abs(there[1] - site.line) <= NEAR


def _finding_at(site: Site | None, metric: Metric, by_path: Mapping[str, Sequence[Finding]]) -> Finding | None:
    """The nearest finding of a family whose leaks the metric shows."""
    if site is None:
        return None
    families = _FAMILIES.get(metric, _ANY)
    near = [
        (distance, finding.start_byte, finding)
        for finding in by_path.get(site.path, ())
        if finding.family in families and (distance := _distance(finding, site.line)) <= NEAR
    ]
    return min(near, key=lambda item: item[:2])[2] if near else None


def _distance(finding: Finding, line: int) -> int:
    """How many lines lie between a place and an acquiring expression, which may have several itself."""
    return max(finding.line - line, line - finding.end_line, 0)
