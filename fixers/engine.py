"""The engine's front door: a file's bytes in, findings out; and a tree in, an analysis out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixers import wording
from fixers.findings import Confidence, Finding, Owner, Severity
from fixers.fingerprints import acquiring_expression, fingerprint, qualified_name
from fixers.fixes import proposal
from fixers.gate import may_acquire
from fixers.lifetimes import Judge
from fixers.paths import is_test_path
from fixers.results import FileResult, numbered
from fixers.source import Language, SkipCode, Skipped, Source, language_of, unreadable
from fixers.suppression import PRAGMA_WORD, Pragmas
from fixers.syntax import lower

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fixers.leaks import Leak
    from fixers.tree import FileTree


__all__ = [
    "FileResult",
    "at_least",
    "finding_of",
    "judge_file",
    "leaks_of",
    "numbered",
    "opens_gate",
    "scan_file",
    "scan_tree",
    "settled_by_bytes",
]


def opens_gate(language: Language, data: bytes) -> bool:
    """Whether a file may acquire anything, or holds a pragma; others never meet a parser."""
    return PRAGMA_WORD in data or may_acquire(language.tables, data)


def settled_by_bytes(path: str, data: bytes) -> FileResult | None:
    """What a file gives that needs no parser; None for one that has to be judged."""
    language = language_of(path)
    if language is None:
        return FileResult(path)
    reason = unreadable(path, data)
    if reason is not None:
        return FileResult(path, skipped=[reason])
    return None if opens_gate(language, data) else FileResult(path)


def judge_file(path: str, data: bytes) -> FileResult:
    """Judges one file by itself, whatever the gate says of it. A defect of the engine becomes a `crash` entry."""
    outcome = FileResult(path)
    language = language_of(path)
    if language is None:
        return outcome
    outcome.parsed = True
    source = Source(path, data, language)
    try:
        _judge(source, outcome)
    except Exception as error:
        outcome.findings.clear()
        outcome.skipped.append(Skipped(path, SkipCode.CRASH, f"{type(error).__name__} while judging; please report it"))
    return outcome


def scan_file(path: str, data: bytes) -> FileResult:
    """Judges one file by itself. Never raises on any bytes."""
    return settled_by_bytes(path, data) or judge_file(path, data)


def _judge(source: Source, outcome: FileResult) -> None:
    facts = lower(source)
    outcome.skipped.extend(facts.skipped)
    judge = Judge(facts)
    pragmas = Pragmas(source, facts.pragmas)
    for leak in judge.leaks():
        outcome.findings.append(pragmas.applied(finding_of(leak, judge, source)))
    outcome.skipped.extend(_not_judged(judge, source))
    outcome.unused_pragmas = pragmas.unused_lines()


def _not_judged(judge: Judge, source: Source) -> Iterator[Skipped]:
    """The functions that were beyond the judgement's limit."""
    for index in judge.too_much:
        line = source.line_of(judge.facts.functions[index].span.start)
        yield Skipped(source.path, SkipCode.LIMIT, f"the function at line {line} acquires too often to be followed")
    if judge.too_far:
        functions = sorted({judge.facts.functions[index].span.start for index in judge.too_far})
        first = source.line_of(functions[0])
        lines = f"{len(functions)} functions, the first at line {first}, are not judged"
        if len(functions) == 1:
            lines = f"the function at line {first} is not judged"
        yield Skipped(source.path, SkipCode.LIMIT, f"{lines}: what the file acquires takes too long to follow")


def leaks_of(source: Source) -> tuple[Judge, list[Leak]]:
    """The judgement itself, for the fixes, which need more than a finding says."""
    judge = Judge(lower(source))
    return judge, judge.leaks()


def finding_of(leak: Leak, judge: Judge, source: Source) -> Finding:
    """A leak as the report writes it, its ordinal still missing."""
    span = leak.acquisition.span
    start, end = source.position(span.start), source.position(span.end)
    owner_span = leak.owner.span
    severity = Severity.ADVICE if is_test_path(source.path) else leak.severity
    mark = fingerprint(
        leak.resource.id,
        acquiring_expression(source, judge.facts, leak.function, leak.acquisition),
        qualified_name(judge.facts, leak.function),
    )
    return Finding(
        id=mark,
        fingerprint=mark,
        rule=f"{leak.resource.family}/{leak.verdict}",
        family=leak.resource.family,
        verdict=leak.verdict,
        path=source.path,
        line=start.line,
        column=start.column,
        end_line=end.line,
        end_column=end.column,
        start_byte=span.start,
        end_byte=span.end,
        resource=leak.resource.label,
        resource_id=leak.resource.id,
        handle=wording.handle_text(leak),
        owner=Owner(
            kind=leak.owner.kind,
            name=wording.owner_name(leak, judge.facts, source),
            path=source.path,
            line=source.line_of(owner_span.start),
            end_line=source.line_of(max(owner_span.start, owner_span.end - 1)),
        ),
        severity=severity,
        confidence=leak.confidence,
        message=wording.message(leak, judge.facts, source),
        trail=wording.trail(leak, judge.facts, source),
        fix=proposal(leak, judge, source).described(),
    )


def scan_tree(tree: FileTree, paths: Iterable[str]) -> Iterator[FileResult]:
    """Judges files of a tree one by one, in the order given."""
    for path in paths:
        if language_of(path) is not None:
            yield scan_file(path, tree.read(path))


def at_least(finding: Finding, confidence: Confidence) -> bool:
    """Whether a finding is as sure as asked for."""
    return finding.confidence.rank <= confidence.rank
