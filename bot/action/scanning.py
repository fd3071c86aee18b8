"""A branch scanned by the Action: its whole tree, or what it adds to a base that the workflow names."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

import msgspec

from bot.action.ending import ended
from bot.action.fixing import grouping, known, open_fixes
from bot.action.judging import judge
from bot.action.measurements import measured_on, publish_measurements
from bot.action.outcome import Outcome
from bot.action.place import has_app
from bot.action.reviewing import MAX_ROUNDS, UNREADABLE
from bot.decisions.actions import FinishCheck
from bot.decisions.default_branch import NAME, decide_default_branch
from bot.decisions.relevant import brought_by_change
from bot.decisions.state import DefaultBranchState, Fault
from bot.gate import FailOn
from bot.github.errors import Forbidden, NotFound, Unprocessable
from bot.judged import Judged
from bot.reports.sarif import with_category

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.action.event import TreeEvent
    from bot.action.place import Place
    from bot.decisions.actions import Action
    from bot.decisions.checks import CheckRun
    from bot.decisions.fixing_state import FixRecord
    from bot.judged import Grouping

_NOT_UPLOADED: Final = (
    "The report was not uploaded to code scanning: the job's token does not grant `security-events: write`, or code "
    "scanning is off in this repository."
)


def scan(place: Place, event: TreeEvent) -> Outcome:
    """Scans the commit of a push, of a schedule, or of somebody who has started the workflow.

    The check never fails, as the App's does not: what is merged is nobody's pull request. The job fails where the
    workflow names a gate.

    Raises:
        GitHubError: GitHub cannot be asked.
    """
    state = _gathered(place, _begun(place, event))
    if not has_app(state.checks, place.app):
        place.performer().act(partial(_decided, state))
    with ended(lambda fault: _published(place, replace(state, judged=fault))):
        records = _records(place, event)
        judged = _judged(place, event, None if records is None else grouping(records))
        measured = publish_measurements(place, judged, state.head)
        state = _published(place, replace(state, judged=judged, budgets=measured))
    there = has_app(state.checks, place.app)
    return Outcome(
        judged=state.judged,
        measured=measured,
        sentence=_fixed(place, state, records) if records is not None and not there else "",
        check=_gated(place, state.judged, _shown(state)),
        is_published=not there and "checks" in place.permissions,
    )


def _begun(place: Place, event: TreeEvent) -> DefaultBranchState:
    # A tag has no branch, and code scanning no use for one.
    if place.inputs.sarif and event.branch is not None and place.inputs.base is None:
        place.permissions["security_events"] = "write"
    return DefaultBranchState(
        branch=event.branch or "",
        head=event.commit,
        app=place.app,
        permissions=dict(place.permissions),
        html_url=place.where.html_url,
        venue=place.venue,
    )


def _gathered(place: Place, state: DefaultBranchState) -> DefaultBranchState:
    names = dict.fromkeys((NAME, place.venue.check_name(NAME)))
    return replace(
        state,
        permissions=dict(place.permissions),
        checks=tuple(check for name in names for check in place.check_runs(state.head, name)),
        budgets=measured_on(place, state.head) or state.budgets,
    )


def _records(place: Place, event: TreeEvent) -> tuple[FixRecord, ...] | None:
    """The pull requests that fix; None where this job opens none."""
    if not place.inputs.fix or place.inputs.base is not None or event.branch is None:
        return None
    found = place.read(partial(known, place), None)
    if found is None:
        place.log.warning("No pull requests that fix: `fix: true` needs `permissions: pull-requests: write`.")
    return found


def _fixed(place: Place, state: DefaultBranchState, records: Sequence[FixRecord]) -> str:
    """Opens pull requests, where the default branch still stands at what was judged."""
    branch = place.github.default_branch()
    if not isinstance(state.judged, Judged) or (branch.name, branch.sha) != (state.branch, state.head):
        return ""
    return open_fixes(place, branch, state.judged, records)


def _judged(place: Place, event: TreeEvent, groups: Grouping | None) -> Judged | Fault:
    if place.inputs.base is None:
        judged = judge(place, None, event.commit, groups)
        if isinstance(judged, Judged):
            return msgspec.structs.replace(judged, sarif=with_category(judged.sarif, place.inputs.key))
        return judged
    try:
        base = place.github.compare_base(place.inputs.base, event.commit)
    except (NotFound, Unprocessable):
        return Fault(f"The commit has nothing in common with `{place.inputs.base}`, or there is no such revision.")
    except Forbidden:
        return Fault(UNREADABLE, rerun_helps=False)
    return judge(place, base, event.commit)


def _published(place: Place, state: DefaultBranchState) -> DefaultBranchState:
    """Writes what is decided, as far as the token may; returns what it was decided over in the end."""
    performed = replace(state)
    for _ in range(MAX_ROUNDS):
        performed = _gathered(place, performed)
        if has_app(performed.checks, place.app):
            performed = replace(performed, permissions=_uploading(performed))
        writer = place.performer()
        writer.act(partial(_decided, performed))
        if not writer.lacks:
            break
        if "security_events" in writer.lacks:
            place.log.warning(_NOT_UPLOADED)
    return performed


def _uploading(state: DefaultBranchState) -> dict[str, str]:
    """The App has no job's results, but its check says what ours would."""
    return {name: level for name, level in state.permissions.items() if name == "security_events"}


def _decided(state: DefaultBranchState, _refused: frozenset[str]) -> tuple[Action, ...]:
    return decide_default_branch(state)


def _shown(state: DefaultBranchState) -> CheckRun | None:
    """The check as it would be written on a commit that has none."""
    state = replace(state, permissions={"checks": "write"}, checks=())
    return next((action.check for action in decide_default_branch(state) if isinstance(action, FinishCheck)), None)


def _gated(place: Place, judged: object, check: CheckRun | None) -> CheckRun | None:
    """The check with the answer of the gate: that of the workflow, and of the configuration where there is a base.

    What was there before is no reason to stop a push, unless the workflow says so.
    """
    if check is None or not isinstance(judged, Judged):
        return check
    configured = judged.config.gate.fail_on if place.inputs.base is not None else FailOn.NONE
    gate = place.inputs.fail_on or configured
    findings = brought_by_change(judged.report, confidence=judged.config.scan.confidence)
    return msgspec.structs.replace(check, conclusion="failure") if any(map(gate.fails, findings)) else check
