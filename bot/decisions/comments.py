"""The one comment on a pull request: what it leaks, in ten seconds; None when there is nothing to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.decisions.markers import marker
from bot.decisions.relevant import brought_by_change, suppressed_by_change
from bot.reports.inert import markdown_code, markdown_text
from bot.reports.markdown import inputs_line
from bot.reports.markdown_finding import Material, finding_markdown, place, shown_path
from bot.reports.wording import (
    CUT_SHORT_CODES,
    count,
    counts_by_severity,
    gravest_first,
    series,
    shorten,
    unseen,
    with_safe_fix,
)
from fixers.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.reports.report import Report
    from fixers.findings import Finding

# GitHub refuses a body above 65,536 characters; what it adds when it stores one is not documented, hence the room.
COMMENT_LIMIT = 60_000
MAX_OPEN = 3
MAX_LISTED = 50
MAX_PLACES = 3
MAX_SUPPRESSIONS = 10
MAX_REASON = 200
# The tags of two folds and the sentence on what is left out.
ROOM_FOR_FOLDS = 600


def review_comment(
    report: Report,
    *,
    key: str = "review",
    material: Material | None = None,
    published: bool = False,
    listed: int = MAX_LISTED,
) -> str | None:
    """The body of the comment; None when nobody needs to read one.

    Leaks and unclean shutdowns that the change brings, and suppressions that it adds, are worth a comment; leaks in
    tests, resolved leaks and unread files are told only in a comment that is there for another reason.

    Args:
        report: the report of the pull request.
        key: tells the comments of several configurations of one repository apart.
        material: code, diffs and links to show.
        published: there is such a comment already, so that it has to say that all is well now.
        listed: how many findings are shown in full; the rest are counted.

    Raises:
        ValueError: the key holds what a marker may not (see `marker`).
    """
    material = material or Material()
    brought = gravest_first(brought_by_change(report))
    grave = [finding for finding in brought if finding.severity is not Severity.ADVICE]
    advice = [finding for finding in brought if finding.severity is Severity.ADVICE]
    suppressed = suppressed_by_change(report)
    if not (grave or suppressed or published):
        return None
    before = [marker("key", key), f"### {_title(grave, suppressed)}", _invitation(brought)]
    after = [
        _suppressions(suppressed, material),
        _thanks(report.resolved, material),
        _unseen(report),
        _footer(report, brought),
    ]
    room = COMMENT_LIMIT - sum(len(part) + 2 for part in (*before, *after))
    return "\n\n".join(filter(None, (*before, *_findings((grave, advice), material, room, listed), *after))) + "\n"


def _title(grave: Sequence[Finding], suppressed: Sequence[Finding]) -> str:
    if not grave and suppressed:
        return f"This pull request silences {count(len(suppressed), 'leak')} and introduces no other"
    if not grave:
        return "No leaks: what was reported here is gone"
    fixable = with_safe_fix(grave)
    if fixable == len(grave):
        fixes = "it has a safe fix" if fixable == 1 else "all have a safe fix"
    elif fixable:
        fixes = f"{fixable} {'has' if fixable == 1 else 'have'} a safe fix"
    else:
        fixes = "no safe fix is known"
    return f"This pull request introduces {counts_by_severity(grave)}; {fixes}"


def _invitation(brought: Sequence[Finding]) -> str:
    fixable = with_safe_fix(brought)
    if not fixable:
        return ""
    fixes = "the safe fix" if fixable == 1 else f"the {fixable} safe fixes"
    return f"Comment `/perf-scan fix` to get {fixes} as a pull request."


def _findings(
    findings: tuple[Sequence[Finding], Sequence[Finding]], material: Material, room: int, most: int
) -> list[str]:
    """As many findings as fit, the first few open, the others folded, and a sentence on those left out."""
    blocks: list[str] = []
    grave, advice = findings
    shown = (*grave, *advice)[:most]
    room -= ROOM_FOR_FOLDS
    for number, finding in enumerate(shown, start=1):
        block = finding_markdown(finding, material, number=number if len(shown) > 1 else None)
        room -= len(block) + 2
        if room < 0:
            break
        blocks.append(block)
    opened = min(MAX_OPEN, len(grave))
    more, tests = blocks[opened : len(grave)], blocks[len(grave) :]
    left_out = len(grave) + len(advice) - len(blocks)
    return [
        *blocks[:opened],
        _folded(f"And {counts_by_severity(grave[opened : len(blocks)])}", more),
        _folded(counts_by_severity(advice[: len(tests)]).capitalize(), tests),
        f"{count(left_out, 'more finding is', 'more findings are')} not shown here; `stanch review` lists them all."
        if left_out
        else "",
    ]


def _folded(summary: str, blocks: Sequence[str]) -> str:
    if not blocks:
        return ""
    return "\n\n".join((f"<details>\n<summary>{summary}</summary>", *blocks, "</details>"))


def _suppressions(suppressed: Sequence[Finding], material: Material) -> str:
    if not suppressed:
        return ""
    lines = ["**Silenced in this pull request**, for the reviewer to agree with:"]
    for finding in suppressed[:MAX_SUPPRESSIONS]:
        reason = markdown_text(shorten(finding.suppressed.reason, MAX_REASON)) if finding.suppressed else ""
        lines.append(f"- {place(finding, material)}, {markdown_code(finding.rule)}: {reason}")
    if len(suppressed) > MAX_SUPPRESSIONS:
        lines.append(f"- and {len(suppressed) - MAX_SUPPRESSIONS} more")
    return "\n".join((lines[0], "", *lines[1:]))


def _thanks(resolved: Sequence[Finding], material: Material) -> str:
    if not resolved:
        return ""
    places = [place(finding, material) for finding in resolved[:MAX_PLACES]]
    if len(resolved) > MAX_PLACES:
        places.append(f"{len(resolved) - MAX_PLACES} more")
    return f"Thank you: this change also ends {count(len(resolved), 'old leak')} ({series(places)})."


def _unseen(report: Report) -> str:
    if report.complete:
        return ""
    files = unseen(report.skipped)
    shown = [f"{shown_path(entry.path)} ({entry.code})" for entry in files[:MAX_PLACES]]
    if len(files) > MAX_PLACES:
        shown.append(f"{len(files) - MAX_PLACES} more")
    cut = any(entry.code in CUT_SHORT_CODES for entry in files)
    why = "The scan was cut short" if cut else "Not everything could be read"
    return (
        f"{why}, so leaks may be missing here: {series(shown)}." if shown else f"{why}, so leaks may be missing here."
    )


def _footer(report: Report, brought: Sequence[Finding]) -> str:
    commands = (
        "`/perf-scan explain ID` tells more · `/perf-scan ignore ID reason` silences a finding" if brought else ""
    )
    return f"<sub>{'<br>'.join(filter(None, (commands, inputs_line(report))))}</sub>"
