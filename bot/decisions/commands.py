"""`/perf-scan`, decided: from a comment or the press of a button to an answer, and to work for others. Pure.

A command is acknowledged at once (`acknowledge`), and answered when its turn comes (`decide_command`): exactly one
reply to those who may, at most one a day to those who may not, and none to bots. One that cannot be dealt with has its
reply too (`decide_failure`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from bot.decisions.actions import (
    CreateComment,
    EditComment,
    EditInlineComment,
    React,
    Reaction,
    ReplyInThread,
    Subject,
)
from bot.decisions.answers import ANNOUNCEMENT, Answer, answer, refusal
from bot.decisions.authority import may
from bot.decisions.checks import FIX_ALL, PAUSE, RESCAN
from bot.decisions.grammar import Command, Incomplete, Unknown, Verb, parse_command
from bot.decisions.keys import press_key, reaction_key, refusal_key, reply_key
from bot.decisions.markers import marked, marker
from bot.decisions.own import own_comments, same_text
from bot.decisions.state import Pressed, Written
from bot.reports.inert import markdown_code, markdown_prose

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.decisions.actions import Action
    from bot.decisions.requests import Request
    from bot.decisions.state import CommandState
    from bot.github.models import AppIdentity, IssueComment

    Asked = Command | Incomplete | Unknown

_BUTTONS = {RESCAN.identifier: Verb.RESCAN, FIX_ALL.identifier: Verb.FIX, PAUSE.identifier: Verb.PAUSE}

_REPLY: Final = reply_key(0).removesuffix("0")
_ANNOUNCED: Final = re.compile(rf"^{ANNOUNCEMENT}`(?P<commit>[0-9a-f]{{7}})` …$", re.MULTILINE)


@dataclass(frozen=True)
class Decision:
    """What is written to GitHub, in this order, and what others have to do."""

    actions: tuple[Action, ...] = ()
    requests: tuple[Request, ...] = ()


def is_to_be_answered(state: CommandState) -> bool:
    """Whether somebody asks, and may: whoever may not is refused with `acknowledge`, and is worth no work."""
    asked = _asked(state)
    return asked is not None and _may(state, asked)


def acknowledge(state: CommandState) -> Decision:
    """The first sign to whoever asks, before anything is looked up: eyes, or a refusal; nothing where nobody asks."""
    asked = _asked(state)
    if asked is None:
        return Decision()
    if _may(state, asked):
        return Decision(tuple(_react(state, Reaction.EYES)))
    return Decision((*_react(state, Reaction.CONFUSED), *_refuse(state, asked)))


def decide_command(state: CommandState) -> Decision:
    """The answer, and the work that it promises; nothing where nobody asks, or where somebody may not.

    A rescan is decided twice: when it begins (`judged` is None), and again with what it gave, which the same reply
    then tells. Write the actions before the requests are carried out: after a crash between the two the same answer is
    decided again. Each request may be carried out twice.
    """
    asked = _asked(state)
    if asked is None or not _may(state, asked):
        return Decision()
    found = answer(state, asked, again=bool(_replies(state)))
    return Decision((*_write(state, asked, found), *found.actions), found.requests)


def decide_failure(state: CommandState, reason: str) -> Decision:
    """The one answer to a command that was given up; nothing where nobody asks, or where somebody may not.

    A reply that is there stays as it is, because what it tells may have been done; only that to `fix` says first what
    is begun, and so gives way.

    Args:
        state: who asked, where, and what is known.
        reason: a sentence.
    """
    asked = _asked(state)
    if asked is None or not _may(state, asked):
        return Decision()
    again = "press it again" if isinstance(state.origin, Pressed) else "write it again"
    said = f"Stanch failed over this, and has given it up. {markdown_prose(reason)} You may {again}."
    key = command_key(state)
    fixes = isinstance(asked, Command) and asked.verb is Verb.FIX
    reply = _reply(state, key, _body(key, f"{_heading(state, asked)}\n\n{said}"), edited=fixes)
    return Decision((*reply, *_react(state, Reaction.CONFUSED)))


def announced_scans(replies: Iterable[IssueComment], app: AppIdentity) -> dict[int, str]:
    """The comments whose scan our reply has announced and not told yet, with the commit of each, shortened."""
    found = {}
    for reply in replies:
        key = marked(reply.body, "key") if reply.app_id == app.app_id else None
        announced = _ANNOUNCED.search(reply.body)
        if key is not None and key.startswith(_REPLY) and announced is not None:
            found[int(key.removeprefix(_REPLY))] = announced["commit"]
    return found


def _asked(state: CommandState) -> Asked | None:
    if not state.pull_request.is_open or state.author.is_bot:
        return None
    if isinstance(state.origin, Pressed):
        verb = _BUTTONS.get(state.origin.identifier)
        return Command(verb) if verb is not None else None
    if state.origin.comment.app_id is not None:
        return None
    return parse_command(state.origin.comment.body)


def _may(state: CommandState, asked: Asked) -> bool:
    verb = Verb.HELP if isinstance(asked, Unknown) else asked.verb
    return may(verb, state.author, state.access, state.pull_request)


def _react(state: CommandState, reaction: Reaction | None) -> Iterator[React]:
    if isinstance(state.origin, Written) and reaction is not None:
        comment_id = state.origin.comment.id
        yield React(reaction_key(comment_id, reaction), state.origin.subject, comment_id, reaction)


def _refuse(state: CommandState, asked: Asked) -> Iterator[Action]:
    """One reply a day, in the conversation, wherever it was asked."""
    key = refused_key(state)
    if not state.refused and not own_comments(state.replies, state.app, key):
        yield CreateComment(key, state.pull_request.number, _body(key, refusal(state, asked)))


def _write(state: CommandState, asked: Asked, found: Answer) -> Iterator[Action]:
    rescans = isinstance(asked, Command) and asked.verb in (Verb.RESCAN, Verb.FULL)
    # Whoever presses the button sees the check begin.
    if found.text and not (rescans and isinstance(state.origin, Pressed)):
        key = command_key(state)
        body = _body(key, f"{_heading(state, asked)}\n\n{found.text}")
        yield from _reply(state, key, body, edited=rescans or state.fixed is not None)
    yield from _react(state, found.reaction)


def _reply(state: CommandState, key: str, body: str, *, edited: bool) -> Iterator[Action]:
    """The one reply. It is `edited` where it tells more later: other commands change what they were answered from."""
    in_thread = isinstance(state.origin, Written) and state.origin.subject is Subject.REVIEW_COMMENT
    there = _replies(state)
    if there:
        if edited and not same_text(there[0].body, body):
            edit = EditInlineComment if in_thread else EditComment
            yield edit(key, there[0].id, body)
    elif in_thread and isinstance(state.origin, Written):
        first = state.origin.thread or state.origin.comment.id
        yield ReplyInThread(key, state.pull_request.number, first, body)
    else:
        yield CreateComment(key, state.pull_request.number, body)


def _replies(state: CommandState) -> list[IssueComment]:
    return own_comments(state.replies, state.app, command_key(state))


def command_key(state: CommandState) -> str:
    """The key of the answer to a command, and so of the command."""
    if isinstance(state.origin, Written):
        return reply_key(state.origin.comment.id)
    return press_key(state.pull_request.number, state.origin.check_id, state.origin.identifier)


def refused_key(state: CommandState) -> str:
    """The key of the reply to somebody who may not give a command."""
    at = state.origin.comment.created_at if isinstance(state.origin, Written) else state.origin.at
    return refusal_key(state.pull_request.number, state.author.id, at.date())


def _body(key: str, text: str) -> str:
    return f"{marker('key', key)}\n\n{text}\n"


def _heading(state: CommandState, asked: Asked) -> str:
    """What is answered: a reply stands at the end of the conversation, far from what it is about."""
    who = markdown_code(state.author.login)
    if isinstance(state.origin, Pressed):
        return f"<sub>A button of the check, pressed by {who}</sub>"
    shown = markdown_code(_line(asked))
    comment = state.origin.comment
    anchor = "discussion_r" if state.origin.subject is Subject.REVIEW_COMMENT else "issuecomment-"
    kind = "issues" if state.on_issue else "pull"
    address = f"{state.html_url}/{kind}/{state.pull_request.number}#{anchor}{comment.id}"
    return f"<sub>{f'[{shown}]({address})' if state.html_url else shown} by {who}</sub>"


def _line(asked: Asked) -> str:
    if isinstance(asked, Unknown):
        return f"/perf-scan {asked.word[:60]}"
    bare = replace(asked, reason="") if isinstance(asked, Command) else Command(asked.verb)
    words = ("/perf-scan", "" if bare.verb is Verb.RESCAN else bare.verb.value, *bare.ids)
    return " ".join(filter(None, words))
