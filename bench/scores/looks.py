"""What the engine says of one labelled place: the findings near it and, where it says nothing, why."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

import msgspec

from bench.scores.labels import Scope
from bot.git import GitError
from fixers.engine import FileResult, leaks_of, opens_gate, scan_file
from fixers.facts import Call, Ref
from fixers.findings import Confidence, Finding, FixKind, Severity
from fixers.fixes.edits import apply
from fixers.mending import mend_finding
from fixers.source import SkipCode, Source, Span, language_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.scores.labels import Label, Place
    from bench.scores.revisions import CommitTree
    from fixers.leaks import Leak
    from fixers.lifetimes import Judge
    from fixers.lifetimes.case import Case

NEAR_LINES: Final = 2
"""A finding within so many lines of a label is taken to be about it."""


class Said(StrEnum):
    """What the engine said of the labelled acquisition."""

    FOUND = "found"
    ABSENT = "absent: no such clone, commit or file"
    UNREAD = "not read"
    GATE = "kept out by the gate"
    UNSEEN = "no acquisition recognised"
    FINE = "recognised, judged fine"
    UNSURE = "found, but not at high confidence"
    ADVICE = "found, but as advice: a test or an example"
    IGNORED = "found, but ignored by a pragma"
    ELSEWHERE = "found elsewhere in the same function or class"


class Near(msgspec.Struct, frozen=True, kw_only=True):
    """A finding near a label. `doubt`: why its confidence is not high."""

    line: int
    rule: str
    resource_id: str
    severity: Severity
    confidence: Confidence
    counts: bool
    message: str
    doubt: str
    trail: tuple[str, ...]


class FixTried(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the fix of a finding. `refused`: why its checks did not accept it; `gone`: whether a scan of the
    mended file finds it no more.
    """

    kind: FixKind
    summary: str
    why: str | None
    refused: str | None = None
    gone: bool = False


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """The engine's answer at one place: `said` in a word, `detail` in a sentence.

    `near`: the findings near it; `elsewhere`: those that count within the label's span, away from its line; `fix`: what
    became of the fix of the first one near that counts.
    """

    said: Said
    detail: str = ""
    near: tuple[Near, ...] = ()
    elsewhere: tuple[Near, ...] = ()
    fix: FixTried | None = None

    @property
    def flagged(self) -> bool:
        """Whether a report that counts is near."""
        return self.said is Said.FOUND

    @property
    def confidence(self) -> Confidence | None:
        """The surest of the findings near, whatever their severity."""
        return min((near.confidence for near in self.near), key=lambda item: item.rank, default=None)


def counts(finding: Finding) -> bool:
    """Whether a finding is a report: surely meant, and about the program rather than its tests."""
    return (
        finding.confidence is Confidence.HIGH and finding.severity is not Severity.ADVICE and finding.suppressed is None
    )


def judged(tree: CommitTree, path: str, scope: Scope) -> FileResult:
    """What the engine says of one file of a tree.

    The engine judges each file by itself, so that no other file is read for either scope; once it follows imports, it
    gets the tree here, and for a label across files all of its paths.

    Raises:
        FileNotFoundError: the tree has no such file.
        GitError: its bytes are missing.
    """
    match scope:
        case Scope.FILE | Scope.CROSS_FILE:
            return scan_file(path, tree.read(path))


def look(tree: CommitTree | None, place: Place, label: Label, *, mend: bool = False) -> Look:
    """Asks the engine about a place.

    Args:
        tree: the files of the place's commit; None where they cannot be had.
        place: the label's place before or after the fix.
        label: what is known of it.
        mend: whether to try the fix of what is found.
    """
    if tree is None:
        return Look(said=Said.ABSENT, detail=f"commit {place.commit}")
    try:
        data = tree.read(place.path)
        result = judged(tree, place.path, label.scope)
    except (FileNotFoundError, GitError):
        return Look(said=Said.ABSENT, detail=f"{place.path} at {place.commit}")
    file = _Read(place.path, data, result)
    around = [finding for finding in result.findings if abs(finding.line - place.line) <= NEAR_LINES]
    first, last = label.span or (place.line, place.line)
    beyond = [
        finding
        for finding in result.findings
        if first <= finding.line <= last and finding not in around and counts(finding)
    ]
    said, detail = _said(file, around, beyond, place.line)
    reported = next(filter(counts, around), None)
    return Look(
        said=said,
        detail=detail,
        near=file.described(around),
        elsewhere=file.described(beyond),
        fix=_fix_tried(file, reported) if mend and reported is not None else None,
    )


class _Read:
    """A file that was scanned; the judgement behind its findings is made again only where it is asked for."""

    def __init__(self, path: str, data: bytes, result: FileResult) -> None:
        self.path = path
        self.data = data
        self.result = result
        self._judgement: tuple[Source, Judge, list[Leak]] | None = None

    def judgement(self) -> tuple[Source, Judge, list[Leak]]:
        if self._judgement is None:
            language = language_of(self.path)
            if language is None:
                raise AssertionError("only files that were parsed are judged")
            source = Source(self.path, self.data, language)
            self._judgement = (source, *leaks_of(source))
        return self._judgement

    def described(self, findings: Iterable[Finding]) -> tuple[Near, ...]:
        return tuple(self._described(finding) for finding in findings)

    def _described(self, finding: Finding) -> Near:
        return Near(
            line=finding.line,
            rule=finding.rule,
            resource_id=finding.resource_id,
            severity=finding.severity,
            confidence=finding.confidence,
            counts=counts(finding),
            message=finding.message,
            doubt=self.doubt_of(finding),
            trail=tuple(f"{step.role} {step.path}:{step.line} {step.text}" for step in finding.trail),
        )

    def doubt_of(self, finding: Finding) -> str:
        if finding.confidence is Confidence.HIGH:
            return ""
        span = Span(finding.start_byte, finding.end_byte)
        leaks = self.judgement()[2]
        return next((leak.doubt for leak in leaks if leak.acquisition.span == span), "")


def _said(file: _Read, around: list[Finding], beyond: list[Finding], line: int) -> tuple[Said, str]:
    if any(counts(finding) for finding in around):
        return Said.FOUND, ""
    language = language_of(file.path)
    if language is None:
        return Said.UNREAD, "not a file that Stanch reads"
    unread = "; ".join(f"{skipped.code}: {skipped.detail}" for skipped in file.result.skipped)
    if not file.result.parsed:
        return (Said.UNREAD, unread) if opens_gate(language, file.data) else (Said.GATE, "")
    if any(skipped.code == SkipCode.CRASH for skipped in file.result.skipped):
        return Said.UNREAD, unread
    for said, chosen in (
        (Said.IGNORED, [finding for finding in around if finding.suppressed is not None]),
        (Said.UNSURE, [finding for finding in around if finding.confidence is not Confidence.HIGH]),
        (Said.ADVICE, around),
    ):
        if chosen:
            return said, f"{chosen[0].rule}, {chosen[0].confidence}: {file.doubt_of(chosen[0]) or 'no doubt noted'}"
    source, judge, _ = file.judgement()
    cases = [case for case in judge.cases() if abs(source.line_of(case.acquisition.span.start) - line) <= NEAR_LINES]
    if cases:
        return Said.FINE, " | ".join(_fate(source, judge, case) for case in cases)
    calls = _calls(source, judge, line)
    if unread and not calls:
        return Said.UNREAD, unread
    return (Said.ELSEWHERE if beyond else Said.UNSEEN), f"called near: {calls or 'nothing'}"


def _fate(source: Source, judge: Judge, case: Case) -> str:
    """What became of an acquisition, for a reader who asks why it was judged fine."""
    fate = case.fate
    lines = {
        "released in line": fate.released,
        "handed on in line": fate.given,
        "returned in line": fate.returned,
        "lost in line": [assign.span for assign in fate.lost],
    }
    parts = [f"{words} {_numbers(source, spans)}" for words, spans in lines.items() if spans]
    if fate.disposers:
        names = sorted({_name(source, judge, function) for function in fate.disposers})
        parts.append(f"released by functions that are handed on: {', '.join(names)}")
    everywhere = judge.file.everything
    for home in sorted(fate.homes(), key=str):
        releasing = judge.file.releasing(everywhere, case.resource, home)
        names = sorted({_name(source, judge, function) for function in releasing})
        parts.append(f"lies in {home}, released or handed on by {', '.join(names) or 'nothing'}")
    if case.registers:
        token = judge.flows.releases.register(case.function, case.acquisition)
        releasing = judge.file.releasing(everywhere, case.resource, token)
        names = sorted({_name(source, judge, function) for function in releasing})
        parts.append(f"removed by {', '.join(names) or 'nothing'}")
    open_exits = sorted({str(leaving.kind) for leaving in fate.open_exits if not leaving.homes})
    parts.append(f"open at exits: {', '.join(open_exits) or 'none'}")
    kept = "; ".join(parts)
    evident = ", counts only where released" if case.resource.evident else ""
    return f"{case.resource.id}{evident} in line {source.line_of(case.acquisition.span.start)}: {kept}"


def _name(source: Source, judge: Judge, function: int) -> str:
    return f"{judge.file.function_name(function)} ({source.line_of(judge.facts.functions[function].span.start)})"


def _numbers(source: Source, spans: Iterable[Span]) -> str:
    return ", ".join(str(line) for line in sorted({source.line_of(span.start) for span in spans}))


def _calls(source: Source, judge: Judge, line: int) -> str:
    """What is called near a line, as the tables would have to name it."""
    found: dict[str, None] = {}
    for index, function in enumerate(judge.facts.functions):
        for op in function.ops():
            if not isinstance(op, Call) or abs(source.line_of(op.span.start) - line) > NEAR_LINES:
                continue
            path = judge.names.path_of(op.callee, index)
            if path is None and isinstance(op.callee, Ref):
                path = f"?.{'.'.join(op.callee.place.path)}" if op.callee.place.path else f"?{op.callee.place.root}"
            words = f"new {path}" if op.form == "new" else str(path)
            found[words if function.whole else f"{words} (in a function that could not be read whole)"] = None
    return ", ".join(found)


def _fix_tried(file: _Read, finding: Finding) -> FixTried:
    fix = finding.fix
    if fix.kind is FixKind.NONE:
        return FixTried(kind=fix.kind, summary=fix.summary, why=fix.why)
    edits, refused = mend_finding(file.path, file.data, finding, file.result)
    if refused is not None:
        return FixTried(kind=fix.kind, summary=fix.summary, why=fix.why, refused=refused)
    after = scan_file(file.path, apply(file.data, edits))
    alike = [[other.fingerprint for other in result.findings] for result in (file.result, after)]
    gone = alike[1].count(finding.fingerprint) < alike[0].count(finding.fingerprint)
    return FixTried(kind=fix.kind, summary=fix.summary, why=fix.why, gone=gone)
