"""`/perf-scan` answered by the Action: acknowledged, answered once, and carried out in the same job.

The commit is the head that the job sees first, and nothing later is meant: a job that comes late looks at what is
there then, which its answer names. No code of it is run, so that nothing is won by a push in between.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bot.action.configuring import configuration_text
from bot.action.fixing_asked import fix_asked
from bot.action.judging import judge
from bot.action.measurements import measured_on
from bot.action.outcome import Outcome
from bot.action.place import has_app
from bot.action.reviewing import UNREADABLE, review
from bot.decisions.checks import NAME
from bot.decisions.commands import acknowledge, decide_command, is_to_be_answered
from bot.decisions.grammar import Command, Verb, parse_command
from bot.decisions.requests import FixRequested, Rescan
from bot.decisions.state import CommandState, Fault, Written
from bot.github.errors import Forbidden, NotFound, Unprocessable

if TYPE_CHECKING:
    from bot.action.event import CommentEvent
    from bot.action.place import Place
    from bot.decisions.requests import Request

_NO_COMMAND: Final = "The comment is no command."
_APP: Final = "The App of Stanch looks after this pull request, and answers."
_REFUSED: Final = "Whoever has written the comment may not give this command."
_JUDGED: Final = frozenset({Verb.EXPLAIN, Verb.IGNORE, Verb.FIX})


def answer(place: Place, event: CommentEvent) -> Outcome:
    """Answers a comment, and does what it asks for; nothing where it is no command.

    Raises:
        GitHubError: GitHub cannot be asked.
    """
    if parse_command(event.comment.body) is None or event.comment.author.is_bot:
        return Outcome(sentence=_NO_COMMAND)
    state = _gathered(place, event)
    if has_app(place.check_runs(state.commit, NAME), place.app):
        return Outcome(sentence=_APP)
    performer = place.performer()
    performer.act(lambda _: acknowledge(state).actions)
    if not is_to_be_answered(state):
        return Outcome(sentence=_REFUSED)
    known = _looked_up(place, state)
    decision = decide_command(known)
    performer.act(lambda _: decision.actions)
    outcome = Outcome(judged=known.judged)
    for request in decision.requests:
        outcome = _carry_out(place, known, request)
    return outcome


def _gathered(place: Place, event: CommentEvent) -> CommandState:
    pull_request = place.github.pull_request(event.number)
    return CommandState(
        origin=Written(event.comment),
        pull_request=pull_request,
        access=place.github.known_access(event.comment.author),
        app=place.app,
        commit=pull_request.head.sha,
        replies=place.comments(event.number),
        fixing=place.inputs.fix,
        html_url=place.where.html_url,
        venue=place.venue,
    )


def _looked_up(place: Place, state: CommandState) -> CommandState:
    """The state with what the answer to this command needs beside."""
    asked = parse_command(state.origin.comment.body) if isinstance(state.origin, Written) else None
    verb = asked.verb if isinstance(asked, Command) else None
    if verb is Verb.BUDGET:
        return replace(state, budgets=measured_on(place, state.commit))
    if verb is Verb.CONFIG:
        return replace(state, config_text=configuration_text(place, state.pull_request.base.sha))
    if verb not in _JUDGED:
        return state
    try:
        base = place.github.compare_base(state.pull_request.base.sha, state.commit)
    except (Forbidden, NotFound, Unprocessable):
        return replace(state, judged=Fault(UNREADABLE, rerun_helps=False))
    return replace(state, judged=judge(place, base, state.commit))


def _carry_out(place: Place, state: CommandState, request: Request) -> Outcome:
    match request:
        case Rescan():
            outcome = review(place, state.pull_request)
            told = replace(state, judged=outcome.judged)
        case FixRequested():
            outcome = Outcome(judged=state.judged)
            told = replace(state, fixed=fix_asked(place, state, request))
        case _:
            # What would have to be remembered was answered with the lines that say it.
            return Outcome(judged=state.judged)
    told = replace(told, replies=place.comments(state.pull_request.number))
    place.performer().act(lambda _: decide_command(told).actions)
    return outcome
