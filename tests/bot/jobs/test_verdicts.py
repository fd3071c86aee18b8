"""How a job goes on after a run, as a table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.jobs.model import Done, Drop, Kind, Outcome, Retry
from bot.jobs.verdicts import Ended, Verdict, judge_run

MINUTE = timedelta(minutes=1)
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
TELLS = Kind(lambda job, lease: Done(), lambda job, lease, reason: Done(), backoff=(MINUTE, 5 * MINUTE))
TELLS_NOT = Kind(lambda job, lease: Done(), backoff=(MINUTE,))


@pytest.mark.parametrize(
    ("kind", "outcome", "failures", "giving_up", "verdict", "ended"),
    [
        (TELLS, Done(), 2, None, Verdict("done", failures=2), Ended.DONE),
        (TELLS, Drop("Closed."), 0, None, Verdict("dropped", reason="Closed."), Ended.DROPPED),
        (TELLS, Retry("No."), 0, None, Verdict("waiting", MINUTE, 1, "No."), Ended.FAILED),
        (TELLS, Retry("No."), 1, None, Verdict("waiting", 5 * MINUTE, 2, "No."), Ended.FAILED),
        (TELLS, Retry("No."), 2, None, Verdict("waiting", timedelta(0), 3, "No.", "No."), Ended.FAILED),
        (TELLS, Retry("Limited.", MOMENT), 2, None, Verdict("waiting", MOMENT, 2, "Limited."), Ended.DELAYED),
        (TELLS, Retry("Limited.", MINUTE), 2, None, Verdict("waiting", MINUTE, 2, "Limited."), Ended.DELAYED),
        (TELLS_NOT, Retry("No."), 1, None, Verdict("waiting", MINUTE, 2, "No."), Ended.FAILED),
        (TELLS_NOT, Retry("No."), 2, None, Verdict("poison", failures=3, reason="No."), Ended.GAVE_UP),
        (TELLS, Done(), 3, "No.", Verdict("poison", failures=3, reason="No."), Ended.GAVE_UP),
        (TELLS, Drop("Gone."), 3, "No.", Verdict("poison", failures=3, reason="No."), Ended.GAVE_UP),
        (TELLS, Retry("Limited.", MINUTE), 3, "No.", Verdict("waiting", MINUTE, 3, "Limited.", "No."), Ended.DELAYED),
        (TELLS, Retry("Away."), 3, "No.", Verdict("waiting", 5 * MINUTE, 4, "No.", "No."), Ended.FAILED),
        (TELLS, Retry("Away."), 12, "No.", Verdict("poison", failures=13, reason="No."), Ended.GAVE_UP),
    ],
)
def test_verdicts(
    kind: Kind, outcome: Outcome, failures: int, giving_up: str | None, verdict: Verdict, ended: Ended
) -> None:
    assert judge_run(kind, outcome, failures, giving_up) == verdict
    assert Ended.of(outcome, verdict) is ended
