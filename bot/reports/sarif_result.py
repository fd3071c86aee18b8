"""One finding as a SARIF result: where it is, how it came about, what fixes it, and how it is known again."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from bot.reports.inert import terminal_text
from bot.reports.paths import Placed, uri_path
from bot.reports.wording import CAUSED, count, searched, shorten
from fixers.findings import Change, FixKind, OwnerKind, Role, Severity
from fixers.source import Language, Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.reports.lines import ReadFile
    from bot.reports.report import Engine
    from fixers.findings import Edit, Finding, Fix, Step

MAX_MESSAGE: Final = 1_000
MAX_SNIPPET: Final = 500
MAX_STEPS: Final = 100
"""GitHub takes 1,000 locations of a result and shows 100."""

LEVEL: Final = {Severity.LEAK: "warning", Severity.SHUTDOWN: "note", Severity.ADVICE: "note"}
_LOGICAL: Final = {OwnerKind.FUNCTION: "function", OwnerKind.INSTANCE: "type", OwnerKind.MODULE: "module"}
# The kinds that SARIF 3.38.8 names; a search has none.
_STEP_KINDS: Final = {
    Role.ACQUIRE: ["acquire", "resource"],
    Role.CALL: ["call", "function"],
    Role.EXIT: ["exit"],
    Role.OWNER_END: ["exit", "scope"],
    Role.RELEASE: ["release", "resource"],
}
# `[text](1)` is a link and `{0}` a placeholder in a message (SARIF 3.11.5, 3.11.6); with a joiner inside they are not,
# in readers that know of the escapes and in those that do not.
_LIVE: Final = re.compile(r"(?<=\])(?=\()|(?<=\{)(?=[0-9]+\})")
_JOINER: Final = "\u2060"


def result(finding: Finding, read_file: ReadFile, *, line_hash: str | None, engine: Engine) -> dict[str, Any]:
    """The result, its `suppressions` and `baselineState` apart.

    Args:
        finding: the finding.
        read_file: the scanned files.
        line_hash: GitHub's own fingerprint of its line.
        engine: the one that made the fingerprints.
    """
    fingerprints = {f"stanch/v{engine.fingerprint_version}": finding.id}
    if line_hash is not None:
        fingerprints["primaryLocationLineHash"] = line_hash
    return {
        "ruleId": finding.rule,
        "level": LEVEL[finding.severity],
        "message": message(_words(finding)),
        "locations": [_location(finding, read_file(finding.path))],
        "partialFingerprints": fingerprints,
        "codeFlows": [{"threadFlows": [{"locations": _flow(finding.trail)}]}] if finding.trail else [],
        "fixes": _fixes(finding.fix, read_file),
        "properties": _properties(finding),
    }


def baseline_state(finding: Finding) -> str:
    """How it relates to the base; a leak that is caused on an old line was no result there."""
    return "unchanged" if finding.change is Change.EXISTING else "new"


def suppressions(finding: Finding) -> list[dict[str, Any]]:
    """How it was silenced, if it was."""
    suppressed = finding.suppressed
    if suppressed is None:
        return []
    until = f" (until {suppressed.until})" if suppressed.until else ""
    return [
        {
            "kind": "inSource" if suppressed.by == "pragma" else "external",
            "status": "accepted",
            "justification": terminal_text(shorten(f"{suppressed.reason}{until}", MAX_MESSAGE)),
            "properties": {"by": suppressed.by},
        }
    ]


def message(text: str) -> dict[str, str]:
    """A SARIF message that says exactly this, whatever foreign names are in it."""
    return {"text": _LIVE.sub(_JOINER, terminal_text(shorten(text, MAX_MESSAGE)))}


def artifact_location(part: Placed) -> dict[str, str]:
    """Where the file of a part of the report lies, relative to the root of the repository."""
    return {"uri": uri_path(part), "uriBaseId": "%SRCROOT%"}


def _words(finding: Finding) -> str:
    fix = finding.fix
    parts = [f"{finding.message.removesuffix('.')}."]
    if finding.change is Change.CAUSED:
        parts.append(f"It is {CAUSED}.")
    summary = fix.summary.removesuffix(".")
    if fix.kind is FixKind.SAFE:
        parts.append(f"Safe fix: {summary} (`stanch fix --id {finding.id}`).")
    elif fix.kind is FixKind.SUGGESTED:
        parts.append(f"Possible fix: {summary}{f' (not automatic: {fix.why})' if fix.why else ''}.")
    return " ".join(parts)


def _location(finding: Finding, data: bytes | None) -> dict[str, Any]:
    region: dict[str, Any] = {
        "startLine": finding.line,
        "startColumn": finding.column,
        "endLine": finding.end_line,
        "endColumn": finding.end_column,
        "byteOffset": finding.start_byte,
        "byteLength": finding.end_byte - finding.start_byte,
    }
    if data is not None and region["byteLength"] <= MAX_SNIPPET:
        region["snippet"] = {"text": data[finding.start_byte : finding.end_byte].decode("utf-8", "replace")}
    location = {"physicalLocation": {"artifactLocation": artifact_location(finding), "region": region}}
    return {**location, "logicalLocations": _owner(finding)} if finding.owner.name else location


def _owner(finding: Finding) -> list[dict[str, str]]:
    kind = _LOGICAL.get(finding.owner.kind)
    name = {"fullyQualifiedName": terminal_text(finding.owner.name)}
    return [{**name, "kind": kind} if kind else name]


def _flow(trail: Sequence[Step]) -> list[dict[str, Any]]:
    flow = [_step(step) for step in trail[:MAX_STEPS]]
    more = len(trail) - len(flow)
    if more:
        flow[-1]["location"]["message"]["text"] += f" (and {count(more, 'more step')})"
    return flow


def _step(step: Step) -> dict[str, Any]:
    text = f"looked for {searched(step)}" if step.role is Role.LOOKED_FOR else step.text
    region = {"startLine": step.line, "startColumn": step.column}
    place = {"artifactLocation": artifact_location(step), "region": region}
    made: dict[str, Any] = {
        "location": {"physicalLocation": place, "message": message(text)},
        "properties": {"role": step.role},
    }
    return {**made, "kinds": _STEP_KINDS[step.role]} if step.role in _STEP_KINDS else made


def _fixes(fix: Fix, read_file: ReadFile) -> list[dict[str, Any]]:
    if not fix.edits:
        return []
    why = f" (not automatic: {fix.why})" if fix.why else ""
    changes = [
        {
            "artifactLocation": artifact_location(edits[0]),
            "replacements": _replacements(edits, read_file(path)),
        }
        for path, edits in ((path, list(group)) for path, group in groupby(fix.edits, lambda edit: edit.path))
    ]
    return [{"description": message(f"{fix.summary.removesuffix('.')}{why}"), "artifactChanges": changes}]


def _replacements(edits: Sequence[Edit], data: bytes | None) -> list[dict[str, Any]]:
    source = None if data is None else Source("", data, Language.JAVASCRIPT)
    return [{"deletedRegion": _deleted(edit, source), "insertedContent": {"text": edit.text}} for edit in edits]


def _deleted(edit: Edit, source: Source | None) -> dict[str, int]:
    """The bytes and, as readers that show text want them, lines and columns: both say the same place."""
    region = {"byteOffset": edit.start_byte, "byteLength": edit.end_byte - edit.start_byte}
    if source is None:
        return region
    start, end = source.position(edit.start_byte), source.position(edit.end_byte)
    return {
        **region,
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    }


def _properties(finding: Finding) -> dict[str, Any]:
    return {
        "severity": finding.severity,
        "confidence": finding.confidence,
        "change": finding.change,
        "resource": finding.resource_id,
        "fix": finding.fix.kind,
        "witness": finding.witness,
    }
