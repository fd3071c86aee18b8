"""Foreign text made inert: names, paths and code of strangers, shown as what they are and never as markup.

Everything that a report prints and that was not written by Stanch passes through here. The promises: characters that
hide or reorder text are shown as escapes; Markdown, HTML, mentions, references and links stay plain text; code never
breaks out of its span or fence.
"""

from __future__ import annotations

import re

# Controls, line separators, and what Unicode calls default ignorable (DerivedCoreProperties: bidi marks, zero-width
# characters, fillers, tags), with the interlinear marks and lone surrogates. Written out, not asked of `unicodedata`,
# whose answer changes with the version of Python.
_HIDDEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    r"\u2800\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    r"\U000e0000-\U000e0fff]"
    r"|(?<![\u203c-\u3299\U0001f000-\U0001faff])[\ufe0e\ufe0f]"
)
_NAMED_ESCAPES = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}

# GitHub links these in the text of rendered HTML, after Markdown, so that no backslash and no entity prevents it;
# an invisible character inside does. Nothing foreign holds a word joiner any more: it counts as hidden.
_JOINER = "\u2060"
_LIVE = re.compile(
    r"(?<=@)(?=\w)"  # @user, @org/team, owner/repo@commit, mail addresses
    r"|(?<=#)(?=\w)"  # #1, owner/repo#1
    r"|(?<=[A-Za-z0-9]-)(?=\d)"  # GH-1, CVE-2026-1, JIRA-1
    r"|(?<=ghsa-)(?=\w)"
    r"|(?<=:)(?=/)"  # https://
    r"|(?<=www)(?=\.)"
    r"|(?<=:)(?=[\w+-]+:)",  # :emoji:
    re.IGNORECASE,
)
_COMMIT = re.compile(r"(?<![0-9A-Za-z])[0-9a-fA-F]{7,}(?![0-9A-Za-z])")
_COMMIT_PIECE = 6

_MARKUP = re.compile(r"[\\`*_\[\]<>#|~$&]")
_BLOCK_START = re.compile(r"^([0-9]{0,9})([.)+=:-])")
_CODE_IN_PROSE = re.compile(r"`([^`]+)`")


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    return _NAMED_ESCAPES.get(character) or f"\\u{{{ord(character):x}}}"


def terminal_text(text: str) -> str:
    """`text` with every hidden character as an escape: `\\n`, `\\u{202e}`. Fit for terminals and plain titles."""
    return _HIDDEN.sub(_escape, text)


def plain_text(text: str) -> str:
    """`text` for where GitHub renders no Markdown and yet makes links, such as a commit's message: none come about."""
    return _COMMIT.sub(_in_pieces, _LIVE.sub(_JOINER, terminal_text(text)))


def has_hidden(text: str) -> bool:
    """Whether `text` holds a character other than tab and line feed that `terminal_text` would show as an escape."""
    return bool(_HIDDEN.search(text.replace("\t", "").replace("\n", "")))


def markdown_text(text: str) -> str:
    """`text` as one line of Markdown that renders as exactly these words: no markup, HTML, mention, reference or link.

    White space, line ends included, becomes single spaces.
    """
    return _inline(" ".join(text.split()))


def markdown_code(text: str) -> str:
    """`text` as inline code that no backtick in it can end."""
    shown = terminal_text(text)
    if not shown:
        return "` `"
    ticks = "`" * (_longest_run(shown) + 1)
    # CommonMark 6.1: one space is taken off both ends where both have one, and a delimiter may not touch a backtick.
    padding = " " if "`" in (shown[0], shown[-1]) or (shown[0] == shown[-1] == " " and shown.strip()) else ""
    return f"{ticks}{padding}{shown}{padding}{ticks}"


def markdown_prose(text: str) -> str:
    """A sentence of Stanch's with foreign names in it: words between single backticks as code, all else as text."""
    pieces: list[str] = []
    for index, piece in enumerate(_CODE_IN_PROSE.split(" ".join(text.split()))):
        shown = markdown_code(piece) if index % 2 else _inline(piece, at_start=index == 0)
        if pieces and shown.startswith("`") and pieces[-1].endswith("`"):
            shown = _JOINER + shown
        if shown:
            pieces.append(shown)
    return "".join(pieces)


def fenced(code: str, language: str) -> str:
    """`code` as a fenced block, with a fence longer than any run of backticks in it.

    Args:
        code: foreign lines; hidden characters other than tabs are shown as escapes.
        language: the info string: a name of Stanch's own, never foreign text.
    """
    fence = "`" * max(3, _longest_run(code) + 1)
    lines = ("\t".join(map(terminal_text, line.split("\t"))) for line in code.removesuffix("\n").split("\n"))
    return "\n".join((fence + language, *lines, fence))


def _inline(text: str, *, at_start: bool = True) -> str:
    escaped = _MARKUP.sub(r"\\\g<0>", plain_text(text))
    return _BLOCK_START.sub(r"\1\\\2", escaped) if at_start else escaped


def _in_pieces(match: re.Match[str]) -> str:
    digits = match.group()
    return _JOINER.join(digits[start : start + _COMMIT_PIECE] for start in range(0, len(digits), _COMMIT_PIECE))


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)
