"""Which fixes go together, on what branch, under what title."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.decisions.fix_groups import MAX_CHANGED_LINES, FixGroup, fix_groups, group_of
from fixers.findings import Finding, Fix, FixKind
from tests.bot.decisions.fixes import RULE, group, leak, leaks, tree
from tests.bot.findings import BY_PRAGMA, finding


def one_line_each(findings: list[Finding]) -> dict[str, int]:
    return {item.id: 1 for item in findings}


def test_a_group_is_one_rule_in_one_package() -> None:
    findings = [
        leak("web/src/a.js"),
        leak("a.js"),
        leak("web/b.js", rule="file/never-released"),
        leak("web/lib/deep/c.js"),
        leak("webby/d.js"),
        leak("web/src/e.js"),
    ]
    groups = fix_groups(findings, {"", "web", "web/lib"}, one_line_each(findings))
    assert [(group.rule, group.package, [item.path for item in group.findings]) for group in groups] == [
        ("file/never-released", "web", ["web/b.js"]),
        ("timer/never-released", "", ["a.js", "webby/d.js"]),
        ("timer/never-released", "web", ["web/src/a.js", "web/src/e.js"]),
        ("timer/never-released", "web/lib", ["web/lib/deep/c.js"]),
    ]


def test_only_what_is_safe_and_not_accepted() -> None:
    suggested = Fix(kind=FixKind.SUGGESTED, summary="x")
    assert fix_groups([leak(fix=suggested), leak(suppressed=BY_PRAGMA), finding()], {""}, {}) == []


@pytest.mark.parametrize(
    ("changed", "parts"),
    [
        ([1], [[1]]),
        ([20], [[20]]),
        ([21], [[21]]),
        ([10, 10, 1], [[10, 10], [1]]),
        ([10, 11], [[10], [11]]),
        ([5, 30, 5], [[30], [5, 5]]),
        ([30, 40], [[30], [40]]),
        ([19, 2, 19, 2], [[19], [2], [19], [2]]),
        ([1] * 45, [[1] * 20, [1] * 20, [1] * 5]),
    ],
)
def test_a_group_is_small_enough_to_be_reviewed(changed: list[int], parts: list[list[int]]) -> None:
    findings = leaks(len(changed))
    lines = dict(zip([item.id for item in findings], changed, strict=True))
    groups = fix_groups(findings, {""}, lines)
    assert [[lines[item.id] for item in group.findings] for group in groups] == parts
    assert [group.is_large for group in groups] == [sum(part) > MAX_CHANGED_LINES for part in parts]
    assert [group.part for group in groups] == list(range(len(parts)))


@given(st.lists(st.integers(1, 60), max_size=30))
def test_every_finding_is_in_one_part(changed: list[int]) -> None:
    findings = leaks(len(changed))
    groups = fix_groups(findings, {""}, dict(zip([item.id for item in findings], changed, strict=True)))
    assert sorted(item.id for group in groups for item in group.findings) == [item.id for item in findings]
    assert all(len(group.findings) == 1 for group in groups if group.is_large)


@pytest.mark.parametrize(
    ("prefix", "taken", "name"),
    [
        ("stanch/", [], "stanch/timer-never-released-aaaaaaaa"),
        ("bots/perf.", [], "bots/perf.timer-never-released-aaaaaaaa"),
        ("stanch/", ["stanch/timer-never-released-bbbbbbbb"], "stanch/timer-never-released-aaaaaaaa"),
        ("stanch/", ["stanch/timer-never-released-aaaaaaaa"], "stanch/timer-never-released-aaaaaaaa-2"),
        (
            "stanch/",
            ["stanch/timer-never-released-aaaaaaaa", "stanch/timer-never-released-aaaaaaaa-2"],
            "stanch/timer-never-released-aaaaaaaa-3",
        ),
    ],
)
def test_a_branch_is_named_after_what_does_not_move(prefix: str, taken: list[str], name: str) -> None:
    first = FixGroup(RULE, "web", (leak(line=1), leak(fingerprint="bbbbbbbbbbbb")))
    moved = FixGroup(RULE, "web", (leak(fingerprint="bbbbbbbbbbbb"), leak("new.js", 77)))
    assert first.branch(prefix, taken) == moved.branch(prefix, taken) == name


@pytest.mark.parametrize(
    ("path", "package", "title"),
    [
        ("web/a.js", "web", "Fix a leak in web/a.js: timer/never-released"),
        ("a b.js", "web", "Fix a leak in web: timer/never-released"),
        ("x fixes #12", "", "Fix a leak: timer/never-released"),
        ("@you", "packages/@you", "Fix a leak: timer/never-released"),
        ("a\nb", "a\nb", "Fix a leak: timer/never-released"),
        ("\udcff", "\udcff", "Fix a leak: timer/never-released"),
        ("x" * 300, "", "Fix a leak: timer/never-released"),
    ],
)
def test_a_title_holds_no_reference(path: str, package: str, title: str) -> None:
    assert FixGroup(RULE, package, (leak(path),)).title() == title


@pytest.mark.parametrize(
    ("findings", "part", "title"),
    [
        ((leak("web/a.js", 1), leak("web/a.js", 2)), 0, "Fix 2 leaks in web/a.js: timer/never-released"),
        ((leak("web/a.js"), leak("web/b.js")), 0, "Fix 2 leaks in web: timer/never-released"),
        ((leak("web/a.js"), leak("web/b.js")), 1, "Fix 2 leaks in web: timer/never-released"),
        ((leak("web/src/x/a.js"), leak("web/src/x/b.js")), 0, "Fix 2 leaks in web/src/x: timer/never-released"),
        ((leak("web/@a/b/c.js"),), 0, "Fix a leak in c.js: timer/never-released"),
        ((leak("web/@a/b.js"), leak("web/@a/c.js")), 0, "Fix 2 leaks in web: timer/never-released"),
    ],
)
def test_a_title_says_where(findings: tuple[Finding, ...], part: int, title: str) -> None:
    assert FixGroup(RULE, "web", findings, part).title() == title


def test_a_group_that_was_written_is_known_again() -> None:
    findings = leaks(3)
    made, written = group(*findings[1:], package="w\udcffeb", changed_lines=20)
    assert group_of(tree(*findings), written) == made
    assert group_of(tree(*findings), group(findings[0], changed_lines=21)[1]).is_large
