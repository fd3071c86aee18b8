"""The keys of what is published: each names one artefact of a repository for ever, whatever it says today."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

_CHECK = re.compile(r"(?:action/)?check/(?P<name>[a-z0-9-]+)/(?P<commit>[0-9a-f]+)/(?P<run>[1-9][0-9]{0,8})")


def sticky_key(number: int, job: str = "") -> str:
    """The one comment on a pull request; of each job where the Action has several (`Venue.key`)."""
    return f"pull/{number}/review/{job}" if job else f"pull/{number}/review"


def thread_key(number: int, finding_id: str) -> str:
    """The thread of inline comments on a finding."""
    return f"pull/{number}/thread/{finding_id}"


def review_key(number: int, commit: str, digest: str) -> str:
    """The review that begins threads on a commit; `digest` is of the findings that they are about."""
    return f"pull/{number}/threads/{commit}/{digest}"


def file_comment_key(number: int, finding_id: str) -> str:
    """The thread on a finding whose line GitHub takes no comment on."""
    return f"pull/{number}/file/{finding_id}"


def check_key(name: str, commit: str, run: int = 1) -> str:
    """A check run on a commit; `run` counts how often the commit was judged again on request."""
    return f"check/{name.replace(' ', '-')}/{commit}/{run}"


def run_of(key: str) -> int:
    """Which run of its commit a check's key names; 0 for what is no such key."""
    match = _CHECK.fullmatch(key)
    return int(match["run"]) if match else 0


def reply_key(comment_id: int) -> str:
    """The answer to a command."""
    return f"reply/{comment_id}"


def press_key(number: int, check_id: int, identifier: str) -> str:
    """The answer on a pull request to a press of a check's button: a commit and its check may be of several."""
    return f"press/{number}/{check_id}/{identifier}"


def refusal_key(number: int, account_id: int, day: date) -> str:
    """The answer to somebody who may not give a command: one a person, pull request and day."""
    return f"refusal/{number}/{account_id}/{day.isoformat()}"


def fix_key(branch: str, act: str) -> str:
    """What is done to a pull request of ours, whose branch no other one ever has."""
    return f"fix/{branch}/{act}"


def fix_note_key(number: int, word: str) -> str:
    """A comment on a pull request of ours."""
    return f"pull/{number}/fix/{word}"


def reaction_key(comment_id: int, reaction: str) -> str:
    """A reaction of ours."""
    return f"reaction/{comment_id}/{reaction}"
