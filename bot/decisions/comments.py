"""The one comment on a pull request: what it leaks, in ten seconds; None when there is nothing to say."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.decisions.bodies import BODY_LIMIT, assembled
from bot.decisions.markers import marker
from bot.decisions.relevant import brought_by_change, silenced_by_command, suppressed_by_change
from bot.decisions.venue import APP
from bot.reports.inert import markdown_code, markdown_prose, markdown_text
from bot.reports.markdown import inputs_line
from bot.reports.markdown_finding import HARD_BREAK, MAX_PROSE, Material, finding_markdown, fix_line, place, shown_path
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
    from collections.abc import Mapping, Sequence

    from bot.reports.report import Report
    from fixers.findings import Finding
    from fixers.source import Skipped

MAX_OPEN = 3
MAX_LISTED = 50
MAX_LISTED_OF_A_TREE = 10
"""Fewer where a whole tree counts as new: that is somebody's first look, and nobody's change."""
MAX_PLACES = 3
MAX_SUPPRESSIONS = 10
MAX_REASON = 200
# The tags of two folds and the sentence on what is left out.
ROOM_FOR_FOLDS = 600

_CLEAN = "**No leaks**: what was reported here is gone."


@dataclass(frozen=True)
class Around:
    """What the comment tells besides the report.

    Attributes:
        commit: that was judged.
        headlines: in a few words each, what else is worth a comment.
        sections: parts of Markdown for it; those that are no reason for a comment are told where there is one.
        who: the logins of those who accepted findings by command, by the finding's fingerprint or id.
        inline: ids of findings that have an inline comment, so that a line is enough for each.
        base_url: where the base's files can be read, without a slash at the end; resolved findings link there.
        fixing: whether `/perf-scan fix` writes fixes.
        notes: sentences of Markdown for its end.
        hints: what can be done about a finding, for its end.
    """

    commit: str = ""
    headlines: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    who: Mapping[str, str] = field(default_factory=dict)
    inline: AbstractSet[str] = frozenset()
    base_url: str = ""
    fixing: bool = False
    notes: tuple[str, ...] = ()
    hints: str = APP.hints


def review_comment(
    report: Report,
    *,
    key: str,
    material: Material | None = None,
    published: bool = False,
    around: Around | None = None,
) -> str | None:
    """The body of the comment; None when nobody needs to read one.

    Leaks and unclean shutdowns that the change brings, suppressions that it adds, and what `around` has a headline
    for are worth a comment; leaks in tests, resolved leaks and unread files are told only in a comment that is there
    for another reason. Where nothing is left to tell the comment is a single paragraph.

    Args:
        report: the report of the pull request; or that of a whole tree, which the comment then speaks of.
        key: tells the comments of a repository apart.
        material: code, diffs and links to show.
        published: there is such a comment already, so that it has to say that all is well now.
        around: what else there is to tell.

    Raises:
        ValueError: the key holds what a marker may not (see `marker`).
    """
    material, around = material or Material(), around or Around()
    brought = gravest_first(brought_by_change(report))
    at_lines = [finding for finding in brought if finding.id in around.inline]
    grave = [finding for finding in brought if finding.severity is not Severity.ADVICE]
    advice = [finding for finding in brought if finding.severity is Severity.ADVICE]
    suppressed = suppressed_by_change(report)
    if not (grave or suppressed or published or around.headlines):
        return None
    after = [
        *around.sections,
        _suppressions(suppressed, material, is_tree=report.base is None),
        _by_command(silenced_by_command(report), material, around.who),
        _thanks(report.resolved, Material(blob_url=around.base_url)),
        _unseen(report),
        _footer(report, brought, around),
    ]
    if not (brought or any(after[:-3]) or around.headlines):
        told = " ".join(filter(None, (_CLEAN, *after[:-1])))
        return f"{marker('key', key)}\n\n{told}<br>{after[-1]}\n"
    before = [
        marker("key", key),
        f"### {_title(report, grave, suppressed, around.headlines)}",
        _invitation(brought) if around.fixing else "",
        "\n".join(_line(finding, material) for finding in at_lines),
    ]
    room = BODY_LIMIT - sum(len(part) + 2 for part in (*before, *after))
    full = [finding for finding in grave if finding not in at_lines], advice
    most = MAX_LISTED_OF_A_TREE if report.base is None else MAX_LISTED
    return assembled((*before, *_findings(full, material, room, most), *after))


def _title(report: Report, grave: Sequence[Finding], suppressed: Sequence[Finding], headlines: Sequence[str]) -> str:
    on_leaks = _in_tree(grave, suppressed) if report.base is None else _on_leaks(grave, suppressed, headlines)
    return " · ".join((on_leaks, *headlines))


def _in_tree(grave: Sequence[Finding], suppressed: Sequence[Finding]) -> str:
    if grave:
        return f"{counts_by_severity(grave).capitalize()} in the whole tree; {_fixes(grave)}"
    return f"No leaks in the whole tree{f'; {len(suppressed):,} silenced' if suppressed else ''}"


def _on_leaks(grave: Sequence[Finding], suppressed: Sequence[Finding], headlines: Sequence[str]) -> str:
    if not grave and suppressed:
        return f"This pull request silences {count(len(suppressed), 'leak')} and introduces no other"
    if not grave:
        return "No leaks" if headlines else "No leaks: what was reported here is gone"
    return f"This pull request introduces {counts_by_severity(grave)}; {_fixes(grave)}"


def _fixes(grave: Sequence[Finding]) -> str:
    fixable = with_safe_fix(grave)
    if fixable == len(grave):
        return "it has a safe fix" if fixable == 1 else "all have a safe fix"
    if fixable:
        return f"{fixable} {'has' if fixable == 1 else 'have'} a safe fix"
    return "no safe fix is known"


def _invitation(brought: Sequence[Finding]) -> str:
    fixable = with_safe_fix(brought)
    if not fixable:
        return ""
    fixes = "the safe fix" if fixable == 1 else f"the {fixable} safe fixes"
    return f"Comment `/perf-scan fix` to have {fixes} written for this branch."


def _line(finding: Finding, material: Material) -> str:
    """A finding whose inline comment tells the rest."""
    message = markdown_prose(shorten(finding.message, MAX_PROSE).removesuffix("."))
    known = place(finding, material), fix_line(finding), f"ID {markdown_code(finding.id)}"
    return f"- **{message}**{HARD_BREAK}  {' · '.join(filter(None, known))}"


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
        f"{count(left_out, 'more finding is', 'more findings are')} not shown here; `stanch scan` lists them all."
        if left_out
        else "",
    ]


def _folded(summary: str, blocks: Sequence[str]) -> str:
    if not blocks:
        return ""
    return "\n\n".join((f"<details>\n<summary>{summary}</summary>", *blocks, "</details>"))


def _suppressions(suppressed: Sequence[Finding], material: Material, *, is_tree: bool) -> str:
    if not suppressed:
        return ""
    lines = ["**Silenced**:" if is_tree else "**Silenced in this pull request**, for the reviewer to agree with:"]
    for finding in suppressed[:MAX_SUPPRESSIONS]:
        reason = markdown_text(shorten(finding.suppressed.reason, MAX_REASON)) if finding.suppressed else ""
        lines.append(f"- {place(finding, material)}, {markdown_code(finding.rule)}: {reason}")
    if len(suppressed) > MAX_SUPPRESSIONS:
        lines.append(f"- and {len(suppressed) - MAX_SUPPRESSIONS} more")
    return "\n".join((lines[0], "", *lines[1:]))


def _by_command(silenced: Sequence[Finding], material: Material, who: Mapping[str, str]) -> str:
    if not silenced:
        return ""
    lines = []
    for finding in silenced[:MAX_SUPPRESSIONS]:
        reason = markdown_text(shorten(finding.suppressed.reason, MAX_REASON)) if finding.suppressed else ""
        login = who.get(finding.id, who.get(finding.fingerprint, ""))
        by = f" ({markdown_code(login)})" if login else ""
        lines.append(f"- {place(finding, material)}, {markdown_code(finding.rule)}: {reason}{by}")
    if len(silenced) > MAX_SUPPRESSIONS:
        lines.append(f"- and {len(silenced) - MAX_SUPPRESSIONS} more")
    return "\n".join(("**Silenced by command**", "", *lines))


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
    shown = [f"{shown_path(entry.path)} ({_why_unseen(entry)})" for entry in files[:MAX_PLACES]]
    if len(files) > MAX_PLACES:
        shown.append(f"{len(files) - MAX_PLACES} more")
    cut = any(entry.code in CUT_SHORT_CODES for entry in files)
    why = "The scan was cut short" if cut else "Not everything could be read"
    return (
        f"{why}, so leaks may be missing here: {series(shown)}." if shown else f"{why}, so leaks may be missing here."
    )


def _why_unseen(entry: Skipped) -> str:
    if entry.code not in CUT_SHORT_CODES:
        return entry.code
    return f"{entry.code}: {markdown_text(shorten(entry.detail, MAX_REASON))}"


def _footer(report: Report, brought: Sequence[Finding], around: Around) -> str:
    hints = around.hints if brought else ""
    commit = f"Commit {markdown_code(around.commit[:7])}" if around.commit else ""
    scanned = " · ".join(filter(None, (commit, inputs_line(report))))
    return f"<sub>{'<br>'.join(filter(None, (hints, *around.notes, scanned)))}</sub>"
