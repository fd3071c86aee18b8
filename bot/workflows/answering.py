"""`/perf-scan` and the buttons of the check: acknowledged at once, answered once, and carried out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from bot.config import CONFIG_PATH, effective_text
from bot.database import ignores, pull_requests
from bot.decisions.actions import Subject
from bot.decisions.commands import acknowledge, announced_scans, decide_command
from bot.decisions.grammar import Command, Verb, parse_command
from bot.decisions.requests import FixRequested, Forget, Remember, Rescan, SetPaused
from bot.decisions.state import CommandState, Fault, Pressed, Written
from bot.github.errors import GitHubError, Limited, Unavailable
from bot.github.models import IssueComment
from bot.ignores import Ignored
from bot.workflows.judging import Ask, configuration_at, ignored_in, judge, measured_on
from bot.workflows.lanes import submit_review

if TYPE_CHECKING:
    from bot.acting import Actor
    from bot.database.pull_requests import Memory
    from bot.decisions.actions import Action
    from bot.decisions.requests import Request
    from bot.decisions.state import ReviewState
    from bot.github.models import Access, Account, PullRequest, ReviewComment
    from bot.jobs.lease import Lease
    from bot.workflows.context import Context, Workplace

ANSWERING: Final = {"contents": "read", "pull_requests": "write", "checks": "read", "issues": "write"}
"""What answering needs; reactions to comments of a pull request come with `pull_requests`."""
_NEED_JUDGEMENT: Final = frozenset({Verb.EXPLAIN, Verb.IGNORE, Verb.FIX})


@dataclass(frozen=True)
class Asking:
    """A command on its way: where it was given, and what answers it."""

    context: Context
    place: Workplace
    actor: Actor
    lease: Lease


def answer(asking: Asking, origin: Written | Pressed, number: int, head: str | None = None) -> None:
    """Acknowledges a command, answers it, and does what it asks for; nothing where it is none.

    Args:
        asking: where it was given, and what answers it.
        origin: what may be a command.
        number: of the pull request.
        head: of the pull request when it was given, where the event says it.
    """
    place, context = asking.place, asking.context
    if isinstance(origin, Written) and parse_command(origin.comment.body) is None:
        return
    author = origin.comment.author if isinstance(origin, Written) else origin.sender
    if author.is_bot:
        return
    pull_request = place.github.pull_request(number)
    with context.database.begin() as connection:
        memory = pull_requests.recall(connection, place.ref.repository_id, number)
    state = CommandState(
        origin=origin,
        pull_request=pull_request,
        access=_access(place, author),
        app=place.app,
        commit=head or _head_then(memory, origin) or pull_request.head.sha,
        replies=_replies(place, origin, number),
        ignored=ignored_in(context.database, place.ref.repository_id),
        paused=memory.paused is not None,
        html_url=place.html_url,
    )
    asking.actor.act(lambda _: acknowledge(state).actions)
    state = _looked_up(asking, state)
    decision = decide_command(state)
    asking.actor.act(lambda _: decision.actions)
    for request in decision.requests:
        _carry_out(asking, state, request)


def answer_announced(place: Workplace, actor: Actor, state: ReviewState) -> None:
    """Tells whoever asked for a review what it gave, in the replies that announced it."""
    conversations = (
        (state.comments, Subject.ISSUE_COMMENT),
        (inline_comments(place, state.pull_request.number), Subject.REVIEW_COMMENT),
    )
    for comments, subject in conversations:
        by_id = {comment.id: comment for comment in comments}
        for comment_id, commit in announced_scans(comments, state.app).items():
            if comment_id in by_id:
                origin = Written(by_id[comment_id], subject)
                actor.act(partial(_told, _asked_for(place, state, origin, comments, commit)))


def _asked_for(
    place: Workplace, state: ReviewState, origin: Written, comments: tuple[IssueComment, ...], commit: str
) -> CommandState:
    return CommandState(
        origin=origin,
        pull_request=state.pull_request,
        access=_access(place, origin.comment.author),
        app=state.app,
        commit=state.head if state.head.startswith(commit) else commit,
        replies=comments,
        judged=state.judged,
        ignored=state.ignored,
        paused=state.paused,
        html_url=state.html_url,
    )


def _told(state: CommandState, _refused: frozenset[str]) -> tuple[Action, ...]:
    return decide_command(state).actions


def _head_then(memory: Memory, origin: Written | Pressed) -> str | None:
    """The head when it was asked, as far as was heard; GitHub's clock tells when that was."""
    return memory.head_at(origin.comment.created_at) if isinstance(origin, Written) else memory.wanted_head


def _access(place: Workplace, author: Account) -> Access | None:
    """None where GitHub does not say: then it is a no (contract: Comment commands)."""
    try:
        return place.github.access(author.login, author.id)
    except (Limited, Unavailable):
        # The delivery is dealt with again when GitHub answers.
        raise
    except GitHubError:
        return None


def _replies(place: Workplace, origin: Written | Pressed, number: int) -> tuple[IssueComment, ...]:
    if isinstance(origin, Written) and origin.subject is Subject.REVIEW_COMMENT:
        return inline_comments(place, number)
    return tuple(place.github.issue_comments(number))


def inline_comments(place: Workplace, number: int) -> tuple[IssueComment, ...]:
    """The inline comments of a pull request in the form that commands and replies are looked for in."""
    return tuple(
        IssueComment(
            comment.id,
            comment.author,
            place.app.app_id if comment.author.login == place.app.login else None,
            comment.body,
            datetime.min.replace(tzinfo=UTC),
        )
        for comment in place.github.review_comments(number)
    )


def _looked_up(asking: Asking, state: CommandState) -> CommandState:
    """The state with what the answer to this command needs beside."""
    asked = parse_command(state.origin.comment.body) if isinstance(state.origin, Written) else None
    place = asking.place
    verb = asked.verb if isinstance(asked, Command) else None
    if isinstance(state.origin, Pressed) and state.origin.identifier == "fix":
        verb = Verb.FIX
    if verb is Verb.BUDGET:
        return replace(state, budgets=measured_on(asking.context, place, state.commit))
    if verb is Verb.CONFIG:
        return replace(state, config_text=_config_text(asking, state.pull_request))
    if verb in _NEED_JUDGEMENT:
        base = place.github.compare_base(state.pull_request.base.sha, state.commit)
        ask = Ask(base=base, head=state.commit)
        judged = judge(asking.context, place, ask, stop=lambda: asking.lease.lost)
        threads = tuple(place.github.review_threads(state.pull_request.number)) if verb is Verb.IGNORE else ()
        return replace(state, judged=judged, threads=threads)
    return state


def _config_text(asking: Asking, pull_request: PullRequest) -> str:
    found = configuration_at(asking.context, asking.place, pull_request.base.sha)
    if isinstance(found, Fault):
        return f"# {CONFIG_PATH} could not be read. {found.sentence}\n"
    faults = "".join(f"# line {line}, column {column}: {message}\n" for line, column, message in found.faults)
    heading = f"# {CONFIG_PATH} has faults, so the defaults are in force.\n{faults}" if faults else ""
    return heading + effective_text(found.config, found.origins, CONFIG_PATH)


def _carry_out(asking: Asking, state: CommandState, request: Request) -> None:
    context, repository_id = asking.context, asking.place.ref.repository_id
    number, login = state.pull_request.number, state.author.login
    match request:
        case Rescan(commit):
            submit_review(context.queue, repository_id, number, commit, revive=True)
        case Remember(fingerprint, reason, by):
            with context.database.begin() as connection:
                ignores.ignore(connection, repository_id, Ignored(fingerprint=fingerprint, reason=reason), by)
        case Forget(fingerprint):
            with context.database.begin() as connection:
                ignores.unignore(connection, repository_id, fingerprint, login)
        case SetPaused(paused):
            with context.database.begin() as connection:
                if paused:
                    pull_requests.pause(connection, repository_id, number, login)
                else:
                    pull_requests.resume(connection, repository_id, number)
        case FixRequested():
            raise AssertionError("fixes are asked for only where they are switched on")


def written_inline(comment: ReviewComment, at: datetime) -> Written:
    """An inline comment as what a command may be in; `at`: when it was heard of."""
    written = IssueComment(comment.id, comment.author, None, comment.body, at)
    return Written(written, Subject.REVIEW_COMMENT, comment.in_reply_to)
