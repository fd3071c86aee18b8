"""What is remembered of repositories: pull requests, checks, ignores, scans, installations, limits."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from sqlalchemy import text

from bot.database import (
    checks,
    fix_pull_requests,
    ignores,
    installations,
    moments,
    pull_requests,
    scans,
    tracking_issues,
)
from bot.database.installations import Installation
from bot.database.limits import DatabaseLimitStore
from bot.database.pull_requests import Memory
from bot.database.scans import BranchScan
from bot.decisions.fixing_state import FixRecord, Purpose, Standing
from bot.github.limits import Heard, Kind, LimitState, Quota, hear, take_turn
from bot.github.models import RepositoryRef
from bot.ignores import Ignored, Ignores

if TYPE_CHECKING:
    from bot.database.engine import Database
    from bot.github.limits import LimitStore, Turn

NONE = timedelta(0)
HOUR = timedelta(hours=1)
OCTO = RepositoryRef(11, 1, "octo/cat")


def test_a_pull_request_is_remembered(database: Database) -> None:
    with database.begin() as connection:
        assert pull_requests.recall(connection, 1, 5) == Memory()
        pull_requests.want(connection, 1, 5, "a")
        pull_requests.want(connection, 1, 6, "x")
        assert pull_requests.behind(connection, NONE) == [(1, 5, "a"), (1, 6, "x")]
        assert pull_requests.behind(connection, HOUR) == []
        pull_requests.reviewed(connection, 1, 5, "a")
        memory = pull_requests.recall(connection, 1, 5)
        assert (memory.wanted_head, memory.reviewed_head) == ("a", "a")
        assert pull_requests.behind(connection, NONE) == [(1, 6, "x")]
        pull_requests.want(connection, 1, 5, "b")
        assert pull_requests.behind(connection, NONE) == [(1, 6, "x"), (1, 5, "b")]


def test_a_pull_request_that_is_long_closed_is_forgotten(database: Database) -> None:
    with database.begin() as connection:
        for number, head in ((5, None), (6, None), (7, "a")):
            pull_requests.reviewed(connection, 1, number, "a")
            pull_requests.want(connection, 1, number, head)
        pull_requests.pause(connection, 1, 6, "ada")
        assert pull_requests.purge(connection, HOUR) == 0
        assert pull_requests.purge(connection, NONE) == 1
        assert [pull_requests.recall(connection, 1, number).reviewed_head for number in (5, 6, 7)] == [None, "a", "a"]


def test_a_moment_is_remembered(database: Database) -> None:
    noon = datetime(2026, 1, 2, 12, tzinfo=UTC)
    with database.begin() as connection:
        assert moments.recall(connection, "noon") is None
        for moment in (noon, noon + HOUR):
            moments.remember(connection, "noon", moment)
            assert moments.recall(connection, "noon") == moment
        assert moments.recall(connection, "midnight") is None


NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
OPENED = NOON - HOUR * 2


@pytest.mark.parametrize(
    ("heard", "heads"),
    [
        pytest.param([("a", None)], "aaa", id="the first"),
        pytest.param([("a", OPENED), ("b", NOON)], "aab", id="a push, and one in the same second"),
        pytest.param([("a", OPENED), ("b", NOON - HOUR), ("b", NOON - HOUR)], "bbb", id="a push that is told twice"),
        pytest.param([("a", OPENED), ("b", NOON + SECOND * 2), ("c", NOON + HOUR)], "aaa", id="two pushes later"),
        pytest.param([("a", OPENED), ("c", NOON + HOUR), ("b", NOON)], "aab", id="told in the wrong order"),
        pytest.param([("a", OPENED), ("b", None)], "???", id="seen before the push is told"),
        pytest.param([("a", OPENED), ("b", None), ("b", NOON)], "aab", id="seen, and then told"),
        pytest.param([("a", NOON - HOUR), ("b", NOON), ("a", NOON + SECOND)], "aab", id="pushed back"),
        pytest.param([("a", OPENED), (None, None)], "???", id="closed"),
        pytest.param([("a", OPENED), (None, None), ("b", NOON)], "aab", id="pushed while closed"),
        pytest.param(
            [("a", OPENED), *((str(number), NOON + HOUR) for number in range(pull_requests.KEPT_HEADS))],
            "???",
            id="more pushes than are kept",
        ),
    ],
)
def test_which_head_there_was_when(
    database: Database, heard: list[tuple[str | None, datetime | None]], heads: str
) -> None:
    """A second before noon, at noon, and a second after; never one that was pushed later, ? where it is not known."""
    with database.begin() as connection:
        for head, since in heard:
            pull_requests.want(connection, 1, 5, head, since)
        memory = pull_requests.recall(connection, 1, 5)
    assert memory.wanted_head == heard[-1][0]
    assert "".join(memory.head_at(NOON + shift) or "?" for shift in (-SECOND, NONE, SECOND)) == heads


def test_heads_are_heard_of_at_once(database: Database) -> None:
    """None of them is lost over another one's being written down."""
    heads = [str(number) for number in range(8)]

    def hear_of(head: str) -> None:
        with database.begin() as connection:
            pull_requests.want(connection, 1, 5, head, NOON)

    threads = [threading.Thread(target=hear_of, args=(head,)) for head in heads]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.begin() as connection:
        assert sorted(head.commit for head in pull_requests.recall(connection, 1, 5).heads) == heads


def test_a_pause_is_remembered_until_it_ends(database: Database) -> None:
    with database.begin() as connection:
        pull_requests.want(connection, 1, 5, "a")
        assert not pull_requests.resume(connection, 1, 5)
        pull_requests.pause(connection, 1, 5, "ada\0")
        paused = pull_requests.recall(connection, 1, 5).paused
        assert paused is not None
        assert paused.by == "ada\ufffd"
        assert pull_requests.behind(connection, NONE) == []
        assert pull_requests.resume(connection, 1, 5)
        assert pull_requests.recall(connection, 1, 5).paused is None


def test_a_check_is_open_until_it_ends(database: Database) -> None:
    with database.begin() as connection:
        checks.begun(connection, 1, "a", "check:a", 5)
        assert [check.check_id for check in checks.open_in_pull_request(connection, 1, 5)] == [None]
        checks.started(connection, 1, 100, "a", "check:a", 5)
        checks.begun(connection, 1, "a", "check:a", 5)
        checks.started(connection, 1, 101, "b", "check:b", 5)
        checks.started(connection, 1, 102, "main", "check:main")
        assert [check.check_id for check in checks.open_in_pull_request(connection, 1, 5)] == [100, 101]
        assert [check.key for check in checks.open_on_branch(connection, 1)] == ["check:main"]
        checks.ended(connection, 1, "check:a")
        assert [(check.check_id, check.head_sha, check.number) for check in checks.left_open(connection, NONE)] == [
            (101, "b", 5),
            (102, "main", None),
        ]
        assert all(NONE < check.age < HOUR for check in checks.left_open(connection, NONE))
        assert checks.left_open(connection, HOUR) == []


def test_ignores_are_remembered_with_who_and_why(database: Database) -> None:
    first = Ignored(fingerprint="f00d1", path="src/a\udcff.js", reason="A known\0 leak.")
    second = Ignored(fingerprint="abcd1", reason="Not ours.", until=date(2027, 1, 1))
    with database.begin() as connection:
        assert ignores.ignore(connection, 1, first, "ada")
        assert ignores.ignore(connection, 1, second, "bob")
        assert ignores.ignore(connection, 2, second, "bob")
        assert ignores.in_force(connection, 1) == Ignores(
            ignores=(
                second,
                Ignored(fingerprint="f00d1", path="src/a\ufffd.js", reason="A known\ufffd leak."),
            )
        )
        assert not ignores.ignore(connection, 1, msgspec.structs.replace(second, reason="It is, but wanted."), "eve")
        assert ignores.unignore(connection, 1, "f00d1", "eve")
        assert not ignores.unignore(connection, 1, "f00d1", "eve")
        assert [entry.reason for entry in ignores.in_force(connection, 1).ignores] == ["It is, but wanted."]
        story = [(entry.ignored.reason, entry.ignored_by, entry.revoked_by) for entry in ignores.history(connection, 1)]
    assert story == [
        ("A known\ufffd leak.", "ada", "eve"),
        ("Not ours.", "bob", "eve"),
        ("It is, but wanted.", "eve", None),
    ]


def test_only_the_last_scans_are_kept(database: Database) -> None:
    with database.begin() as connection:
        scans.record(connection, 2, BranchScan("c", 0, {}, {}, is_complete=True))
        for number in range(scans.KEPT + 3):
            scans.record(connection, 1, BranchScan(f"c{number}", 0, {}, {}, is_complete=True))
        kept = [scan.commit for scan in scans.history(connection, 1, count=100)]
        assert kept == [f"c{number}" for number in reversed(range(3, scans.KEPT + 3))]
        assert len(scans.history(connection, 2)) == 1


def test_scans_are_compared_with_the_last_of_another_commit(database: Database) -> None:
    one = BranchScan("c1", 3, {"timer/never-released": 3}, {"files": 10}, is_complete=True)
    two = BranchScan("c2", 1, {"timer/never-released": 1}, {"files": 11}, is_complete=False)
    with database.begin() as connection:
        assert scans.history(connection, 1) == []
        for scan in (one, two, replace(two, findings=2)):
            scans.record(connection, 1, scan)
        scans.record(connection, 2, one)
        last, before = scans.history(connection, 1)
        assert [scan.commit for scan in scans.history(connection, 1, count=1)] == ["c2"]
    assert (last.commit, last.findings, last.is_complete) == ("c2", 2, False)
    assert (before.commit, before.by_rule, before.totals) == ("c1", one.by_rule, one.totals)


def test_what_was_measured_is_kept_with_the_scan(database: Database) -> None:
    scan = BranchScan("c1", 0, {}, {}, is_complete=True, budgets={"timers poll": 3, "heap poll": 2.5})
    with database.begin() as connection:
        scans.record(connection, 1, scan)
        scans.record(connection, 1, BranchScan("c2", 0, {}, {}, is_complete=True))
        assert [kept.budgets for kept in scans.history(connection, 1)] == [{}, scan.budgets]


def test_a_tracking_issue_is_remembered(database: Database) -> None:
    with database.begin() as connection:
        assert tracking_issues.number_of(connection, 1) is None
        for number in (5, 7):
            tracking_issues.save(connection, 1, number)
        tracking_issues.save(connection, 2, 9)
        assert (tracking_issues.number_of(connection, 1), tracking_issues.number_of(connection, 2)) == (7, 9)


def test_installations_and_their_repositories(database: Database) -> None:
    permissions = {"checks": "write", "contents": "read"}
    with database.begin() as connection:
        installations.save_installation(connection, 11, 7, "octo", permissions)
        installations.save_installation(connection, 12, 8, "hexa", {})
        installations.save_repository(connection, OCTO)
        installations.save_repository(connection, RepositoryRef(12, 2, "hexa/dog"))
        installations.save_repository(connection, RepositoryRef(12, 3, "hexa/old"), is_archived=True)
        assert installations.find_installation(connection, 11) == Installation(11, 7, "octo", permissions)
        assert installations.find_installation(connection, 13) is None
        assert [ref.repository_id for ref in installations.active_repositories(connection)] == [1, 2]

        installations.suspend(connection, 12)
        assert installations.active_repositories(connection) == [OCTO]
        installations.unsuspend(connection, 12)
        renamed = RepositoryRef(12, 1, "hexa/kitten")
        installations.save_repository(connection, renamed)
        assert installations.find_repository(connection, 1) == renamed
        installations.save_installation(connection, 11, 7, "octopus", {"checks": "read"})
        assert installations.find_installation(connection, 11) == Installation(11, 7, "octopus", {"checks": "read"})

        # Heard of archived repositories keep their state where an event does not say it.
        installations.save_repository(connection, RepositoryRef(12, 3, "hexa/older"))
        assert [ref.repository_id for ref in installations.active_repositories(connection)] == [1, 2]

        # What another installation says of a repository that has gone to this one.
        installations.remove_repository(connection, 2, 11)
        assert installations.find_repository(connection, 2) is not None
        installations.remove_repository(connection, 2, 12)
        assert installations.find_repository(connection, 2) is None
        installations.remove_installation(connection, 12)
        assert installations.active_repositories(connection) == []
        assert installations.find_repository(connection, 3) is None


def test_all_that_is_known_of_a_repository_can_be_deleted(database: Database) -> None:
    with database.begin() as connection:
        for repository_id in (1, 2):
            installations.save_repository(connection, RepositoryRef(11, repository_id, "octo/cat"))
            pull_requests.want(connection, repository_id, 5, "a")
            checks.started(connection, repository_id, 100, "a", "key")
            ignores.ignore(connection, repository_id, Ignored(fingerprint="f00d1", reason="No."), "ada")
            scans.record(connection, repository_id, BranchScan("c1", 0, {}, {}, is_complete=True))
            fix = FixRecord(branch="stanch/a", purpose=Purpose.FIX, fingerprints=("f00d2",))
            fix_pull_requests.want(connection, repository_id, fix)
            fix_pull_requests.opened(connection, repository_id, "stanch/a", 6)
            fix_pull_requests.settle(connection, repository_id, "stanch/a", Standing.REFUSED)
            fix_pull_requests.ask(connection, repository_id, ["f00d3"], "ada")
            tracking_issues.save(connection, repository_id, 7)
            begun = "INSERT INTO effects (repository_id, key, fence, begun_at) VALUES (:id, 'key', 1, now())"
            connection.execute(text(begun), {"id": repository_id})
        installations.forget_everything(connection, 1)
        tables = "SELECT table_name FROM information_schema.columns WHERE column_name = 'repository_id'"
        for table in connection.execute(text(tables)).scalars().all():
            left = connection.execute(text(f"SELECT repository_id FROM {table}")).scalars().all()
            assert left == ([] if table == "audit" else [2]), table
        assert installations.find_repository(connection, 1) is None


def test_limits_are_shared_and_changed_by_one_at_a_time(database: Database) -> None:
    store: LimitStore = DatabaseLimitStore(database)
    assert store.load(11) == LimitState()
    now = datetime(2026, 1, 1, tzinfo=UTC)

    def turn(state: LimitState) -> tuple[LimitState, Turn]:
        return take_turn(state, Kind.READ, now)

    threads = [threading.Thread(target=store.update, args=[11, turn]) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sum(spent.points for spent in DatabaseLimitStore(database).load(11).seconds) == 20
    assert store.load(12) == LimitState()

    def heard(state: LimitState) -> tuple[LimitState, int]:
        quota = Quota(limit=5000, remaining=0, resets_at=now + HOUR)
        return hear(state, Heard(quota=quota, refused=True), now), 7

    assert store.update(12, heard) == 7
    assert store.load(12).blocked_until == now + HOUR
    with pytest.raises(ZeroDivisionError):
        store.update(12, lambda state: (LimitState(), 1 // 0))
    assert store.load(12).refusals == 1


def test_limits_of_another_release_are_forgotten(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(text('INSERT INTO limits VALUES (11, \'{"seconds": "many"}\')'))
    store = DatabaseLimitStore(database)
    assert store.load(11) == LimitState()
    assert store.update(11, lambda state: (state, state)) == LimitState()
