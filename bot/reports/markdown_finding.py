"""One finding as Markdown: what leaks, where, which exit misses the release, what was looked for, and the fix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from bot.reports.excerpt import ReadLine, excerpt, fence_language, no_lines
from bot.reports.fix_diffs import shown_diff, shows_line
from bot.reports.inert import fenced, markdown_code, markdown_prose, terminal_text
from bot.reports.wording import CAUSED, count, searched, shorten
from fixers.findings import Change, FixKind, Role, Severity

if TYPE_CHECKING:
    from fixers.findings import Finding, Step

MAX_PROSE = 400
MAX_PATH = 300
MAX_ADDRESS = 1_000
MAX_DIFF_LINES = 40
MAX_DIFF_CHARACTERS = 4_000
HARD_BREAK = "\\\n"


@dataclass(frozen=True)
class Material:
    """What a reader wants to see and a report does not hold.

    Attributes:
        read_line: the lines of the scanned tree.
        diffs: the safe fixes as unified diffs, by finding id.
        blob_url: where the scanned tree's files can be read, without a slash at the end; places link there.
    """

    read_line: ReadLine = no_lines
    diffs: Mapping[str, str] = field(default_factory=dict)
    blob_url: str = ""


def place(finding: Finding, material: Material) -> str:
    """`path:line` as code, and as a link where there is something to link to."""
    shown = shown_path(finding.path, finding.line)
    address = quote(finding.path)
    if not material.blob_url or finding.path_encoded or len(address) > MAX_ADDRESS:
        return shown
    return f"[{shown}]({material.blob_url}/{address}#L{finding.line})"


def shown_path(path: str, line: int | None = None) -> str:
    """`path` or `path:line` as code; only the end of a path that is longer than anybody reads."""
    shown = terminal_text(path)
    if len(shown) > MAX_PATH:
        shown = "…" + shown[1 - MAX_PATH :]
    return markdown_code(shown if line is None else f"{shown}:{line}")


def finding_markdown(finding: Finding, material: Material, *, number: int | None = None) -> str:
    """The whole finding; `number` stands before its headline."""
    return "\n\n".join(filter(None, (_headline(finding, material, number), *_evidence(finding, material))))


def exit_and_search(finding: Finding) -> list[str]:
    """One line for the exit that misses the release, one for what was looked for; fewer where the trail has none."""
    exits = [step for step in finding.trail if step.role is Role.EXIT] or [
        step for step in finding.trail if step.role is Role.OWNER_END
    ]
    searches = [step for step in finding.trail if step.role is Role.LOOKED_FOR]
    lines = []
    if exits:
        others = f" (and {count(len(exits) - 1, 'more exit')})" if len(exits) > 1 else ""
        lines.append(f"**Not released** at {_step_place(exits[0], finding)}: {_prose(exits[0].text)}{others}")
    if searches:
        lines.append(f"**Looked for** {'; '.join(_prose(searched(step)) for step in searches[:2])}")
    return lines


def fix_line(finding: Finding) -> str:
    """What the fix does, and why a person must choose where it is not safe; empty without a fix."""
    fix = finding.fix
    if fix.kind is FixKind.NONE:
        return ""
    if fix.kind is FixKind.SAFE:
        return f"**Safe fix**: {_prose(fix.summary)}"
    why = f" (not automatic: {_prose(fix.why)})" if fix.why else ""
    return f"**Possible fix**: {_prose(fix.summary)}{why}"


def diff_block(diff: str, finding: Finding) -> str:
    """The safe fix of a finding as a diff; how to see it where it is too long to be shown."""
    shown = shown_diff(diff, finding.path)
    lines = shown.count("\n") + 1
    if lines > MAX_DIFF_LINES or len(shown) > MAX_DIFF_CHARACTERS:
        return f"The fix has {count(lines, 'line')}; {markdown_code(f'stanch fix --id {finding.id}')} shows it."
    return fenced(shown, "diff")


def _headline(finding: Finding, material: Material, number: int | None) -> str:
    prefix = f"{number}. " if number is not None else ""
    notes = [place(finding, material)]
    if finding.change is Change.CAUSED:
        notes.append(CAUSED)
    if finding.severity is Severity.SHUTDOWN:
        notes.append("matters only when the process ends")
    if finding.witness is not None:
        notes.append(f"measured: {_prose(finding.witness.rate)}")
    return f"#### {prefix}{_prose(finding.message)}\n\n{' · '.join(notes)}"


def _evidence(finding: Finding, material: Material) -> list[str]:
    diff = material.diffs.get(finding.id, "") if finding.fix.kind is FixKind.SAFE else ""
    code = "" if diff and shows_line(diff, finding.path, finding.line) else excerpt(finding, material.read_line)
    return [
        fenced(code, fence_language(finding.path)) if code else "",
        HARD_BREAK.join(filter(None, (*exit_and_search(finding), fix_line(finding)))),
        diff_block(diff, finding) if diff else "",
        f"<sub>{markdown_code(finding.rule)} · ID {markdown_code(finding.id)}</sub>",
    ]


def _step_place(step: Step, finding: Finding) -> str:
    if step.path == finding.path:
        return f"line {step.line}"
    return shown_path(step.path, step.line)


def _prose(text: str) -> str:
    return markdown_prose(shorten(text, MAX_PROSE).removesuffix("."))
