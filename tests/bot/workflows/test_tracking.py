"""The tracking issue: opened once, edited, never reopened; its boxes are commands of those who may write."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import pytest

import bot.acting
import bot.sandbox.jobs
from bot.config import CONFIG_PATH
from bot.database import fix_pull_requests as ledger
from bot.decisions.fixing_state import Standing
from bot.decisions.markers import marked
from bot.decisions.tracking_body import KEY
from bot.decisions.tracking_issue import TITLE
from bot.github.manifest import PERMISSIONS, Size
from tests.bot.postgres import migrated_database
from tests.bot.workflows.conftest import judge_here
from tests.bot.workflows.fix_lives import CONSENT, FixLife
from tests.bot.workflows.hand import Hand
from tests.bot.workflows.traps import Fate, Trap, Traps
from tests.github import FakeGitHub, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.database.embedded import EmbeddedPostgres
    from tests.github import CommentHandle, IssueHandle

GRANTED: Final = {**PERMISSIONS[Size.FIX], "issues": "write"}


@pytest.fixture(scope="module")
def traps() -> Traps:
    """The traps of this module."""
    return Traps()


@pytest.fixture(scope="module")
def hand(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory, traps: Traps) -> Iterator[Hand]:
    """A hand that the tests of this module share, each with repositories of its own."""
    folder = tmp_path_factory.mktemp("tracking")
    with (
        pytest.MonkeyPatch.context() as patch,
        FakeGitHub(folder / "github", hourly_limit=None) as github,
        migrated_database(postgres, folder) as database,
        Hand(github, database, folder / "state", GRANTED) as hand,
    ):
        patch.setattr(bot.acting, "SETTLING", timedelta(0))
        patch.setattr(bot.sandbox.jobs, "run", judge_here)
        traps.spring(patch)
        yield hand


def began(hand: Hand, names: str = "abc", config: str | None = CONSENT, issues: str = "write") -> FixLife:
    """A repository with a leak in each of these packages, after the App was installed."""
    life = FixLife(hand, names, config)
    life.install({**GRANTED, "issues": issues})
    hand.settle()
    return life


def tracking(life: FixLife) -> IssueHandle:
    """The one tracking issue."""
    (issue,) = issues_of(life)
    return issue


def issues_of(life: FixLife) -> list[IssueHandle]:
    return [issue for issue in life.repository.issues if issue.body and marked(issue.body, "key") == KEY]


def tick(life: FixLife, number: int = 0, by: str = "alice") -> None:
    """Somebody ticks a box."""
    issue = tracking(life)
    pieces = (issue.body or "").split("- [ ] <!--")
    ticked = "- [ ] <!--".join(pieces[: number + 1]) + "- [x] <!--" + "- [ ] <!--".join(pieces[number + 1 :])
    issue.edit(by, body=ticked)
    life.hand.settle()


def asked(life: FixLife) -> dict[str, str]:
    with life.hand.database.begin() as connection:
        return ledger.asked(connection, life.repository.id)


def look(life: FixLife) -> None:
    life.look()
    life.hand.settle()


def test_it_is_opened_where_it_was_granted(hand: Hand) -> None:
    life = began(hand)
    issue = tracking(life)
    body = issue.body or ""
    assert (issue.title, issue.state) == (TITLE, "open")
    assert f"- #{life.pull('a').number}: `timer/forgotten-by-teardown` in `a`, 1 leak" in body
    assert body.count("- [ ] <!-- stanch:v1 open=") == 2
    assert "Opened later, one after the other:" in body


def test_it_is_not_opened_where_it_was_not_granted(hand: Hand) -> None:
    assert issues_of(began(hand, issues="read")) == []


def test_a_review_app_keeps_one_too(hand: Hand) -> None:
    life = FixLife(hand, "a")
    life.install({**PERMISSIONS[Size.REVIEW], "issues": "write"})
    hand.settle()
    assert "This App may not write" in (tracking(life).body or "")
    assert life.ours == []


def test_it_says_what_it_waits_for_before_there_is_consent(hand: Hand) -> None:
    life = began(hand, config=None)
    assert f"No pull request with fixes is opened before `{CONFIG_PATH}` is there." in (tracking(life).body or "")


def test_nothing_new_is_no_edit(hand: Hand) -> None:
    life = began(hand)
    writes = [request for request in hand.github.requests if request.method in {"POST", "PATCH"}]
    look(life)
    look(life)
    paths = [item.path for item in hand.github.requests if item.method in {"POST", "PATCH"}][len(writes) :]
    assert not [path for path in paths if "/issues" in path]


def test_it_is_edited_and_stays_one(hand: Hand) -> None:
    life = began(hand)
    life.pull("a").close()
    hand.settle()
    life.pass_hour()
    look(life)
    body = tracking(life).body or ""
    before, _, refused = body.partition("### Refused")
    assert f"- #{life.pull('a').number}: " in refused
    assert f"- #{life.pull('b').number}: " in before
    assert "| `timer/forgotten-by-teardown` | 0 | 1 | 0 |  |" in body


def test_whoever_closes_it_has_switched_it_off(hand: Hand) -> None:
    life = began(hand)
    before = tracking(life).body
    tracking(life).close()
    hand.settle()
    life.pull("a").close()
    hand.settle()
    look(life)
    assert (tracking(life).state, tracking(life).body) == ("closed", before)
    tracking(life).reopen()
    look(life)
    assert "### Refused" in (tracking(life).body or "")


def test_a_tick_of_somebody_who_may_opens_it_now(hand: Hand) -> None:
    life = began(hand)
    tick(life, 1)
    assert life.record("c").requested_by == "alice"
    assert [record.package for record in life.records] == ["a", "c"]
    assert (tracking(life).body or "").count("- [ ] <!--") == 1
    assert "- [x] <!--" not in (tracking(life).body or "")


def test_a_tick_of_anybody_else_is_taken_back(hand: Hand) -> None:
    life = began(hand)
    before = tracking(life).body
    life.repository.set_role("mallory", "triage")
    tick(life, 0, "mallory")
    assert tracking(life).body == before
    assert [record.package for record in life.records] == ["a"]
    assert asked(life) == {}


def test_a_tick_stays_while_as_many_are_open_as_may_be(hand: Hand) -> None:
    life = began(hand, config="fix:\n  max-open: 1\n")
    tick(life, 1)
    assert [record.package for record in life.records] == ["a"]
    assert len(asked(life)) == 1
    body = tracking(life).body or ""
    assert (body.count("- [x] <!--"), body.count("- [ ] <!--")) == (1, 1)
    life.pull("a").merge()
    hand.settle()
    life.pass_hour()
    hand.settle()
    assert life.record("c").requested_by == "alice"


def test_what_was_asked_for_can_be_withdrawn(hand: Hand) -> None:
    life = began(hand, config="fix:\n  max-open: 1\n")
    tick(life, 1)
    issue = tracking(life)
    issue.edit("alice", body=(issue.body or "").replace("- [x] <!--", "- [ ] <!--"))
    hand.settle()
    assert asked(life) == {}
    assert (tracking(life).body or "").count("- [ ] <!--") == 2


def say(life: FixLife, text: str, by: str = "alice") -> CommentHandle:
    """Somebody writes in the issue."""
    comment = tracking(life).comment(by, text)
    life.hand.settle()
    return comment


def replies(life: FixLife) -> list[str]:
    return [comment.body for comment in tracking(life).comments if comment.app is not None]


def test_a_command_in_it_is_answered_once(hand: Hand) -> None:
    life = began(hand)
    comment = say(life, "/perf-scan fix")
    (reply,) = replies(life)
    assert "Asked for 3 fixes. Pull requests follow" in reply
    assert [record.package for record in life.records] == ["a", "b", "c"]
    assert [reaction.content for reaction in comment.reactions] == ["eyes", "rocket"]


def test_a_finding_is_silenced_from_it(hand: Hand) -> None:
    life = began(hand)
    ids = [fingerprint for record in life.records for fingerprint in record.fingerprints]
    say(life, f"/perf-scan ignore {ids[0]} it ends with the page")
    assert "**Silenced**" in replies(life)[0]
    assert life.record("a").standing is Standing.OBSOLETE
    assert "it ends with the page" in (tracking(life).body or "").partition("### Silenced")[2]


def test_who_may_not_asks_in_vain(hand: Hand) -> None:
    life = began(hand)
    life.repository.set_role("mallory", "triage")
    comment = say(life, "/perf-scan fix", "mallory")
    assert "needs write access" in replies(life)[0]
    assert [reaction.content for reaction in comment.reactions] == ["confused"]
    assert [record.package for record in life.records] == ["a"]


@pytest.mark.parametrize("where", ["another issue", "a closed one"])
def test_nobody_is_asked_elsewhere(hand: Hand, where: str) -> None:
    life = began(hand)
    if where == "another issue":
        issue = life.repository.open_issue("alice", "Mine", "Help?")
    else:
        issue = tracking(life)
        issue.close()
    issue.comment("alice", "/perf-scan help")
    hand.settle()
    assert [comment for comment in issue.comments if comment.app is not None] == []


def test_boxes_of_other_issues_are_nobodys(hand: Hand) -> None:
    life = began(hand)
    text = tracking(life).body or ""
    other = life.repository.open_issue("alice", "Mine", text)
    other.edit("alice", body=text.replace("- [ ] <!--", "- [x] <!--"))
    hand.settle()
    assert [record.package for record in life.records] == ["a"]


def test_it_is_known_again_without_memory(hand: Hand) -> None:
    life = began(hand)
    with hand.database.begin() as connection:
        connection.exec_driver_sql("DELETE FROM tracking_issues")
        connection.exec_driver_sql("DELETE FROM effects")
    life.pull("a").close()
    hand.settle()
    assert "### Refused" in (tracking(life).body or "")


@pytest.mark.parametrize("fate", list(Fate))
@pytest.mark.parametrize("at", [1, 2, 3, 4, 5])
def test_it_is_opened_once_whatever_happens(hand: Hand, traps: Traps, at: int, fate: Fate) -> None:
    life = FixLife(hand, "a")
    name = life.repository.full_name
    traps.set[name] = Trap(at, fate, hand.take_over)
    life.install(GRANTED)
    hand.settle()
    look(life)
    traps.set.pop(name, None)
    assert tracking(life).state == "open"
    assert f"- #{life.pull('a').number}: " in (tracking(life).body or "")
    assert len(life.ours) == 1


def test_that_github_refuses_it_keeps_nothing_else_from_being_done(hand: Hand) -> None:
    life = FixLife(hand, "a")
    hand.github.faults.add("POST", f"/repos/{life.repository.full_name}/issues", Fault.NOT_FOUND, times=None)
    life.install(GRANTED)
    hand.settle()
    hand.github.faults.clear()
    assert issues_of(life) == []
    assert life.record("a").standing is Standing.OPEN
    look(life)
    assert tracking(life).state == "open"
