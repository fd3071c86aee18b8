"""The report on a terminal: readable without colours, with whole paths, and with nothing hidden."""

from __future__ import annotations

import re
from io import StringIO

import msgspec
import pytest
from hypothesis import given
from rich.console import Console

from bot.reports.inert import has_hidden
from bot.reports.terminal import print_report, report_text
from fixers.findings import Confidence
from fixers.source import Skipped
from tests.bot.reports.github_markdown import foreign_text
from tests.bot.reports.samples import (
    CLEAN_REPORT,
    HEARTBEAT_FINDING,
    JOBS_FINDING,
    STORE_FINDING,
    UNSURE_FINDING,
    make_report,
    read_line,
)


def test_a_finding_in_full() -> None:
    text = report_text(make_report((HEARTBEAT_FINDING,), resolved=(), skipped=(), complete=True), read_line=read_line)
    assert (
        text
        == f"""\
src/gateway/heartbeat.ts

  src/gateway/heartbeat.ts:14:18  leak  timer/forgotten-by-teardown
  The interval in `this.timer` keeps firing after `Heartbeat.stop()`.
    14 | this.timer = setInterval(() => this.beat(), INTERVAL_MS);
       |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    1. 14:18  `setInterval` starts here and is kept in `this.timer`
    2. 17:3  `stop()` closes the socket and returns with the interval running
    3. 17:3  looked for `clearInterval(this.timer)` in `stop()` and in what it calls
    fix: safe, clears the interval in `stop()`; run `stanch fix --id {HEARTBEAT_FINDING.id}`
    id: {HEARTBEAT_FINDING.id}

1 leak in 214 files (37 read); 1 safe fix: run `stanch fix`.
"""
    )


def test_findings_are_grouped_by_file_and_summed_up() -> None:
    text = report_text(make_report(), read_line=read_line)
    assert re.findall(r"^\S+\.(?:py|tsx?)$", text, re.MULTILINE) == [
        "collector/jobs.py",
        "collector/store.py",
        "src/gateway/heartbeat.ts",
        "src/rooms/join.ts",
        "src/server.ts",
        "tests/test_export.py",
        "web/src/components/PresenceBadge.tsx",
    ]
    assert text.splitlines()[-3:] == [
        "Incomplete: leaks may be missing, because not everything could be read.",
        "  collector/legacy.py: python2, print statement in line 3",
        "5 leaks, 1 unclean shutdown and 1 leak in tests or examples in 214 files (37 read); 3 safe fixes: "
        "run `stanch fix`; 1 silenced; 1 resolved; 1 less certain, see `--confidence low`.",
    ]


def test_a_clean_report_is_one_line() -> None:
    assert report_text(CLEAN_REPORT) == "No leaks in 214 files (37 read).\n"


def test_less_certain_findings_are_marked_when_asked_for() -> None:
    report = make_report((UNSURE_FINDING,))
    assert UNSURE_FINDING.id not in report_text(report)
    assert "listener/never-released  (medium confidence)" in report_text(report, confidence=Confidence.LOW)


def test_a_caused_finding_says_so() -> None:
    text = report_text(make_report((JOBS_FINDING,)))
    assert "http/never-released  (an old line that leaks because of this change)" in text


def test_without_source_the_code_is_left_out() -> None:
    assert " | " not in report_text(make_report())


def test_long_paths_are_neither_cut_nor_wrapped() -> None:
    path = "a/very/long/path/" * 40 + "x.ts"
    finding = msgspec.structs.replace(HEARTBEAT_FINDING, path=path)
    assert f"  {path}:14:18  leak" in report_text(make_report((finding,))).splitlines()[2]


@pytest.mark.parametrize(
    ("line", "shown", "caret"),
    [
        ("\t\tx = open(p)", "10 | x = open(p)", "   |     ^^^^^^^"),
        ("日本 = open(p)", "10 | 日本 = open(p)", "   |        ^^^^^^^"),
        ("\u202ex = open(p)", r"10 | \u{202e}x = open(p)", "   |             ^^^^^^^"),
    ],
)
def test_the_caret_stands_under_the_code(line: str, shown: str, caret: str) -> None:
    column = line.index("open") + 1
    finding = msgspec.structs.replace(STORE_FINDING, column=column, end_column=column + 7)
    lines = report_text(make_report((finding,)), read_line=lambda _path, _line: line).splitlines()
    start = next(index for index, text in enumerate(lines) if text.startswith("    10 | "))
    assert [text.removeprefix("    ") for text in lines[start : start + 2]] == [shown, caret]


def test_colours_only_where_the_console_has_them() -> None:
    out = StringIO()
    print_report(make_report(), Console(file=out, force_terminal=True, color_system="standard"), read_line=read_line)
    assert "\x1b[" in out.getvalue()
    assert re.sub(r"\x1b\[[\d;]*m", "", out.getvalue()) == report_text(make_report(), read_line=read_line)


@given(foreign_text, foreign_text)
def test_nothing_foreign_is_hidden_or_coloured(message: str, path: str) -> None:
    finding = msgspec.structs.replace(HEARTBEAT_FINDING, message=message, path=path.replace("\ud800", ""))
    report = make_report((finding,), skipped=(Skipped(finding.path, "too-deep", "x"),))
    text = report_text(report, read_line=lambda _path, _line: message)
    assert not has_hidden(text)
