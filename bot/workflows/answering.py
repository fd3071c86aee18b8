"""`/perf-scan` and the buttons of the check: acknowledged at once, answered once, and carried out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from bot.config import CONFIG_PATH, effective_text
from bot.database import effects, fix_pull_requests, ignores, pull_requests, tracking_issues
from bot.decisions.actions import Subject
from bot.decisions.commands import (
    acknowledge,
    announced_scans,
    command_key,
    decide_command,
    decide_failure,
    is_to_be_answered,
    refused_key,
)
from bot.decisions.fixing_state import may_write_fixes
from bot.decisions.grammar import Command, Verb, parse_command
from bot.decisions.requests import FixRequested, Forget, Remember, Rescan, SetPaused
from bot.decisions.state import CommandState, Fault, Fixed, Pressed, Written
from bot.github.answers import GHOST
from bot.github.models import BranchTip, IssueComment, PullRequest
from bot.ignores import Ignored
from bot.judged import Judged
from bot.reports.wording import count
from bot.workflows.fixing_asked import fix_pull_request
from bot.workflows.judging import Ask, configuration_at, ignored_in, judge, measured_on
from bot.workflows.lanes import submit_branch, submit_fixes, submit_review

if TYPE_CHECKING:
    from bot.acting import Actor
    from bot.database.pull_requests import Memory
    from bot.decisions.actions import Action, Refused
    from bot.decisions.requests import Request
    from bot.decisions.state import ReviewState
    from bot.github.models import ReviewComment
    from bot.jobs.lease import Lease
    from bot.workflows.context import Context, Workplace

ANSWERING: Final = {"contents": "read", "pull_requests": "write", "checks": "read", "issues": "write"}
"""What answering needs; reactions to comments of a pull request come with `pull_requests`."""
_NEED_JUDGEMENT: Final = frozenset({Verb.EXPLAIN, Verb.IGNORE, Verb.FIX})
_ABOUT_COMMITS: Final = _NEED_JUDGEMENT | {Verb.BUDGET}
_UNCLEAR: Final = "It is not known which commit was the newest when the command was written, because of pushes since."


@dataclass(frozen=True)
class Asking:
    """A command on its way: where it was given, and what answers it."""

    context: Context
    place: Workplace
    actor: Actor
    lease: Lease


def answer(
    asking: Asking, origin: Written | Pressed, number: int, head: str | None = None, *, may_scan: bool
) -> Verb | None:
    """Acknowledges a command, answers it, and does what it asks for; nothing where it is none.

    Args:
        asking: where it was given, and what answers it.
        origin: what may be a command.
        number: of the pull request, or of the tracking issue.
        head: of the pull request when it was given, where the event says it.
        may_scan: whether there is the time for a scan.

    Returns:
        What was acknowledged only, because its answer takes a scan; None where nothing is left to do.
    """
    state = _gathered(asking, origin, number, head)
    if state is None:
        return None
    if not is_to_be_answered(state):
        _refuse(asking, state)
        return None
    asking.actor.act(lambda _: acknowledge(state).actions)
    pinned = _pinned(asking, state, head)
    if pinned is None:
        answer_failure(asking, origin, number, _UNCLEAR)
        return None
    verb = _verb(pinned)
    if verb in _NEED_JUDGEMENT and not may_scan:
        return verb
    known = _looked_up(asking, replace(pinned, replies=_replies(asking.place, origin, number)))
    decision = decide_command(known)
    asking.actor.act(lambda _: decision.actions)
    for request in decision.requests:
        _carry_out(asking, known, request)
    return None


def answer_failure(asking: Asking, origin: Written | Pressed, number: int, reason: str) -> None:
    """Tells whoever gave a command that it was given up; see `answer`. `reason`: a sentence."""
    state = _gathered(asking, origin, number)
    if state is not None:
        known = replace(state, replies=_replies(asking.place, origin, number))
        asking.actor.act(lambda _: decide_failure(known, reason).actions)


def _refuse(asking: Asking, state: CommandState) -> None:
    """Tells somebody that they may not; a thread, which may be long, is read for that once a day."""
    with asking.context.database.begin() as connection:
        refused = effects.is_made(connection, asking.place.ref.repository_id, refused_key(state))
    replies = () if refused else asking.place.github.issue_comments(state.pull_request.number)
    known = replace(state, refused=refused, replies=tuple(replies))
    asking.actor.act(lambda _: acknowledge(known).actions)


def _gathered(asking: Asking, origin: Written | Pressed, number: int, head: str | None = None) -> CommandState | None:
    """What every answer depends on beside our replies; None where nobody gives a command."""
    place, context = asking.place, asking.context
    if isinstance(origin, Written) and parse_command(origin.comment.body) is None:
        return None
    author = origin.comment.author if isinstance(origin, Written) else origin.sender
    if author.is_bot:
        return None
    with context.database.begin() as connection:
        on_issue = tracking_issues.number_of(connection, place.ref.repository_id) == number
    pull_request = _default_branch(place, number) if on_issue else place.github.pull_request(number)
    with context.database.begin() as connection:
        memory = pull_requests.recall(connection, place.ref.repository_id, number)
    return CommandState(
        origin=origin,
        pull_request=pull_request,
        access=place.github.known_access(author),
        app=place.app,
        commit=head or _head_then(memory, origin) or pull_request.head.sha,
        ignored=ignored_in(context.database, place.ref.repository_id),
        paused=memory.paused is not None,
        fixing=may_write_fixes(place.permissions),
        html_url=place.html_url,
        sees_checks=place.sees_checks,
        on_issue=on_issue,
    )


def _pinned(asking: Asking, state: CommandState, head: str | None) -> CommandState | None:
    """The state with the commit that a comment was first taken to be about: what it asks for may move the branch.

    None where it matters and is not known: then it could be a commit that nobody has meant.
    """
    if isinstance(state.origin, Pressed):
        return state
    repository_id, key = asking.place.ref.repository_id, f"{command_key(state)}/about"
    with asking.context.database.begin() as connection:
        known = effects.begin(connection, repository_id, key, asking.lease.fence)
        if isinstance(known, effects.Done) and known.remote_id is not None:
            return replace(state, commit=known.remote_id)
        memory = pull_requests.recall(connection, repository_id, state.pull_request.number)
        then = head or memory.head_at(state.origin.comment.created_at)
        if then is None and memory.heads and _verb(state) in _ABOUT_COMMITS:
            return None
        pinned = replace(state, commit=then or state.commit)
        effects.finish(connection, repository_id, key, pinned.commit)
    return pinned


def _default_branch(place: Workplace, number: int) -> PullRequest:
    """What the tracking issue is about, in the form of a pull request that changes nothing."""
    branch = place.github.default_branch()
    tip = BranchTip(branch.name, branch.sha, place.ref.repository_id)
    return PullRequest(number=number, title="", author=GHOST, head=tip, base=tip, is_open=True)


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
        access=place.github.known_access(origin.comment.author),
        app=state.app,
        commit=state.head if state.head.startswith(commit) else commit,
        replies=comments,
        judged=state.judged,
        ignored=state.ignored,
        paused=state.paused,
        html_url=state.html_url,
        sees_checks=place.sees_checks,
    )


def _told(state: CommandState, _refused: Refused) -> tuple[Action, ...]:
    return decide_command(state).actions


def _head_then(memory: Memory, origin: Written | Pressed) -> str | None:
    """The head when it was asked, as far as was heard; GitHub's clock tells when that was."""
    return memory.head_at(origin.comment.created_at) if isinstance(origin, Written) else memory.wanted_head


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
    place, verb = asking.place, _verb(state)
    if verb is Verb.BUDGET:
        return replace(state, budgets=measured_on(asking.context, place, state.commit))
    if verb is Verb.CONFIG:
        return replace(state, config_text=_config_text(asking, state.pull_request))
    if verb in _NEED_JUDGEMENT:
        ask = Ask(base=_merge_base(place, state), head=state.commit)
        judged = judge(asking.context, place, ask, stop=lambda: asking.lease.lost)
        has_threads = verb is Verb.IGNORE and not state.on_issue
        threads = tuple(place.github.review_threads(state.pull_request.number)) if has_threads else ()
        return replace(state, judged=judged, threads=threads)
    return state


def _verb(state: CommandState) -> Verb | None:
    """What is asked for, where that takes more than a glance."""
    if isinstance(state.origin, Pressed):
        return Verb.FIX if state.origin.identifier == "fix" else None
    asked = parse_command(state.origin.comment.body)
    return asked.verb if isinstance(asked, Command) else None


def _merge_base(place: Workplace, state: CommandState) -> str | None:
    """What the commit is compared with; None where all of it is meant."""
    return None if state.on_issue else place.github.compare_base(state.pull_request.base.sha, state.commit)


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
        case Rescan(commit) if state.on_issue:
            submit_branch(context.queue, repository_id, commit, revive=True)
            submit_fixes(context.queue, repository_id, revive=True)
        case Rescan(commit):
            submit_review(context.queue, repository_id, number, commit, revive=True)
        case Remember(fingerprint, reason, by, rule):
            with context.database.begin() as connection:
                ignores.ignore(connection, repository_id, Ignored(fingerprint=fingerprint, reason=reason), by, rule)
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
            if state.on_issue:
                fixed = _ask_for(asking, state, request)
            else:
                fixed = fix_pull_request(context, repository_id, asking.lease, state, request, command_key(state))
            told = replace(state, fixed=fixed, replies=_replies(asking.place, state.origin, number))
            asking.actor.act(lambda _: decide_command(told).actions)


def _ask_for(asking: Asking, state: CommandState, request: FixRequested) -> Fixed:
    """Remembers what somebody wants fixed on the default branch, and has it looked after."""
    context, repository_id = asking.context, asking.place.ref.repository_id
    findings = state.judged.report.findings if isinstance(state.judged, Judged) else ()
    wanted = [finding.fingerprint for finding in findings if finding.id in request.ids]
    with context.database.begin() as connection:
        fix_pull_requests.ask(connection, repository_id, wanted, state.author.login)
    submit_fixes(context.queue, repository_id, revive=True)
    fixes = count(len(request.ids), "fix", "fixes")
    text = f"Asked for {fixes}. Pull requests follow, as many as may be open; this issue shows them."
    return Fixed(text, is_done=True)


def written_inline(comment: ReviewComment, at: datetime) -> Written:
    """An inline comment as what a command may be in; `at`: when it was heard of."""
    written = IssueComment(comment.id, comment.author, None, comment.body, at)
    return Written(written, Subject.REVIEW_COMMENT, comment.in_reply_to)
