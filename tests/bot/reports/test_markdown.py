"""The report as Markdown: everything that fits, folded, cut between findings."""

from __future__ import annotations

import re

import msgspec
import pytest

from bot.reports.markdown import MARKDOWN_LIMIT, report_markdown
from bot.reports.markdown_finding import Material
from fixers.findings import Confidence
from fixers.source import Skipped
from tests.bot.reports.samples import (
    CLEAN_REPORT,
    ROOMS_FINDING,
    UNSURE_FINDING,
    fix_diffs,
    make_report,
    read_line,
)

MATERIAL = Material(read_line, fix_diffs())


def headlines(markdown: str) -> list[str]:
    return re.findall(r"^#### (.*)$", markdown, re.MULTILINE)


def test_counts_come_first() -> None:
    lines = report_markdown(make_report(), material=MATERIAL).splitlines()
    assert lines[0] == "## 5 leaks, 1 unclean shutdown and 1 leak in tests or examples"
    assert lines[2] == (
        "3 with a safe fix · 1 silenced · 1 resolved by this change · 1 less certain, not shown · "
        "214 files considered, 37 read"
    )


def test_tests_are_folded_and_all_findings_numbered() -> None:
    markdown = report_markdown(make_report(), material=MATERIAL)
    assert [line[:2] for line in headlines(markdown)] == ["1.", "2.", "3.", "4.", "5.", "6.", "7."]
    opened, folded = markdown.split("<details>")
    assert len(headlines(opened)) == 6
    assert "<summary>And 1 leak in tests or examples</summary>" in folded


def test_a_clean_report() -> None:
    assert report_markdown(CLEAN_REPORT).startswith("## No leaks\n\n214 files considered, 37 read\n\n<sub>Stanch 0.1.0")


def test_confidence_decides_what_is_shown() -> None:
    assert headlines(report_markdown(make_report((UNSURE_FINDING,)))) == []
    assert len(headlines(report_markdown(make_report((UNSURE_FINDING,)), confidence=Confidence.MEDIUM))) == 1


def test_unread_files_are_listed() -> None:
    markdown = report_markdown(make_report())
    assert "**Incomplete**: leaks may be missing" in markdown
    assert "- `collector/legacy.py`: python2, print statement in line 3" in markdown
    assert "vendor.bundle.js" not in markdown


def test_a_long_report_is_cut_between_findings() -> None:
    findings = tuple(msgspec.structs.replace(ROOMS_FINDING, id=f"twin-{number:04}") for number in range(1000))
    markdown = report_markdown(make_report(findings, resolved=()), material=MATERIAL)
    shown = len(headlines(markdown))
    assert MARKDOWN_LIMIT - 2000 < len(markdown) <= MARKDOWN_LIMIT
    assert markdown.count("ID `twin-") == shown
    assert f"{1000 - shown} more findings do not fit here" in markdown
    assert f"<summary>And {shown - 10} leaks</summary>" in markdown


def test_hostile_names_of_unread_files_do_not_burst_the_limit() -> None:
    skipped = tuple(Skipped("\U000e0041" * 4000 + str(number), "too-deep", "`" * 4000) for number in range(50))
    assert len(report_markdown(make_report(skipped=skipped), limit=20_000)) <= 20_000


def test_a_limit_too_small_is_refused() -> None:
    with pytest.raises(ValueError, match="must be at least 20000"):
        report_markdown(CLEAN_REPORT, limit=100)
