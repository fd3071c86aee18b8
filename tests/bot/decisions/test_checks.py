"""The check run: its conclusion by the gate, its annotations, its limits."""

from __future__ import annotations

import json

import msgspec
import pytest

from bot.decisions.checks import annotation_batches, check_json, check_run
from bot.gate import FailOn
from fixers.findings import Change, Confidence, Finding
from fixers.source import Skipped
from tests.bot.reports.samples import (
    ALL_FINDINGS,
    BACKFILL_FINDING,
    CLEAN_REPORT,
    EXPORT_TEST_FINDING,
    HEARTBEAT_FINDING,
    ROOMS_FINDING,
    SERVER_FINDING,
    UNSURE_FINDING,
    make_report,
)

OLD_FINDING = msgspec.structs.replace(HEARTBEAT_FINDING, change=Change.EXISTING)


@pytest.mark.parametrize(
    ("finding", "fail_on", "conclusion"),
    [
        (HEARTBEAT_FINDING, FailOn.NONE, "neutral"),
        (HEARTBEAT_FINDING, FailOn.LEAK, "failure"),
        (HEARTBEAT_FINDING, FailOn.ADVICE, "failure"),
        (SERVER_FINDING, FailOn.LEAK, "neutral"),
        (SERVER_FINDING, FailOn.SHUTDOWN, "failure"),
        (EXPORT_TEST_FINDING, FailOn.SHUTDOWN, "success"),
        (EXPORT_TEST_FINDING, FailOn.ADVICE, "failure"),
        (OLD_FINDING, FailOn.LEAK, "success"),
        (BACKFILL_FINDING, FailOn.LEAK, "success"),
        (UNSURE_FINDING, FailOn.LEAK, "success"),
    ],
)
def test_the_conclusion(finding: Finding, fail_on: FailOn, conclusion: str) -> None:
    report = make_report((finding,), skipped=(), complete=True)
    assert check_run(report, fail_on=fail_on).conclusion == conclusion


def test_the_gate_judges_at_the_configured_confidence() -> None:
    check = check_run(make_report((UNSURE_FINDING,)), fail_on=FailOn.LEAK, confidence=Confidence.MEDIUM)
    assert check.conclusion == "failure"


@pytest.mark.parametrize(("code", "conclusion"), [("crash", "neutral"), ("limit", "neutral"), ("syntax", "success")])
def test_a_fault_of_our_own_is_neutral(code: str, conclusion: str) -> None:
    check = check_run(make_report((), skipped=(Skipped("a.py", code, "x"),)), fail_on=FailOn.LEAK)
    assert check.conclusion == conclusion


def test_a_clean_check() -> None:
    check = check_run(CLEAN_REPORT)
    assert (check.conclusion, check.output.title) == ("success", "No leaks introduced")
    assert check.output.annotations == ()
    assert [action.identifier for action in check.actions] == ["rescan"]


def test_a_check_with_findings() -> None:
    check = check_run(make_report())
    assert check.output.title == (
        "5 leaks, 1 unclean shutdown and 1 leak in tests or examples introduced, 3 with a safe fix, 1 old leak resolved"
    )
    assert [action.identifier for action in check.actions] == ["rescan", "fix", "pause"]
    for action in check.actions:
        assert len(action.label) <= 20
        assert len(action.description) <= 40
        assert len(action.identifier) <= 20


def test_the_check_of_a_whole_tree_speaks_of_the_tree() -> None:
    report = msgspec.structs.replace(make_report((HEARTBEAT_FINDING,), resolved=(), skipped=()), base=None)
    assert check_run(report).output.title == "1 leak in the whole tree, 1 with a safe fix"


def test_an_annotation() -> None:
    (annotation,) = check_run(make_report((HEARTBEAT_FINDING,)), fail_on=FailOn.LEAK).output.annotations
    assert msgspec.to_builtins(annotation) == {
        "path": "src/gateway/heartbeat.ts",
        "start_line": 14,
        "end_line": 14,
        "start_column": 18,
        "end_column": 61,
        "annotation_level": "failure",
        "title": "timer/forgotten-by-teardown",
        "message": (
            "The interval in `this.timer` keeps firing after `Heartbeat.stop()`.\n"
            "Not released at line 17: `stop()` closes the socket and returns with the interval running\n"
            "Looked for `clearInterval(this.timer)` in `stop()` and in what it calls\n"
            "Safe fix: clears the interval in `stop()`.\n"
            f"ID {HEARTBEAT_FINDING.id}"
        ),
    }


def test_columns_are_left_out_over_several_lines() -> None:
    finding = msgspec.structs.replace(HEARTBEAT_FINDING, end_line=16)
    (annotation,) = check_run(make_report((finding,))).output.annotations
    document = msgspec.to_builtins(annotation)
    assert "start_column" not in document
    assert "end_column" not in document
    assert (document["start_line"], document["end_line"], document["annotation_level"]) == (14, 16, "warning")


def test_annotations_are_sent_fifty_at_a_time() -> None:
    findings = tuple(msgspec.structs.replace(ROOMS_FINDING, id=f"twin-{number}") for number in range(120))
    check = check_run(make_report(findings))
    assert [len(batch) for batch in annotation_batches(check.output.annotations)] == [50, 50, 20]
    assert len(check.output.summary) <= 60_000


def test_check_json_is_stable() -> None:
    data = check_json(check_run(make_report(ALL_FINDINGS)))
    assert data == check_json(check_run(make_report(tuple(reversed(ALL_FINDINGS)))))
    assert data.endswith(b"}\n")
    assert json.loads(data)["schema"] == "stanch.check/1"
