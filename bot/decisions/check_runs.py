"""Which check run of a commit is started, finished or given up: one at a time, and each of them ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bot.decisions.actions import FinishCheck, StartCheck
from bot.decisions.keys import run_of
from bot.decisions.own import same_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.decisions.checks import CheckRun
    from bot.decisions.state import DefaultBranchState, MergeQueueState, ReviewState
    from bot.github.models import CheckRunState

    State = ReviewState | MergeQueueState | DefaultBranchState


def newest(state: State, name: str) -> CheckRunState | None:
    """Our newest check run of this name on the commit; whoever else uses the name is not us."""
    ours = [
        check
        for check in state.checks
        if check.app_id == state.app.app_id
        and check.name == name
        and check.head_sha == state.head
        and state.venue.is_ours(check.external_id)
    ]
    return max(ours, key=lambda check: check.id, default=None)


def started(state: State, name: str) -> tuple[StartCheck, ...]:
    """A check run in progress, unless there is one. A finished one stays as it is: another run follows it."""
    name = state.venue.check_name(name)
    check = newest(state, name)
    if not may_write_checks(state.permissions) or (check is not None and not _is_finished(check)):
        return ()
    run = run_of(check.external_id) if check is not None else 0
    return (StartCheck(state.venue.check_key(name, state.head, run + 1), name, state.head),)


def finished(state: State, result: CheckRun) -> tuple[FinishCheck, ...]:
    """The result in the newest check run; nothing where it says that already."""
    if not may_write_checks(state.permissions):
        return ()
    result = _here(state, result)
    check = newest(state, result.name)
    if check is None:
        return (FinishCheck(state.venue.check_key(result.name, state.head), None, state.head, result),)
    if _is_finished(check) and _says(check, result):
        return ()
    return (_finish(state, check, result),)


def given_up(state: State, result: CheckRun) -> tuple[FinishCheck, ...]:
    """The end of a check run that is still in progress; a finished one stays as it is."""
    result = _here(state, result)
    check = newest(state, result.name)
    if check is None or _is_finished(check) or not may_write_checks(state.permissions):
        return ()
    return (_finish(state, check, result),)


def may_write_checks(permissions: Mapping[str, str]) -> bool:
    """Whether the installation lets us write check runs."""
    return permissions.get("checks") == "write"


def _here(state: State, result: CheckRun) -> CheckRun:
    """The result as it is written through what we work here."""
    actions = result.actions if state.venue.has_buttons else ()
    return msgspec.structs.replace(result, name=state.venue.check_name(result.name), actions=actions)


def _finish(state: State, check: CheckRunState, result: CheckRun) -> FinishCheck:
    key = check.external_id if run_of(check.external_id) else state.venue.check_key(check.name, check.head_sha)
    return FinishCheck(key, check.id, check.head_sha, result)


def _is_finished(check: CheckRunState) -> bool:
    return check.status == "completed"


def _says(check: CheckRunState, result: CheckRun) -> bool:
    return (
        check.conclusion == result.conclusion
        and same_text(check.title, result.output.title)
        and same_text(check.summary, result.output.summary)
        and check.annotations >= len(result.output.annotations)
    )
