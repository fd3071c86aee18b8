"""The default branch, decided: each scan of it ends in a check run on its commit. Pure.

Leaks that are merged are nobody's pull request, so this check never fails; it counts, and says what became of them.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from bot.decisions.actions import UploadSarif
from bot.decisions.bodies import assembled
from bot.decisions.budget_table import budgets_markdown
from bot.decisions.budgets import failing
from bot.decisions.check_runs import finished, given_up, may_write_checks, started
from bot.decisions.checks import (
    RESCAN,
    SUMMARY_LIMIT,
    TITLE_LIMIT,
    CheckRun,
    Output,
)
from bot.decisions.configuration import faults_note
from bot.decisions.fixing_state import may_write_fixes
from bot.decisions.pull_request import fault_check, small_print, superseded_check
from bot.decisions.relevant import brought_by_change
from bot.decisions.state import EarlierScan, Fault
from bot.reports.inert import markdown_code
from bot.reports.markdown import MIN_LIMIT, report_markdown
from bot.reports.markdown_finding import Material
from bot.reports.wording import CUT_SHORT_CODES, count, counts_by_severity, shorten, with_safe_fix
from fixers.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bot.decisions.actions import Action
    from bot.decisions.state import DefaultBranchState
    from bot.judged import Judged
    from fixers.findings import Finding

NAME: Final = "stanch repository"
"""Another name than on pull requests: a fast-forward merge has both on one commit."""
MAX_TREND: Final = 10
MAX_RULES: Final = 15
ROOM_FOR_SMALL_PRINT: Final = 1_000


def decide_default_branch(state: DefaultBranchState) -> tuple[Action, ...]:
    """What is to be written now. Call it when a scan begins (`judged` is None), and again with what it gave."""
    if state.judged is None:
        return started(state, NAME)
    if isinstance(state.judged, Fault):
        return finished(state, fault_check(state.judged, NAME, venue=state.venue))
    return (*_sarif(state, state.judged), *finished(state, _check(state, state.judged)))


def decide_superseded(state: DefaultBranchState, newest: str) -> tuple[Action, ...]:
    """The end of a check run that was begun on a commit which is not the newest any more."""
    return given_up(state, superseded_check(newest, NAME))


def may_tell(permissions: Mapping[str, str]) -> bool:
    """Whether the installation lets us write anything about the default branch."""
    return may_write_checks(permissions) or _may_upload(permissions)


def counted(judged: Judged) -> dict[str, int]:
    """The findings of a scan by rule, at the confidence in force: what `EarlierScan.by_rule` remembers of it."""
    return dict(sorted(Counter(finding.rule for finding in _findings(judged)).items()))


def _findings(judged: Judged) -> list[Finding]:
    return brought_by_change(judged.report, confidence=judged.config.scan.confidence)


def _sarif(state: DefaultBranchState, judged: Judged) -> Iterator[UploadSarif]:
    if _may_upload(state.permissions):
        yield UploadSarif(f"sarif/{state.head}", state.head, f"refs/heads/{state.branch}", judged.sarif)


def _may_upload(permissions: Mapping[str, str]) -> bool:
    return permissions.get("security_events") == "write"


def _check(state: DefaultBranchState, judged: Judged) -> CheckRun:
    findings = _findings(judged)
    failed = failing(state.budgets, judged.config)
    cut_short = any(entry.code in CUT_SHORT_CODES for entry in judged.report.skipped)
    grave = any(finding.severity is not Severity.ADVICE for finding in findings)
    first = [
        faults_note(judged.faults, markdown_code(state.branch), judged.config_path),
        _difference(counted(judged), state.earlier) if state.venue.remembers else "",
        _would_be_fixed(findings, judged, state.permissions),
        budgets_markdown(state.budgets, judged.config),
        _trend(len(findings), state),
    ]
    before = assembled(first, SUMMARY_LIMIT - MIN_LIMIT - ROOM_FOR_SMALL_PRINT)
    after = "\n".join(small_print(state.confinement))
    blob_url = f"{state.html_url}/blob/{state.head}" if state.html_url else ""
    rest = report_markdown(
        judged.report,
        material=Material(read_line=judged.read_line, diffs=judged.fixes, blob_url=blob_url),
        confidence=judged.config.scan.confidence,
        limit=SUMMARY_LIMIT - len(before) - len(after) - 2,
    )
    summary = "\n".join(filter(None, (before, rest, after)))
    doubtful = grave or failed or cut_short or judged.faults
    return CheckRun(
        name=NAME,
        conclusion="neutral" if doubtful else "success",
        output=Output(title=_title(findings, state, cut_short), summary=summary, annotations=()),
        actions=(RESCAN,),
    )


def _title(findings: Sequence[Finding], state: DefaultBranchState, cut_short: bool) -> str:
    parts = [counts_by_severity(findings).capitalize()]
    if state.earlier:
        change = len(findings) - sum(state.earlier[0].by_rule.values())
        parts.append(f"{change:+,} since the last scan" if change else "as many as in the last scan")
    fixable = with_safe_fix(findings)
    if fixable:
        parts.append(f"{fixable:,} with a safe fix")
    if cut_short:
        parts.append("the scan was cut short")
    return shorten(", ".join(parts), TITLE_LIMIT)


def _difference(now: Mapping[str, int], earlier: Sequence[EarlierScan]) -> str:
    if not earlier:
        return "This is the first scan of this branch."
    last = earlier[0]
    since = f"Since {markdown_code(last.commit[:7])} of {last.day.isoformat()}"
    rules = [rule for rule in sorted({*now, *last.by_rule}) if now.get(rule, 0) != last.by_rule.get(rule, 0)]
    if not rules:
        return f"{since} nothing has changed."
    rows = [_row(rule, last.by_rule.get(rule, 0), now.get(rule, 0)) for rule in rules[:MAX_RULES]]
    if len(rules) > MAX_RULES:
        rows.append(f"| and {count(len(rules) - MAX_RULES, 'more rule')} | | | |")
    total = _row("all", sum(last.by_rule.values()), sum(now.values()))
    header = "| findings | then | now | change |\n| --- | ---: | ---: | ---: |"
    return "\n".join((f"{since}:\n", header, *rows, total))


def _row(name: str, then: int, now: int) -> str:
    shown = f"**{name}**" if name == "all" else markdown_code(name)
    return f"| {shown} | {then:,} | {now:,} | {now - then:+,} |"


def _would_be_fixed(findings: Iterable[Finding], judged: Judged, permissions: Mapping[str, str]) -> str:
    config = judged.config.fix
    offered = Counter(
        finding.rule for finding in findings if finding.id in judged.diffs and finding.family in config.families
    )
    if not offered:
        return "There is no safe fix for what is left." if any(True for _ in findings) else ""
    rules = ", ".join(f"{number:,} {markdown_code(rule)}" for rule, number in offered.most_common(MAX_RULES))
    return f"**Safe fixes** are known for {count(offered.total(), 'finding')}: {rules}.{_why_off(judged, permissions)}"


def _why_off(judged: Judged, permissions: Mapping[str, str]) -> str:
    if not judged.config.fix.enabled:
        return " Fixing is off in the configuration."
    if not may_write_fixes(permissions):
        return " Stanch opens no pull requests with them, because it was not granted `contents: write` here."
    return ""


def _trend(now: int, state: DefaultBranchState) -> str:
    """The last scans as text, which a mail shows as well as a browser."""
    if len(state.earlier) < 2:
        return ""
    points = reversed(state.earlier[: MAX_TREND - 1])
    rows = [f"| {scan.day.isoformat()} | {markdown_code(scan.commit[:7])} | {_total(scan):,} |" for scan in points]
    rows.append(f"| now | {markdown_code(state.head[:7])} | {now:,} |")
    table = "\n".join(("| scan | commit | findings |", "| --- | --- | ---: |", *rows))
    return f"<details>\n<summary>The last {len(rows)} scans</summary>\n\n{table}\n\n</details>"


def _total(scan: EarlierScan) -> int:
    return sum(scan.by_rule.values())
