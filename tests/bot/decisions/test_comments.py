"""The sticky comment: when there is one, what it says, and that nothing foreign in it comes alive."""

from __future__ import annotations

import re
from functools import partial

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.decisions.bodies import BODY_LIMIT
from bot.decisions.comments import MAX_LISTED, Around, review_comment
from bot.reports.markdown_finding import Material
from fixers.findings import Change, Finding, Suppressed
from fixers.source import Skipped
from tests.bot.reports.github_markdown import foreign_text, leaves, live_links
from tests.bot.reports.samples import (
    BACKFILL_FINDING,
    BADGE_FINDING,
    CLEAN_REPORT,
    EXPORT_TEST_FINDING,
    HEARTBEAT_FINDING,
    JOBS_FINDING,
    RESOLVED_FINDING,
    ROOMS_FINDING,
    SERVER_FINDING,
    STORE_FINDING,
    UNSURE_FINDING,
    fix_diffs,
    make_report,
    read_line,
)

BLOB_URL = "https://git.example/acme/chat/blob/4b825dc"
MATERIAL = Material(read_line, fix_diffs(), BLOB_URL)
EXISTING_FINDING = msgspec.structs.replace(ROOMS_FINDING, change=Change.EXISTING)


commented = partial(review_comment, key="review")


def comment_on(*findings: Finding) -> str:
    comment = commented(make_report(findings, resolved=(), complete=True), material=MATERIAL)
    assert comment is not None
    return comment


@pytest.mark.parametrize(
    "findings",
    [(), (UNSURE_FINDING,), (EXISTING_FINDING,), (EXPORT_TEST_FINDING,)],
    ids=["clean", "not sure", "in the base too", "only in a test"],
)
def test_nothing_to_say(findings: tuple[Finding, ...]) -> None:
    assert commented(make_report(findings), material=MATERIAL) is None


def test_resolved_leaks_alone_are_no_reason_for_a_comment() -> None:
    assert commented(make_report((), complete=True)) is None


def test_a_published_comment_says_when_all_is_well() -> None:
    comment = commented(CLEAN_REPORT, published=True)
    assert comment is not None
    first, paragraph = comment.rstrip("\n").split("\n\n")
    assert first == "<!-- stanch:v1 key=review -->"
    assert paragraph.startswith("**No leaks**: what was reported here is gone.<br><sub>Stanch 0.1.0 · tree ")
    assert "perf-scan" not in comment


@pytest.mark.parametrize(
    ("findings", "title"),
    [
        ((HEARTBEAT_FINDING,), "This pull request introduces 1 leak; it has a safe fix"),
        ((HEARTBEAT_FINDING, STORE_FINDING), "This pull request introduces 2 leaks; all have a safe fix"),
        ((HEARTBEAT_FINDING, ROOMS_FINDING), "This pull request introduces 2 leaks; 1 has a safe fix"),
        ((ROOMS_FINDING,), "This pull request introduces 1 leak; no safe fix is known"),
        (
            (SERVER_FINDING, HEARTBEAT_FINDING),
            "This pull request introduces 1 leak and 1 unclean shutdown; 1 has a safe fix",
        ),
        ((BACKFILL_FINDING,), "This pull request silences 1 leak and introduces no other"),
    ],
)
def test_the_first_line_says_it_in_plain_words(findings: tuple[Finding, ...], title: str) -> None:
    lines = comment_on(*findings).splitlines()
    assert lines[0] == "<!-- stanch:v1 key=review -->"
    assert lines[2] == f"### {title}"


@pytest.mark.parametrize(
    ("findings", "title"),
    [
        ((HEARTBEAT_FINDING,), "1 leak in the whole tree; it has a safe fix"),
        ((HEARTBEAT_FINDING, ROOMS_FINDING, SERVER_FINDING), "2 leaks and 1 unclean shutdown in the whole tree; 1 has"),
        ((BACKFILL_FINDING,), "No leaks in the whole tree; 1 silenced"),
    ],
)
def test_the_comment_on_a_whole_tree_speaks_of_the_tree(findings: tuple[Finding, ...], title: str) -> None:
    report = msgspec.structs.replace(make_report(findings, resolved=(), complete=True), base=None)
    comment = commented(report, material=MATERIAL)
    assert comment is not None
    assert comment.splitlines()[2].startswith(f"### {title}")
    assert "pull request" not in comment
    assert ("**Silenced**:" in comment) == (BACKFILL_FINDING in findings)


@pytest.mark.parametrize("findings", [(HEARTBEAT_FINDING,), ()], ids=["leaks", "clean"])
def test_a_note_stands_in_the_footer_once(findings: tuple[Finding, ...]) -> None:
    report = make_report(findings, resolved=(), complete=True)
    comment = commented(report, published=True, around=Around(notes=("No check here.",)))
    assert comment is not None
    assert comment.count("No check here.") == 1
    assert "No check here." in comment.rpartition("<sub>")[2]


@pytest.mark.parametrize("fixing", [True, False])
def test_the_command_that_fixes_is_offered_where_it_does(fixing: bool) -> None:
    report = make_report((HEARTBEAT_FINDING,), resolved=(), complete=True)
    comment = commented(report, material=MATERIAL, around=Around(fixing=fixing))
    assert comment is not None
    assert ("Comment `/perf-scan fix` to have the safe fix written for this branch." in comment) == fixing


def test_a_finding_with_a_fix_elsewhere() -> None:
    comment = comment_on(HEARTBEAT_FINDING)
    expected = f"""\
#### The interval in `this.timer` keeps firing after `Heartbeat.stop()`

[`src/gateway/heartbeat.ts:14`]({BLOB_URL}/src/gateway/heartbeat.ts#L14)

```typescript
this.timer = setInterval(() => this.beat(), INTERVAL_MS);
```

**Not released** at line 17: `stop()` closes the socket and returns with the interval running\\
**Looked for** `clearInterval(this.timer)` in `stop()` and in what it calls\\
**Safe fix**: clears the interval in `stop()`

```diff
   }}
{" "}
   stop(): void {{
+    clearInterval(this.timer);
     this.alive = false;
     this.socket.close(1000);
   }}
```

<sub>`timer/forgotten-by-teardown` · ID `{HEARTBEAT_FINDING.id}`</sub>
"""
    assert expected in comment


def test_the_code_is_not_shown_twice() -> None:
    comment = comment_on(STORE_FINDING)
    assert comment.count("psycopg.connect(dsn)") == 1
    assert "```python" not in comment


def test_findings_stand_gravest_first_and_new_lines_before_old_ones() -> None:
    comment = comment_on(SERVER_FINDING, JOBS_FINDING, BADGE_FINDING)
    headlines = re.findall(r"^#### \d\. (.*)$", comment, re.MULTILINE)
    assert [line[:12] for line in headlines] == ["The WebSocke", "The session ", "The pool `po"]
    assert "`collector/jobs.py:5`](" in comment
    assert "an old line that leaks because of this change" in comment
    assert "matters only when the process ends" in comment


def test_three_are_open_and_the_rest_is_folded() -> None:
    comment = comment_on(
        HEARTBEAT_FINDING, STORE_FINDING, BADGE_FINDING, ROOMS_FINDING, SERVER_FINDING, EXPORT_TEST_FINDING
    )
    first, second = comment.index("<details>"), comment.rindex("<details>")
    assert re.findall(r"^#### (\d)", comment[:first], re.MULTILINE) == ["1", "2", "3"]
    assert "<summary>And 1 leak and 1 unclean shutdown</summary>" in comment[first:second]
    assert re.findall(r"^#### (\d)", comment[first:second], re.MULTILINE) == ["4", "5"]
    assert "<summary>1 leak in tests or examples</summary>" in comment[second:]
    assert re.findall(r"^#### (\d)", comment[second:], re.MULTILINE) == ["6"]


def test_suppressions_resolved_leaks_and_unread_files_are_told() -> None:
    comment = commented(make_report(), material=MATERIAL)
    assert comment is not None
    assert (
        f"[`scripts/backfill.py:3`]({BLOB_URL}/scripts/backfill.py#L3), `database/never-released`: one-off" in comment
    )
    assert "Thank you: this change also ends 1 old leak (`src/rooms/join.ts:6`)." in comment
    assert "Not everything could be read, so leaks may be missing here: `collector/legacy.py` (python2)." in comment


def test_the_footer_names_what_the_answer_depends_on() -> None:
    footer = comment_on(HEARTBEAT_FINDING).splitlines()[-1]
    assert "tree `4b825dc642cb` · base `9fceb02d0ae5` · config `44136fa355b3`" in footer
    assert "`/perf-scan explain ID`" in footer


def test_a_suppression_of_the_configuration_is_no_news() -> None:
    configured = msgspec.structs.replace(BACKFILL_FINDING, suppressed=Suppressed(by="config", reason="agreed"))
    assert commented(make_report((configured,), resolved=(), complete=True)) is None


def test_many_findings_are_counted_beyond_fifty() -> None:
    findings = tuple(msgspec.structs.replace(ROOMS_FINDING, id=f"twin-{number}") for number in range(73))
    comment = comment_on(*findings)
    assert len(re.findall(r"^#### ", comment, re.MULTILINE)) == MAX_LISTED
    assert "23 more findings are not shown here" in comment


def test_huge_findings_are_cut_between_findings() -> None:
    long = "`x` " * 300
    trail = tuple(msgspec.structs.replace(step, text=long) for step in ROOMS_FINDING.trail)
    huge = msgspec.structs.replace(ROOMS_FINDING, message=long, path="d/" * 2000 + "a.ts", trail=trail)
    comment = comment_on(*(msgspec.structs.replace(huge, id=f"twin-{number}") for number in range(50)))
    assert len(comment) <= BODY_LIMIT
    assert comment.count("<details>") == comment.count("</details>") == 1
    shown = len(re.findall(r"^#### ", comment, re.MULTILINE))
    assert 3 < shown < 50
    assert f"{50 - shown} more findings are not shown here" in comment


@pytest.mark.parametrize("key", ["a--b", "-->", "a b", "", "x>"])
def test_a_key_that_could_end_the_marker_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="may hold letters"):
        review_comment(CLEAN_REPORT, key=key, published=True)


def test_equal_reports_give_equal_bytes() -> None:
    assert commented(make_report(), material=MATERIAL) == commented(make_report(), material=MATERIAL)


ALLOWED_HTML = {
    "<!-- stanch:v1 key=review -->",
    "<details>",
    "</details>",
    "<summary>",
    "</summary>",
    "<sub>",
    "</sub>",
}
ALLOWED_HTML |= {"<br>"}


@st.composite
def hostile_findings(draw: st.DrawFn) -> Finding:
    finding = draw(st.sampled_from([HEARTBEAT_FINDING, STORE_FINDING, ROOMS_FINDING, BACKFILL_FINDING, SERVER_FINDING]))
    trail = tuple(
        msgspec.structs.replace(step, text=draw(foreign_text), path=draw(foreign_text)) for step in finding.trail
    )
    suppressed = finding.suppressed and Suppressed(by="pragma", reason=draw(foreign_text))
    return msgspec.structs.replace(
        finding,
        message=draw(foreign_text),
        path=draw(foreign_text.filter(lambda path: "\ud800" not in path)),
        trail=trail,
        fix=msgspec.structs.replace(finding.fix, summary=draw(foreign_text), why=draw(foreign_text)),
        suppressed=suppressed,
    )


@settings(max_examples=60)
@given(st.lists(hostile_findings(), min_size=1, max_size=5), foreign_text, foreign_text)
def test_nothing_foreign_comes_alive(findings: list[Finding], line: str, path: str) -> None:
    report = make_report(
        tuple(findings),
        resolved=(msgspec.structs.replace(RESOLVED_FINDING, path=findings[0].path),),
        skipped=(Skipped(path.replace("\ud800", ""), "too-deep", "10,000 levels"),),
    )
    comment = commented(report, material=Material(lambda _path, _line: line, fix_diffs(), BLOB_URL))
    assert comment is not None
    for token in leaves(comment):
        assert token.type not in {"image", "code_block", "hr", "blockquote_open", "table_open", "ordered_list_open"}
        if token.type.startswith("html"):
            tags = re.findall(r"<[^>]*>|[^<]+", re.sub(r"<summary>[\w ,]+</summary>", "", token.content))
            assert {tag.strip() for tag in tags} - {""} <= ALLOWED_HTML
        if token.type == "link_open":
            assert str(token.attrs["href"]).startswith(BLOB_URL)
    assert live_links(comment) == []
