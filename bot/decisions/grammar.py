"""The grammar of `/perf-scan`: what a comment asks for, if it asks for anything. Pure.

Only the first line counts, and only where it is plain text: what stands in a code block or a quote is talked about,
not asked for.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Sequence

NAME: Final = "/perf-scan"
MAX_LINE: Final = 2_000
MAX_IDS: Final = 20
MAX_REASON: Final = 500

_LINE_END = re.compile(r"\r\n|\r|\n")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{3,199}")


class Verb(StrEnum):
    """What can be asked for; nothing after the name is a rescan."""

    RESCAN = "rescan"
    FULL = "full"
    HELP = "help"
    EXPLAIN = "explain"
    CONFIG = "config"
    BUDGET = "budget"
    IGNORE = "ignore"
    UNIGNORE = "unignore"
    FIX = "fix"
    PAUSE = "pause"
    RESUME = "resume"

    @property
    def usage(self) -> str:
        """How it is written."""
        return " ".join(filter(None, (NAME, "" if self is Verb.RESCAN else self.value, _ARGUMENTS.get(self, ""))))


_ARGUMENTS: Final = {Verb.EXPLAIN: "ID", Verb.IGNORE: "ID reason", Verb.UNIGNORE: "ID", Verb.FIX: "[ID ...]"}
_WORDS: Final = tuple(verb.value for verb in Verb if verb is not Verb.RESCAN)


@dataclass(frozen=True)
class Command:
    """A verb with its arguments; more words than it takes are nobody's."""

    verb: Verb
    ids: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Incomplete:
    """A verb whose arguments are missing or wrong: what is wrong, a sentence of ours with foreign words as code."""

    verb: Verb
    problem: str


@dataclass(frozen=True)
class Unknown:
    """A word that is no verb, and the verb that was probably meant."""

    word: str
    nearest: Verb | None


def parse_command(body: str) -> Command | Incomplete | Unknown | None:
    """What a comment asks for; None where it asks for nothing.

    Args:
        body: the Markdown of the whole comment. Time is linear in its first lines, whatever they hold.
    """
    line = _first_line(body)
    name, *words = line.split() or [""]
    if name.lower() != NAME:
        return None
    if not words:
        return Command(Verb.RESCAN)
    word, arguments = words[0], words[1:]
    if word.lower() not in _WORDS:
        return Unknown(word, _nearest(word))
    verb = Verb(word.lower())
    if verb in (Verb.EXPLAIN, Verb.UNIGNORE):
        return _with_id(verb, arguments)
    if verb is Verb.IGNORE:
        return _with_reason(arguments)
    if verb is Verb.FIX:
        return _with_ids(arguments)
    return Command(verb)


def _first_line(body: str) -> str:
    """The first line that is not blank, where it begins a paragraph at the edge of the comment; else nothing."""
    lines = [line[:MAX_LINE] for line in _LINE_END.split(body[: 4 * MAX_LINE]) if line.strip()]
    if not lines or not lines[0].lstrip(" ").lower().startswith(NAME):
        return ""
    # The line after it may make it a heading (an underline, as of a mail's signature), which is text as well.
    first = _blocks("\n".join(lines[:2]))
    return lines[0].strip() if first in ("paragraph_open", "heading_open") else ""


def _blocks(text: str) -> str:
    """The type of the first block of a Markdown text."""
    parser = MarkdownIt("commonmark")
    parser.core.ruler.enableOnly(["normalize", "block"])
    tokens = parser.parse(text)
    return tokens[0].type if tokens else ""


def _nearest(word: str) -> Verb | None:
    near = difflib.get_close_matches(word[:50].lower(), [verb.value for verb in Verb], n=1, cutoff=0.5)
    return Verb(near[0]) if near else None


def _with_id(verb: Verb, words: Sequence[str]) -> Command | Incomplete:
    if not words:
        return Incomplete(verb, "It does not say which finding.")
    found = _id(words[0])
    return Command(verb, (found,)) if found else _no_id(verb, words[0])


def _with_ids(words: Sequence[str]) -> Command | Incomplete:
    wrong = next((word for word in words if not _id(word)), None)
    if wrong is not None:
        return _no_id(Verb.FIX, wrong)
    ids = tuple(dict.fromkeys(map(_id, words)))
    if len(ids) > MAX_IDS:
        return Incomplete(Verb.FIX, f"It names {len(ids)} findings; name at most {MAX_IDS}, or none for all.")
    return Command(Verb.FIX, ids)


def _with_reason(words: Sequence[str]) -> Command | Incomplete:
    command = _with_id(Verb.IGNORE, words)
    if isinstance(command, Incomplete):
        return command
    reason = " ".join(words[1:])
    if not reason:
        return Incomplete(Verb.IGNORE, "It gives no reason; whoever reads the code later wants to know it.")
    if len(reason) > MAX_REASON:
        return Incomplete(Verb.IGNORE, f"Its reason has {len(reason)} characters; {MAX_REASON} are kept.")
    return Command(Verb.IGNORE, command.ids, reason)


def _id(word: str) -> str:
    """The ID in a word, which may have been copied with the marks of code around it; empty where it is none."""
    bare = word.strip("`").removesuffix(",").strip("`")
    return bare if _ID.fullmatch(bare) else ""


def _no_id(verb: Verb, word: str) -> Incomplete:
    shown = word[:60].replace("`", "")
    return Incomplete(verb, f"`{shown}` is no ID of a finding." if shown else "It does not say which finding.")
