"""SARIF: valid against the official schema whatever is reported, within what GitHub takes, and exact about places."""

from __future__ import annotations

import codecs
import gzip
import json
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.reports.lines import no_files
from bot.reports.paths import with_printable_paths
from bot.reports.report import Report
from bot.reports.sarif import MAX_BYTES, MAX_NOTIFICATIONS, sarif_log
from bot.reports.sarif_result import MAX_STEPS
from bot.rules import all_rules
from fixers.findings import Change, Confidence, Edit, Finding, Fix, FixKind, Severity, Suppressed
from fixers.fixes.edits import apply
from fixers.source import SkipCode, Skipped
from tests.bot.reports.github_markdown import foreign_text
from tests.bot.reports.samples import (
    BACKFILL_FINDING,
    CLEAN_REPORT,
    EXPORT_TEST_FINDING,
    HEARTBEAT_FINDING,
    JOBS_FINDING,
    SERVER_FINDING,
    SOURCES,
    STORE_FINDING,
    UNSURE_FINDING,
    make_report,
)
from tests.bot.reports.sarif_schema import valid

replace = msgspec.structs.replace


def read_file(path: str) -> bytes | None:
    return SOURCES[path].encode() if path in SOURCES else None


def run_of(report: Report, **options: Any) -> Any:
    return valid(sarif_log(report, **{"read_file": read_file, **options}))


def results_of(*findings: Finding, **options: Any) -> Any:
    return run_of(make_report(findings), **options)["results"]


def notifications(run: Any) -> list[Any]:
    (invocation,) = run["invocations"]
    found: list[Any] = invocation["toolExecutionNotifications"]
    return found


def test_a_report_fits_the_schema() -> None:
    run = run_of(make_report(), confidence=Confidence.LOW)
    assert len(run["results"]) == len(make_report().findings)
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["originalUriBaseIds"].keys() == {"%SRCROOT%"}
    assert run["properties"]["tree"] == make_report().tree
    assert run["properties"]["totals"]["files"] == 214


def test_a_clean_report_fits_it_too() -> None:
    run = run_of(CLEAN_REPORT)
    assert (run["results"], run["invocations"]) == (
        [],
        [{"executionSuccessful": True, "toolExecutionNotifications": []}],
    )


def test_equal_reports_give_equal_bytes() -> None:
    report = make_report()
    turned = replace(report, findings=report.findings[::-1], skipped=report.skipped[::-1])
    log = sarif_log(report, read_file=read_file)
    assert log == sarif_log(turned, read_file=read_file)
    assert log.endswith(b"}\n")
    assert b"timeUtc" not in log


def test_a_result_names_place_rule_and_fingerprints() -> None:
    (result,) = results_of(HEARTBEAT_FINDING)
    (location,) = result["locations"]
    region = location["physicalLocation"]["region"]
    assert location["physicalLocation"]["artifactLocation"] == {"uri": HEARTBEAT_FINDING.path, "uriBaseId": "%SRCROOT%"}
    assert region["snippet"]["text"] == "setInterval(() => this.beat(), INTERVAL_MS)"
    line = SOURCES[HEARTBEAT_FINDING.path].split("\n")[region["startLine"] - 1]
    assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == region["snippet"]["text"]
    assert result["ruleId"] == "timer/forgotten-by-teardown"
    assert result["partialFingerprints"]["stanch/v1"] == HEARTBEAT_FINDING.id
    assert result["partialFingerprints"]["primaryLocationLineHash"].endswith(":1")
    assert "keeps firing" in result["message"]["text"]
    assert "Safe fix: clears the interval in `stop()`" in result["message"]["text"]


def test_without_the_files_a_result_has_what_is_certain() -> None:
    (result,) = results_of(HEARTBEAT_FINDING, read_file=no_files)
    assert result["partialFingerprints"] == {"stanch/v1": HEARTBEAT_FINDING.id}
    ((replacement,),) = [change["replacements"] for change in result["fixes"][0]["artifactChanges"]]
    assert replacement["deletedRegion"].keys() == {"byteOffset", "byteLength"}


def test_the_trail_is_the_code_flow() -> None:
    (result,) = results_of(STORE_FINDING)
    (flow,) = result["codeFlows"]
    steps = flow["threadFlows"][0]["locations"]
    assert [step["properties"]["role"] for step in steps] == [step.role for step in STORE_FINDING.trail]
    assert [step["location"]["physicalLocation"]["region"]["startLine"] for step in steps] == [
        step.line for step in STORE_FINDING.trail
    ]
    assert steps[0]["kinds"] == ["acquire", "resource"]
    assert steps[-1]["location"]["message"]["text"].startswith("looked for `conn.close()`")


@pytest.mark.parametrize(
    ("finding", "level"),
    [(HEARTBEAT_FINDING, "warning"), (SERVER_FINDING, "note"), (EXPORT_TEST_FINDING, "note")],
)
def test_no_level_fails_a_check(finding: Finding, level: str) -> None:
    assert [result["level"] for result in results_of(finding)] == [level]


def test_with_a_base_every_result_says_how_it_relates_to_it() -> None:
    existing = replace(STORE_FINDING, change=Change.EXISTING)
    states = {
        result["ruleId"]: result["baselineState"] for result in results_of(HEARTBEAT_FINDING, JOBS_FINDING, existing)
    }
    assert states == {
        HEARTBEAT_FINDING.rule: "new",
        JOBS_FINDING.rule: "new",
        STORE_FINDING.rule: "unchanged",
    }
    (alone,) = results_of(replace(HEARTBEAT_FINDING, change=None))
    assert "baselineState" not in alone


@pytest.mark.parametrize(("by", "kind"), [("pragma", "inSource"), ("config", "external"), ("command", "external")])
def test_a_silenced_finding_is_a_suppressed_result(by: str, kind: str) -> None:
    silenced = replace(BACKFILL_FINDING, suppressed=Suppressed(by=by, reason="one-off script", until="2026-12-31"))
    results = results_of(silenced, HEARTBEAT_FINDING)
    found = {result["ruleId"]: result["suppressions"] for result in results}
    assert found[HEARTBEAT_FINDING.rule] == []
    (suppression,) = found[silenced.rule]
    assert (suppression["kind"], suppression["justification"]) == (kind, "one-off script (until 2026-12-31)")
    (left,) = results_of(silenced, HEARTBEAT_FINDING, silenced=False)
    assert left["ruleId"] == HEARTBEAT_FINDING.rule
    assert "suppressions" not in left


def test_findings_that_are_less_sure_are_left_out() -> None:
    assert results_of(UNSURE_FINDING) == []
    assert len(results_of(UNSURE_FINDING, confidence=Confidence.MEDIUM)) == 1


def test_every_rule_is_described_and_every_result_has_one() -> None:
    run = run_of(make_report(), confidence=Confidence.LOW)
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert {rule.rule for rule in all_rules().rules} <= rules.keys()
    assert {result["ruleId"] for result in run["results"]} <= rules.keys()
    # GitHub requires these texts of notifications too.
    for rule in (*rules.values(), *run["tool"]["driver"]["notifications"]):
        assert rule["help"]["text"]
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
    assert all(len(rule["properties"]["tags"]) <= 20 for rule in rules.values())
    timer = rules["timer/forgotten-by-teardown"]
    assert timer["shortDescription"]["text"] == "Timer forgotten by teardown"
    assert "setInterval" in timer["help"]["text"]
    assert "```javascript" in timer["help"]["markdown"]


def test_rules_do_not_depend_on_what_was_found() -> None:
    clean = run_of(CLEAN_REPORT)["tool"]
    assert clean == run_of(make_report((HEARTBEAT_FINDING,)))["tool"]


@pytest.mark.parametrize(("prefix", "category"), [("", "stanch/"), ("packages/web", "stanch/packages/web/")])
def test_the_folder_that_was_scanned_is_the_category(prefix: str, category: str) -> None:
    assert run_of(replace(CLEAN_REPORT, prefix=prefix))["automationDetails"] == {"id": category}


def test_files_that_were_not_judged_are_notifications() -> None:
    skipped = (
        Skipped("a.min.js", SkipCode.MINIFIED, "mean line above 300 bytes"),
        Skipped("b.py", SkipCode.SYNTAX, "line 3"),
    )
    run = run_of(make_report((), skipped=skipped))
    assert [(said["descriptor"]["id"], said["level"]) for said in notifications(run)] == [
        ("skipped/syntax", "warning"),
        ("skipped/minified", "note"),
    ]
    assert notifications(run)[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "b.py"
    assert run["invocations"][0]["executionSuccessful"] is True
    known = {descriptor["id"] for descriptor in run["tool"]["driver"]["notifications"]}
    assert {f"skipped/{code}" for code in SkipCode} <= known


@pytest.mark.parametrize("code", [SkipCode.LIMIT, SkipCode.CRASH])
def test_a_run_that_was_cut_short_was_not_successful(code: SkipCode) -> None:
    run = run_of(make_report((), skipped=(Skipped("a.js", code, "it crashed"),)))
    assert run["invocations"][0]["executionSuccessful"] is False
    assert notifications(run)[0]["level"] == "error"


def many(number: int, message: str = "") -> tuple[Finding, ...]:
    return tuple(
        replace(
            STORE_FINDING, id=f"{index:016x}-1", path=f"src/{index:05}.py", message=message or STORE_FINDING.message
        )
        for index in range(number)
    )


def test_what_github_does_not_take_is_left_out_and_said_so() -> None:
    grave = replace(HEARTBEAT_FINDING, path="zzz.ts")
    advice = tuple(replace(finding, severity=Severity.ADVICE) for finding in many(50))
    run = run_of(make_report((*advice, grave)), max_results=11)
    assert len(run["results"]) == 11
    assert grave.rule in {result["ruleId"] for result in run["results"]}
    assert notifications(run)[-1]["descriptor"] == {"id": "left-out"}
    assert notifications(run)[-1]["message"]["text"].startswith("40 more findings do not fit")


def test_a_log_is_never_larger_than_github_takes() -> None:
    report = make_report(many(6_000, message="x" * 2_000))
    log = sarif_log(report)
    run = json.loads(log)["runs"][0]
    assert MAX_BYTES - 10_000 < len(log) <= MAX_BYTES
    assert len(gzip.compress(log)) <= MAX_BYTES
    left_out = 6_000 - len(run["results"])
    assert notifications(run)[-1]["message"]["text"].startswith(f"{left_out:,} more findings do not fit")


def test_notifications_are_bounded_too() -> None:
    skipped = tuple(Skipped(f"{'long/' * 400}{index}.js", SkipCode.MINIFIED, "y" * 2_000) for index in range(3_000))
    run = run_of(make_report((HEARTBEAT_FINDING,), skipped=skipped))
    said = notifications(run)
    assert len(said) <= MAX_NOTIFICATIONS + 1
    assert said[-1]["message"]["text"].startswith(f"{3_001 - len(said):,} more files were not judged")
    assert len(run["results"]) == 1


def test_a_long_trail_is_cut() -> None:
    (result,) = results_of(replace(STORE_FINDING, trail=STORE_FINDING.trail[:2] * 400))
    steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
    assert len(steps) == MAX_STEPS
    assert steps[-1]["location"]["message"]["text"].endswith("(and 700 more steps)")


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("`x` [click](1) stays open", "`x` [click]\u2060(1) stays open."),
        ("`{0}` stays open", "`{\u20600}` stays open."),
        ("`{a: 1}[b]` stays open.", "`{a: 1}[b]` stays open."),
        ("\u202egnp.exe stays open", "\\u{202e}gnp.exe stays open."),
    ],
)
def test_foreign_names_make_no_link_and_no_placeholder(message: str, shown: str) -> None:
    (result,) = results_of(replace(SERVER_FINDING, message=message))
    assert result["message"]["text"] == shown


names = st.text(min_size=1, max_size=30).filter(lambda name: not name.startswith("/")) | st.binary(
    min_size=1, max_size=30
).map(lambda name: name.decode("utf-8", "surrogateescape"))


@given(foreign_text, names)
@settings(max_examples=40)
def test_whatever_is_found_the_log_is_valid(text: str, path: str) -> None:
    path = path.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")
    finding = replace(
        STORE_FINDING,
        path=path,
        message=text,
        owner=replace(STORE_FINDING.owner, name=text, path=path),
        trail=tuple(replace(step, text=text, path=path) for step in STORE_FINDING.trail),
        fix=replace(STORE_FINDING.fix, summary=text, why=text),
        suppressed=Suppressed(by="pragma", reason=text),
    )
    report = with_printable_paths(make_report((finding,), skipped=(Skipped(path, "limit", text),)))
    run_of(report, read_file=lambda _: text.encode("utf-8", "replace"))


@st.composite
def edited_files(draw: st.DrawFn) -> tuple[bytes, tuple[Edit, ...]]:
    alphabet = st.sampled_from(["a", "é", "😀", "\t", "\n", "\r\n", "\r", "\ufeff", " "])
    pieces = [piece.encode() for piece in draw(st.lists(alphabet, max_size=40))]
    starts = [sum(map(len, pieces[:index])) for index in range(len(pieces) + 1)]
    places = sorted(draw(st.lists(st.sampled_from(starts), min_size=2, max_size=6, unique=True)) if pieces else [0, 0])
    pairs = list(zip(places[::2], places[1::2], strict=False))
    texts = st.sampled_from(["", "x\n", "é😀"])
    return b"".join(pieces), tuple(Edit(path="f.js", start_byte=a, end_byte=b, text=draw(texts)) for a, b in pairs)


def by_bytes(data: bytes, replacements: list[Any]) -> bytes:
    for replacement in reversed(replacements):
        region = replacement["deletedRegion"]
        start = region["byteOffset"]
        data = data[:start] + replacement["insertedContent"]["text"].encode() + data[start + region["byteLength"] :]
    return data


def by_lines(data: bytes, replacements: list[Any]) -> bytes:
    """As an editor applies it: lines end at \\n, columns are code points after a byte-order mark."""
    text = data.decode()
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    text = text.removeprefix("\ufeff")

    def offset(line: int, column: int) -> int:
        return sum(len(before) + 1 for before in text.split("\n")[: line - 1]) + column - 1

    for replacement in reversed(replacements):
        region = replacement["deletedRegion"]
        start = offset(region["startLine"], region["startColumn"])
        end = offset(region["endLine"], region["endColumn"])
        text = text[:start] + replacement["insertedContent"]["text"] + text[end:]
    return (mark + text).encode()


@given(edited_files())
def test_a_fix_is_the_same_by_bytes_and_by_lines(case: tuple[bytes, tuple[Edit, ...]]) -> None:
    data, edits = case
    # An editor has no place before a byte-order mark.
    assume(not data.startswith(codecs.BOM_UTF8) or all(edit.start_byte >= len(codecs.BOM_UTF8) for edit in edits))
    fix = Fix(kind=FixKind.SAFE, summary="ends it", edits=edits)
    log = sarif_log(make_report((replace(HEARTBEAT_FINDING, fix=fix),)), read_file=lambda _: data)
    (result,) = json.loads(log)["runs"][0]["results"]
    (change,) = result["fixes"][0]["artifactChanges"]
    expected = apply(data, edits)
    assert by_bytes(data, change["replacements"]) == expected
    assert by_lines(data, change["replacements"]) == expected
