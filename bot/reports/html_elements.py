"""HTML elements, built so that foreign text cannot become one: a `str` is text and escaped, only `Html` is markup."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Final

from bot.reports.inert import terminal_text

if TYPE_CHECKING:
    from collections.abc import Iterable

_CODE_IN_PROSE: Final = re.compile(r"`([^`]+)`")
_VOID: Final = frozenset({"meta"})


class Html(str):
    """Markup: what `element` and its like give, and a `str` never is by itself."""

    __slots__ = ()


def text(value: str) -> Html:
    """Foreign or own words as text; hidden characters are shown as escapes."""
    return Html(escape(terminal_text(value)))


def code_text(value: str) -> Html:
    """Lines of code as text; tabs and line feeds stay, other hidden characters are shown as escapes."""
    lines = ("\t".join(map(text, line.split("\t"))) for line in value.split("\n"))
    return Html("\n".join(lines))


def element(tag: str, *children: str, **attributes: str | bool) -> Html:
    """An element.

    Args:
        tag: its name.
        children: `Html` as it is, any other `str` as text; empty ones are left out.
        attributes: values, escaped; True for one without a value, False and "" to leave it out. `class_` is `class`,
            and any other underscore a hyphen.
    """
    written = "".join(_attribute(name, value) for name, value in attributes.items() if value not in {False, ""})
    if tag in _VOID:
        return Html(f"<{tag}{written}>")
    return Html(f"<{tag}{written}>{joined(children)}</{tag}>")


def joined(children: Iterable[str]) -> Html:
    """Children one after the other: `Html` as it is, any other `str` as text."""
    return Html("".join(child if isinstance(child, Html) else text(child) for child in children))


def prose(sentence: str) -> Html:
    """A sentence of Stanch's with foreign names in it: what stands between backticks becomes code."""
    pieces = enumerate(_CODE_IN_PROSE.split(" ".join(sentence.split())))
    return joined(element("code", piece) if index % 2 else piece for index, piece in pieces)


def _attribute(name: str, value: str | bool) -> str:
    shown = name.removesuffix("_").replace("_", "-")
    return f" {shown}" if value is True else f' {shown}="{text(str(value))}"'
