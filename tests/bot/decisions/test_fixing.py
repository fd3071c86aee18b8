"""Which pull requests that fix are opened, refreshed and closed, and what is remembered of those that others ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from bot.config import Fault, load
from bot.decisions.fix_actions import (
    CloseFix,
    DeleteFixBranch,
    FixAction,
    LeaveFix,
    OpenFix,
    RefreshFix,
    SettleFix,
    VerifyFix,
)
from bot.decisions.fixing import GONE, NO_FIX, decide_fixes, to_rewrite
from bot.decisions.fixing_new import Why
from bot.decisions.fixing_standing import decide_standing
from bot.decisions.fixing_state import FixingState, FixRecord, Outcomes, Purpose, Seen, SeenPull, Standing
from bot.github.models import DefaultBranch
from bot.judged import PatchedFile
from fixers.findings import Severity
from fixers.source import Skipped
from tests.bot.decisions.fixes import RULE, fixes, group, leak, tree
from tests.bot.decisions.states import HEAD, HTML_URL, NOON
from tests.bot.findings import BY_PRAGMA
from tests.bot.reports.samples import make_report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.config import Config
    from bot.decisions.fix_groups import FixGroup
    from bot.decisions.fixing import FixPlan
    from bot.judged import WrittenGroup
    from fixers.findings import Finding

    Pair = tuple[FixGroup, WrittenGroup]

GRANTED = {"contents": "write", "pull_requests": "write", "checks": "write"}
HURRY = load(b"fix:\n  per-hour: 100\n", "x")[0]
OLD = NOON - timedelta(days=9)
OURS = "1" * 40
THEIRS = "2" * 40


def fingerprint(name: str) -> str:
    return (name * 12)[:12]


def in_package(name: str, **changes: Any) -> Finding:
    """The leak of a package that is called by a letter."""
    return leak(f"{name}/a.js", fingerprint=fingerprint(name), id=f"{fingerprint(name)}.1", **changes)


def one(name: str, *, lines: int = 1, path: bytes | None = None, **changes: Any) -> Pair:
    """The group of a package."""
    files = (PatchedFile(path or f"{name}/a.js".encode(), b"fixed\n"),)
    return group(in_package(name, **changes), package=name, changed_lines=lines, files=files)


def record(name: str, standing: Standing = Standing.OPEN, **changes: Any) -> FixRecord:
    """The record of a package's pull request, opened long ago."""
    made = FixRecord(
        branch=f"stanch/{name}",
        purpose=Purpose.FIX,
        rule=RULE,
        package=name,
        fingerprints=(fingerprint(name),),
        paths=(f"{name}/a.js",),
        number=ord(name[0]),
        heads=(OURS,),
        standing=standing,
        opened_at=OLD,
        updated_at=OLD,
    )
    return replace(made, **changes)


def pull(**changes: Any) -> SeenPull:
    """An open pull request of ours, as nobody has touched it."""
    return replace(SeenPull(97, is_open=True, is_merged=False, head=OURS, has_conflicts=False), **changes)


def state(*pairs: Pair, found: Sequence[Finding] = (), config: Config = HURRY, **changes: Any) -> FixingState:
    """A repository whose scan gave these groups (and the leaks of groups that are not written again)."""
    listed = [finding for made, _ in pairs for finding in made.findings] + list(found)
    known = {name: changes.pop(name) for name in ("is_configured", "faults", "codeowners") if name in changes}
    groups = tuple(written for _, written in pairs)
    judged = tree(*listed, groups=groups, config=config, **{"is_configured": True, **known})
    given = {"permissions": GRANTED, "seen": (), "now": NOON, "html_url": HTML_URL, **changes}
    return FixingState(branch=DefaultBranch("main", HEAD), judged=judged, **given)


def opened(plan: FixPlan) -> list[str]:
    return [action.record.package for action in plan.actions if isinstance(action, OpenFix)]


def waiting(plan: FixPlan) -> dict[str, Why]:
    return {item.group.package: item.why for item in plan.waiting}


def seen(*records: FixRecord) -> tuple[Seen, ...]:
    return tuple(Seen(item, pull() if item.standing is Standing.OPEN else None) for item in records)


def test_what_leaks_comes_first_and_then_what_is_small() -> None:
    pairs = one("a", lines=9), one("b", lines=2), one("c", severity=Severity.ADVICE), one("d", lines=5)
    plan = decide_fixes(state(*pairs))
    assert opened(plan) == ["b", "d", "a"]
    assert waiting(plan) == {"c": Why.LIMIT}
    assert plan.next_in is None


def test_the_parts_of_a_package_are_opened_in_their_order() -> None:
    pairs = []
    for part, (name, lines) in enumerate({"a": 18, "b": 3, "c": 9}.items()):
        made, written = one(name, lines=lines)
        pairs.append((replace(made, package="w", part=part), msgspec.structs.replace(written, package=b"w", part=part)))
    plan = decide_fixes(state(*pairs, one("d", lines=4)))
    records = [action.record for action in plan.actions if isinstance(action, OpenFix)]
    assert [record.fingerprints for record in records] == [(fingerprint(name),) for name in "abc"]
    assert waiting(plan) == {"d": Why.LIMIT}


def test_what_is_opened() -> None:
    config = load(b"fix:\n  labels: [leak]\n  draft: true\n", "x")[0]
    (action,) = decide_fixes(state(one("a"), config=config, codeowners="* @bob\n/a/ @alice @octo/web\n")).actions
    assert isinstance(action, OpenFix)
    assert (action.parent, action.base) == (HEAD, "main")
    assert (action.labels, action.reviewers, action.draft) == (("leak",), ("alice", "octo/web"), True)
    assert action.record == FixRecord(
        branch="stanch/timer-never-released-aaaaaaaa",
        purpose=Purpose.FIX,
        rule=RULE,
        package="a",
        fingerprints=(fingerprint("a"),),
        paths=("a/a.js",),
    )
    assert action.message.startswith(f"{action.title}\n\n")


SLOW = load(b"version: 1\n", "x")[0]
ASKED = {fingerprint("a"): "alice"}
RECENT = NOON - timedelta(minutes=20)
THREE = seen(record("x"), record("y", Standing.LEFT), record("z", Standing.WANTED, purpose=Purpose.FIX))
MERGED = Seen(record("a", Standing.MERGED, is_verified=True))
LAPSED = Seen(record("a", Standing.LAPSED))
ELSEWHERE = Seen(record("a", Standing.MERGED, is_verified=True, package="web"))
JUST_OPENED = seen(record("x", opened_at=RECENT))


@pytest.mark.parametrize(
    ("pair", "changes", "opens", "waits", "next_in"),
    [
        (one("a", lines=20), {}, ["a"], None, None),
        (one("a", lines=21), {}, [], Why.LARGE, None),
        (one("a", lines=21), {"asked": ASKED}, ["a"], None, None),
        (one("a"), {"outcomes": {RULE: Outcomes(merged=2, refused=2)}}, ["a"], None, None),
        (one("a"), {"outcomes": {RULE: Outcomes(merged=3, refused=3)}}, ["a"], None, None),
        (one("a"), {"outcomes": {RULE: Outcomes(merged=2, refused=3)}}, [], Why.DEMOTED, None),
        (one("a"), {"outcomes": {RULE: Outcomes(refused=3)}, "asked": ASKED}, ["a"], None, None),
        (one("a"), {"seen": (MERGED,)}, [], Why.BACK, None),
        (one("a"), {"seen": (MERGED,), "asked": ASKED}, ["a"], None, None),
        (one("a"), {"seen": (LAPSED,)}, [], Why.LAPSED, None),
        (one("a"), {"seen": (LAPSED,), "asked": ASKED}, ["a"], None, None),
        (one("a"), {"seen": (ELSEWHERE,)}, ["a"], None, None),
        (one("a"), {"seen": THREE}, [], Why.LIMIT, None),
        (one("a"), {"seen": THREE, "asked": ASKED}, [], Why.LIMIT, None),
        (one("a"), {"seen": JUST_OPENED}, ["a"], None, None),
        (one("a"), {"seen": JUST_OPENED, "config": SLOW}, [], Why.HOUR, timedelta(minutes=40)),
        (one("a"), {"seen": JUST_OPENED, "config": SLOW, "asked": ASKED}, ["a"], None, None),
        (one("a"), {"config": load(b"fix:\n  per-hour: 0\n", "x")[0]}, [], Why.HOUR, None),
        (one("a"), {"config": load(b"fix:\n  max-open: 0\n", "x")[0]}, [], Why.LIMIT, None),
        (one("a"), {"refused": frozenset({fingerprint("a")})}, [], None, None),
        (one("a"), {"seen": seen(record("a", package="web"))}, [], None, None),
        (one("a"), {"permissions": {"contents": "read", "pull_requests": "write"}}, [], None, None),
        (one("a"), {"config": load(b"fix:\n  enabled: false\n", "x")[0]}, [], None, None),
        (one("a", path=b".github/workflows/a.js"), {}, [], None, None),
        (one("a", path=b"a/\xff.js"), {}, [], None, None),
    ],
)
def test_what_waits_and_why(
    pair: Pair, changes: dict[str, Any], opens: list[str], waits: Why | None, next_in: timedelta | None
) -> None:
    found = [in_package(name) for name in "xyz"]
    plan = decide_fixes(state(pair, found=found, **changes))
    assert opened(plan) == opens
    assert waiting(plan) == ({"a": waits} if waits else {})
    assert plan.next_in == next_in


def test_no_more_reviewers_than_github_takes() -> None:
    owners = " ".join(f"@owner-{at}" for at in range(20))
    (action,) = decide_fixes(state(one("a"), codeowners=f"* {owners}\n")).actions
    assert isinstance(action, OpenFix)
    assert len(action.reviewers) == 15


def test_one_an_hour_of_several_at_once() -> None:
    plan = decide_fixes(state(one("a"), one("b"), one("c"), config=SLOW))
    assert (opened(plan), waiting(plan)) == (["a"], {"b": Why.HOUR, "c": Why.HOUR})
    assert plan.next_in == timedelta(hours=1)


def test_a_name_that_is_taken() -> None:
    ended = record("a", Standing.OBSOLETE, branch="stanch/timer-never-released-aaaaaaaa")
    (action,) = decide_fixes(state(one("a"), seen=(Seen(ended),))).actions
    assert action.record.branch == "stanch/timer-never-released-aaaaaaaa-2"


def test_consent_is_asked_for_once() -> None:
    plan = decide_fixes(state(one("a"), is_configured=False))
    (action,) = plan.actions
    assert isinstance(action, OpenFix)
    assert (action.record.purpose, action.record.branch) == (Purpose.ONBOARDING, "stanch/configure")
    assert [file.path for file in action.files] == [b".github/stanch.yml"]
    assert plan.waiting == ()
    for standing in Standing:
        before = replace(action.record, standing=standing, number=3)
        again = decide_fixes(state(one("a"), is_configured=False, seen=(Seen(before),)))
        assert [other.record for other in again.actions] == ([before] if standing is Standing.WANTED else [])
    assert decide_fixes(state(is_configured=False)).actions == ()


def test_a_thousand_leaks_before_consent_and_after() -> None:
    names = [f"{at:04x}" for at in range(1_000)]
    pairs = [one(name) for name in names]
    assert [action.record.purpose for action in decide_fixes(state(*pairs, is_configured=False)).actions] == [
        Purpose.ONBOARDING
    ]
    plan = decide_fixes(state(*pairs))
    assert opened(plan) == names[:3]
    assert len(plan.waiting) == 997


def test_a_faulty_configuration_opens_nothing() -> None:
    assert decide_fixes(state(one("a"), faults=(Fault(1, 1, "unknown key"),))).actions == ()


SKIPPED = Skipped("a/a.js", "syntax", "line 1")
LIMITED = Skipped("b/b.js", "limit", "too much")


@pytest.mark.parametrize(
    ("finding", "skipped", "conflicts", "ends"),
    [
        (in_package("a"), None, False, None),
        (in_package("a"), None, None, None),
        (in_package("a"), None, True, RefreshFix),
        (in_package("a", suppressed=BY_PRAGMA), None, False, CloseFix),
        (None, None, False, CloseFix),
        (None, None, True, CloseFix),
        (None, SKIPPED, True, None),
        (None, LIMITED, False, None),
        (leak("b/a.js", fingerprint=fingerprint("a")), None, False, CloseFix),
    ],
)
def test_what_becomes_of_an_open_one(
    finding: Finding | None, skipped: Skipped | None, conflicts: bool | None, ends: type[FixAction] | None
) -> None:
    item = Seen(record("a"), pull(has_conflicts=conflicts))
    made = state(found=[finding] if finding else [], seen=(item,))
    if skipped is not None:
        report = make_report((), resolved=(), skipped=(skipped,), complete=False)
        made = replace(made, judged=msgspec.structs.replace(made.judged, report=report))
    wanted = to_rewrite(made)
    rewritten = {branch: fixes(in_package("a")) for branch in wanted}
    actions = decide_fixes(replace(made, rewritten=rewritten)).actions
    assert [type(action) for action in actions] == ([ends] if ends else [])
    if ends is CloseFix:
        assert actions == (CloseFix(item.record, GONE),)


def test_conflicts_with_what_cannot_be_fixed_any_more() -> None:
    item = Seen(record("a"), pull(has_conflicts=True))
    made = state(found=[in_package("a")], seen=(item,))
    assert to_rewrite(made) == {"stanch/a": frozenset({in_package("a").id})}
    assert decide_fixes(replace(made, rewritten={"stanch/a": None})).actions == (CloseFix(item.record, NO_FIX),)
    # Where nobody could find out, nothing is done.
    assert decide_fixes(made).actions == ()


@pytest.mark.parametrize(
    ("rewritten", "there", "ends"),
    [
        ({"stanch/a": fixes(in_package("a"))}, None, [OpenFix]),
        ({"stanch/a": fixes(in_package("a"))}, pull(), [OpenFix]),
        ({"stanch/a": None}, None, [DeleteFixBranch, SettleFix]),
        ({"stanch/a": None}, pull(), [CloseFix]),
        ({}, None, []),
    ],
)
def test_what_was_being_opened(rewritten: dict[str, Any], there: SeenPull | None, ends: list[type[FixAction]]) -> None:
    item = Seen(record("a", Standing.WANTED), there)
    actions = decide_fixes(state(found=[in_package("a")], seen=(item,), rewritten=rewritten)).actions
    assert [type(action) for action in actions] == ends
    assert {action.record.branch for action in actions} <= {"stanch/a"}


def test_what_was_being_opened_and_is_gone() -> None:
    item = Seen(record("a", Standing.WANTED))
    assert decide_fixes(state(seen=(item,))).actions == (
        DeleteFixBranch(item.record),
        SettleFix(item.record, Standing.OBSOLETE),
    )


@pytest.mark.parametrize(("at", "ends"), [(NOON, []), (OLD, [DeleteFixBranch, SettleFix])])
def test_what_was_asked_for_and_never_opened(at: Any, ends: list[type[FixAction]]) -> None:
    item = Seen(record("a", Standing.WANTED, purpose=Purpose.STACKED, updated_at=at))
    assert [type(action) for action in decide_fixes(state(seen=(item,))).actions] == ends


@pytest.mark.parametrize(
    ("found", "is_verified"),
    [((), True), ((in_package("a"),), False), ((leak("b/a.js", fingerprint=fingerprint("a")),), True)],
)
def test_what_is_merged_is_verified(found: tuple[Finding, ...], is_verified: bool) -> None:
    merged = record("a", Standing.MERGED)
    for permissions in (GRANTED, {"contents": "read"}):
        actions = decide_fixes(state(found=found, seen=(Seen(merged),), permissions=permissions)).actions
        assert actions == (VerifyFix(merged, is_verified),)


@pytest.mark.parametrize(
    ("standing", "there", "ends"),
    [
        (Standing.OPEN, pull(), []),
        (Standing.OPEN, pull(head=THEIRS), [LeaveFix]),
        (Standing.WANTED, pull(head=THEIRS), [LeaveFix]),
        (Standing.LEFT, pull(head=THEIRS), []),
        (Standing.OPEN, pull(is_open=False), [DeleteFixBranch, Standing.REFUSED]),
        (Standing.OPEN, pull(is_open=False, is_needed=False), [DeleteFixBranch, Standing.OBSOLETE]),
        (Standing.OPEN, pull(is_open=False, closed_by_us=True), [DeleteFixBranch, Standing.OBSOLETE]),
        (Standing.OPEN, pull(is_open=False, closed_by_bot=True), [DeleteFixBranch, Standing.LAPSED]),
        (Standing.OPEN, pull(is_open=False, is_merged=True), [DeleteFixBranch, Standing.MERGED]),
        (Standing.LEFT, pull(is_open=False, head=THEIRS), [Standing.REFUSED]),
        (Standing.LEFT, pull(is_open=False, is_merged=True, head=THEIRS), [Standing.MERGED]),
        (Standing.REFUSED, pull(), [Standing.OPEN]),
        (Standing.LAPSED, pull(), [Standing.OPEN]),
        (Standing.REFUSED, None, [DeleteFixBranch]),
        (Standing.OBSOLETE, pull(), [Standing.LEFT]),
        (Standing.MERGED, None, [DeleteFixBranch]),
        (Standing.OPEN, None, []),
    ],
)
def test_what_others_did(standing: Standing, there: SeenPull | None, ends: list[Any]) -> None:
    def shown(permissions: dict[str, str]) -> list[Any]:
        actions = decide_standing([Seen(record("a", standing), there)], permissions)
        return [action.standing if isinstance(action, SettleFix) else type(action) for action in actions]

    assert shown(GRANTED) == ends
    assert shown({"pull_requests": "write"}) == [end for end in ends if end is not DeleteFixBranch]


def test_a_branch_is_deleted_once() -> None:
    assert decide_standing([Seen(record("a", Standing.REFUSED, is_tidied=True))], GRANTED) == ()


def test_who_changes_a_proposed_configuration_is_not_told() -> None:
    item = Seen(record("a", purpose=Purpose.ONBOARDING), pull(head=THEIRS))
    assert decide_standing([item], GRANTED) == (LeaveFix(item.record, ""),)
