"""Fixes for the findings of a tree: each by itself, to be shown, and in groups, to be committed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from bot.patches import patch
from fixers.findings import Finding, Fix, FixKind
from fixers.fixes.edits import apply
from fixers.mending import Mended, mend_each, mend_file, with_fix

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fixers.engine import FileResult
    from fixers.tree import FileTree

_NOT_TOGETHER = "it cannot be written once the other fixes of the file are"


@dataclass
class Written:
    """Fixes that were written and checked, each against the file as it is.

    `findings` are all that were asked about, in their order: those that were fixed with their edits and checks, those
    whose fix was refused with a fix that is safe no more. `diffs` by finding id; `refused` the reasons by finding id.
    """

    findings: list[Finding] = field(default_factory=list)
    diffs: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


def write_each(tree: FileTree, findings: Sequence[Finding], results: Mapping[str, FileResult]) -> Written:
    """Writes the safe fix of each finding by itself.

    Args:
        tree: the files.
        findings: of this tree.
        results: what each file gave when it was scanned, by path.
    """
    written = Written()
    fixed: dict[str, Finding] = {}
    for path, wanted in _by_path(findings).items():
        safe = [item for item in wanted if item.fix.kind is FixKind.SAFE and item.suppressed is None]
        if not safe or path not in results:
            continue
        data = tree.read(path)
        for finding, (edits, reason) in zip(safe, mend_each(path, data, safe, results[path]), strict=True):
            if reason is not None:
                fixed[finding.id] = _not_safe(finding, reason)
                written.refused[finding.id] = reason
            else:
                fixed[finding.id] = with_fix(finding, edits)
                written.diffs[finding.id] = patch(path, data, apply(data, edits))
    written.findings = [fixed.get(finding.id, finding) for finding in findings]
    return written


def _not_safe(finding: Finding, reason: str) -> Finding:
    """A finding whose fix did not pass its checks: it is offered no longer as a safe one."""
    fix = Fix(kind=FixKind.SUGGESTED, summary=finding.fix.summary, why=f"its checks refused it: {reason}")
    return msgspec.structs.replace(finding, fix=fix)


def mend_tree(tree: FileTree, findings: Iterable[Finding], kind: FixKind = FixKind.SAFE) -> dict[str, Mended]:
    """Fixes these findings together, file by file.

    Args:
        tree: the files.
        findings: of this tree, with a fix of this kind.
        kind: the kind of fix.

    Returns:
        What became of each file, by path; each of the findings is either fixed or refused.
    """
    by_path = _by_path(findings)
    return {path: _mended(path, tree.read(path), by_path[path], kind) for path in sorted(by_path)}


def _mended(path: str, data: bytes, findings: Sequence[Finding], kind: FixKind) -> Mended:
    wanted = {_place(finding): finding for finding in findings}
    outcome = mend_file(path, data, lambda finding: finding.fix.kind is kind and _place(finding) in wanted)
    fixed = {_place(finding): finding.fix for finding in outcome.fixed}
    refused = {_place(finding): reason for finding, reason in outcome.refused}
    outcome.fixed = [
        msgspec.structs.replace(finding, fix=fixed[place]) for place, finding in wanted.items() if place in fixed
    ]
    outcome.refused = [
        (finding, refused.get(place, _NOT_TOGETHER)) for place, finding in wanted.items() if place not in fixed
    ]
    return outcome


def _by_path(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    by_path: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_path[finding.path].append(finding)
    return by_path


def _place(finding: Finding) -> tuple[int, int, str, str]:
    return finding.start_byte, finding.end_byte, finding.resource_id, finding.rule
