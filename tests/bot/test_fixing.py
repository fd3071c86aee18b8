"""Fixes for a tree: each by itself, and together."""

from __future__ import annotations

import pytest

from bot.fixing import mend_tree, write_each
from fixers.engine import FileResult, numbered, scan_tree
from fixers.findings import Finding, FixKind
from fixers.fixes.checks import CHECKS
from fixers.fixes.edits import apply
from fixers.tree import MemoryTree
from tests.bot.leaks import CLEAN_POLLER, POLLER, SETTINGS

TWINS = """\
import json


def settings(path, other):
    first = json.load(open(path))
    second = json.load(open(path))
    return first, second
"""
SESSION = """\
export class Session {
  constructor(url, run) {
    this.beat = setInterval(run, 1000);
    this.socket = new WebSocket(url);
  }

  close() {
    this.closed = true;
  }
}
"""
FILES = {"a/poller.js": POLLER, "b/poller.js": POLLER, "session.js": SESSION, "settings.py": SETTINGS}


def scanned(files: dict[str, str]) -> tuple[MemoryTree, list[Finding], dict[str, FileResult]]:
    tree = MemoryTree({path: text.encode() for path, text in files.items()})
    results = {result.path: result for result in scan_tree(tree, tree.paths())}
    return tree, numbered(item for result in results.values() for item in result.findings), results


def test_each_is_written_by_itself() -> None:
    tree, findings, results = scanned(FILES)
    written = write_each(tree, findings, results)
    assert [finding.id for finding in written.findings] == [finding.id for finding in findings]
    assert set(written.diffs) == {finding.id for finding in findings}
    assert written.refused == {}
    for finding in written.findings:
        patched = apply(tree.read(finding.path), finding.fix.edits)
        (result,) = scan_tree(MemoryTree({finding.path: patched}), [finding.path])
        before = [item.fingerprint for item in results[finding.path].findings]
        before.remove(finding.fingerprint)
        assert [item.fingerprint for item in result.findings] == before
        assert finding.fix.checks == CHECKS


def test_what_is_not_in_the_scan_stays_as_it_is() -> None:
    tree, findings, _ = scanned(FILES)
    assert write_each(tree, findings, {}).findings == findings


def test_what_is_accepted_by_a_pragma_is_not_fixed() -> None:
    tree, findings, results = scanned({"a.js": POLLER.replace("5000);", "5000); // stanch-ignore timer: wanted")})
    written = write_each(tree, findings, results)
    assert (written.findings, written.diffs) == (findings, {})


def test_a_refused_fix_is_safe_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fixers.batches.refusal", lambda *_: "it brings a new finding")
    tree, findings, results = scanned({"a.js": POLLER})
    written = write_each(tree, findings, results)
    (finding,) = written.findings
    assert (finding.fix.kind, finding.fix.why) == (FixKind.SUGGESTED, "its checks refused it: it brings a new finding")
    assert written.refused == {finding.id: "it brings a new finding"}
    assert written.diffs == {}


def test_all_together() -> None:
    tree, findings, _ = scanned(FILES)
    mended = mend_tree(tree, findings)
    assert list(mended) == sorted(FILES)
    assert mended["a/poller.js"].data.decode() == CLEAN_POLLER
    assert [item.id for outcome in mended.values() for item in outcome.fixed] == [item.id for item in findings]
    assert all(outcome.refused == [] for outcome in mended.values())
    after = MemoryTree({path: outcome.data for path, outcome in mended.items()})
    assert [item for result in scan_tree(after, after.paths()) for item in result.findings] == []


def test_only_the_twin_that_was_named_is_fixed() -> None:
    tree, findings, _ = scanned({"settings.py": TWINS})
    assert [finding.fingerprint for finding in findings] == [findings[0].fingerprint] * 2
    for wanted, other in (findings, reversed(findings)):
        outcome = mend_tree(tree, [wanted])["settings.py"]
        assert [finding.id for finding in outcome.fixed] == [wanted.id]
        lines = outcome.data.decode().splitlines()
        assert sum("with open(path)" in line for line in lines) == 1
        assert TWINS.splitlines()[other.line - 1] in lines


def test_a_finding_whose_rule_another_fix_changes_is_still_fixed() -> None:
    tree, findings, _ = scanned({"session.js": SESSION})
    assert len({finding.rule for finding in findings}) == 2
    assert len(mend_tree(tree, findings)["session.js"].fixed) == 2


def test_each_wanted_finding_is_fixed_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    tree, findings, _ = scanned({"session.js": SESSION})
    suggested = mend_tree(tree, findings, FixKind.SUGGESTED)["session.js"]
    assert suggested.fixed == []
    assert [finding for finding, _ in suggested.refused] == findings
    assert suggested.data == tree.read("session.js")
    monkeypatch.setattr("fixers.batches.refusal", lambda *_: "no")
    assert [reason for _, reason in mend_tree(tree, findings)["session.js"].refused] == ["no", "no"]
