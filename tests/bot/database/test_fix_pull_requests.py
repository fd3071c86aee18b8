"""The ledger of pull requests that fix: what was refused is refused for ever, whatever else is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.database import fix_pull_requests as ledger
from bot.database import ignores
from bot.decisions.fixing_state import FixRecord, Outcomes, Purpose, Standing
from bot.ignores import Ignored

if TYPE_CHECKING:
    from bot.database.engine import Database

RULE = "timer/never-released"


def wanted(branch: str, *fingerprints: str, rule: str = RULE, purpose: Purpose = Purpose.FIX) -> FixRecord:
    return FixRecord(branch=branch, purpose=purpose, rule=rule, package="web", fingerprints=fingerprints)


def opened(database: Database, number: int, *fingerprints: str, rule: str = RULE, repository_id: int = 1) -> str:
    """A pull request that is open; the name of its branch."""
    branch = f"stanch/{number}"
    with database.begin() as connection:
        ledger.want(connection, repository_id, wanted(branch, *fingerprints, rule=rule))
        ledger.opened(connection, repository_id, branch, number)
        ledger.settle(connection, repository_id, branch, Standing.OPEN)
    return branch


def settled(database: Database, branch: str, standing: Standing) -> frozenset[str]:
    """Ends a pull request; what is refused then."""
    with database.begin() as connection:
        ledger.settle(connection, 1, branch, standing)
        return ledger.refused(connection, 1)


def test_what_is_wanted_twice_is_there_once(database: Database) -> None:
    with database.begin() as connection:
        first = ledger.want(connection, 1, wanted("stanch/a", "f1", "f2"))
        ledger.add_head(connection, 1, "stanch/a", "1" * 40)
        ledger.add_head(connection, 1, "stanch/a", "2" * 40)
        second = ledger.want(connection, 1, wanted("stanch/a", "f2"))
        assert (second.fingerprints, second.opened_at) == (("f2",), first.opened_at)
        assert second.heads == ("1" * 40, "2" * 40)
        ledger.opened(connection, 1, "stanch/a", 7)
        ledger.settle(connection, 1, "stanch/a", Standing.OPEN)
        third = ledger.want(connection, 1, wanted("stanch/a", "f3"))
        assert (third.fingerprints, third.number, third.standing) == (("f2",), 7, Standing.OPEN)
        assert ledger.records(connection, 1) == [third]
        assert ledger.find(connection, 2, "stanch/a") is None
        ledger.drop(connection, 1, "stanch/a")
        assert ledger.find(connection, 1, "stanch/a") == third


def test_a_refusal_outlives_everything_but_a_change_of_mind(database: Database) -> None:
    first, second = opened(database, 1, "f1", "f2"), opened(database, 2, "f2", "f3")
    assert settled(database, first, Standing.REFUSED) == {"f1", "f2"}
    assert settled(database, second, Standing.REFUSED) == {"f1", "f2", "f3"}
    assert settled(database, opened(database, 3, "f4"), Standing.OBSOLETE) == {"f1", "f2", "f3"}
    assert settled(database, opened(database, 4, "f5"), Standing.MERGED) == {"f1", "f2", "f3"}
    # What was refused with it is wanted again; what another one refused is not.
    assert settled(database, second, Standing.OPEN) == {"f1", "f2"}
    with database.begin() as connection:
        ledger.ask(connection, 1, ["f1"], "alice")
        assert ledger.refused(connection, 1) == {"f2"}
        assert ledger.refused(connection, 2) == frozenset()


def test_what_is_asked_for_is_so_until_it_is_opened(database: Database) -> None:
    with database.begin() as connection:
        ledger.ask(connection, 1, ["f1", "f2", "f2"], "alice")
        ledger.ask(connection, 1, ["f1"], "bob")
        assert ledger.asked(connection, 1) == {"f1": "alice", "f2": "alice"}
        ledger.want(connection, 1, wanted("stanch/stacked", "f1", purpose=Purpose.STACKED))
        assert ledger.asked(connection, 1) == {"f1": "alice", "f2": "alice"}
        ledger.want(connection, 1, wanted("stanch/a", "f1", "f9"))
        assert ledger.asked(connection, 1) == {"f2": "alice"}


def test_outcomes_by_rule(database: Database) -> None:
    ends = (Standing.MERGED, Standing.REFUSED, Standing.REFUSED, Standing.OBSOLETE, Standing.LEFT)
    for number, standing in enumerate(ends, start=1):
        settled(database, opened(database, number, f"f{number}"), standing)
    opened(database, 6, "f6", rule="file/never-released", repository_id=2)
    with database.begin() as connection:
        ignores.ignore(connection, 1, Ignored(fingerprint="f9", reason="No."), "ada", "socket/unbounded")
        ignores.ignore(connection, 1, Ignored(fingerprint="f8", reason="No."), "ada")
        ignores.ignore(connection, 1, Ignored(fingerprint="f7", reason="No."), "ada", RULE)
        ignores.unignore(connection, 1, "f7", "ada")
        assert ledger.outcomes(connection, 1) == {
            RULE: Outcomes(merged=1, refused=2),
            "socket/unbounded": Outcomes(ignored=1),
        }


def test_whom_a_pull_request_concerns(database: Database) -> None:
    with database.begin() as connection:
        ledger.want(connection, 1, FixRecord(branch="stanch/a", purpose=Purpose.STACKED, stacked_on=5))
        asked = ((5, None), (6, "stanch/a"), (6, None), (6, "feature"))
        assert [ledger.concerns(connection, 1, *one) for one in asked] == [True, True, False, False]
        assert not ledger.concerns(connection, 2, 5, "stanch/a")


def test_whether_a_merge_has_helped(database: Database) -> None:
    branch = opened(database, 1, "f1")
    with database.begin() as connection:
        assert ledger.records(connection, 1)[0].is_verified is None
        ledger.verify(connection, 1, branch, is_verified=True)
        assert ledger.records(connection, 1)[0].is_verified is True
