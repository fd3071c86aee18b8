"""The step of the Action that scans, from its variables to its exit code."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.action.answering import answer
from bot.action.event import (
    CommentEvent,
    FinishedEvent,
    NothingEvent,
    PullRequestEvent,
    QueueEvent,
    TreeEvent,
    read_event,
    read_where,
)
from bot.action.inputs import InputError, read_inputs
from bot.action.outcome import Outcome, show
from bot.action.place import Place
from bot.action.posting import post
from bot.action.queueing import answer_queue
from bot.action.reviewing import review
from bot.action.scanning import scan
from bot.action.telling import JobFiles, Log
from bot.decisions.venue import action as action_venue
from bot.github.errors import GitHubError
from bot.github.workflow import repository
from bot.reports.inert import markdown_prose

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

    from bot.action.event import Event
    from bot.github.clock import Clock

OK: Final = 0
USAGE: Final = 2
_OWN: Final = "Stanch failed with an error of its own ({}), so there is no result; the log of the step has its trace."


def main(variables: Mapping[str, str], stream: TextIO, *, clock: Clock | None = None) -> int:
    """Does what the job was started for.

    Args:
        variables: the environment; nothing else of the process is looked at.
        stream: the job's log.
        clock: None: the machine's.

    Returns:
        0, also where something fails the gate: the output `conclusion` tells the last step, so that the artifact is
        there before the job fails. 2 where an input is wrong.
    """
    log, files = Log(stream), JobFiles(variables)
    try:
        inputs = read_inputs(variables)
        log.mask(inputs.token)
        where, event = read_where(variables), read_event(variables)
        folder = Path(variables.get("RUNNER_TEMP") or ".") / place_name(inputs.key)
        folder.mkdir(parents=True, exist_ok=True)
    except InputError as error:
        log.error(str(error))
        files.write_outputs({"conclusion": "failure"})
        return USAGE
    try:
        client, app = repository(where.server, where.full_name, where.repository_id, inputs.token, clock=clock)
        with client:
            workspace = Path(variables.get("GITHUB_WORKSPACE") or ".")
            place = Place(inputs, where, client, app, folder, workspace, log)
            show(place, files, _done(place, event))
    except Exception as error:
        # A fault of GitHub's or of ours blocks nobody.
        sentence = str(error) if isinstance(error, GitHubError) else _OWN.format(type(error).__name__)
        if not isinstance(error, GitHubError):
            log.say(traceback.format_exc())
        log.warning(sentence)
        files.write_outputs({"conclusion": "neutral"})
        files.write_summary(f"## {action_venue(inputs.key).check_name('Stanch')}\n\n{markdown_prose(sentence)}\n")
    return OK


def _done(place: Place, event: Event) -> Outcome:
    match event:
        case PullRequestEvent(pull_request):
            return review(place, pull_request)
        case TreeEvent():
            return scan(place, event)
        case CommentEvent():
            return answer(place, event)
        case QueueEvent():
            return answer_queue(place, event)
        case FinishedEvent():
            return post(place, event)
        case NothingEvent(reason):
            return Outcome(sentence=reason)


def place_name(key: str) -> str:
    """The name of the folder of a job with this key."""
    return f"stanch-{key}" if key else "stanch"
