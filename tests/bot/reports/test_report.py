"""The report's JSON: stable, readable, refused with a sentence."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reports.report import ReportError, from_json, to_json, totals_of
from tests.bot.reports.samples import (
    ALL_FINDINGS,
    BACKFILL_FINDING,
    HEARTBEAT_FINDING,
    RESOLVED_FINDING,
    SERVER_FINDING,
    SKIPPED,
    make_report,
)


def test_json_has_sorted_keys_and_one_line_end_at_the_end() -> None:
    data = to_json(make_report())
    assert data.endswith(b"}\n")
    assert not data.endswith(b"\n\n")
    document = json.loads(data)
    assert list(document) == sorted(document)
    assert list(document["findings"][0]) == sorted(document["findings"][0])


@given(st.permutations(ALL_FINDINGS), st.permutations(SKIPPED))
def test_the_order_given_does_not_matter(findings: list[object], skipped: list[object]) -> None:
    report = msgspec.structs.replace(make_report(), findings=tuple(findings), skipped=tuple(skipped))
    assert to_json(report) == to_json(make_report())


def test_findings_are_sorted_by_path_bytes_and_place() -> None:
    paths = ["é.py", "z.py", "Z.py"]
    findings = tuple(msgspec.structs.replace(HEARTBEAT_FINDING, path=path) for path in paths)
    later = msgspec.structs.replace(HEARTBEAT_FINDING, path="z.py", start_byte=5000)
    report = make_report((later, *findings))
    assert [(f.path, f.start_byte) for f in report.findings] == [
        ("Z.py", HEARTBEAT_FINDING.start_byte),
        ("z.py", HEARTBEAT_FINDING.start_byte),
        ("z.py", 5000),
        ("é.py", HEARTBEAT_FINDING.start_byte),
    ]


def test_a_report_is_read_back() -> None:
    report = make_report()
    assert from_json(to_json(report)) == report


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "This is no report (Input data was truncated)"),
        (b"[]", "This is no report (Expected `object`, got `array`)"),
        (b"{}", "missing required field `schema`"),
        (
            b'{"schema": "stanch.check/1"}',
            "This is a document of the schema 'stanch.check/1'; expected 'stanch.report/1'.",
        ),
        (
            b'{"schema": "stanch.report/1"}',
            "The report does not fit the schema stanch.report/1: Object missing required",
        ),
        (
            to_json(make_report()).replace(b'"severity": "shutdown"', b'"severity": "dire"'),
            "Invalid enum value 'dire' - at `$.findings[",
        ),
    ],
)
def test_what_is_no_report_is_refused(data: bytes, sentence: str) -> None:
    with pytest.raises(ReportError) as refused:
        from_json(data)
    assert sentence in str(refused.value)


def test_totals_count_the_base_too_and_leave_out_what_is_suppressed() -> None:
    totals = totals_of(
        [HEARTBEAT_FINDING, SERVER_FINDING, BACKFILL_FINDING],
        files=10,
        parsed=4,
        resolved=[RESOLVED_FINDING],
        existing=[HEARTBEAT_FINDING, BACKFILL_FINDING],
    )
    assert msgspec.to_builtins(totals) == {
        "files": 10,
        "parsed": 4,
        "findings": 3,
        "by_severity": {"leak": 2, "shutdown": 1},
        "by_family": {"timer": 2, "database": 1},
        "introduced": 2,
        "resolved": 1,
        "fixable": 1,
    }
