from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.github.errors import Limited
from bot.github.governor import Governor
from bot.github.limits import (
    UNPACED,
    Heard,
    Kind,
    LimitState,
    MemoryLimitStore,
    Priority,
    Quota,
    Rules,
    hear,
    take_turn,
)
from tests.bot.github.clocks import TestClock

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
EASY = Rules(seconds_between_writes=0)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def spend(state: LimitState, kind: Kind, times: int, *, rules: Rules = EASY, priority: Priority) -> LimitState:
    for _ in range(times):
        state, turn = take_turn(state, kind, NOW, rules=rules, priority=priority)
        assert turn.granted
        assert turn.at == NOW
    return state


def test_reads_go_at_once() -> None:
    spend(LimitState(), Kind.READ, 100, priority=Priority.BACKGROUND)


def test_writes_are_a_second_apart_and_in_order() -> None:
    state = LimitState()
    at = []
    for _ in range(4):
        state, turn = take_turn(state, Kind.WRITE, NOW)
        assert turn.granted
        at.append(turn.at)
    assert at == [NOW, after(1), after(2), after(3)]


def test_who_would_wait_long_is_put_off_and_takes_no_turn() -> None:
    state = LimitState(next_write=after(60))
    unchanged, turn = take_turn(state, Kind.WRITE, NOW)
    assert (turn.granted, turn.at) == (False, after(60))
    assert unchanged == state


@pytest.mark.parametrize(
    ("kind", "rules", "times", "free_after"),
    [
        (Kind.READ, Rules(points_per_minute=10, seconds_between_writes=0), 10, 61),
        (Kind.WRITE, Rules(points_per_minute=10, seconds_between_writes=0), 2, 61),
        (Kind.CONTENT, Rules(content_per_minute=3, seconds_between_writes=0), 3, 61),
        (Kind.CONTENT, Rules(content_per_hour=3, seconds_between_writes=0), 3, 3660),
    ],
)
def test_a_spent_limit_says_when_there_is_room(kind: Kind, rules: Rules, times: int, free_after: float) -> None:
    state = spend(LimitState(), kind, times, rules=rules, priority=Priority.PERSON)
    _, turn = take_turn(state, kind, NOW, rules=rules, priority=Priority.PERSON)
    assert (turn.granted, turn.at) == (False, after(free_after))
    _, turn = take_turn(state, kind, after(free_after), rules=rules, priority=Priority.PERSON)
    assert turn.granted


@pytest.mark.parametrize("kind", [Kind.WRITE, Kind.CONTENT])
def test_background_work_leaves_room_for_answering_people(kind: Kind) -> None:
    rules = Rules(points_per_minute=100, content_per_minute=20, content_per_hour=20, seconds_between_writes=0)
    state = spend(LimitState(), kind, 16, rules=rules, priority=Priority.BACKGROUND)
    _, turn = take_turn(state, kind, NOW, rules=rules, priority=Priority.BACKGROUND)
    assert not turn.granted
    spend(state, kind, 4, rules=rules, priority=Priority.PERSON)


def test_a_person_is_answered_however_many_write_in_the_background() -> None:
    state = LimitState()
    while True:
        state, turn = take_turn(state, Kind.WRITE, NOW)
        if not turn.granted:
            break
    state, turn = take_turn(state, Kind.WRITE, NOW, priority=Priority.PERSON)
    assert turn.granted


@pytest.mark.parametrize(
    ("remaining", "priority", "granted"),
    [
        (5000, Priority.BACKGROUND, True),
        (1001, Priority.BACKGROUND, True),
        (1000, Priority.BACKGROUND, False),
        (1000, Priority.PERSON, True),
        (1, Priority.PERSON, True),
        (0, Priority.PERSON, False),
    ],
)
def test_the_primary_limit_is_kept(remaining: int, priority: Priority, granted: bool) -> None:
    quota = Quota(5000, remaining, after(600))
    state = hear(LimitState(), Heard("core", quota), NOW)
    _, turn = take_turn(state, Kind.READ, NOW, priority=priority)
    assert turn.granted is granted
    assert turn.at == (NOW if granted else after(600))
    assert take_turn(state, Kind.READ, NOW, resource="graphql", priority=priority)[1].granted
    assert take_turn(state, Kind.READ, after(600), priority=priority)[1].granted


def test_an_answer_that_was_overtaken_gives_nothing_back() -> None:
    state = hear(LimitState(), Heard("core", Quota(5000, 7, after(600))), NOW)
    state = hear(state, Heard("core", Quota(5000, 9, after(600))), NOW)
    assert state.quotas["core"].remaining == 7
    state = hear(state, Heard("core", Quota(5000, 4999, after(4200))), NOW)
    assert state.quotas["core"].remaining == 4999


@pytest.mark.parametrize(
    ("heard", "seconds"),
    [
        (Heard(refused=True, retry_after=30), 30),
        (Heard(refused=True, retry_after=0), 1),
        (Heard(refused=True, retry_after=1e9), 3600),
        (Heard(quota=Quota(5000, 0, after(900)), refused=True), 900),
        (Heard(quota=Quota(5000, 0, after(900)), refused=True, retry_after=5), 5),
        (Heard(quota=Quota(5000, 0, after(-5)), refused=True), 60),
        (Heard(quota=Quota(5000, 100, after(900)), refused=True), 60),
        (Heard(refused=True), 60),
    ],
)
def test_a_refusal_is_obeyed(heard: Heard, seconds: float) -> None:
    state = hear(LimitState(), heard, NOW)
    assert state.blocked_until == after(seconds)
    _, turn = take_turn(state, Kind.READ, NOW, resource="graphql", priority=Priority.PERSON)
    assert turn.granted is (seconds <= Priority.PERSON.patience.total_seconds())
    assert turn.at == after(seconds)


def test_each_refusal_in_a_row_doubles_the_pause_up_to_an_hour() -> None:
    state, now, pauses = LimitState(), NOW, []
    for _ in range(8):
        state = hear(state, Heard(refused=True), now)
        assert state.blocked_until is not None
        pauses.append((state.blocked_until - now).total_seconds())
        now = state.blocked_until
    assert pauses == [60, 120, 240, 480, 960, 1920, 3600, 3600]
    state = hear(state, Heard(), now)
    assert (state.refusals, state.blocked_until) == (0, None)


def test_requests_refused_together_are_one_refusal() -> None:
    state = hear(LimitState(), Heard(refused=True), NOW)
    for _ in range(10):
        state = hear(state, Heard(refused=True), after(1))
    assert state.refusals == 1
    assert state.blocked_until == after(121)


def test_a_success_that_was_under_way_lifts_no_pause() -> None:
    state = hear(LimitState(), Heard(refused=True, retry_after=30), NOW)
    assert hear(state, Heard(), after(1)).blocked_until == after(30)


@given(
    st.lists(st.tuples(st.floats(0, 30), st.sampled_from(Kind), st.sampled_from(Priority)), max_size=400),
)
def test_no_limit_is_ever_broken(requests: list[tuple[float, Kind, Priority]]) -> None:
    rules = Rules(points_per_minute=60, content_per_minute=6, content_per_hour=20)
    state, now = LimitState(), NOW
    made: list[tuple[datetime, Kind]] = []
    for pause, kind, priority in requests:
        now += timedelta(seconds=pause)
        state, turn = take_turn(state, kind, now, rules=rules, priority=priority)
        if turn.granted:
            assert now <= turn.at <= now + priority.patience
            made.append((turn.at, kind))
        else:
            assert turn.at > now
    assert len(state.seconds) <= 80
    assert len(state.minutes) <= 64
    writes = sorted(at for at, kind in made if kind is not Kind.READ)
    assert all(later - earlier >= timedelta(seconds=1) for earlier, later in pairwise(writes))
    for start, _ in made:
        minute = [kind for at, kind in made if start <= at < start + timedelta(minutes=1)]
        hour = [kind for at, kind in made if start <= at < start + timedelta(hours=1)]
        assert sum(kind.points for kind in minute) <= 60
        assert minute.count(Kind.CONTENT) <= 6
        assert hour.count(Kind.CONTENT) <= 20


def test_the_state_survives_json() -> None:
    state = hear(LimitState(), Heard("core", Quota(5000, 0, after(9)), True), NOW)
    state, _ = take_turn(state, Kind.CONTENT, after(60))
    assert msgspec.json.decode(msgspec.json.encode(state), type=LimitState) == state


def test_workers_share_the_governor() -> None:
    store, clock = MemoryLimitStore(), TestClock()
    turns: list[float] = []

    def work() -> None:
        Governor(store, clock, 7).wait(Kind.WRITE, "core")
        turns.append(1)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(entry.points for entry in store.load(7).seconds) == 20
    assert len({entry.began for entry in store.load(7).seconds}) == len(turns) == 4


def test_the_governor_waits_a_little_or_says_until_when() -> None:
    store, clock = MemoryLimitStore(), TestClock(NOW)
    governor = Governor(store, clock, 7)
    governor.wait(Kind.WRITE, "core")
    governor.wait(Kind.WRITE, "core")
    assert clock.slept == [1.0]
    governor.heard(Heard(refused=True, retry_after=90))
    with pytest.raises(Limited, match="installation 7 no room before 12:01:31 UTC") as caught:
        governor.wait(Kind.READ, "core")
    assert caught.value.not_before == after(91)
    Governor(store, clock, 8).wait(Kind.READ, "core")


def test_without_limits_nothing_waits_until_a_refusal() -> None:
    store, clock = MemoryLimitStore(), TestClock(NOW)
    governor = Governor(store, clock, 7, rules=UNPACED)
    for _ in range(1000):
        governor.wait(Kind.CONTENT, "core")
    assert clock.slept == []
    governor.heard(Heard(refused=True, retry_after=90))
    with pytest.raises(Limited):
        governor.wait(Kind.READ, "core")
