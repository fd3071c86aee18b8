"""What must hold of every input: nothing fails, every position exists, and a fix that was written does what it says."""

from __future__ import annotations

import time
import traceback
import warnings
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from fixers.engine import finding_of, leaks_of, numbered, scan_file
from fixers.findings import Confidence, FixKind
from fixers.fixes.edits import apply
from fixers.mending import mend_each, mend_file
from fixers.source import Language, SkipCode, Source, language_of
from fixers.syntax.javascript import grammar as javascript_grammar
from fixers.syntax.python import grammar as python_grammar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fixers.engine import FileResult
    from fixers.findings import Edit, Finding

WRITTEN_KINDS: Final = (FixKind.SAFE, FixKind.SUGGESTED)
_TEXTS: Final = frozenset({"string", "template_string", "regex"})


@dataclass
class Outcome:
    """What became of an input.

    Attributes:
        parsed: the gate let it in.
        findings: how many there were.
        safe, suggested: fixes of each kind that were written and passed the product's checks.
        refused: fixes offered as safe that those checks refused, so that the product offers them as suggested.
        failures: the properties that do not hold, in sentences; the first word is the property.
        digest: of all that was found and written; the same in each process.
        written: the file with all its safe fixes, for parsers that do not run in this process; empty without any.
        seconds: of a processor.
    """

    parsed: bool = False
    findings: int = 0
    safe: int = 0
    suggested: int = 0
    refused: int = 0
    failures: list[str] = field(default_factory=list)
    digest: str = ""
    written: bytes = b""
    seconds: float = 0.0


def outcome_of(path: str, data: bytes) -> Outcome:
    """Scans a file, mends it in every way that the product does, and says which properties do not hold. Never raises.

    Args:
        path: says the language.
        data: any bytes.
    """
    outcome = Outcome()
    started = time.process_time()
    try:
        _examine(path, data, outcome)
    except Exception:
        outcome.failures.append(f"exception {traceback.format_exc()}")
    outcome.seconds = time.process_time() - started
    return outcome


def _examine(path: str, data: bytes, outcome: Outcome) -> None:
    result = scan_file(path, data)
    outcome.parsed, outcome.findings = result.parsed, len(result.findings)
    outcome.failures += [*_crashes(path, data, result), *_misplaced(data, result.findings), *_same_ids(result.findings)]
    offered = [entry for entry in result.findings if entry.fix.kind in WRITTEN_KINDS and entry.suppressed is None]
    each = mend_each(path, data, offered, result) if offered else []
    for finding, (edits, refused) in zip(offered, each, strict=True):
        if refused is not None:
            outcome.refused += finding.fix.kind is FixKind.SAFE
            continue
        outcome.safe += finding.fix.kind is FixKind.SAFE
        outcome.suggested += finding.fix.kind is FixKind.SUGGESTED
        outcome.failures += _of_edits(path, data, edits, finding)
    if any(finding.fix.kind is FixKind.SAFE for finding in offered):
        outcome.failures += _of_file(path, data, result, outcome)
    said = repr((result, each, outcome.written)).encode("utf-8", "backslashreplace")
    outcome.digest = sha256(said).hexdigest()


def _of_edits(path: str, data: bytes, edits: Sequence[Edit], finding: Finding) -> Iterator[str]:
    """The properties of one fix that was written by itself."""
    what = f"{finding.fix.kind} fix of {finding.rule} at line {finding.line}"
    position = 0
    for edit in edits:
        if not position <= edit.start_byte <= edit.end_byte <= len(data) or edit.path != path:
            yield f"edits of the {what} overlap, are out of order, or lie outside of the file"
            return
        position = edit.end_byte
    patched = apply(data, edits)
    yield from (f"{property_} {said} after the {what}" for property_, said in _worse(path, data, patched))


def _of_file(path: str, data: bytes, before: FileResult, outcome: Outcome) -> Iterator[str]:
    """The properties of a file after all its safe fixes."""
    mended = mend_file(path, data, lambda finding: finding.fix.kind is FixKind.SAFE)
    if not mended.fixed:
        if mended.data != data:
            yield "edits without a fix that would have made them"
        return
    outcome.written = mended.data
    yield from (f"{property_} {said} after all safe fixes" for property_, said in _worse(path, data, mended.data))
    after = scan_file(path, mended.data)
    yield from _crashes(path, mended.data, after)
    then, now = _counted(before.findings), _counted(after.findings)
    gone = _counted(mended.fixed)
    yield from (f"found is still {mark} after its fix" for mark in gone if now[mark] > then[mark] - gone[mark])
    again = mend_file(path, mended.data, lambda finding: finding.fix.kind is FixKind.SAFE)
    if again.data != mended.data:
        yield f"again: fixing the fixed file changes it once more: {[finding.rule for finding in again.fixed]}"


def _crashes(path: str, data: bytes, result: FileResult) -> Iterator[str]:
    """The engine's own word for a defect of its own, with the traceback that it does not keep."""
    if not any(skipped.code == SkipCode.CRASH for skipped in result.skipped):
        return
    source = Source(path, data, language_of(path) or Language.PYTHON)
    try:
        judge, leaks = leaks_of(source)
        for leak in leaks:
            finding_of(leak, judge, source)
    except Exception:
        yield f"exception {traceback.format_exc()}"
    else:
        yield f"exception {result.skipped[-1].detail}"


def _misplaced(data: bytes, findings: Iterable[Finding]) -> Iterator[str]:
    lines = data.split(b"\n")
    for finding in findings:
        places = [(finding.line, finding.column), (finding.end_line, finding.end_column)]
        places += [(step.line, step.column) for step in finding.trail]
        places += [(finding.owner.line, 1), (finding.owner.end_line, 1)]
        if not 0 <= finding.start_byte <= finding.end_byte <= len(data):
            yield f"position of {finding.rule}: bytes {finding.start_byte} to {finding.end_byte} of {len(data)}"
        for line, column in places:
            if not 1 <= line <= len(lines) or not 1 <= column <= len(lines[line - 1].decode("utf-8", "replace")) + 1:
                yield f"position of {finding.rule}: line {line}, column {column} is not in the file"
        if (finding.line, finding.column) > (finding.end_line, finding.end_column):
            yield f"position of {finding.rule}: it ends before it starts"


def _same_ids(findings: Sequence[Finding]) -> Iterator[str]:
    if len({finding.id for finding in numbered(findings)}) < len(findings):
        yield "ids are not unique"
    if len({(finding.start_byte, finding.end_byte, finding.rule, finding.resource_id) for finding in findings}) < len(
        findings
    ):
        yield "ids: the same thing is found twice at the same place"


def _worse(path: str, data: bytes, patched: bytes) -> Iterator[tuple[str, str]]:
    """What a fix broke that has nothing to do with what is found."""
    if language_of(path) is Language.PYTHON and compiles(data) and not compiles(patched):
        yield "compile", "Python does not compile it any more"
    if is_text(data) and not is_text(patched):
        yield "encoding", "it is UTF-8 no more"
    if data.count(b"\n") == data.count(b"\r\n") > 1 and patched.count(b"\n") != patched.count(b"\r\n"):
        yield "endings", "some lines end otherwise than the file's own"
    lost = kept_texts(path, data) - kept_texts(path, patched)
    if lost:
        yield "texts", f"{min(lost)!r} is not there any more"
    if data.startswith(b"\xef\xbb\xbf") != patched.startswith(b"\xef\xbb\xbf"):
        yield "encoding", "the byte-order mark came or went"


def _counted(findings: Iterable[Finding]) -> Counter[str]:
    """Findings by identity. Those of low confidence are not compared: no check of the product looks at them."""
    return Counter(finding.fingerprint for finding in findings if finding.confidence is not Confidence.LOW)


def kept_texts(path: str, data: bytes) -> Counter[bytes]:
    """The comments, strings and templates of a file, which no fix may change; white space in comments does not count.

    Of files with script blocks there is none: what lies around the blocks is no script.
    """
    language = language_of(path)
    if language is Language.PYTHON:
        root = python_grammar.parse(data)[0].root_node
    elif language in {Language.JAVASCRIPT, Language.TYPESCRIPT, Language.TSX}:
        source = Source(path, data, language)
        root = javascript_grammar.parse(source, javascript_grammar.Dialect(language.value))
    else:
        return Counter()
    found: Counter[bytes] = Counter()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        text = data[node.start_byte : node.end_byte]
        if node.type == "comment":
            found[b" ".join(text.split())] += 1
        elif node.type in _TEXTS:
            found[text] += 1
        else:
            waiting.extend(node.children)
    return found


def compiles(data: bytes) -> bool:
    """Whether Python itself accepts a file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(data, "input.py", "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
            return False
    return True


def is_text(data: bytes) -> bool:
    """Whether bytes are UTF-8."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
