"""What GitHub makes of a comment: CommonMark with tables, then its own links in the text that is not code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hypothesis import strategies as st
from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token

PARSER = MarkdownIt("commonmark", {"html": True, "breaks": True}).enable(["table", "strikethrough"])

# As GitHub's pipeline has them, or wider: mentions, references, commits, autolinks, emoji.
_LIVE = re.compile(
    r"(?<![\w`/])@[a-z0-9]"
    r"|[\w.+-]+@[\w-]+"
    r"|#\d"
    r"|\b[a-z]+-\d+"
    r"|\bghsa-\w"
    r"|\b[0-9a-f]{7,40}\b"
    r"|(?:https?|ftp|mailto|xmpp):/"
    r"|\bwww\."
    r"|:[a-z0-9_+-]+:",
    re.IGNORECASE | re.ASCII,
)

HOSTILE = (
    "`", "``", "```\n", "~~~", "*", "**", "_", "~~", "[a](b)", "![x](http://evil.example/x.png)", "<b>", "</details>",
    "<!--", "-->", "<script>", "&lt;", "&#64;", "@octocat", "@org/team", "#1", "GH-1", "owner/repo#12", "\\", "|",
    "https://github.com/a/b/issues/1", "www.example.com", "me@example.com", "deadbeefcafe", ":tada:", "$x$", "\n",
    "\n\n# head\n", "\n- item\n", "\n    code\n", "\n> quote\n", "\n| a | b |\n|---|---|\n", "1. ", "- ", "===", "---",
    "\u202e", "\u200b", "\u2060", "\x1b[31m", "\x00", "\ufeff", "\U000e0041", "\ud800", " ", "a", "_b_", "[^1]", "[ ]",
    "\r\n",
)  # fmt: skip

foreign_text = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=6), max_size=8).map("".join)


def leaves(markdown: str) -> Iterator[Token]:
    """Every token of the rendered document that is not a container of inline tokens."""
    for token in PARSER.parse(markdown):
        if token.children is None:
            yield token
        else:
            yield from token.children


def live_links(markdown: str) -> list[str]:
    """What GitHub would turn into a link, mention or emoji in the text of this document."""
    return [match for text in _texts(markdown) for match in _LIVE.findall(text)]


def _texts(markdown: str) -> Iterator[str]:
    for token in PARSER.parse(markdown):
        text = ""
        for child in token.children or ():
            # Code is left alone, and what stands on both sides of it is not one word.
            text += child.content if child.type in ("text", "text_special") else " "
        yield text
