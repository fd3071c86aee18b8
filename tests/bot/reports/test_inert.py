"""Foreign text stays text."""

from __future__ import annotations

import pytest
from hypothesis import example, given

from bot.reports.inert import fenced, has_hidden, markdown_code, markdown_prose, markdown_text, terminal_text
from tests.bot.reports.github_markdown import PARSER, foreign_text, leaves, live_links

JOINER = "\u2060"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ünïcödé 日本", "plain ünïcödé 日本"),
        ("a\u202eb", r"a\u{202e}b"),
        ("\x1b[31mred", r"\u{1b}[31mred"),
        ("new\nline\r\ttab", r"new\nline\r\ttab"),
        ("tag\U000e0041", r"tag\u{e0041}"),
        ("half \ud800", r"half \u{d800}"),
        ("warning \u26a0\ufe0f", "warning \u26a0\ufe0f"),
        ("a\ufe0f", r"a\u{fe0f}"),
    ],
)
def test_hidden_characters_are_shown_as_escapes(text: str, shown: str) -> None:
    assert terminal_text(text) == shown


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("closes the socket", "closes the socket"),
        ("ask @octocat", f"ask @{JOINER}octocat"),
        ("see #12 and GH-12", f"see \\#{JOINER}12 and GH-{JOINER}12"),
        ("at https://x.y/z", f"at https:{JOINER}//x.y/z"),
        ("since 4b825dc642cb", f"since 4b825d{JOINER}c642cb"),
        ("<b>*x*</b>", r"\<b\>\*x\*\</b\>"),
        ("1. one\n2. two", r"1\. one 2. two"),
        ("", ""),
    ],
)
def test_text_in_markdown(text: str, markdown: str) -> None:
    assert markdown_text(text) == markdown


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("a.b", "`a.b`"),
        ("a`b", "``a`b``"),
        ("`a``b`", "``` `a``b` ```"),
        (" x ", "`  x  `"),
        ("", "` `"),
        ("a\nb", r"`a\nb`"),
    ],
)
def test_code_in_markdown(text: str, markdown: str) -> None:
    assert markdown_code(text) == markdown


def test_prose_keeps_names_between_backticks_as_code() -> None:
    prose = markdown_prose("The interval in `this.timer` outlives @octocat's `*stop*`.")
    assert prose == f"The interval in `this.timer` outlives @{JOINER}octocat's `*stop*`."


@given(foreign_text)
@example("`a``b`")
def test_text_renders_as_itself_and_as_nothing_else(text: str) -> None:
    markdown = markdown_text(text)
    tokens = [token for token in leaves(markdown) if token.type not in ("paragraph_open", "paragraph_close")]
    assert {token.type for token in tokens} <= {"text", "text_special"}
    assert "".join(token.content for token in tokens).replace(JOINER, "") == terminal_text(" ".join(text.split()))
    assert live_links(markdown) == []


@given(foreign_text)
def test_code_renders_as_itself(text: str) -> None:
    tokens = list(leaves(f"before {markdown_code(text)} after"))
    assert [token.type for token in tokens if not token.type.startswith("paragraph")] == ["text", "code_inline", "text"]
    assert [token.content for token in tokens if token.type == "code_inline"] == [terminal_text(text) or " "]


@given(foreign_text)
def test_prose_is_text_and_code_only(text: str) -> None:
    markdown = markdown_prose(text)
    tokens = {token.type for token in leaves(markdown)}
    assert tokens <= {"text", "text_special", "code_inline", "paragraph_open", "paragraph_close"}
    assert live_links(markdown) == []


@given(foreign_text)
def test_a_fence_holds_all_of_the_code(code: str) -> None:
    tokens = PARSER.parse(f"{fenced(code, 'python')}\n\nafter")
    assert [token.type for token in tokens] == ["fence", "paragraph_open", "inline", "paragraph_close"]
    assert tokens[0].info == "python"
    assert tokens[0].content.count("\n") == code.removesuffix("\n").count("\n") + 1
    assert not has_hidden(tokens[0].content)


@given(foreign_text)
def test_has_hidden_says_whether_a_fence_would_change_the_code(code: str) -> None:
    content = PARSER.parse(fenced(code, "python"))[0].content
    assert has_hidden(code) == (content != code.removesuffix("\n") + "\n")
