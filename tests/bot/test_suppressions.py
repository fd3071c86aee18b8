from __future__ import annotations

from datetime import date

import pytest

from bot.config import Config, load
from bot.ignores import Ignored, Ignores, accept
from bot.suppressions import date_matters, suppress
from fixers.findings import Suppressed
from tests.bot.findings import BY_PRAGMA, finding

TODAY = date(2026, 6, 30)


def config(text: str) -> Config:
    return load(f"ignore:\n{text}".encode(), "stanch.yml")[0]


@pytest.mark.parametrize(
    ("entry", "covers"),
    [
        ("rules: [timer/never-released]", True),
        ("rules: ['timer/*']", True),
        ("rules: ['*']", True),
        ("rules: ['file/*']", False),
        ("paths: [a.js]", True),
        ("paths: ['src/**']", False),
        ("paths: [b.js, '*.js']", True),
        ("fingerprints: [aaaaaaaaaaaa]", True),
        ("fingerprints: [aaaaaaaaaaaa.1]", True),
        ("fingerprints: [aaaaaaaaaaaa.2]", False),
        ("{rules: ['timer/*'], paths: [a.js]}", True),
        ("{rules: ['timer/*'], paths: [b.js]}", False),
        ("{rules: ['*'], until: 2026-06-30}", True),
        ("{rules: ['*'], until: 2026-06-29}", False),
    ],
)
def test_an_entry_covers_what_matches_all_of_it(entry: str, covers: bool) -> None:
    body = entry.strip("{}").replace("], ", "]\n    ")
    found, unused = suppress([finding()], config(f"  - {body}\n    reason: known\n"), TODAY)
    assert (found[0].suppressed is not None, unused) == (covers, [] if covers else [0])


def test_the_first_entry_that_covers_says_why() -> None:
    entries = (
        "  - {rules: ['file/*'], reason: one}\n  - {rules: ['*'], reason: two}\n  - {paths: [a.js], reason: three}\n"
    )
    found, unused = suppress([finding(), finding("b.js")], config(entries), TODAY)
    assert [item.suppressed for item in found] == [Suppressed(by="config", reason="two")] * 2
    assert unused == [0, 2]


def test_what_a_pragma_covers_stays_its() -> None:
    found, unused = suppress([finding(suppressed=BY_PRAGMA)], config("  - {rules: ['*'], reason: two}\n"), TODAY)
    assert (found[0].suppressed, unused) == (BY_PRAGMA, [0])


def test_the_date_matters_only_with_a_last_day() -> None:
    assert not date_matters(config("  - {rules: ['*'], reason: known}\n"))
    assert date_matters(config("  - {rules: ['*'], reason: known, until: 2020-01-01}\n"))


def ignores(*entries: Ignored) -> Ignores:
    return Ignores(ignores=entries)


@pytest.mark.parametrize(
    ("entry", "covers"),
    [
        (Ignored(fingerprint="aaaaaaaaaaaa", reason="known"), True),
        (Ignored(fingerprint="aaaaaaaaaaaa.1", reason="known"), True),
        (Ignored(fingerprint="aaaaaaaaaaaa.2", reason="known"), False),
        (Ignored(fingerprint="aaaaaaaaaaaa", reason="known", path="a.js"), True),
        (Ignored(fingerprint="aaaaaaaaaaaa", reason="known", path="b.js"), False),
        (Ignored(fingerprint="aaaaaaaaaaaa", reason="known", until=TODAY), True),
        (Ignored(fingerprint="aaaaaaaaaaaa", reason="known", until=date(2026, 6, 29)), False),
    ],
)
def test_an_accepted_finding(entry: Ignored, covers: bool) -> None:
    found, unused = accept([finding()], ignores(entry), TODAY)
    assert (found[0].suppressed is not None, unused) == (covers, [] if covers else [0])
    assert found[0].suppressed is None or found[0].suppressed.by == "command"


def test_without_ignores_nothing_is_accepted() -> None:
    assert accept([finding()], None, TODAY) == ([finding()], [])


def test_equal_ignores_have_one_digest() -> None:
    one = Ignored(fingerprint="aaaaaaaaaaaa", reason="known")
    other = Ignored(fingerprint="bbbbbbbbbbbb", reason="known")
    assert ignores(one).digest() == ignores(one).digest() != ignores(one, other).digest()
