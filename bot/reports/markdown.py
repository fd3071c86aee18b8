"""A report as Markdown: for a job summary, a file, a chat; every finding of it that fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.reports.inert import markdown_code, markdown_text
from bot.reports.markdown_finding import Material, finding_markdown, shown_path
from bot.reports.wording import count, counts_by_severity, gravest_first, shorten, unseen, with_safe_fix
from fixers.findings import Confidence, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.reports.report import Report
    from fixers.findings import Finding
    from fixers.source import Skipped

# What GitHub takes as a comment or the summary of a check; a job summary may be longer, its reader's patience is not.
MARKDOWN_LIMIT = 65_536
MIN_LIMIT = 20_000
MAX_OPEN = 10
MAX_FILES = 10
_ROOM_FOR_FOLD_AND_REST = 400


def report_markdown(
    report: Report,
    *,
    material: Material | None = None,
    confidence: Confidence = Confidence.HIGH,
    limit: int = MARKDOWN_LIMIT,
) -> str:
    """The report as one Markdown document of at most `limit` characters, cut between findings where it must be.

    Args:
        report: the report.
        material: code, diffs and links to show.
        confidence: findings less sure than this are counted, not shown.
        limit: the largest size; at least `MIN_LIMIT`, so that the parts other than findings always fit.

    Raises:
        ValueError: the limit is too small.
    """
    if limit < MIN_LIMIT:
        raise ValueError(f"The limit is {limit} characters; it must be at least {MIN_LIMIT}.")
    open_findings = [finding for finding in report.findings if finding.suppressed is None]
    shown = gravest_first(finding for finding in open_findings if finding.confidence.rank <= confidence.rank)
    head = [
        f"## {counts_by_severity(shown).capitalize()}",
        summary_line(report, shown, len(open_findings) - len(shown)),
    ]
    tail = [_unseen(report), f"<sub>{inputs_line(report)}</sub>"]
    room = limit - _ROOM_FOR_FOLD_AND_REST - sum(len(part) + 2 for part in (*head, *tail))
    blocks = _that_fit(shown, material or Material(), room)
    return "\n\n".join(filter(None, (*head, *_body(shown, blocks), *tail))) + "\n"


def summary_line(report: Report, shown: Sequence[Finding], unsure: int) -> str:
    """What the counts in the title do not say: safe fixes, what is silenced, resolved or not sure, files read."""
    silenced = sum(finding.suppressed is not None for finding in report.findings)
    fixable = with_safe_fix(shown)
    parts = [
        f"{fixable} with a safe fix" if shown else "",
        f"{silenced} silenced" if silenced else "",
        f"{len(report.resolved)} resolved by this change" if report.resolved else "",
        f"{unsure} less certain, not shown" if unsure else "",
        f"{count(report.totals.files, 'file')} considered, {report.totals.parsed:,} read",
    ]
    return " · ".join(filter(None, parts))


def inputs_line(report: Report) -> str:
    """What the answer depends on, by short ids: enough to find the objects, to compare two answers, and to replay."""
    tree = f"tree {markdown_code(report.tree[:12])}" if report.tree else "uncommitted work tree"
    base = f"base {markdown_code(report.base[:12])}" if report.base else ""
    config = f"config {markdown_code(report.config[:12])}"
    ignores = f"ignores {markdown_code(report.ignores[:12])}" if report.ignores else ""
    day = f"as of {markdown_text(report.as_of)}" if report.as_of else ""
    engine = markdown_text(f"Stanch {report.engine.version}")
    return " · ".join(filter(None, (engine, tree, base, config, ignores, day)))


def _that_fit(findings: Sequence[Finding], material: Material, room: int) -> list[str]:
    blocks: list[str] = []
    for number, finding in enumerate(findings, start=1):
        block = finding_markdown(finding, material, number=number)
        room -= len(block) + 2
        if room < 0:
            break
        blocks.append(block)
    return blocks


def _body(shown: Sequence[Finding], blocks: Sequence[str]) -> list[str]:
    opened = min(MAX_OPEN, sum(finding.severity is not Severity.ADVICE for finding in shown), len(blocks))
    folded = blocks[opened:]
    parts = list(blocks[:opened])
    if folded:
        rest = counts_by_severity(shown[opened : len(blocks)])
        title = f"And {rest}" if opened else rest.capitalize()
        parts += [f"<details>\n<summary>{title}</summary>", *folded, "</details>"]
    left_out = len(shown) - len(blocks)
    if left_out:
        parts.append(
            f"{count(left_out, 'more finding does', 'more findings do')} not fit here; "
            "`stanch scan --format json` lists them all."
        )
    return parts


def _unseen(report: Report) -> str:
    if report.complete:
        return ""
    files = unseen(report.skipped)
    lines = ["**Incomplete**: leaks may be missing, because not everything could be read."]
    if files:
        lines += ["", *map(_skipped_item, files[:MAX_FILES])]
    if len(files) > MAX_FILES:
        lines.append(f"- and {count(len(files) - MAX_FILES, 'more file')}")
    return "\n".join(lines)


def _skipped_item(entry: Skipped) -> str:
    return f"- {shown_path(entry.path)}: {entry.code}, {markdown_text(shorten(entry.detail, 200))}"
