"""Fixes for the findings of a tree: each by itself, to be shown, and in groups, to be committed."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from bot.patches import patch
from fixers.findings import Finding, Fix, FixKind
from fixers.fixes.edits import apply
from fixers.mending import Mended, mend_file, mend_finding, with_fix

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fixers.engine import FileResult
    from fixers.tree import FileTree


@dataclass
class Written:
    """Fixes that were written and checked, each against the file as it is.

    `findings` are all that were asked about, those that were fixed with their edits and checks; `diffs` by finding id;
    `refused` the reasons by finding id.
    """

    findings: list[Finding] = field(default_factory=list)
    diffs: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


def write_each(tree: FileTree, findings: Iterable[Finding], results: Mapping[str, FileResult]) -> Written:
    """Writes the safe fix of each finding by itself.

    Args:
        tree: the files.
        findings: of this tree.
        results: what each file gave when it was scanned, by path.
    """
    written = Written()
    for finding in findings:
        result = results.get(finding.path)
        if finding.fix.kind is not FixKind.SAFE or finding.suppressed is not None or result is None:
            written.findings.append(finding)
            continue
        data = tree.read(finding.path)
        edits, reason = mend_finding(finding.path, data, finding, result)
        if reason is not None:
            written.findings.append(_not_safe(finding, reason))
            written.refused[finding.id] = reason
            continue
        written.findings.append(with_fix(finding, edits))
        written.diffs[finding.id] = patch(finding.path, data, apply(data, edits))
    return written


def _not_safe(finding: Finding, reason: str) -> Finding:
    """A finding whose fix did not pass its checks: it is offered no longer as a safe one."""
    fix = Fix(kind=FixKind.SUGGESTED, summary=finding.fix.summary, why=f"its checks refused it: {reason}")
    return msgspec.structs.replace(finding, fix=fix)


def mend_tree(tree: FileTree, findings: Iterable[Finding], kind: FixKind = FixKind.SAFE) -> dict[str, Mended]:
    """Fixes these findings together, file by file; findings of one file one after the other.

    Args:
        tree: the files.
        findings: of this tree, with a fix of this kind.
        kind: the kind of fix.
    """
    by_path: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for finding in findings:
        by_path[finding.path][finding.fingerprint, finding.rule] += 1
    mended = {}
    for path in sorted(by_path):
        wanted = by_path[path]

        def is_wanted(finding: Finding, wanted: Counter[tuple[str, str]] = wanted) -> bool:
            return finding.fix.kind is kind and wanted[finding.fingerprint, finding.rule] > 0

        outcome = mend_file(path, tree.read(path), is_wanted)
        if outcome.fixed or outcome.refused:
            mended[path] = outcome
    return mended
