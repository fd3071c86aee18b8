"""Results of measurements: read as numbers and ids from whoever wrote them, shown as a table."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import Config, load
from bot.decisions.budget_table import budgets_markdown
from bot.decisions.budgets import (
    CHECK_NAME,
    GITHUB_ACTIONS,
    Budgets,
    BudgetsError,
    Grown,
    Precision,
    Result,
    Site,
    State,
    budgets_of,
    embedded,
    failing,
    held,
    parse_budgets,
)
from bot.github.models import CheckRunState
from tests.bot.decisions.states import GROWING, HEAD, KEPT, NEWER, NOISY, budgets, check_run
from tests.bot.reports.github_markdown import foreign_text, leaves, live_links


def config_of(fail_on: str = "new-growth", profile: str = "poll") -> Config:
    text = (
        f"profiles:\n- name: {profile}\n  command: node a.js\n  workload:\n    run: x\n"
        f"budgets:\n  {profile}:\n    timers: 10\n    fail-on: {fail_on}\n"
    )
    return load(text.encode(), "stanch.yml")[0]


def published(text: str, **changes: Any) -> CheckRunState:
    fields = {"name": CHECK_NAME, "app_id": GITHUB_ACTIONS, "status": "completed", "conclusion": "success"}
    return check_run(**{**fields, "text": text, **changes})


def document(**changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = msgspec.to_builtins(budgets(GROWING))
    return {**made, **changes}


def result(**changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = msgspec.to_builtins(GROWING)
    return {**made, **changes}


def text_of(content: object) -> str:
    return f"<!-- stanch:v1 budgets\n{json.dumps(content)}\nstanch:v1 end -->\n"


def test_what_is_published_is_read_again() -> None:
    measured = budgets(GROWING, KEPT, NOISY)
    assert parse_budgets(embedded(measured)) == measured
    assert parse_budgets(f"Some words before.\n\n{embedded(measured)}\nand after") == measured


def test_nothing_in_it_ends_the_comment_that_holds_it() -> None:
    site = Site(path="a --> stanch:v1 end -->.js", line=1)
    measured = budgets(msgspec.structs.replace(GROWING, site=site))
    assert embedded(measured).count("-->") == 1
    assert parse_budgets(embedded(measured)) == measured


@pytest.mark.parametrize(
    "content",
    [
        document(schema="stanch.budget/2"),
        document(commit="main"),
        document(commit=HEAD[:12]),
        document(surprise=1),
        document(environment={"os": "linux", "runtime": "node @octocat"}),
        document(results=[result()] * 201),
        document(results=[result(profile="<b>x</b>")]),
        document(results=[result(metric="disk")]),
        document(results=[result(state="fine")]),
        document(results=[result(**{"class": "sure"})]),
        document(results=[result(head="903")]),
        document(results=[result(head=1e30)]),
        document(results=[result(runs=-1)]),
        document(results=[result(site={"path": "a|b", "line": 1})]),
        document(results=[result(site={"path": "a\nb", "line": 1})]),
        document(results=[result(site={"path": "a", "line": 0})]),
        document(results=[result(head_points=[1] * 61)]),
        document(results=[result(note="@octocat")]),
        document(results=None),
        [],
        1,
        None,
    ],
)
def test_what_does_not_fit_is_refused(content: object) -> None:
    with pytest.raises(BudgetsError):
        parse_budgets(text_of(content))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "<!-- stanch:v1 budgets\n",
        "stanch:v1 end -->\n<!-- stanch:v1 budgets",
        "<!-- stanch:v1 budgets\n{\nstanch:v1 end -->",
        text_of(document()).replace("903", "1e999"),
        text_of(document()).replace("903", "NaN"),
        f"<!-- stanch:v1 budgets\n{'[' * 60_000}\nstanch:v1 end -->",
        "<!-- stanch:v1 budgets\n\ud800\nstanch:v1 end -->",
    ],
)
def test_what_is_no_document_is_refused(text: str) -> None:
    with pytest.raises(BudgetsError):
        parse_budgets(text)


@given(st.text() | foreign_text)
def test_any_text_is_read(text: str) -> None:
    try:
        parse_budgets(f"<!-- stanch:v1 budgets\n{text}\nstanch:v1 end -->")
    except BudgetsError as error:
        assert str(error)


def test_only_the_check_of_the_action_on_this_commit_counts() -> None:
    good = published(embedded(budgets(GROWING)))
    assert budgets_of([good], HEAD) == budgets(GROWING)
    assert budgets_of([], HEAD) is None
    assert budgets_of([replace(good, app_id=7)], HEAD) is None
    assert budgets_of([replace(good, app_id=None)], HEAD) is None
    assert budgets_of([replace(good, name="stanch")], HEAD) is None
    assert budgets_of([replace(good, status="in_progress")], HEAD) is None
    assert budgets_of([replace(good, app_id=99)], HEAD, actions_app=99) == budgets(GROWING)
    newer = replace(good, id=501, text=embedded(budgets(KEPT)))
    assert budgets_of([newer, good], HEAD) == budgets(KEPT)
    assert isinstance(budgets_of([good], NEWER), BudgetsError)
    assert isinstance(budgets_of([replace(good, text="?")], HEAD), BudgetsError)


BEFORE = msgspec.structs.replace(GROWING, state=State.GROWTH_IN_BASE)
OVER = msgspec.structs.replace(GROWING, state=State.OVER_BUDGET)
UNSURE = msgspec.structs.replace(GROWING, precision=Precision.STATISTICAL)


def test_what_a_commit_held_is_kept_by_metric_and_profile() -> None:
    unknown = msgspec.structs.replace(KEPT, profile="other one", head=None)
    assert held(budgets(GROWING, unknown)) == {"timers poll": 903}
    assert held(None) == held(BudgetsError("unreadable")) == {}


@pytest.mark.parametrize(
    ("measured", "config", "fails"),
    [
        (GROWING, config_of(), True),
        (GROWING, config_of("any-growth"), True),
        (GROWING, config_of("never"), False),
        (GROWING, config_of(profile="other"), False),
        (GROWING, Config(), False),
        (BEFORE, config_of(), False),
        (BEFORE, config_of("any-growth"), True),
        (OVER, config_of(), True),
        (OVER, config_of("never"), True),
        (UNSURE, config_of("any-growth"), False),
        (NOISY, config_of(), False),
        (KEPT, config_of(), False),
        (msgspec.structs.replace(GROWING, state=State.INCONCLUSIVE), config_of("any-growth"), False),
        (msgspec.structs.replace(GROWING, state=State.NOT_MEASURED), config_of("any-growth"), False),
    ],
)
def test_what_fails(measured: Result, config: Config, fails: bool) -> None:
    assert bool(failing(budgets(measured), config)) is fails


def test_the_table_says_what_is_not_kept_first() -> None:
    section = budgets_markdown(budgets(KEPT, NOISY, GROWING), config_of())
    lines = section.split("\n")
    assert lines[0] == "#### 1 budget is not kept"
    assert lines[4] == ("| `poll` | timers | **grows** at `src/gateway/heartbeat.ts:14` | 3 | 903 | 10 | +1 |")
    assert (
        lines[5]
        == "| `poll` | rss | over budget (too noisy to fail) | 148.0\u00a0MB | 153.0\u00a0MB | 150.0\u00a0MB |  |"
    )
    assert "<summary>1 budget kept</summary>" in section
    assert "```mermaid" in section
    assert "    line [103, 203, 303, 403, 503, 603, 703, 803, 903]" in section


@pytest.mark.parametrize(
    ("measured", "title"),
    [
        (budgets(KEPT), "All budgets are kept"),
        (budgets(), "All budgets are kept"),
        (budgets(GROWING, KEPT), "No budget fails: 1 grows and 1 kept"),
        (budgets(BEFORE, UNSURE), "No budget fails: 1 grows and 1 grew before"),
    ],
)
def test_its_title(measured: Budgets, title: str) -> None:
    assert budgets_markdown(measured, Config()).split("\n")[0] == f"#### {title}"


def test_without_a_configuration_nothing_is_said_of_what_fails() -> None:
    assert budgets_markdown(budgets(GROWING, KEPT), None).split("\n")[0] == "#### 1 grows and 1 kept"


def test_what_was_not_measured_is_never_a_zero() -> None:
    empty = msgspec.structs.replace(GROWING, state=State.NOT_MEASURED, head=None, base=None, rate=None, site=None)
    assert "| `poll` | timers | not measured | – | – | 10 |  |" in budgets_markdown(budgets(empty), Config())


def test_without_budgets_there_is_no_section() -> None:
    assert budgets_markdown(None, Config()) == ""


def test_places_are_told_with_the_findings_that_they_confirm() -> None:
    first = Grown(rate=1.0, site=Site(path="a.js", line=3, column=5), finding="ab.1")
    second = Grown(rate=1.0, site=Site(path="b.js", line=4))
    result = msgspec.structs.replace(GROWING, grown=(first, second, second), site=first.site)
    section = budgets_markdown(budgets(result), config_of())
    assert "**grows** at `a.js:3`, confirms `ab.1` and at `b.js:4` | 3 |" in section


def test_results_of_a_dirty_tree_are_nobodys() -> None:
    measured = msgspec.structs.replace(budgets(GROWING), dirty=True)
    assert isinstance(budgets_of([published(embedded(measured))], HEAD), BudgetsError)


def test_why_they_cannot_be_read_is_told_inertly() -> None:
    section = budgets_markdown(BudgetsError("Invalid value '@octocat <b>'"), Config())
    assert live_links(section) == []
    assert [token for token in leaves(section) if token.type.startswith("html")] == []


def test_a_section_has_a_bound() -> None:
    long = msgspec.structs.replace(GROWING, profile="p" * 64, site=Site(path="x" * 300, line=9))
    place = Grown(detail="d" * 200, rate=1.0, site=Site(path="y" * 300, line=9), finding="f" * 64)
    long = msgspec.structs.replace(long, grown=(place,) * 20)
    kept = msgspec.structs.replace(long, state=State.PASS)
    assert len(budgets_markdown(budgets(*[long] * 100, *[kept] * 100), config_of(profile="p" * 64))) < 30_000
