"""What the tracking issue says: which fixes are open, wait, need a person or were refused, and how it goes. Pure."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from bot.config import CONFIG_PATH
from bot.config.budgets import Metric
from bot.decisions.bodies import BODY_LIMIT, assembled
from bot.decisions.budget_table import amount
from bot.decisions.budgets import Unit
from bot.decisions.fix_groups import MAX_CHANGED_LINES, group_of
from bot.decisions.fixing_new import Why
from bot.decisions.fixing_state import Purpose, Standing, may_write_fixes
from bot.decisions.markers import marker
from bot.decisions.relevant import brought_by_change
from bot.reports.inert import markdown_code, markdown_prose, markdown_text
from bot.reports.markdown_finding import MAX_PROSE, Material, place
from bot.reports.wording import count, counts_by_severity, series, shorten
from fixers.findings import FixKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.decisions.fix_groups import FixGroup
    from bot.decisions.fixing_state import FixRecord
    from bot.decisions.tracking_issue import ScanPoint, TrackingState
    from fixers.findings import Finding

KEY: Final = "tracking"
"""The marker of the issue, by which it is found again."""
BOX: Final = "open"
"""The marker of a box; its value are the fingerprints of what is to be fixed."""
MAX_LISTED: Final = 20
MAX_PLACES: Final = 3
MAX_REASON: Final = 200
MAX_POINTS: Final = 10
MAX_METRICS: Final = 4
_BYTES: Final = frozenset({Metric.HEAP, Metric.RSS})

WHY_WORDS: Final = {
    Why.LARGE: f"More than {MAX_CHANGED_LINES} changed lines, so only when somebody asks",
    Why.DEMOTED: "Fixes of the rule were refused too often, so only when somebody asks",
    Why.BACK: "Fixed before and back, so only when somebody asks",
    Why.LAPSED: "Its pull request was closed by a bot, so only when somebody asks",
    Why.HOUR: "Opened later, one after the other",
    Why.LIMIT: "Opened later, when fewer are open",
}
"""What waits for a person first."""


def tracking_body(state: TrackingState) -> str:
    """The issue's text; without links where they would be too much."""
    linked = Material(blob_url=f"{state.html_url}/blob/{state.judged.head}" if state.html_url else "")
    parts = _parts(state, linked)
    if sum(len(part) + 2 for part in parts) > BODY_LIMIT:
        parts = _parts(state, Material())
    return assembled(parts)


def is_telling(state: TrackingState) -> bool:
    """Whether there is anything that an issue would be worth."""
    return bool(state.waiting or _findings(state) or any(record.purpose is Purpose.FIX for record in state.records))


def _parts(state: TrackingState, material: Material) -> tuple[str, ...]:
    records = [record for record in state.records if record.purpose is Purpose.FIX]
    return (
        marker("key", KEY),
        _summary(state),
        _open(records),
        _waiting(state, material),
        _safe(state, material),
        _suggested(state, material),
        _refused(records),
        _silenced(state, material),
        _outcomes(state),
        _trend(state),
        _small_print(state),
    )


def _findings(state: TrackingState) -> list[Finding]:
    return brought_by_change(state.judged.report, confidence=state.judged.config.scan.confidence)


def _summary(state: TrackingState) -> str:
    found = f"The default branch has **{counts_by_severity(_findings(state))}**."
    return " ".join(filter(None, (found, _why_off(state))))


def _why_off(state: TrackingState) -> str:
    """Why no pull request with fixes is opened at all; empty where they are."""
    if state.judged.faults:
        return f"{markdown_code(CONFIG_PATH)} has faults, so no pull request with fixes is opened."
    if not may_write_fixes(state.permissions):
        return "This App may not write, so it opens no pull requests with fixes."
    if not state.judged.config.fix.enabled:
        return "Pull requests with fixes are off: `fix.enabled` is false."
    if not state.judged.is_configured:
        return f"No pull request with fixes is opened before {markdown_code(CONFIG_PATH)} is there."
    return ""


def _section(title: str, lines: Iterable[str], note: str = "", *, most: int = MAX_LISTED, more: str = "") -> str:
    """A heading and a list, cut to what somebody reads; empty without lines."""
    listed = list(lines)
    if not listed:
        return ""
    shown = listed[:most]
    if len(listed) > most:
        shown.append(f"- and {len(listed) - most:,} more{more}")
    return "\n\n".join(filter(None, (f"### {title}", note, "\n".join(shown))))


def _open(records: Iterable[FixRecord]) -> str:
    lines = [
        f"- {_pull(record)}: {_of(record)}{' · somebody works on it' if record.standing is Standing.LEFT else ''}"
        for record in records
        if record.standing in {Standing.OPEN, Standing.LEFT}
    ]
    return _section("Open", lines)


def _refused(records: Iterable[FixRecord]) -> str:
    lines = [f"- {_pull(record)}: {_of(record)}" for record in records if record.standing is Standing.REFUSED]
    return _section(
        "Refused", lines[::-1], "These leaks are not proposed again; reopening a pull request takes that back."
    )


def _pull(record: FixRecord) -> str:
    return f"#{record.number}" if record.number is not None else "being opened"


def _of(record: FixRecord) -> str:
    where = f" in {markdown_code(record.package)}" if record.package else ""
    return f"{markdown_code(record.rule)}{where}, {count(len(record.fingerprints), 'leak')}"


def _waiting(state: TrackingState, material: Material) -> str:
    """A box for each group, by what it waits for; ticked, where somebody has asked for it."""
    if not state.waiting:
        return ""
    note = "Tick a box to have its pull request opened now. It counts for those who may write here."
    order = list(WHY_WORDS)
    ordered = sorted(state.waiting, key=lambda item: order.index(item.why))[:MAX_LISTED]
    parts = [
        f"{WHY_WORDS[why]}:\n\n" + "\n".join(_box(item.group, state.asked, material) for item in items)
        for why, items in groupby(ordered, key=lambda item: item.why)
    ]
    left_out = len(state.waiting) - len(ordered)
    if left_out:
        parts.append(f"{count(left_out, 'more fix waits', 'more fixes wait')}.")
    return "\n\n".join(("### Waiting", note, *parts))


def _box(group: FixGroup, asked: frozenset[str], material: Material) -> str:
    fingerprints = dict.fromkeys(finding.fingerprint for finding in group.findings)
    tick = " " if asked.isdisjoint(fingerprints) else "x"
    box = f"- [{tick}] {marker(BOX, '_'.join(fingerprints))}"
    return f"{box}{markdown_code(group.rule)}: {_places(group.findings, material)}"


def _places(findings: Sequence[Finding], material: Material) -> str:
    places = [place(finding, material) for finding in findings[:MAX_PLACES]]
    if len(findings) > MAX_PLACES:
        places.append(f"{len(findings) - MAX_PLACES:,} more")
    return series(places)


def _safe(state: TrackingState, material: Material) -> str:
    """What could be fixed where no pull request is opened."""
    if not _why_off(state):
        return ""
    groups = (group_of(state.judged, written) for written in state.judged.groups)
    lines = [f"- {markdown_code(group.rule)}: {_places(group.findings, material)}" for group in groups]
    return _section("With a safe fix", lines, "`stanch fix` writes them.")


def _suggested(state: TrackingState, material: Material) -> str:
    lines = [
        f"- {place(finding, material)}: {_prose(finding.message)}. {_prose(finding.fix.summary)}?"
        for finding in _findings(state)
        if finding.fix.kind is FixKind.SUGGESTED
    ]
    note = "A fix is known, and whether it is right is for somebody to judge. `stanch fix --suggested` writes them."
    return _section("To be judged", lines, note)


def _silenced(state: TrackingState, material: Material) -> str:
    confidence = state.judged.config.scan.confidence
    lines = [
        f"- {place(finding, material)}, {markdown_code(finding.rule)}: "
        f"{markdown_text(shorten(finding.suppressed.reason, MAX_REASON))}"
        for finding in state.judged.report.findings
        if finding.suppressed is not None and finding.confidence.rank <= confidence.rank
    ]
    return _section("Silenced", lines)


def _outcomes(state: TrackingState) -> str:
    rows = [
        f"| {markdown_code(rule)} | {outcome.merged:,} | {outcome.refused:,} | {outcome.ignored:,} "
        f"| {'on request only' if outcome.is_demoted else ''} |"
        for rule, outcome in sorted(state.outcomes.items())
    ]
    if not rows:
        return ""
    header = "| rule | merged | refused | ignored | |\n| --- | ---: | ---: | ---: | --- |"
    return "\n\n".join(("### What became of them", "\n".join((header, *rows[:MAX_LISTED]))))


def _trend(state: TrackingState) -> str:
    """The last scans, as text: a mail shows it as well as a browser."""
    points = state.points[-MAX_POINTS:]
    if len(points) < 2:
        return ""
    metrics = list(dict.fromkeys(metric for point in reversed(points) for metric in sorted(point.budgets)))[
        :MAX_METRICS
    ]
    names = [f"{metric.partition(' ')[0]} {markdown_code(metric.partition(' ')[2])}" for metric in metrics]
    header = " | ".join(("| scan", "commit", "findings", *names)) + " |"
    rule = "| --- | --- | ---: |" + " ---: |" * len(metrics)
    table = "\n".join((header, rule, *(_point(point, metrics) for point in points)))
    return f"<details>\n<summary>The last {len(points)} scans</summary>\n\n{table}\n\n</details>"


def _point(point: ScanPoint, metrics: Sequence[str]) -> str:
    held = [amount(point.budgets.get(metric), _unit(metric)) for metric in metrics]
    return f"| {' | '.join((point.day.isoformat(), markdown_code(point.commit[:7]), f'{point.findings:,}', *held))} |"


def _unit(metric: str) -> Unit:
    return Unit.BYTES if metric.partition(" ")[0] in _BYTES else Unit.COUNT


def _small_print(state: TrackingState) -> str:
    lines = (
        "Stanch keeps this issue up to date. Close it to have none: it is never reopened by Stanch.",
        f"Commit {markdown_code(state.judged.head[:7])}",
    )
    return f"<sub>{'<br>'.join(lines)}</sub>"


def _prose(text: str) -> str:
    return markdown_prose(shorten(text, MAX_PROSE).removesuffix("."))
