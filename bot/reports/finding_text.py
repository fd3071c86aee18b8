"""Why a finding was made, for a terminal: the whole trail, what was looked for, what is not certain, and its fix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.reports.excerpt import ReadLine, excerpt, no_lines
from bot.reports.inert import terminal_text
from bot.reports.wording import CAUSED
from fixers.findings import Change, Confidence, Finding, FixKind, OwnerKind, Role, Severity
from fixers.fixes.checks import CHECKS

if TYPE_CHECKING:
    from collections.abc import Iterator

_SEVERITY = {
    Severity.LEAK: "a leak: it is lost, or adds up, while the program runs",
    Severity.SHUTDOWN: "an unclean end: it matters only when the process ends",
    Severity.ADVICE: "advice: it lies in tests, stories, mocks or examples",
}
_ENDS = {
    OwnerKind.NOBODY: "nothing keeps the handle",
    OwnerKind.FUNCTION: "it ends at each of its exits, those by an error included",
    OwnerKind.INSTANCE: "it ends with its teardown",
    OwnerKind.EFFECT: "it ends with its cleanup",
    OwnerKind.COMPONENT: "it ends when the component goes away",
    OwnerKind.CLOSURE: "it ends with whatever it was handed to",
    OwnerKind.MODULE: "it ends with the process",
    OwnerKind.CONTAINER: "it ends when the container gives it up",
    OwnerKind.CALLER: "the caller has to end it",
}


def explained_finding(finding: Finding, *, read_line: ReadLine = no_lines, doubt: str | None = None) -> Iterator[str]:
    """The lines of the explanation.

    Args:
        finding: the finding.
        read_line: the lines of the scanned tree.
        doubt: what the judgement had to assume; empty: nothing; None: nobody knows any more.
    """
    yield f"{terminal_text(finding.path)}:{finding.line}:{finding.column}  {finding.rule}"
    yield f"  {terminal_text(finding.message)}"
    code = excerpt(finding, read_line)
    if code:
        yield ""
        yield from (f"    | {terminal_text(line)}" for line in code.split("\n"))
    yield from ("", "How it was judged")
    for number, step in enumerate(finding.trail, start=1):
        text = step.text if step.role is not Role.LOOKED_FOR else f"looked for {step.text.removeprefix('looked for ')}"
        where = f"{terminal_text(step.path)}:{step.line}:{step.column}"
        yield f"  {number}. {where}  [{step.role.value}] {terminal_text(text)}"
    yield from ("", "Who has to end it")
    yield f"  {_owner(finding)}"
    yield from ("", "How sure this is")
    yield from (f"  {line}" for line in _certainty(finding, doubt))
    yield from ("", "How it is mended")
    yield from (f"  {line}" for line in _fix(finding))
    yield from ("", "What it is")
    yield from (f"  {line}" for line in _identity(finding))


def _owner(finding: Finding) -> str:
    owner = finding.owner
    name = f" `{terminal_text(owner.name)}`" if owner.name else ""
    lines = f"{owner.line}" if owner.line == owner.end_line else f"{owner.line}-{owner.end_line}"
    return f"the {owner.kind.value}{name} ({terminal_text(owner.path)}:{lines}): {_ENDS[owner.kind]}"


def _certainty(finding: Finding, doubt: str | None) -> Iterator[str]:
    yield f"{finding.confidence.value} confidence"
    if doubt is None:
        yield "A report does not hold what is not certain; explain the finding in its repository to see it."
    elif doubt:
        yield f"not certain: {terminal_text(doubt)}"
    elif finding.confidence is Confidence.HIGH:
        yield "nothing had to be assumed beyond the code that was read"
    if finding.witness is not None:
        yield f"measured: {terminal_text(finding.witness.rate)} ({terminal_text(finding.witness.profile)})"


def _fix(finding: Finding) -> Iterator[str]:
    fix = finding.fix
    if fix.kind is FixKind.NONE:
        yield "Stanch has no fix for it."
        if fix.why:
            yield terminal_text(fix.why)
        return
    yield terminal_text(fix.summary)
    if fix.kind is FixKind.SUGGESTED:
        yield f"Suggested only, a person must choose: {terminal_text(fix.why or 'no reason was given')}"
        yield f"`stanch fix --suggested --id {finding.id}` shows it."
        return
    yield "Safe: what the code does on its normal way stays the same, and the release is certain."
    yield "It is written only if these hold:"
    yield from (f"- {check}" for check in fix.checks or CHECKS)
    yield f"`stanch fix --id {finding.id}` shows it."


def _identity(finding: Finding) -> Iterator[str]:
    yield _SEVERITY[finding.severity]
    yield f"resource {finding.resource_id}, handle {terminal_text(finding.handle) if finding.handle else 'none'}"
    if finding.change is Change.CAUSED:
        yield CAUSED
    if finding.suppressed is not None:
        until = f", until {finding.suppressed.until}" if finding.suppressed.until else ""
        yield f"silenced by {finding.suppressed.by}{until}: {terminal_text(finding.suppressed.reason)}"
    yield f"id {finding.id}; `stanch explain {finding.rule}` explains the rule"
