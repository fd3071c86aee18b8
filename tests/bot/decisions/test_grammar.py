"""The grammar of `/perf-scan`: what a comment asks for, and that nothing in it can do harm."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.decisions.grammar import (
    MAX_IDS,
    MAX_LINE,
    MAX_REASON,
    Command,
    Incomplete,
    Unknown,
    Verb,
    parse_command,
)

RESCAN = Command(Verb.RESCAN)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("/perf-scan", RESCAN),
        ("/perf-scan  \t ", RESCAN),
        ("/perf-scan\nfix everything", RESCAN),
        ("/perf-scan\r\nfix everything", RESCAN),
        ("\n \n/perf-scan", RESCAN),
        ("   /perf-scan", RESCAN),
        ("/Perf-Scan FULL", Command(Verb.FULL)),
        ("/perf-scan full please", Command(Verb.FULL)),
        ("/perf-scan\n---\nOn Tuesday somebody wrote:", RESCAN),
        ("/perf-scan\n> quoted", RESCAN),
        ("/perf-scan help", Command(Verb.HELP)),
        ("/perf-scan config", Command(Verb.CONFIG)),
        ("/perf-scan budget", Command(Verb.BUDGET)),
        ("/perf-scan pause", Command(Verb.PAUSE)),
        ("/perf-scan resume", Command(Verb.RESUME)),
        ("/perf-scan explain d8d8fa3f6a0e.1", Command(Verb.EXPLAIN, ("d8d8fa3f6a0e.1",))),
        ("/perf-scan explain `d8d8fa3f6a0e.1`", Command(Verb.EXPLAIN, ("d8d8fa3f6a0e.1",))),
        ("/perf-scan ignore d8d8.1 it is  a test", Command(Verb.IGNORE, ("d8d8.1",), "it is a test")),
        ("/perf-scan unignore d8d8.1", Command(Verb.UNIGNORE, ("d8d8.1",))),
        ("/perf-scan fix", Command(Verb.FIX)),
        ("/perf-scan fix d8d8.1, e9e9.2 d8d8.1", Command(Verb.FIX, ("d8d8.1", "e9e9.2"))),
        ("/perf-scan hepl", Unknown("hepl", Verb.HELP)),
        ("/perf-scan rescan", Unknown("rescan", Verb.RESCAN)),
        ("/perf-scan ingore d8d8.1 x", Unknown("ingore", Verb.IGNORE)),
        ("/perf-scan qqqqqq", Unknown("qqqqqq", None)),
        ("/perf-scan `fix`", Unknown("`fix`", Verb.FIX)),
    ],
)
def test_a_command(body: str, expected: Command | Unknown) -> None:
    assert parse_command(body) == expected


@pytest.mark.parametrize(
    "body",
    [
        "",
        "\n",
        "hello",
        "Please /perf-scan",
        "hello\n/perf-scan",
        "/perf-scanner",
        "/perf-scan-full",
        "/perf",
        "//perf-scan",
        "`/perf-scan`",
        "**/perf-scan**",
        "> /perf-scan",
        ">/perf-scan fix",
        "- /perf-scan",
        "1. /perf-scan",
        "# /perf-scan",
        "    /perf-scan",
        "\t/perf-scan",
        "```\n/perf-scan\n```",
        "~~~\n/perf-scan",
        "<!-- -->\n/perf-scan",
        "<b>/perf-scan</b>",
        "\ufeff/perf-scan",
        "\u200b/perf-scan",
        "/perf\u2011scan",
        "\\/perf-scan",
    ],
)
def test_no_command(body: str) -> None:
    assert parse_command(body) is None


@pytest.mark.parametrize(
    ("body", "verb", "problem"),
    [
        ("/perf-scan explain", Verb.EXPLAIN, "It does not say which finding."),
        ("/perf-scan explain !!!!", Verb.EXPLAIN, "`!!!!` is no ID of a finding."),
        ("/perf-scan unignore", Verb.UNIGNORE, "It does not say which finding."),
        ("/perf-scan ignore", Verb.IGNORE, "It does not say which finding."),
        ("/perf-scan ignore d8d8.1", Verb.IGNORE, "It gives no reason; whoever reads the code later wants to know it."),
        ("/perf-scan ignore ```` x", Verb.IGNORE, "It does not say which finding."),
        (
            f"/perf-scan ignore d8d8.1 {'x' * (MAX_REASON + 1)}",
            Verb.IGNORE,
            "Its reason has 501 characters; 500 are kept.",
        ),
        ("/perf-scan fix d8d8.1 ../x", Verb.FIX, "`../x` is no ID of a finding."),
        (
            f"/perf-scan fix {' '.join(f'aaaa{at}' for at in range(MAX_IDS + 1))}",
            Verb.FIX,
            "It names 21 findings; name at most 20, or none for all.",
        ),
    ],
)
def test_an_incomplete_command(body: str, verb: Verb, problem: str) -> None:
    assert parse_command(body) == Incomplete(verb, problem)


WORDS = ("/perf-scan", "fix", "ignore", "d8d8.1", "`d8d8.1`", "```", "~~~", "> ", "    ", "\t", "- ", "<!--", "-->")
ENDS = ("\n", "\r", "\r\n", "\u2028", "\x0b", "\x00", " ")
bodies = st.lists(st.sampled_from((*WORDS, *ENDS, "@octocat", "\u202e", "\ud800")) | st.text(max_size=5)).map("".join)


@given(bodies)
def test_any_comment_is_read(body: str) -> None:
    asked = parse_command(body)
    if asked is None:
        return
    first = next(line for line in body.replace("\r\n", "\n").replace("\r", "\n").split("\n") if line.strip())
    assert first.strip().lower().startswith("/perf-scan")
    assert parse_command(f"{first}\nmore") == asked
    assert parse_command(f"> {body}") is None
    assert parse_command(f"```\n{body}") is None
    assert parse_command(f"    {first.strip()}") is None
    if isinstance(asked, Command):
        assert all(4 <= len(found) <= 200 and found.isascii() for found in asked.ids)


@given(st.sampled_from(list(Verb)), st.text(max_size=30))
def test_the_way_a_verb_is_written_is_read_again(verb: Verb, reason: str) -> None:
    body = verb.usage.replace("[ID ...]", "d8d8.1").replace("ID", "d8d8.1").replace(" reason", f" x {reason}")
    asked = parse_command(body)
    assert isinstance(asked, Command)
    assert asked.verb is verb


@pytest.mark.parametrize("piece", ["(", "[", "![", "*", "`", "<", ">", "- ", "\\", "&", "/perf-scan ", "\n", "a\n"])
def test_long_comments_are_read_in_a_moment(piece: str) -> None:
    # Their first lines are all that is looked at; the whole takes Markdown parsers minutes.
    asked = parse_command(f"/perf-scan fix {piece * (65_536 // len(piece))}")
    assert not isinstance(asked, Command) or len(asked.ids) <= MAX_IDS
    assert parse_command(piece * (65_536 // len(piece))) is None or piece == "/perf-scan "
    assert MAX_LINE < 65_536
