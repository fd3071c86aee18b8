"""The check run: the gate's answer with a place for each leak, in the words of GitHub's check-run API."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import msgspec

from bot.decisions.bodies import assembled
from bot.decisions.relevant import brought_by_change
from bot.gate import FailOn
from bot.reports.inert import terminal_text
from bot.reports.markdown import MIN_LIMIT, report_markdown
from bot.reports.markdown_finding import Material
from bot.reports.wording import (
    CUT_SHORT_CODES,
    count,
    counts_by_severity,
    gravest_first,
    searched,
    shorten,
    with_safe_fix,
)
from fixers.findings import Confidence, FixKind, Role, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.reports.report import Report
    from fixers.findings import Finding

NAME = "stanch"
ANNOTATIONS_PER_REQUEST = 50
SUMMARY_LIMIT = 60_000
TITLE_LIMIT = 255
MESSAGE_LIMIT = 8_000


class Annotation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A remark on lines of a file. GitHub takes columns only where the lines are equal."""

    path: str
    start_line: int
    end_line: int
    start_column: int | None = None
    end_column: int | None = None
    annotation_level: Literal["notice", "warning", "failure"]
    title: str
    message: str


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """What the page of the check shows. All annotations: they are sent in `annotation_batches`."""

    title: str
    summary: str
    annotations: tuple[Annotation, ...]


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """A button: label and identifier of at most 20 characters, description of at most 40."""

    label: str
    description: str
    identifier: str


class CheckRun(msgspec.Struct, frozen=True, kw_only=True):
    """A finished check run; the commit and the external id are added by whoever publishes it."""

    schema: Literal["stanch.check/1"] = "stanch.check/1"
    name: str = NAME
    status: Literal["completed"] = "completed"
    conclusion: Literal["success", "neutral", "failure"]
    output: Output
    actions: tuple[Action, ...]


RESCAN = Action(label="Scan again", description="Scan this commit again", identifier="rescan")
FIX_ALL = Action(label="Fix all that is safe", description="Commit the safe fixes, or propose them", identifier="fix")
PAUSE = Action(label="Stop fixing here", description="No fixes and no new comments here", identifier="pause")


@dataclass(frozen=True)
class Besides:
    """What a check tells besides the report.

    Attributes:
        inline: ids of findings that have an inline comment, and so need no annotation.
        notes: paragraphs of Markdown that stand before the report.
        sections: parts of Markdown that stand after it.
        annotations: at lines that are no finding's.
        over_budget: how many measured metrics fail their budget.
        doubtful: something of our own kept the answer from being whole, so that it is no success.
    """

    inline: AbstractSet[str] = frozenset()
    notes: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    over_budget: int = 0
    doubtful: bool = False


def check_run(
    report: Report,
    *,
    fail_on: FailOn = FailOn.NONE,
    confidence: Confidence = Confidence.HIGH,
    material: Material | None = None,
    besides: Besides | None = None,
) -> CheckRun:
    """The check for a report.

    It fails on what the gate names, and on a budget that is not kept unless the gate is off; it is neutral when there
    are other leaks (advice apart), or when a limit or a crash kept something unseen; else it succeeds. A fault of
    Stanch's own never fails it.

    Args:
        report: the report of the pull request.
        fail_on: the gate.
        confidence: findings less sure than this are neither judged nor annotated.
        material: code, diffs and links to show in the summary.
        besides: what else is told.
    """
    besides = besides or Besides()
    findings = gravest_first(brought_by_change(report, confidence=confidence))
    cut_short = any(entry.code in CUT_SHORT_CODES for entry in report.skipped)
    room = SUMMARY_LIMIT - MIN_LIMIT
    notes, sections = (assembled(parts, room // 2) if parts else "" for parts in (besides.notes, besides.sections))
    limit = SUMMARY_LIMIT - len(notes) - len(sections) - 2
    summary = report_markdown(report, material=material, confidence=confidence, limit=limit)
    annotated = (item for item in findings if not item.path_encoded and item.id not in besides.inline)
    return CheckRun(
        conclusion=_conclusion(findings, fail_on, besides, doubtful=cut_short or besides.doubtful),
        output=Output(
            title=_title(report, findings, besides, cut_short=cut_short),
            summary="\n".join(filter(None, (notes, summary, sections))),
            annotations=(*besides.annotations, *(_annotation(finding, fail_on) for finding in annotated)),
        ),
        actions=(RESCAN, FIX_ALL, PAUSE) if with_safe_fix(findings) else (RESCAN,),
    )


def neutral_check(name: str, title: str, summary: str, *, rescan: bool = False) -> CheckRun:
    """A check that ends without a result; it blocks nothing.

    Args:
        name: of the check.
        title: why, in a few words, without Markdown.
        summary: why, and what to do, as Markdown.
        rescan: whether it has the button to scan again.
    """
    output = Output(title=shorten(title, TITLE_LIMIT), summary=summary, annotations=())
    return CheckRun(name=name, conclusion="neutral", output=output, actions=(RESCAN,) if rescan else ())


def annotation_batches(annotations: Sequence[Annotation]) -> Iterator[Sequence[Annotation]]:
    """The annotations in the portions that one request may hold."""
    for start in range(0, len(annotations), ANNOTATIONS_PER_REQUEST):
        yield annotations[start : start + ANNOTATIONS_PER_REQUEST]


def check_json(check: CheckRun) -> bytes:
    """The file check.json: keys sorted, a line end at the end."""
    return msgspec.json.format(msgspec.json.encode(check, order="sorted"), indent=2) + b"\n"


def _conclusion(
    findings: Sequence[Finding], fail_on: FailOn, besides: Besides, *, doubtful: bool
) -> Literal["success", "neutral", "failure"]:
    if any(map(fail_on.fails, findings)) or (besides.over_budget and fail_on is not FailOn.NONE):
        return "failure"
    grave = any(finding.severity is not Severity.ADVICE for finding in findings)
    return "neutral" if grave or besides.over_budget or doubtful else "success"


def _title(report: Report, findings: Sequence[Finding], besides: Besides, *, cut_short: bool) -> str:
    where = "in the whole tree" if report.base is None else "introduced"
    parts = [f"{counts_by_severity(findings)} {where}".capitalize()]
    if besides.over_budget:
        parts.append(f"{count(besides.over_budget, 'budget')} not kept")
    fixable = with_safe_fix(findings)
    if fixable:
        parts.append(f"{fixable} with a safe fix")
    if report.resolved:
        parts.append(f"{count(len(report.resolved), 'old leak')} resolved")
    if cut_short:
        parts.append("the scan was cut short")
    return shorten(", ".join(parts), TITLE_LIMIT)


def _annotation(finding: Finding, fail_on: FailOn) -> Annotation:
    one_line = finding.line == finding.end_line
    level: Literal["notice", "warning", "failure"] = "warning" if finding.severity is Severity.LEAK else "notice"
    return Annotation(
        path=finding.path,
        start_line=finding.line,
        end_line=finding.end_line,
        start_column=finding.column if one_line else None,
        end_column=finding.end_column if one_line else None,
        annotation_level="failure" if fail_on.fails(finding) else level,
        title=shorten(terminal_text(finding.rule), TITLE_LIMIT),
        message=shorten("\n".join(_message_lines(finding)), MESSAGE_LIMIT),
    )


def _message_lines(finding: Finding) -> Iterator[str]:
    yield terminal_text(finding.message)
    for step in finding.trail:
        if step.role in (Role.EXIT, Role.OWNER_END):
            yield f"Not released at line {step.line}: {terminal_text(step.text)}"
        elif step.role is Role.LOOKED_FOR:
            yield f"Looked for {terminal_text(searched(step))}"
    if finding.fix.kind is FixKind.SAFE:
        yield f"Safe fix: {terminal_text(finding.fix.summary)}"
    yield f"ID {finding.id}"
