"""Markers and keys: what is published is found again, and nothing else is."""

from __future__ import annotations

from datetime import date

import pytest

from bot.decisions import keys
from bot.decisions.markers import marked, marker
from tests.bot.decisions.states import HEAD

KEYS = (
    keys.sticky_key(12),
    keys.thread_key(12, "d8d8fa3f6a0e.1"),
    keys.review_key(12, HEAD, "0" * 12),
    keys.check_key("stanch", HEAD),
    keys.check_key("stanch repository", HEAD, 3),
    keys.reply_key(3001),
    keys.press_key(12, 500, "rescan"),
    keys.refusal_key(12, 1, date(2026, 11, 24)),
    keys.reaction_key(3001, "eyes"),
)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\ntext", " \ntext"])
def test_a_key_is_found_in_its_marker(key: str, end: str) -> None:
    body = marker("key", key) + end
    assert marked(body, "key") == key
    assert marked(body, "id") is None


def test_keys_tell_everything_apart() -> None:
    assert len(set(KEYS)) == len(KEYS)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "text",
        f"text\n{marker('key', 'a')}",
        f" {marker('key', 'a')}",
        f"> {marker('key', 'a')}",
        f"{marker('key', 'a')} text",
        "<!-- stanch:v1 key=a--b -->",
        "<!-- stanch:v1 key= -->",
        "<!-- stanch:v2 key=a -->",
    ],
)
def test_nothing_else_is_marked(body: str) -> None:
    assert marked(body, "key") is None


@pytest.mark.parametrize(
    ("key", "run"),
    [
        (keys.check_key("stanch", HEAD), 1),
        (keys.check_key("stanch repository", HEAD, 12), 12),
        ("", 0),
        ("check/stanch/xyz/1", 0),
        (f"check/stanch/{HEAD}/0", 0),
        (f"check/stanch/{HEAD}/1/2", 0),
    ],
)
def test_the_run_of_a_check(key: str, run: int) -> None:
    assert keys.run_of(key) == run
