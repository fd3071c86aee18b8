"""The check run: the gate's answer with a place for each leak, in the words of GitHub's check-run API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from bot.decisions.relevant import brought_by_change
from bot.gate import FailOn
from bot.reports.inert import terminal_text
from bot.reports.markdown import report_markdown
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
FIX_ALL = Action(label="Fix all that is safe", description="Open a pull request with the safe fixes", identifier="fix")
PAUSE = Action(label="Stop fixing here", description="No fixes for this pull request", identifier="pause")


def check_run(
    report: Report,
    *,
    fail_on: FailOn = FailOn.NONE,
    confidence: Confidence = Confidence.HIGH,
    material: Material | None = None,
) -> CheckRun:
    """The check for a report.

    It fails on what the gate names; it is neutral when there are other leaks (advice apart), or when a limit or a
    crash kept something unseen; else it succeeds. A fault of Stanch's own never fails it.

    Args:
        report: the report of the pull request.
        fail_on: the gate.
        confidence: findings less sure than this are neither judged nor annotated.
        material: code, diffs and links to show in the summary.
    """
    findings = gravest_first(brought_by_change(report, confidence=confidence))
    cut_short = any(entry.code in CUT_SHORT_CODES for entry in report.skipped)
    return CheckRun(
        conclusion=_conclusion(findings, fail_on, cut_short=cut_short),
        output=Output(
            title=_title(report, findings, cut_short=cut_short),
            summary=report_markdown(report, material=material, confidence=confidence, limit=SUMMARY_LIMIT),
            annotations=tuple(_annotation(finding, fail_on) for finding in findings if not finding.path_encoded),
        ),
        actions=(RESCAN, FIX_ALL, PAUSE) if with_safe_fix(findings) else (RESCAN,),
    )


def annotation_batches(annotations: Sequence[Annotation]) -> Iterator[Sequence[Annotation]]:
    """The annotations in the portions that one request may hold."""
    for start in range(0, len(annotations), ANNOTATIONS_PER_REQUEST):
        yield annotations[start : start + ANNOTATIONS_PER_REQUEST]


def check_json(check: CheckRun) -> bytes:
    """The file check.json: keys sorted, a line end at the end."""
    return msgspec.json.format(msgspec.json.encode(check, order="sorted"), indent=2) + b"\n"


def _conclusion(
    findings: Sequence[Finding], fail_on: FailOn, *, cut_short: bool
) -> Literal["success", "neutral", "failure"]:
    if any(map(fail_on.fails, findings)):
        return "failure"
    grave = any(finding.severity is not Severity.ADVICE for finding in findings)
    return "neutral" if grave or cut_short else "success"


def _title(report: Report, findings: Sequence[Finding], *, cut_short: bool) -> str:
    parts = [f"{counts_by_severity(findings)} introduced".capitalize()]
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
