"""What is remembered of repositories: pull requests, checks, ignores, scans, installations, limits."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from sqlalchemy import text

from bot.database import checks, ignores, installations, pull_requests, scans
from bot.database.installations import Installation
from bot.database.limits import DatabaseLimitStore
from bot.database.pull_requests import Memory
from bot.database.scans import BranchScan
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
        pull_requests.reviewed(connection, 1, 5, "a", "digest")
        assert pull_requests.recall(connection, 1, 5) == Memory("a", "a", "digest")
        assert pull_requests.behind(connection, NONE) == [(1, 6, "x")]
        pull_requests.want(connection, 1, 5, "b")
        assert pull_requests.behind(connection, NONE) == [(1, 6, "x"), (1, 5, "b")]


def test_which_head_there_was_when(database: Database) -> None:
    pushed = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    with database.begin() as connection:
        pull_requests.want(connection, 1, 5, "a")
        assert pull_requests.recall(connection, 1, 5).head_at(pushed) == "a"
        pull_requests.want(connection, 1, 5, "b")
        assert pull_requests.recall(connection, 1, 5).head_at(pushed - HOUR) == "b"
        # The event of the push comes after somebody has seen the new head.
        pull_requests.want(connection, 1, 5, "b", pushed)
        pull_requests.want(connection, 1, 5, "b")
        memory = pull_requests.recall(connection, 1, 5)
    assert [memory.head_at(pushed + shift) for shift in (-HOUR, NONE, HOUR)] == ["a", "b", "b"]


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
        assert pull_requests.recall(connection, 1, 5) == Memory("a")


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
