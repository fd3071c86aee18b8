"""Fixes written into a file one after the other, each accepted by its checks or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixers import batches
from fixers.engine import scan_file
from fixers.findings import Edit, Finding, FixKind
from fixers.fixes import proposal
from fixers.fixes.checks import CHECKS
from fixers.fixes.edits import apply
from fixers.fixes.model import CannotFixError, Proposal
from fixers.mending import mend_each, mend_file, mend_finding

if TYPE_CHECKING:
    from fixers.leaks import Leak
    from fixers.lifetimes import Judge
    from fixers.source import Source

CLASS = b"""\
export class Session {
  constructor(url, run) {
    this.socket = new WebSocket(url);
    this.beat = setInterval(run, 1000);
  }

  close() {
    this.closed = true;
  }
}
"""
MENDED = b"""\
export class Session {
  constructor(url, run) {
    this.socket = new WebSocket(url);
    this.beat = setInterval(run, 1000);
  }

  close() {
    clearInterval(this.beat);
    this.socket.close();
    this.closed = true;
  }
}
"""


def everything(_finding: Finding) -> bool:
    return True


def test_every_wanted_finding_is_fixed_one_after_the_other() -> None:
    mended = mend_file("a.js", CLASS, everything)
    assert mended.data == MENDED
    assert [finding.resource for finding in mended.fixed] == ["WebSocket", "setInterval"]
    assert mended.refused == []


def test_what_was_fixed_stands_at_its_place_in_the_file_as_given() -> None:
    mended = mend_file("a.js", CLASS, everything)
    assert [(item.fingerprint, item.line, item.fix.checks) for item in mended.fixed] == [
        (item.fingerprint, item.line, CHECKS) for item in scan_file("a.js", CLASS).findings
    ]


def test_each_finding_can_be_fixed_by_itself() -> None:
    before = scan_file("a.js", CLASS)
    together = mend_each("a.js", CLASS, before.findings, before)
    for finding, (edits, reason) in zip(before.findings, together, strict=True):
        assert reason is None
        assert mend_finding("a.js", CLASS, finding, before) == (edits, None)
        left = scan_file("a.js", apply(CLASS, edits)).findings
        assert [item.resource for item in left] == [item.resource for item in before.findings if item != finding]


def test_fixing_the_result_changes_nothing() -> None:
    again = mend_file("a.js", MENDED, everything)
    assert (again.data, again.fixed, again.refused) == (MENDED, [], [])


def test_only_wanted_findings_are_fixed() -> None:
    mended = mend_file("a.js", CLASS, lambda finding: finding.resource == "setInterval")
    assert [finding.resource for finding in mended.fixed] == ["setInterval"]
    assert [finding.resource for finding in scan_file("a.js", mended.data).findings] == ["WebSocket"]


def test_what_has_no_fix_is_not_asked_about() -> None:
    asked: list[Finding] = []
    data = b"export function f(run) {\n  setInterval(run, 1);\n}\n"
    (finding,) = scan_file("a.js", data).findings
    assert finding.fix.kind is FixKind.NONE

    def wanted(item: Finding) -> bool:
        asked.append(item)
        return True

    mended = mend_file("a.js", data, wanted)
    assert (mended.data, asked) == (data, [])


def test_a_twin_that_cannot_be_fixed_is_in_nobodys_way(monkeypatch: pytest.MonkeyPatch) -> None:
    code = b"import socket\n\ndef load(path):\n    socket.socket()\n    open(path)\n    open(path)\n    return 1\n"

    def not_the_first(leak: Leak, judge: Judge, source: Source) -> Proposal:
        if leak.acquisition.span.start == source.data.index(b"open("):
            return Proposal(FixKind.SAFE, "do something", None, lambda: _raise("it is the first one"))
        return proposal(leak, judge, source)

    monkeypatch.setattr(batches, "proposal", not_the_first)
    mended = mend_file("a.py", code, everything)
    assert [finding.line for finding in mended.fixed] == [4, 6]
    assert [(finding.line, reason) for finding, reason in mended.refused] == [(5, "it is the first one")]


def _raise(reason: str) -> tuple[Edit, ...]:
    raise CannotFixError(reason)


def test_what_is_suppressed_stays() -> None:
    data = CLASS.replace(b"    this.beat", b"    // stanch-ignore timer: the page owns it\n    this.beat")
    mended = mend_file("a.js", data, everything)
    assert [finding.resource for finding in mended.fixed] == ["WebSocket"]


def test_line_endings_and_a_byte_order_mark_stay() -> None:
    data = b"\xef\xbb\xbf" + CLASS.replace(b"\n", b"\r\n")
    assert mend_file("a.js", data, everything).data == b"\xef\xbb\xbf" + MENDED.replace(b"\n", b"\r\n")


def proposing(monkeypatch: pytest.MonkeyPatch, *edits: Edit, error: str | None = None) -> None:
    """Makes every fix of this test write these edits, or fail."""

    def write() -> tuple[Edit, ...]:
        if error is not None:
            raise CannotFixError(error)
        return edits

    monkeypatch.setattr(batches, "proposal", lambda *_: Proposal(FixKind.SAFE, "do something", None, write))


def test_a_fix_that_fails_its_checks_is_refused_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    proposing(monkeypatch, Edit(path="a.js", start_byte=0, end_byte=0, text="// hello\n"))
    mended = mend_file("a.js", CLASS, everything)
    assert mended.data == CLASS
    assert mended.fixed == []
    assert [reason for _, reason in mended.refused] == [
        "socket/never-released is still found after the fix",
        "timer/never-released is still found after the fix",
    ]


def test_a_fix_that_cannot_be_written_is_refused_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    proposing(monkeypatch, error="the method ends with a comment")
    mended = mend_file("a.js", CLASS, everything)
    assert {reason for _, reason in mended.refused} == {"the method ends with a comment"}


def test_a_finding_that_is_not_in_the_file_is_refused() -> None:
    before = scan_file("a.js", CLASS)
    other = b"// one more line\n" + CLASS
    edits, reason = mend_finding("a.js", other, before.findings[0], before)
    assert (edits, reason) == ((), "the finding is not in the file any more")


def test_a_file_that_is_not_read_is_refused() -> None:
    before = scan_file("a.js", CLASS)
    _, reason = mend_finding("a.css", CLASS, before.findings[0], before)
    assert reason == "this is not a file that Stanch reads"


PANEL = """\
export class Panel extends HTMLElement {
  connectedCallback() {
    window.addEventListener('resize', this.layout);
  }

  show() {
    window.addEventListener('resize', this.layout);
  }
}
"""


def test_one_removal_ends_a_listener_that_is_added_twice() -> None:
    mended = mend_file("a.js", PANEL.encode(), everything)
    assert mended.data.count(b"removeEventListener('resize', this.layout)") == 1
    assert [finding.line for finding in mended.fixed] == [3, 7]
    assert mended.refused == []
    findings = scan_file("a.js", PANEL.encode()).findings
    each = mend_each("a.js", PANEL.encode(), findings, scan_file("a.js", PANEL.encode()))
    assert [reason for _, reason in each] == [None, None]


def test_one_removal_does_not_end_a_process_listener_that_is_added_twice() -> None:
    code = PANEL.replace("window.addEventListener('resize'", "process.on('SIGTERM'").encode()
    mended = mend_file("a.js", code, everything)
    assert [reason for _, reason in mended.refused] == [
        "the fix also removes another finding: listener/never-released"
    ] * 2
