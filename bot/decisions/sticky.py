"""The one comment on a pull request: whether it is written, edited, or left as it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bot.decisions.actions import CreateComment, EditComment
from bot.decisions.keys import sticky_key
from bot.decisions.markers import marker
from bot.decisions.own import own_comments, same_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.decisions.state import ReviewState
    from bot.github.models import IssueComment

_NOTE: Final = marker("note", "begin")
_NOTE_END: Final = marker("note", "end")
_OLD_NOTE = re.compile(rf"{re.escape(_NOTE)}.*?{re.escape(_NOTE_END)}\s*", re.DOTALL)


def sticky(state: ReviewState) -> IssueComment | None:
    """The comment that is there; of several the oldest."""
    return next(iter(_ours(state)), None)


def decide_sticky(state: ReviewState, body: str | None, *, begin: bool) -> Iterator[CreateComment | EditComment]:
    """Makes the comment say `body`.

    Args:
        state: the pull request.
        body: what there is to say (see `review_comment`); None: nothing.
        begin: whether a new comment is wanted where there is none. An edit tells nobody, and is always made.
    """
    number = state.pull_request.number
    there = sticky(state)
    if there is None:
        if body is not None and begin:
            yield CreateComment(_key(state), number, body)
        return
    if body is not None and not same_text(there.body, body):
        yield EditComment(_key(state), there.id, body)
    yield from _doubles(state, there)


def with_note(body: str, note: str) -> str:
    """The text of a comment with a note at its head, in place of an earlier one.

    Args:
        body: what the comment says; its first line is its marker.
        note: a paragraph of Markdown.
    """
    first, _, rest = body.replace("\r\n", "\n").partition("\n")
    rest = _OLD_NOTE.sub("", rest, count=1).lstrip("\n")
    return f"{first}\n\n{_NOTE}\n\n{note}\n\n{_NOTE_END}\n\n{rest}"


def _doubles(state: ReviewState, kept: IssueComment) -> Iterator[EditComment]:
    """Comments that were written twice by a fault of ours: each points at the one that goes on."""
    link = f"{state.html_url}/pull/{state.pull_request.number}#issuecomment-{kept.id}"
    other = f"[the first one]({link})" if state.html_url else "the first one"
    for double in _ours(state)[1:]:
        key = f"{_key(state)}/{double.id}"
        body = f"{marker('double', key)}\n\nThis comment was posted twice by a fault of mine; {other} goes on.\n"
        yield EditComment(key, double.id, body)


def _ours(state: ReviewState) -> list[IssueComment]:
    return own_comments(state.comments, state.app, _key(state))


def _key(state: ReviewState) -> str:
    return sticky_key(state.pull_request.number, state.venue.key)
