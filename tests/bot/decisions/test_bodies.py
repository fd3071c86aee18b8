"""Bodies in bounds: the longest part gives way, and nothing is cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.decisions.bodies import TOO_LONG, assembled


def test_parts_stand_as_paragraphs() -> None:
    assert assembled(("a", "", "b", "b")) == "a\n\nb\n\nb\n"


def test_the_longest_part_gives_way() -> None:
    assert assembled(("a" * 90, "b" * 200, "c" * 80), 250) == f"{'a' * 90}\n\n{TOO_LONG}\n\n{'c' * 80}\n"


@given(st.lists(st.integers(0, 2000).map(lambda size: "x" * size), max_size=30), st.integers(100, 3000))
def test_there_is_always_room(parts: list[str], limit: int) -> None:
    short = [part for part in parts if part and len(part) <= len(TOO_LONG)]
    body = assembled(parts, limit)
    shown = body.removesuffix("\n").split("\n\n")
    assert len(body) <= max(limit, sum(len(part) + 2 for part in (*short, TOO_LONG)))
    assert all(part in (*parts, TOO_LONG, "") for part in shown)
    assert shown.count(TOO_LONG) <= 1
